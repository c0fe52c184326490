"""What an operator is told of the whole service."""

from __future__ import annotations

from dataclasses import replace

from agentcore.clock import DAY, HOUR, Micros
from agentcore.records import ModelUse, OutboxResult, Pulse, StepCommit, StopReason, TurnEnd
from tests.contracts.store_world import LEASE, World

QUIET = Pulse(pending=0, oldest_pending=0, parked=0, to_send=0, unreachable=0)


async def test_where_nothing_waits_the_pulse_is_quiet(world: World) -> None:
    assert await world.store.pulse() == QUIET
    await world.talk("Hello")
    await world.sent()
    assert await world.store.pulse() == QUIET


async def test_what_waits_is_counted_from_the_oldest_on(world: World) -> None:
    await world.say("one")
    world.later(60)
    await world.say("two", who="bob")
    world.later(1)
    assert await world.store.pulse() == replace(QUIET, pending=2, oldest_pending=61)


async def test_a_message_whose_turn_is_put_off_still_waits(world: World) -> None:
    await world.say("one")
    claim = await world.claim_one()
    world.later(60)
    assert await world.store.pulse() == replace(QUIET, pending=1, oldest_pending=60)
    await world.hand_back(claim, ready_at=Micros(world.now + HOUR))
    world.later(1_000)
    assert await world.store.pulse() == replace(QUIET, pending=1, oldest_pending=1_060)


async def test_what_is_parked_unsent_or_unreachable_is_counted_and_waits_no_more(
    world: World,
) -> None:
    await world.say("poison")
    await world.commit(
        await world.claim_one(),
        StepCommit(end=TurnEnd(StopReason.ERROR, error="broken", parked=True)),
    )
    await world.talk("Hello", who="bob")
    world.later(60)
    assert await world.store.pulse() == replace(QUIET, parked=1, to_send=1)
    (row,) = await world.store.claim_outbox("sender", limit=9, lease=LEASE)
    await world.store.finish_outbox([OutboxResult(row, "unreachable", error="blocked")])
    assert await world.store.pulse() == replace(QUIET, parked=1, unreachable=1)


async def test_turns_and_money_are_told_by_day_and_an_unknown_price_apart(world: World) -> None:
    for cost, model in ((1_500, "openai/a"), (None, "openai/a"), (0, "offline")):
        await world.say("Hello")
        await world.answer(await world.claim_one(), step=world.step(model=model, cost=cost))
        world.clock.advance(DAY)
    await world.say("stop")
    await world.answer(
        await world.claim_one(), step=None, end=TurnEnd(StopReason.CANCELLED), outbox=()
    )

    found = await world.store.statistics()

    assert found.counts["users"] == 1
    assert found.counts["messages"] == 8
    assert found.database_bytes > 0
    assert (found.today.turns, found.today.models) == ({"cancelled": 1}, ())
    assert found.week.turns == {"cancelled": 1, "end_turn": 3}
    assert found.week.models == (
        ModelUse("offline", 1, 10, 5, 0, cost=0, unpriced=0),
        ModelUse("openai/a", 2, 20, 10, 0, cost=1_500, unpriced=1),
    )


async def test_a_week_is_today_and_the_six_days_before(world: World) -> None:
    await world.talk("Hello")
    world.clock.advance(6 * DAY)
    assert (await world.store.statistics()).week.turns == {"end_turn": 1}
    world.clock.advance(DAY)
    assert (await world.store.statistics()).week.turns == {}
