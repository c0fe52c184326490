"""`RunDesk` over the store: turns that clients of the API ask for, and what they follow."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Self

from adapters.push.latest import Latest
from adapters.web.rest.seams.running import RunEnded, RunEvent, RunEvents, RunMessages, RunPiece
from agentcore.clock import Clock
from agentcore.records import (
    Admission,
    AgentId,
    MessageId,
    Requested,
    RunProgress,
    RunState,
    TurnId,
    TurnRequest,
)
from agentcore.store import Store
from bot.waking.hints import Hints, Watcher

LOOK_AGAIN = 2.0
"""Seconds after which a follower looks by itself: the turn may be another process's."""
LOOK_FIRST = 0.1
"""Seconds after which one does who was here before the turn, as far as anybody knows."""
MOST_FRESH = 1_000


class StoredRuns:
    """Safe for any number of callers at once. `admission`: how much an agent's queue takes, and how
    much may be spent.
    """

    def __init__(self, store: Store, hints: Hints, clock: Clock, admission: Admission) -> None:
        self._store = store
        self._hints = hints
        self._clock = clock
        self._admission = admission
        self._fresh: Latest[TurnId, None] = Latest(MOST_FRESH)
        """Turns that were just taken in here: there is nothing to read of them yet."""

    async def submit(self, request: TurnRequest) -> Requested:
        """See `RunDesk.submit`."""
        requested = await self._store.requests.submit(request, self._admission)
        if request.callback_url is not None:
            self._hints.hooks.ring()
        if not requested.joined:
            self._fresh[requested.turn_id] = None
            self._hints.work_for(requested.agent_id, self._clock.now())
        return requested

    @asynccontextmanager
    async def follow(
        self, turn_id: TurnId, *, after: int = 0, pieces: bool = False
    ) -> AsyncIterator[RunEvents]:
        """See `RunDesk.follow`."""
        watcher = self._hints.watch(turn_id, previews=pieces)
        try:
            followed = _Followed(self._store, turn_id, watcher, after)
            if turn_id in self._fresh:
                del self._fresh[turn_id]
            else:
                # The watcher is there before the first look, so that nothing falls between.
                await followed.look()
            yield followed
        finally:
            self._hints.unwatch(turn_id, watcher)

    async def cancel(
        self, agent_id: AgentId, turns: Sequence[TurnId] | None = None
    ) -> Mapping[TurnId, RunState]:
        """See `RunDesk.cancel`."""
        called_off = await self._store.requests.cancel(agent_id, turns)
        if "running" in called_off.values():
            self._hints.stop_asked.ring()
        for turn_id in called_off:
            self._hints.changed(turn_id)
        self._hints.work.note(agent_id, self._clock.now())
        return called_off


class _Followed:
    """One turn, as one reader follows it."""

    def __init__(self, store: Store, turn_id: TurnId, watcher: Watcher, after: int) -> None:
        self._store = store
        self._turn_id = turn_id
        self._watcher = watcher
        self._after = after
        self._over = False
        self._shown: set[MessageId] = set()
        self._ready: deque[RunEvent] = deque()
        self._patience = LOOK_FIRST

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> RunEvent:
        while not self._ready:
            if self._over:
                raise StopAsyncIteration
            rang = await self._watcher.bell.wait(at_most=self._patience)
            # Pieces first: they were made before what is read next.
            self._ready.extend(self._pieces())
            if self._watcher.changed or not rang:
                await self.look()
        return self._ready.popleft()

    def _pieces(self) -> Iterator[RunPiece]:
        while self._watcher.previews:
            piece = self._watcher.previews.popleft()
            if piece.message not in self._shown:
                yield RunPiece(piece.text, piece.begins, piece.message)

    async def look(self) -> None:
        """Read what is committed. Raises NotFound."""
        self._watcher.changed = False
        self._patience = LOOK_AGAIN
        self._take(await self._store.requests.progress(self._turn_id, after=self._after))

    def _take(self, seen: RunProgress) -> None:
        if seen.messages:
            self._after = seen.messages[-1].seq
            self._shown = {each.message_id for each in seen.messages}
            self._ready.append(RunMessages(seen.messages, seen.run.steps))
        if seen.run.over:
            self._over = True
            self._ready.append(RunEnded(seen.run))
