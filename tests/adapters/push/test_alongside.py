from __future__ import annotations

import anyio
import pytest

from adapters.push.alongside import alongside


class Broken(Exception):
    pass


async def breaks() -> None:
    raise Broken


async def test_what_the_block_raises_comes_out_as_it_is_and_its_tasks_are_over() -> None:
    over: list[str] = []

    async def beside(name: str) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            over.append(name)

    async def block() -> None:
        async with alongside() as outer, alongside() as inner:
            outer.start_soon(beside, "outer")
            inner.start_soon(beside, "inner")
            await anyio.wait_all_tasks_blocked()
            await breaks()

    with pytest.raises(Broken):
        await block()

    assert over == ["inner", "outer"]


async def test_a_task_that_fails_ends_the_block() -> None:
    async def block() -> None:
        async with alongside() as tasks:
            tasks.start_soon(breaks)
            await anyio.sleep_forever()

    with pytest.raises(ExceptionGroup) as caught:
        await block()

    assert caught.group_contains(Broken)
