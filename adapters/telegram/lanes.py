"""Work in lanes: one chat's updates one after the other, chats beside each other.

Knows nothing of a platform but that several updates can be one album, which is waited for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.abc import TaskGroup


class Stopped(Exception):
    """The lanes ended before the job was done."""


@dataclass(eq=False, slots=True)
class Job:
    """An update to take in. `done` is set when that is over, with `error` or without."""

    update_id: int
    raw: Mapping[str, Any]
    lane: Hashable
    album: str | None = None
    done: anyio.Event = field(default_factory=anyio.Event)
    error: Exception | None = None

    def end(self, error: Exception | None) -> None:
        if not self.done.is_set():
            self.error = error
            self.done.set()


@dataclass(slots=True)
class _Lane:
    jobs: deque[Job] = field(default_factory=deque)
    more: anyio.Event = field(default_factory=anyio.Event)


class Lanes:
    """Gives `take` what is put in, an album's parts together, and sets their `done`.

    `quiet`: so many seconds after its last part an album is complete, after `longest` in any case;
    0: its parts are given one by one.
    """

    def __init__(
        self,
        tasks: TaskGroup,
        take: Callable[[Sequence[Job]], Awaitable[None]],
        *,
        quiet: float,
        longest: float,
    ) -> None:
        self._tasks = tasks
        self._take = take
        self._quiet = quiet
        self._longest = longest
        self._lanes: dict[Hashable, _Lane] = {}

    def put(self, job: Job) -> None:
        lane = self._lanes.get(job.lane)
        if lane is None:
            lane = self._lanes[job.lane] = _Lane()
            self._tasks.start_soon(self._work, job.lane, lane)
        lane.jobs.append(job)
        lane.more.set()

    async def _work(self, name: Hashable, lane: _Lane) -> None:
        jobs: list[Job] = []
        try:
            while lane.jobs:
                jobs = [lane.jobs.popleft()]
                if jobs[0].album is not None and self._quiet:
                    await self._gather(jobs, lane)
                await self._do(jobs)
        finally:
            for job in (*jobs, *lane.jobs):  # left over only when all lanes are stopped
                job.end(Stopped())
            del self._lanes[name]

    async def _do(self, jobs: Sequence[Job]) -> None:
        error: Exception | None = None
        try:
            await self._take(jobs)
        except Exception as failure:  # noqa: BLE001 - whoever waits for the job is to hear it
            error = failure
        for job in jobs:
            job.end(error)

    async def _gather(self, album: list[Job], lane: _Lane) -> None:
        """Add the album's other parts, until none has come for a while."""
        end = anyio.current_time() + self._longest
        while True:
            lane.more = anyio.Event()
            others = [job for job in lane.jobs if job.album == album[0].album]
            for job in others:
                lane.jobs.remove(job)
            album += others
            until = min(end, anyio.current_time() + self._quiet)
            with anyio.move_on_after(max(0.0, until - anyio.current_time())) as waited:
                await self._another(album[0], lane)
            if waited.cancelled_caught:
                return

    async def _another(self, first: Job, lane: _Lane) -> None:
        while not any(job.album == first.album for job in lane.jobs):
            await lane.more.wait()
            lane.more = anyio.Event()
