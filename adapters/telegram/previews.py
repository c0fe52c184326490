"""Answers in the making, as people watch them: drafts where there are any, else edited messages.

Invariants: nothing is shown of an answer once a chunk has begun to be sent to its place; a message
that is shown is known, also to the next process, until a chunk has taken it over.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import anyio
import structlog
from anyio.abc import TaskGroup
from telegram.error import BadRequest, InvalidToken, TelegramError

from adapters.addresses import ChatAddress
from adapters.delivery import DeliveryError, TemporaryFailure
from adapters.growing import completed
from adapters.open_previews import OpenPreview, OpenPreviews
from adapters.telegram.failures import lacks_the_method
from adapters.telegram.letters import Letter, is_group, preview_letter
from adapters.telegram.line import Line
from adapters.telegram.pacing import Kind
from adapters.telegram.pieces import MAX_TEXT, first_piece
from adapters.telegram.places import Place
from adapters.telegram.settings import PreviewMode

_log = structlog.get_logger(__name__)

BETWEEN_DRAFTS = 0.7
BETWEEN_EDITS = 1.5
BETWEEN_EDITS_IN_GROUPS = 4.0
_READ = 3 * MAX_TEXT
"""Characters of an answer that can matter for its first message."""
_PATIENCE = 5.0
"""Seconds that a call for a preview may take: an answer may be waiting behind it."""


class Previews:
    """For one run of the adapter. Calls go on in `tasks`: a message of ours must be known, even
    where the one who wanted it shown has gone.
    """

    def __init__(
        self, line: Line, opened: OpenPreviews, tasks: TaskGroup, mode: PreviewMode
    ) -> None:
        self._line = line
        self._open = opened
        self._tasks = tasks
        self._mode = mode
        self._kind = Kind.DRAFT if mode == "auto" else Kind.EDIT

    async def show(self, address: ChatAddress, place: Place, text: str, *, turn: str) -> None:
        """At its pace; returns when it is shown or given up."""
        if self._mode == "off" or place.no_preview:
            return
        chunks = place.chunks
        kind = Kind.EDIT if is_group(address.chat) or place.no_drafts else self._kind
        wait = place.shown_at + _between(address, kind) - self._line.time.now()
        if wait > 0:
            await self._line.time.sleep(wait)
        if not self._line.pacer.free(address.chat, kind):
            return  # before any work is done for it
        piece = first_piece(completed(text[:_READ]))
        if piece is None or place.chunks != chunks or piece.text == place.shown:
            return
        letter = preview_letter(
            address, piece, reply_to=_question(address, place), patience=_PATIENCE
        )
        draft_id = _draft_id(f"{turn}:{chunks}")
        over = anyio.Event()
        self._tasks.start_soon(
            self._show, address, place, _Frame(letter, kind, chunks, draft_id), over
        )
        await over.wait()

    async def _show(
        self, address: ChatAddress, place: Place, frame: _Frame, over: anyio.Event
    ) -> None:
        try:
            async with place.lock:
                if place.chunks == frame.chunks:
                    await self._show_now(address, place, frame)
        except Exception as error:  # noqa: BLE001 (of the state, say: no preview ends the adapter)
            _log.warning("preview not shown", error=type(error).__name__)
        finally:
            over.set()

    async def _show_now(self, address: ChatAddress, place: Place, frame: _Frame) -> None:
        if self._line.pacer.take(address.chat, frame.kind) > 0:
            return
        place.shown_at = self._line.time.now()
        try:
            with self._line.pacer.until_landed(address.chat):
                if frame.kind is Kind.DRAFT:
                    await self._show_draft(place, frame)
                else:
                    await self._show_message(address, frame.letter)
        except TemporaryFailure as error:
            _log.debug("preview not shown", error=type(error).__name__)
        except DeliveryError as error:
            # A message may have arrived that nobody knows: another would be one too many.
            place.no_preview = self._open.of(address) is None
            _log.info("preview refused or lost", error=type(error).__name__)
        else:
            place.shown = frame.letter.text

    async def _show_draft(self, place: Place, frame: _Frame) -> None:
        letter = frame.letter
        try:
            await self._line.told(
                letter.chat,
                lambda: self._line.bot.send_message_draft(
                    int(letter.chat),
                    frame.draft_id,
                    letter.text,
                    message_thread_id=letter.topic,
                    entities=letter.entities,
                    read_timeout=letter.patience,
                ),
            )
        except (InvalidToken, BadRequest) as error:
            place.no_drafts = True
            if lacks_the_method(error):
                self._kind = Kind.EDIT
            _log.info("no drafts here: answers are shown by editing", error=type(error).__name__)
        except TelegramError as error:
            _log.debug("draft not shown", error=type(error).__name__)

    async def _show_message(self, address: ChatAddress, letter: Letter) -> None:
        """Raises: DeliveryError: as for any message."""
        found = self._open.of(address)
        if found is not None and await self._line.edit(letter, int(found.message_id)):
            return
        message = await self._line.post(letter, address)
        answers = None if letter.reply_to is None else str(letter.reply_to)
        await self._open.put(address, OpenPreview(str(message.message_id), reply_to=answers))


@dataclass(frozen=True, slots=True)
class _Frame:
    """One state of a preview. `chunks` are those that had gone to its place when it was asked for."""

    letter: Letter
    kind: Kind
    chunks: int
    draft_id: int


def _question(address: ChatAddress, place: Place) -> int | None:
    """In a group, what is probably being answered; if it wasn't that, the answer won't edit it."""
    newest = place.newest or ""
    return int(newest) if is_group(address.chat) and newest.isdecimal() else None


def _draft_id(name: str) -> int:
    """Always the same, never 0, and of a size that every server takes."""
    return zlib.crc32(name.encode()) % 0x7FFF_FFFF + 1


def _between(address: ChatAddress, kind: Kind) -> float:
    if kind is Kind.DRAFT:
        return BETWEEN_DRAFTS
    return BETWEEN_EDITS_IN_GROUPS if is_group(address.chat) else BETWEEN_EDITS
