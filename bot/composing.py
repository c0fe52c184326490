"""From a text to the chunks that its platform will be sent; nothing for pull platforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.base import Adapter, ChatAddress
from agentcore.records import Address, NoticeDraft, OutboxDraft
from bot.texts import text_of


class PlatformComposer:
    """`Composer` over the adapters that run in this service, by name."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters

    def reply(self, address: Address, text: str, reply_to: str | None) -> Sequence[OutboxDraft]:
        return self._chunks(address, text, reply_to, notice=False)

    def notice(self, notice: NoticeDraft, language: str | None) -> Sequence[OutboxDraft]:
        text = text_of(notice.key, notice.arguments, language)
        return self._chunks(notice.address, text, None, notice=True)

    def _chunks(
        self, address: Address, text: str, reply_to: str | None, *, notice: bool
    ) -> Sequence[OutboxDraft]:
        adapter = self._adapters.get(ChatAddress.parse(address).source)
        if adapter is None or adapter.capabilities.delivery == "pull":
            return ()
        texts = adapter.compose(text)
        return [
            OutboxDraft(address, each, part, len(texts), reply_to if part == 1 else None, notice)
            for part, each in enumerate(texts, start=1)
        ]
