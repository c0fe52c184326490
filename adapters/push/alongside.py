"""Work that goes on beside other work, and is over with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def alongside() -> AsyncGenerator[TaskGroup, None]:
    """Tasks that go on while the block does, and are called off at its end. What the block raises
    comes out of it as it is: no group wraps it.
    """
    raised: Exception | None = None
    async with anyio.create_task_group() as tasks:
        try:
            yield tasks
        except Exception as error:  # noqa: BLE001 - raised below, outside the group
            raised = error
        tasks.cancel_scope.cancel()
    if raised is not None:
        raise raised
