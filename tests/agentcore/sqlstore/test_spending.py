"""Money for models under a cap: set aside before a call, and replaced by what it did cost."""

from __future__ import annotations

import asyncio

from agentcore.clock import DAY
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import World


async def account(world: World) -> tuple[int, int, int]:
    """Spent, set aside, and calls of unknown cost, of the newest day."""
    rows = [row for row in await world.table(t.usage) if row["scope"] == "service"]
    return rows[-1]["spent"], rows[-1]["reserved"], rows[-1]["unknown"]


async def test_what_is_set_aside_and_what_is_spent_count_together(world: World) -> None:
    spending = world.store.spending
    first = await spending.reserve(60, cap=100)
    assert first is not None
    assert await spending.reserve(41, cap=100) is None
    await spending.settle(first, spent=50)
    assert await account(world) == (50, 0, 0)
    assert await spending.reserve(51, cap=100) is None
    assert await spending.reserve(50, cap=100) is not None
    assert await account(world) == (50, 50, 0)


async def test_what_may_have_been_spent_stays_set_aside(world: World) -> None:
    spending = world.store.spending
    held = await spending.reserve(60, cap=100)
    assert held is not None
    await spending.settle(held, spent=0, kept=45)
    assert await account(world) == (0, 45, 1)
    assert await spending.reserve(56, cap=100) is None


async def test_of_many_at_once_only_so_many_get_through(world: World) -> None:
    tries = [world.store.spending.reserve(10, cap=45) for _ in range(12)]
    held = [each for each in await asyncio.gather(*tries) if each is not None]
    assert len(held) == 4
    assert await account(world) == (0, 40, 0)


async def test_each_day_has_its_own_and_a_call_belongs_to_the_day_it_began(world: World) -> None:
    spending = world.store.spending
    held = await spending.reserve(100, cap=100)
    assert held is not None
    world.later(DAY / 1_000_000)
    assert await spending.reserve(100, cap=100) is not None
    await spending.settle(held, spent=70)
    days = [(row["spent"], row["reserved"]) for row in await world.table(t.usage)]
    assert days == [(70, 0), (0, 100)]


async def test_what_was_spent_before_there_was_a_budget_counts(world: World) -> None:
    await world.say("Hello")
    claim = await world.claim_one()
    await world.answer(claim, "Hi", step=world.step(cost=80))
    assert await world.store.spending.reserve(21, cap=100) is None
    assert await world.store.spending.reserve(20, cap=100) is not None
    assert await account(world) == (80, 20, 0)
