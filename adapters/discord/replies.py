"""Answers that somebody waits for: what was asked by a command or a button is answered through it.

The first chunk takes the place of "thinking…", which may be repeated without harm; the others are
messages of their own. Invariant: which chunk was the first is durable before it is sent, so that
after a kill the same one takes the same place.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable

import anyio
import structlog

from adapters.base import AdapterState
from adapters.delivery import Outbound, OutcomeUnknown
from adapters.discord.failures import (
    TROUBLE,
    failure_of,
    is_about_the_handle,
    is_about_the_message,
)
from adapters.discord.handles import HOLDS, Handle
from adapters.discord.letters import Letter
from adapters.discord.line import Line
from adapters.push.latest import Latest

_log = structlog.get_logger(__name__)

KEY = "first_answers"
MOST = 300


class Replies:
    """`date` is the time in seconds since 1970, by which handles grow old."""

    def __init__(self, state: AdapterState, date: Callable[[], float]) -> None:
        self._state = state
        self._date = date
        self._first: OrderedDict[int, tuple[float, str]] = OrderedDict()
        self._over: Latest[int, None] = Latest(MOST)
        self._writing = anyio.Lock()

    async def load(self) -> None:
        """Begin with what an earlier run left."""
        try:
            rows = json.loads(await self._state.get(KEY) or "[]")
            self._first = OrderedDict(
                (int(each), (float(made_at), str(nonce))) for each, made_at, nonce in rows
            )
        except (ValueError, TypeError):
            _log.warning("what is kept of answers to interactions can't be read")
            self._first = OrderedDict()

    async def answer(
        self, line: Line, handle: Handle, chunk: Outbound, letter: Letter
    ) -> int | None:
        """Send it that way; None if it must go another.

        Raises:
            DeliveryError: it wasn't sent, or may have been.
        """
        if handle.interaction_id in self._over or not handle.good_at(self._date()):
            return None
        try:
            if handle.announced and await self._is_first(handle, chunk):
                message_id = await self._filled(line, handle, letter)
                if message_id is not None:
                    return message_id
            return await line.follow_up(handle, letter)
        except TROUBLE as error:
            if not is_about_the_handle(error):
                raise failure_of(error) from error
            self._note_over(handle)
            return None

    async def _filled(self, line: Line, handle: Handle, letter: Letter) -> int | None:
        """None: the person has put it away. Asked once more where nobody knows what became of it."""
        for last in (False, True):
            try:
                return await line.fill(handle, letter)
            except TROUBLE as error:
                if is_about_the_message(error):
                    return None
                if last or not isinstance(failure_of(error), OutcomeUnknown):
                    raise
        return None

    async def _is_first(self, handle: Handle, chunk: Outbound) -> bool:
        """Durable when it returns."""
        found = self._first.get(handle.interaction_id)
        if found is not None:
            return found[1] == chunk.nonce
        self._first[handle.interaction_id] = (handle.made_at, chunk.nonce)
        while len(self._first) > MOST or self._oldest() < self._date() - HOLDS:
            self._first.popitem(last=False)
        try:
            await self._write()
        except BaseException:
            self._first.pop(handle.interaction_id, None)
            raise
        return True

    async def _write(self) -> None:
        async with self._writing:
            rows = [[each, made_at, nonce] for each, (made_at, nonce) in self._first.items()]
            await self._state.put(KEY, json.dumps(rows, separators=(",", ":")))

    def _oldest(self) -> float:
        return next(iter(self._first.values()))[0]

    def _note_over(self, handle: Handle) -> None:
        _log.info("an interaction can't be answered any more", interaction=handle.interaction_id)
        self._over[handle.interaction_id] = None
