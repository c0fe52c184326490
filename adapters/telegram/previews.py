"""Answers in the making on Telegram: drafts where there are any, else edited messages."""

from __future__ import annotations

import zlib

import structlog
from telegram.error import BadRequest, InvalidToken, TelegramError

from adapters.addresses import ChatAddress
from adapters.push.open_previews import OpenPreviews
from adapters.push.places import Place
from adapters.push.previews import Frame
from adapters.telegram.failures import lacks_the_method
from adapters.telegram.letters import Letter, is_group, preview_letter
from adapters.telegram.line import Line
from adapters.telegram.pacing import Kind
from adapters.telegram.settings import PreviewMode

_log = structlog.get_logger(__name__)

BETWEEN_DRAFTS = 0.7
BETWEEN_EDITS = 1.5
BETWEEN_EDITS_IN_GROUPS = 4.0
_PATIENCE = 5.0
"""Seconds that a call for a preview may take: an answer may be waiting behind it."""


class TelegramScreen:
    """For one run of the adapter. See `previews.Screen`."""

    def __init__(self, line: Line, opened: OpenPreviews, mode: PreviewMode) -> None:
        self._line = line
        self._open = opened
        self._kind = Kind.DRAFT if mode == "auto" else Kind.EDIT

    def between(self, address: ChatAddress, place: Place) -> float:
        if self._kind_for(address, place) is Kind.DRAFT:
            return BETWEEN_DRAFTS
        return BETWEEN_EDITS_IN_GROUPS if is_group(address.chat) else BETWEEN_EDITS

    def has_room(self, address: ChatAddress, place: Place) -> bool:
        return self._line.pacer.free(address.chat, self._kind_for(address, place))

    async def show(self, frame: Frame) -> bool:
        address, kind = frame.address, self._kind_for(frame.address, frame.place)
        if self._line.pacer.take(address.chat, kind) > 0:
            return False
        frame.place.shown_at = self._line.time.now()
        question = frame.place.question(group=is_group(address.chat))
        letter = preview_letter(address, frame.piece, reply_to=question, patience=_PATIENCE)
        with self._line.pacer.until_landed(address.chat):
            if kind is Kind.DRAFT:
                await self._show_draft(frame, letter)
            else:
                await self._open.grow(
                    address,
                    reply_to=letter.reply_to,
                    edit=lambda message_id: self._line.edit(letter, message_id),
                    post=lambda: self._posted(letter, address),
                )
        return True

    def _kind_for(self, address: ChatAddress, place: Place) -> Kind:
        return Kind.EDIT if is_group(address.chat) or place.no_drafts else self._kind

    async def _posted(self, letter: Letter, address: ChatAddress) -> int:
        return (await self._line.post(letter, address)).message_id

    async def _show_draft(self, frame: Frame, letter: Letter) -> None:
        draft_id = _draft_id(f"{frame.turn}:{frame.chunks}")
        try:
            await self._line.told(
                letter.chat,
                lambda: self._line.bot.send_message_draft(
                    int(letter.chat),
                    draft_id,
                    letter.text,
                    message_thread_id=letter.topic,
                    entities=letter.entities,
                    read_timeout=letter.patience,
                ),
            )
        except (InvalidToken, BadRequest) as error:
            frame.place.no_drafts = True
            if lacks_the_method(error):
                self._kind = Kind.EDIT
            _log.info("no drafts here: answers are shown by editing", error=type(error).__name__)
        except TelegramError as error:
            _log.debug("draft not shown", error=type(error).__name__)


def _draft_id(name: str) -> int:
    """Always the same, never 0, and of a size that every server takes."""
    return zlib.crc32(name.encode()) % 0x7FFF_FFFF + 1
