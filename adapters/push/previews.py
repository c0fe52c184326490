"""Answers in the making, as people watch them.

Invariants: nothing is shown of an answer once a chunk has begun to be sent to its place; a message
that is shown is known, also to the next process, until a chunk has taken it over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import anyio
import structlog
from anyio.abc import TaskGroup

from adapters.addresses import ChatAddress
from adapters.delivery import DeliveryError, Piece, TemporaryFailure
from adapters.push.composing import Composer
from adapters.push.growing import completed
from adapters.push.open_previews import OpenPreviews
from adapters.push.places import Place
from adapters.push.timing import Time

_log = structlog.get_logger(__name__)

_MARKUP = 3
"""Times as many characters as a message shows are read for it, so that markup leaves enough."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One state of an answer. `chunks` are those that had gone to its place when it was asked for."""

    address: ChatAddress
    place: Place
    piece: Piece
    turn: str
    chunks: int


class Screen(Protocol):
    """Where a platform shows them."""

    def between(self, address: ChatAddress, place: Place) -> float:
        """Seconds from one state to the next."""
        ...

    def has_room(self, address: ChatAddress, place: Place) -> bool:
        """Whether one may be shown now, as far as that is known before any work is done for it."""
        ...

    async def show(self, frame: Frame) -> bool:
        """Show it now, and note in the place when; False if there is no room after all.

        Raises:
            DeliveryError: as for any message.
        """
        ...


class Previews:
    """For one run of an adapter. Calls go on in `tasks`: a message of ours must be known, even
    where the one who wanted it shown has gone.
    """

    def __init__(
        self,
        composer: Composer,
        screen: Screen,
        opened: OpenPreviews,
        tasks: TaskGroup,
        time: Time,
    ) -> None:
        self._composer = composer
        self._screen = screen
        self._open = opened
        self._tasks = tasks
        self._time = time

    async def show(self, address: ChatAddress, place: Place, text: str, *, turn: str) -> None:
        """At its pace; returns when it is shown or given up."""
        if place.no_preview:
            return
        chunks = place.chunks
        wait = place.shown_at + self._screen.between(address, place) - self._time.now()
        if wait > 0:
            await self._time.sleep(wait)
        if not self._screen.has_room(address, place):
            return
        matters = text[: _MARKUP * self._composer.max_text]
        piece = self._composer.first_piece(completed(matters))
        if piece is None or place.chunks != chunks or piece.text == place.shown:
            return
        over = anyio.Event()
        self._tasks.start_soon(self._show, Frame(address, place, piece, turn, chunks), over)
        await over.wait()

    async def _show(self, frame: Frame, over: anyio.Event) -> None:
        try:
            async with frame.place.lock:
                if frame.place.chunks == frame.chunks:
                    await self._show_now(frame)
        except Exception as error:  # noqa: BLE001 (of the state, say: no preview ends the adapter)
            _log.warning("preview not shown", error=type(error).__name__)
        finally:
            over.set()

    async def _show_now(self, frame: Frame) -> None:
        try:
            if await self._screen.show(frame):
                frame.place.shown = frame.piece.text
        except TemporaryFailure as error:
            _log.debug("preview not shown", error=type(error).__name__)
        except DeliveryError as error:
            # A message may have arrived that nobody knows: another would be one too many.
            frame.place.no_preview = self._open.of(frame.address) is None
            _log.info("preview refused or lost", error=type(error).__name__)
