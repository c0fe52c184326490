"""Something that goes on while a block runs, and ends with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio


@asynccontextmanager
async def beside(work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Do the work until the block ends. An error of the block comes out as it is: a task group
    alone would hand it on in a group, which nobody who waits for it would know again.
    """
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work)
        try:
            yield
        except Exception as error:  # noqa: BLE001 (raised below, outside the group)
            failure = error
        tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
