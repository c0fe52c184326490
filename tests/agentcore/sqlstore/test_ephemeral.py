"""Conversations that are wiped: when, and what is left of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentcore.clock import HOUR, Micros
from agentcore.records import (
    Accepted,
    Address,
    AgentId,
    NoticeDraft,
    Role,
    StepCommit,
    StopReason,
    TurnEnd,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.delivery.ephemeral import EXPIRED
from agentcore.sqlstore.tables import metadata
from agentcore.store import SearchQuery
from agentcore.store.gate import GateScope
from tests.contracts.store_blocks import an_epoch
from tests.contracts.store_world import Chunks, World, texts

HOME = Address("home:ada")


async def begun(world: World) -> Accepted:
    def begin(scope: GateScope) -> Sequence[NoticeDraft]:
        scope.begin_incognito()
        return []

    return await at_the_gate(world, begin)


async def ended(world: World) -> Accepted:
    def end(scope: GateScope) -> Sequence[NoticeDraft]:
        assert scope.incognito()
        scope.end_incognito()
        return [NoticeDraft(HOME, "over")]

    return await at_the_gate(world, end)


async def at_the_gate(world: World, command: object) -> Accepted:
    outcome = await world.send(world.submission(command="c"), command=command)  # type: ignore[arg-type]
    assert isinstance(outcome, Accepted), outcome
    return outcome


async def talked(world: World, text: str) -> AgentId:
    """As the loop does in such a conversation: with an epoch, and not indexed."""
    await world.say(text)
    claim = await world.claim_one()
    plain = world.plain_turn(claim, f"{text}?")
    blocks = await world.door(claim.agent_id).blocks()
    head = await world.door(claim.agent_id).head(claim)
    epoch = None
    if head.epoch is None:
        epoch = replace(an_epoch(world, blocks), thread=claim.thread, summary=text)
    step = StepCommit(
        messages=plain.messages,
        step=plain.step,
        end=plain.end,
        outbox=plain.outbox,
        epoch=epoch,
        indexed=not head.thread.ephemeral,
    )
    await world.commit(claim, step)
    return claim.agent_id


async def wipe(world: World) -> Sequence[Address]:
    return await world.store.wipe_ephemeral(Chunks())


async def everything_stored(world: World) -> str:
    return "\n".join([str(await world.table(table)) for table in metadata.sorted_tables])


async def test_nothing_of_it_is_kept_in_view(world: World) -> None:
    await begun(world)
    agent_id = await talked(world, "zebra")
    (thread,) = [row for row in await world.table(t.thread) if row["ephemeral"]]
    seen = await world.door(agent_id).window(thread["number"], first=1)
    assert "zebra" in texts(seen)
    await ended(world)
    assert await wipe(world)

    assert not world.store._heads.windows._kept


async def test_what_was_said_is_gone_from_every_table_and_the_rest_is_not(world: World) -> None:
    agent_id = await talked(world, "giraffe")
    await begun(world)
    await talked(world, "zebra")
    await talked(world, "more zebra")
    await world.sent()
    await ended(world)

    assert await wipe(world) == [HOME]

    assert "zebra" not in await everything_stored(world)
    assert texts(await world.door(agent_id).history(limit=9)) == ["giraffe?", "giraffe"]
    assert await world.store.next_wipe() is None
    assert await wipe(world) == []


async def test_while_it_lasts_nothing_of_it_is_found_elsewhere(world: World) -> None:
    await begun(world)
    agent_id = await talked(world, "zebra")

    assert await world.door(agent_id).search(SearchQuery("zebra")) == ()
    assert await world.door(agent_id).history(limit=9) == ()
    feed = await world.store.feed(HOME)
    assert texts(feed.messages) == ["zebra", "zebra?"]


async def test_after_it_the_chat_goes_on_in_its_lasting_thread(world: World) -> None:
    before = await world.say("giraffe")
    inside = await begun(world)
    during = await world.say("zebra")
    await ended(world)
    after = await world.say("giraffe again")

    assert (before.thread, inside.thread, during.thread, after.thread) == (1, 1, 2, 1)


async def test_messages_of_two_conversations_never_share_a_turn(world: World) -> None:
    await world.say("giraffe")
    await begun(world)
    await world.say("zebra")
    await world.say("zebra too")

    first = await world.claim_one()
    await world.answer(first)
    second = await world.claim_one()

    assert [item.text for item in first.items] == ["giraffe"]
    assert [item.text for item in second.items] == ["zebra", "zebra too"]


async def test_what_waits_runs_or_is_to_be_sent_puts_the_wipe_off(world: World) -> None:
    await begun(world)
    await world.say("zebra")
    await ended(world)
    await wipe(world)
    claim = await world.claim_one()
    await wipe(world)
    assert "zebra" in await everything_stored(world)
    await world.answer(claim, "zebra?", indexed=False)
    await wipe(world)
    assert "zebra" in await everything_stored(world)

    await world.sent()
    await wipe(world)

    assert "zebra" not in await everything_stored(world)


async def test_after_an_hour_it_is_over_and_said_once(world: World) -> None:
    await begun(world)
    await talked(world, "zebra")
    await world.sent()
    assert await world.store.next_wipe() == world.now + HOUR
    world.clock.advance(HOUR - 1)
    assert await wipe(world) == []
    world.clock.advance(1)

    await wipe(world)
    await wipe(world)

    assert "zebra" not in await everything_stored(world)
    notices = [row["key"] for row in await world.table(t.notice)]
    assert notices == [EXPIRED]
    assert await world.sent() == [f"{EXPIRED} None"]
    assert (await world.say("giraffe")).thread == 1


async def test_one_ended_in_line_leaves_what_waits_behind_to_the_lasting_thread(
    world: World,
) -> None:
    await begun(world)
    await talked(world, "zebra")
    await world.sent()
    await world.say("", command="new")
    claim = await world.claim_one()
    await world.say("giraffe")
    await world.commit(claim, StepCommit(ends_thread=True, end=TurnEnd(StopReason.END_TURN)))

    await wipe(world)
    after = await world.claim_one()

    assert (claim.thread, after.thread, after.first.text) == (2, 1, "giraffe")
    assert "zebra" not in await everything_stored(world)


async def test_the_numbers_that_readers_count_by_go_on(world: World) -> None:
    await begun(world)
    await at_the_gate(world, lambda _scope: [NoticeDraft(HOME, "zebra typed")])
    world.later(1)
    await at_the_gate(world, lambda _scope: [NoticeDraft(HOME, "zebra typed")])
    await talked(world, "zebra")
    await world.sent()
    end = await world.store.feed_end(HOME)
    world.later(1)
    last = await ended(world)
    await wipe(world)
    await talked(world, "giraffe")

    feed = await world.store.feed(HOME, end)

    assert [m.role for m in feed.messages] == [Role.USER, Role.ASSISTANT]
    assert [n.key for n in feed.notices] == ["over"]
    assert feed.answered == last.position + 1
    assert Micros(0) < feed.notices[0].created_at


async def test_others_are_left_alone(world: World) -> None:
    await world.talk("zebra", who="bob")
    await begun(world)
    await talked(world, "lion")
    await world.sent()
    await ended(world)

    await wipe(world)

    stored = await everything_stored(world)
    assert "zebra" in stored
    assert "lion" not in stored


async def test_what_a_command_quoted_of_it_is_gone_from_what_was_sent(world: World) -> None:
    def quoting(_scope: GateScope) -> Sequence[NoticeDraft]:
        return [NoticeDraft(HOME, "unknown", {"command": "zebracommand"})]

    await begun(world)
    world.clock.advance(1)
    await at_the_gate(world, quoting)
    world.clock.advance(1)
    await ended(world)
    await wipe(world)
    assert "zebra" in await everything_stored(world)
    assert "unknown" in " ".join(await world.sent())

    await wipe(world)

    assert "zebra" not in await everything_stored(world)
