from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from agentcore.clock import DAY, HOUR, SECOND, Micros
from agentcore.records import (
    Accepted,
    Address,
    AgentId,
    Duplicate,
    NewTimer,
    NoticeDraft,
    Origin,
    StepCommit,
    StopReason,
    TurnEnd,
    new_agent_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.registry import RULES
from agentcore.sqlstore.service.purging import _over
from tests.contracts.store_world import LEASE, World, everything

HOME = Address("home:ada")
BROKEN = TurnEnd(StopReason.ERROR, error="broken", parked=True)


async def park(world: World, text: str = "poison") -> AgentId:
    outcome = await world.say(text)
    await world.commit(await world.claim_one(), StepCommit(end=BROKEN))
    return outcome.agent_id


async def test_a_parked_message_is_listed_with_its_error_and_the_agent_goes_on(
    world: World,
) -> None:
    agent = await park(world)
    (item,) = await world.store.parked()
    assert (item.agent_id, item.seq, item.address, item.error) == (agent, 1, HOME, "broken")
    assert item.parked_at == world.now
    assert await world.claim() == ()
    await world.say("fine")
    assert [each.text for each in (await world.claim_one()).items] == ["fine"]
    assert (await world.store.counts())["parked"] == 1


async def test_a_parked_message_can_be_tried_again_once(world: World) -> None:
    agent = await park(world)
    world.later(1)
    assert await world.store.retry_parked(agent, 1)
    assert not await world.store.retry_parked(agent, 1)
    assert await world.store.parked() == ()
    (row,) = await world.table(t.inbox)
    assert (row["error"], row["due_at"]) == (None, world.now)
    claim = await world.claim_one()
    assert ([each.text for each in claim.items], claim.attempt) == (["poison"], 1)
    await world.answer(claim)
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"], lease["ready_at"]) == (0, 0, None)


async def test_parked_messages_are_listed_oldest_first(world: World) -> None:
    people = [f"person{n}" for n in range(5)]
    for who in people:
        world.later(1)
        await world.say(who=who)
        await world.commit(await world.claim_one(), StepCommit(end=BROKEN))
    listed = await world.store.parked(limit=4)
    assert [item.address for item in listed] == [f"home:{who}" for who in people[:4]]


async def test_a_retried_message_makes_a_waiting_agent_ready_now(world: World) -> None:
    agent = await park(world)
    await world.say("later", debounce=60 * SECOND)
    assert await world.store.retry_parked(agent, 1)
    assert await world.store.next_ready() == world.now


async def test_retrying_what_is_not_parked_changes_nothing(world: World) -> None:
    agent = await park(world)
    before = await everything(world, t.metadata.sorted_tables)
    for wrong in (AgentId("nonsense"), AgentId("agent-nonsense"), new_agent_id()):
        assert not await world.store.retry_parked(wrong, 1)
    assert not await world.store.retry_parked(agent, 2)
    assert await everything(world, t.metadata.sorted_tables) == before


def a_timer(world: World, due: float, text: str = "Water the plants.") -> NewTimer:
    return NewTimer("reminder", HOME, 1, None, Micros(world.now + round(due * SECOND)), text)


async def test_a_timer_fires_once_at_its_time_and_passes_through_the_inbox(world: World) -> None:
    agent = await world.talk("Hello")
    door = world.door(agent)
    assert await world.store.next_timer() is None
    assert await door.add_timer(a_timer(world, 60)) == 1
    assert await door.add_timer(a_timer(world, 30, "Sooner.")) == 2
    assert await world.store.next_timer() == world.now + 30 * SECOND
    assert await world.store.fire_timers(limit=10) == 0
    world.later(60)
    assert await world.store.fire_timers(limit=10) == 2
    assert await world.store.fire_timers(limit=10) == 0
    assert await world.store.next_timer() is None
    heard = []
    while claims := await world.claim():
        (item,) = claims[0].items
        heard.append((item.kind, item.text, item.address, item.parts[0].origin))
        await world.answer(claims[0])
    assert heard == [
        ("timer", "Sooner.", HOME, Origin.OPERATOR),
        ("timer", "Water the plants.", HOME, Origin.OPERATOR),
    ]


async def test_a_timer_with_a_number_that_was_used_before_fires_too(world: World) -> None:
    door = world.door(await world.talk("Hello"))
    for _ in range(2):
        await door.add_timer(a_timer(world, 1))
        world.later(1)
        assert await world.store.fire_timers(limit=10) == 1
        assert len(await world.claim("one")) == 1
        world.clock.advance(LEASE + 1)
        await world.answer(await world.claim_one())
        await world.run(sa.delete(t.timer))


async def test_timers_fire_a_few_at_a_time_the_earliest_first(world: World) -> None:
    door = world.door(await world.talk("Hello"))
    for due in (3, 1, 2):
        await door.add_timer(a_timer(world, due, f"{due}"))
    world.later(5)
    assert [await world.store.fire_timers(limit=2) for _ in range(3)] == [2, 1, 0]
    rows = [row for row in await world.table(t.inbox) if row["kind"] == "timer"]
    assert [row["parts"][0].text for row in rows] == ["1", "2", "3"]


async def test_adapters_keep_small_state(world: World) -> None:
    store = world.store
    assert await store.get_state("telegram", "offset") is None
    for value in ("1", "2"):
        await store.put_state("telegram", "offset", value)
        assert await store.get_state("telegram", "offset") == value
    assert await store.get_state("discord", "offset") is None
    for chat, value in (("1", "a"), ("2", "b"), ("1", "c")):
        world.later(1)
        await store.keep_chat("telegram", Address(f"telegram:0:{chat}"), value)
    assert await store.chats_kept("telegram") == [("telegram:0:1", "c"), ("telegram:0:2", "b")]
    assert await store.chats_kept("discord") == []


async def test_receipts_outlive_eight_days_of_redelivery(world: World) -> None:
    submission = world.submission()
    assert isinstance(await world.send(submission), Accepted)
    await world.answer(await world.claim_one())
    world.clock.advance(8 * DAY)
    await world.store.purge()
    assert await world.send(submission) == Duplicate(1)
    world.clock.advance(1)
    await world.store.purge()
    assert await world.table(t.receipt) == []
    assert await world.table(t.inbox) == []


async def test_what_is_not_finished_is_never_purged(world: World) -> None:
    await park(world)
    await world.say("running")
    running = await world.claim_one()
    await world.say("waiting")
    await world.say(who="bob")
    world.clock.advance(400 * DAY)
    await world.store.purge()
    rows = [row["parts"][0].text for row in await world.table(t.inbox)]
    assert sorted(rows) == ["Hello", "poison", "running", "waiting"]
    await world.answer(running)
    assert len(await world.claim()) == 2


async def test_what_was_not_sent_yet_is_never_purged(world: World) -> None:
    await world.talk("Hello")
    world.clock.advance(400 * DAY)
    await world.store.purge()
    assert await world.sent() == ["noted"]


async def test_numbers_go_on_after_a_purge(world: World) -> None:
    for _ in range(3):
        await world.talk("Hello")
        await world.send(
            world.submission(command="help"), command=lambda _scope: [NoticeDraft(HOME, "help")]
        )
    await world.sent()
    world.clock.advance(31 * DAY)
    await world.store.purge()
    assert [row["row"] for row in await world.table(t.outbox)] == [6]
    assert [row["seq"] for row in await world.table(t.notice)] == [3]
    end = await world.store.feed_end(HOME)
    assert (end.message, end.notice) == (6, 3)
    outcome = await world.say("again")
    assert outcome.position == 7
    await world.answer(await world.claim_one(), notices=(NoticeDraft(HOME, "noted"),))
    assert [row["row"] for row in await world.table(t.outbox)] == [6, 7]
    end = await world.store.feed_end(HOME)
    assert (end.message, end.notice) == (8, 4)


async def test_messages_and_memory_stay_as_long_as_the_agent(world: World) -> None:
    agent = await world.talk("one", "two")
    kept = {rule.table.name for rule in RULES if rule.keep_days is None}
    tables = [table for table in t.metadata.sorted_tables if table.name in kept]
    before = await everything(world, tables)
    world.clock.advance(4_000 * DAY)
    await world.store.purge()
    assert await everything(world, tables) == before
    assert len(await world.door(agent).history(limit=9)) == 4


async def test_a_purge_takes_a_bite_at_a_time(world: World) -> None:
    for _ in range(3):
        await world.say()
    await world.answer(await world.claim_one())
    world.clock.advance(9 * DAY)
    removed = [await world.store.purge(limit=2) for _ in range(3)]
    assert removed == [4, 2, 0]


def test_every_time_to_keep_is_kept_to() -> None:
    moment = Micros(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * SECOND)
    limited = {rule.table.name for rule in RULES if rule.keep_days is not None}
    assert {table.name for table in _over(moment)} == limited


@pytest.mark.parametrize("age", [0, 29 * DAY])
async def test_a_notice_is_kept_for_those_who_read_it_late(world: World, age: int) -> None:
    for _ in range(2):
        await world.send(
            world.submission(command="help"), command=lambda _scope: [NoticeDraft(HOME, "help")]
        )
    world.clock.advance(age)
    await world.store.purge()
    feed = await world.store.feed(HOME)
    assert len(feed.notices) == 2


async def test_the_figures_for_an_operator_add_up(world: World) -> None:
    await park(world)
    await world.say("one")
    await world.say("two", who="bob")
    world.clock.advance(HOUR)
    assert await world.store.counts() == {
        "users": 2,
        "agents": 2,
        "messages": 0,
        "pending": 2,
        "oldest_pending_seconds": 3600,
        "parked": 1,
        "to_send": 0,
        "failed_to_send": 0,
        "unreachable": 0,
        "resent": 0,
    }
