"""What a test uses, held by a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import anyio

T = TypeVar("T")


@asynccontextmanager
async def apart(held: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """What `held` yields. If something of it fails, that error is raised at the end of the block.

    anyio runs a module's asynchronous fixtures and all tests that use them in one task. Where a
    fixture's task group is in that task, its failure cancels the test, ends the task, and all that
    comes after fails with `ClosedResourceError`; nobody is told what it was.
    """
    there: list[T] = []
    entered, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        try:
            async with held as value:
                there.append(value)
                entered.set()
                await leave.wait()
        finally:
            entered.set()

    task = asyncio.create_task(hold())  # noqa: TID251 (no group of the test: awaited below)
    try:
        await entered.wait()
        for value in there:  # none, if it failed before
            yield value
    finally:
        leave.set()
        with anyio.CancelScope(shield=True):
            await task
