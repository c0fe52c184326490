"""What is held apart, and fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest

from tests.apart import apart


@asynccontextmanager
async def failing(*, at_once: bool = False) -> AsyncIterator[anyio.Event]:
    """Yields what is set once a task of it is about to fail."""

    async def fail() -> None:
        failed.set()
        raise RuntimeError("why")

    failed = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(fail)
        if at_once:
            await anyio.sleep_forever()
        yield failed


async def test_a_failure_is_raised_at_the_end_and_cancels_nothing_before() -> None:
    reached = False
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="why")):
        async with apart(failing()) as failed:
            await failed.wait()
            await anyio.wait_all_tasks_blocked()
            reached = True
    assert reached


async def test_what_fails_before_it_is_there_is_not_entered() -> None:
    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="why")):
        async with apart(failing(at_once=True)):
            raise AssertionError("entered")
