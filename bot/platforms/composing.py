"""From a text to the chunks that its platform will be sent; nothing for pull platforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.addresses import ChatAddress
from adapters.base import Adapter
from adapters.feed import written_out
from agentcore.records import Address, NoticeDraft, OutboxDraft, TextFile
from bot.texts import text_of
from bot.wording.actions import actions_of, buttons_of


class PlatformComposer:
    """`Composer` over the adapters that run in this service, by name."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters

    def reply(self, address: Address, text: str, reply_to: str | None) -> Sequence[OutboxDraft]:
        return self._chunks(address, text, reply_to, notice=False)

    def notice(self, notice: NoticeDraft, language: str | None) -> Sequence[OutboxDraft]:
        key, arguments = notice.key, notice.arguments
        text = text_of(key, arguments, language)
        adapter = self._adapters.get(ChatAddress.parse(notice.address).source)
        if adapter is None or not adapter.capabilities.buttons:
            text = written_out(text, actions_of(key, arguments, language))
            return self._chunks(notice.address, text, None, notice=True)
        chunks = self._chunks(notice.address, text, None, notice=True)
        buttons = buttons_of(key, arguments, language, forms=adapter.capabilities.forms)
        return [*chunks[:-1], *(replace(chunk, actions=buttons) for chunk in chunks[-1:])]

    def _chunks(
        self, address: Address, text: str, reply_to: str | None, *, notice: bool
    ) -> Sequence[OutboxDraft]:
        adapter = self._adapters.get(ChatAddress.parse(address).source)
        if adapter is None or adapter.capabilities.delivery == "pull":
            return ()
        pieces = adapter.compose(text, plain=notice)
        return [
            OutboxDraft(
                address,
                piece.text,
                part,
                len(pieces),
                reply_to if part == 1 else None,
                notice,
                format=piece.format,
                file=None if piece.file is None else TextFile(piece.file.name, piece.file.content),
            )
            for part, piece in enumerate(pieces, start=1)
        ]
