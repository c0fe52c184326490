"""Work handed from an event loop to threads, and what came of it; and the threads that read."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import StoreError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a job raised, on its way to whoever waits for it."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Job:
    """A unit of work, and the task that waits for it."""

    work: Callable[[Any], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def settle(self, outcome: Any) -> None:
        """Hand the outcome to the waiting task, unless it or its loop has gone."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._settle, outcome)

    def _settle(self, outcome: Any) -> None:
        if self.future.done():
            return
        if isinstance(outcome, Failure):
            self.future.set_exception(outcome.error)
        else:
            self.future.set_result(outcome)


class ReaderThreads:
    """A few threads with a connection each. A read is one way there and one way back, however many
    statements it takes. `told` makes of an error what callers know.
    """

    def __init__(
        self, engine: sa.Engine, count: int, told: Callable[[Exception], Exception]
    ) -> None:
        self.engine = engine
        self._told = told
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"sqlite-reader-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one moment's snapshot. A cancelled caller doesn't stop what has begun."""
        if self._closed:
            msg = "The database is closed."
            raise StoreError(msg)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(Job(work, loop, future))
        return await future

    async def close(self) -> None:
        """Finish what is queued, then close the connections."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self.engine.dispose()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not job.future.cancelled():  # nobody waits for it any more
                job.settle(self._outcome(job))

    def _outcome(self, job: Job) -> Any:
        try:
            with self.engine.connect() as connection:
                return job.work(connection)
        except Exception as error:  # noqa: BLE001 (the waiting task must hear of it)
            return Failure(self._told(error))
