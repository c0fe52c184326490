from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from agentcore.clock import day_of
from agentcore.errors import BlockConflict, SummaryOutdated
from agentcore.records import (
    SHARED_OWNER,
    Address,
    AgentSeed,
    ExternalCall,
    NoticeDraft,
    OutboxDraft,
    Role,
    StepCommit,
    StopReason,
    TokenCount,
    TurnEnd,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.stores import SqlStore
from agentcore.store import UnfinishedCall
from tests.agentcore.sqlstore.conftest import Opened
from tests.contracts.store_blocks import an_edit, an_epoch
from tests.contracts.store_statements import failing_at
from tests.contracts.store_world import (
    SHARED_BLOCK,
    World,
    a_block,
    a_seed,
    block_of,
    everything,
    texts,
)


async def test_a_turn_s_messages_are_numbered_without_gaps_in_commit_order(world: World) -> None:
    agent = await world.talk("one", "two", "three")
    await world.talk("other", who="bob")
    history = await world.door(agent).history(limit=10)
    assert [message.seq for message in history] == [6, 5, 4, 3, 2, 1]
    assert texts(history)[::-1] == ["one", "noted", "two", "noted", "three", "noted"]


async def test_a_commit_returns_the_newest_number(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    first = StepCommit(messages=tuple(world.heard(claim)), step=world.step(outcome="tools"))
    assert await world.commit(claim, first) == 1
    assert await world.commit(claim, StepCommit(step=world.step(2))) == 1
    assert await world.answer(claim, messages=(), step=world.step(3)) == 1


async def test_messages_come_back_as_they_were_given(world: World) -> None:
    await world.say("Olá 👋 \n'; DROP TABLE message; --", otid="o1")
    claim = await world.claim_one()
    given = world.plain_turn(claim, "里斯本")
    await world.commit(claim, given)
    found = await world.door(claim.agent_id).window(claim.thread, first=1)
    for new, message in zip(given.messages, found, strict=True):
        assert (message.message_id, message.role, message.parts) == (
            new.message_id,
            new.role,
            new.parts,
        )
        assert (message.author, message.otid, message.created_at) == (
            new.author,
            new.otid,
            new.created_at,
        )
        assert (message.thread, message.turn) == (claim.thread, claim.turn)


async def test_the_window_begins_where_it_is_asked_to_and_leaves_out_what_is_forgotten(
    world: World,
) -> None:
    agent = await world.talk("one", "two")
    await world.run(sa.update(t.message).where(t.message.c.seq == 3).values(forgotten_at=1))
    assert texts(await world.door(agent).window(1, first=2)) == ["noted", "noted"]
    assert texts(await world.door(agent).window(2, first=1)) == []


def full_step(world: World, claim: Any, blocks: Any) -> StepCommit:
    """A commit with everything that a commit can hold."""
    human, persona = block_of(blocks), block_of(blocks, "persona")
    return replace(
        world.plain_turn(claim, "a reply\nin two chunks"),
        edits=(
            an_edit(human, "Likes coffee."),
            an_edit(replace(human, version=2, value="Likes coffee."), "Likes both."),
            an_edit(persona, "I am kind."),
        ),
        epoch=an_epoch(world, blocks),
        step=world.step(cost=7),
        calls=(ExternalCall("call-1", "send", "key-1", idempotent=True, finished=False),),
        notices=(NoticeDraft(claim.address, "noted"),),
    )


async def test_a_commit_that_fails_anywhere_leaves_nothing(world: World) -> None:
    await world.say("first")
    claim = await world.claim_one()
    blocks = await world.door(claim.agent_id).blocks()
    step = full_step(world, claim, blocks)
    before = await everything(world, t.metadata.sorted_tables)

    failures = 0
    while True:
        with failing_at(world.database, failures) as fault:
            try:
                await world.commit(claim, step)
            except RuntimeError:
                assert fault.happened
        if not fault.happened:
            break
        assert await everything(world, t.metadata.sorted_tables) == before, fault.statement
        failures += 1

    assert failures >= 12
    assert (await everything(world, t.metadata.sorted_tables)) != before
    assert block_of(await world.door(claim.agent_id).blocks()).value == "Likes both."


async def test_an_accept_that_fails_anywhere_leaves_nothing(world: World) -> None:
    submission = world.submission()
    before = await everything(world, t.metadata.sorted_tables)
    failures = 0
    while True:
        with failing_at(world.database, failures) as fault:
            try:
                await world.send(submission)
            except RuntimeError:
                assert fault.happened
        if not fault.happened:
            break
        assert await everything(world, t.metadata.sorted_tables) == before, fault.statement
        failures += 1
    assert failures >= 10
    assert len(await world.claim()) == 1


async def test_a_block_that_changed_meanwhile_refuses_the_whole_commit(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    door = world.door(claim.agent_id)
    human = block_of(await door.blocks())
    other = replace(human, version=5)
    before = await everything(world, t.metadata.sorted_tables)
    step = replace(
        world.plain_turn(claim),
        edits=(an_edit(human, "fine"), an_edit(other, "from a version that isn't there")),
    )
    with pytest.raises(BlockConflict, match="human"):
        await world.commit(claim, step)
    assert await everything(world, t.metadata.sorted_tables) == before
    await world.answer(claim, edits=(an_edit(human, "fine"),))
    assert block_of(await door.blocks()).value == "fine"


async def test_an_edit_s_revision_says_who_when_and_because_of_what(world: World) -> None:
    await world.say("small talk")
    await world.answer(await world.claim_one())
    outcome = await world.say("I moved to Porto")
    claim = await world.claim_one()
    door = world.door(claim.agent_id)
    human = block_of(await door.blocks())
    await world.commit(
        claim, StepCommit(messages=tuple(world.heard(claim)), step=world.step(outcome="tools"))
    )
    world.later(2)
    edit = an_edit(human, "Lives in Porto.", tool_call_id="call-1")
    await world.answer(claim, messages=(), step=world.step(2), edits=(edit,))

    (revision,) = await door.revisions(label="human", limit=1)
    assert (revision.version, revision.before, revision.after) == (
        2,
        human.value,
        "Lives in Porto.",
    )
    assert (revision.turn, revision.message, revision.created_at) == (claim.turn, 3, world.now)
    (stored,) = await world.rows(
        sa.select(t.block_revision).where(t.block_revision.c.tool_call_id == "call-1")
    )
    assert stored["author_id"] == outcome.identity_id


async def test_a_shared_block_is_one_block_for_all_who_hold_it(world: World) -> None:
    def seed() -> AgentSeed:
        team = a_block("team", "Ship it.", owner=SHARED_OWNER, block_id=SHARED_BLOCK)
        return replace(a_seed(), blocks=(a_block(), team))

    for who in ("ada", "bob"):
        await world.send(world.submission(who=who), seed=seed)
    ada, bob = sorted(await world.claim(), key=lambda claim: claim.address)
    block = block_of(await world.door(ada.agent_id).blocks(), "team")
    await world.answer(ada, edits=(an_edit(block, "Ship it today."),))

    with pytest.raises(BlockConflict):
        await world.answer(bob, edits=(an_edit(block, "Ship it never."),))

    seen = block_of(await world.door(bob.agent_id).blocks(), "team")
    assert (seen.value, seen.version) == ("Ship it today.", 2)
    await world.answer(bob, edits=(an_edit(seen, "Ship it today or tomorrow."),))
    for claim in (ada, bob):
        revisions = await world.door(claim.agent_id).revisions(label="team")
        assert [each.version for each in revisions] == [3, 2, 1]
        # Whose turn it was is told to that agent alone: the numbers are its own.
        assert [each.turn is not None for each in revisions] == [
            claim is bob,
            claim is ada,
            False,
        ]


async def test_the_head_comes_out_the_same_after_a_restart_and_later_edits(
    world: World, opened: Opened
) -> None:
    await world.say()
    claim = await world.claim_one()
    door = world.door(claim.agent_id)
    blocks = await door.blocks()
    assert (await door.head(claim)).epoch is None
    epoch = an_epoch(world, blocks[::-1], summary="Ada said hello.\n", first_message=1)
    await world.commit(claim, StepCommit(epoch=epoch, step=world.step(outcome="tools")))
    head = await door.head(claim)
    assert head.epoch == epoch
    assert [(block.label, block.value) for block in head.blocks] == [
        (block.label, block.value) for block in blocks[::-1]
    ]

    await world.answer(
        claim, step=world.step(2), edits=(an_edit(block_of(blocks), "Something new."),)
    )
    again = opened()
    reopened = SqlStore(again, world.clock).for_agent(claim.agent_id, world.owner)
    later = await reopened.head(claim)
    await again.close()

    assert later.epoch == epoch
    assert later.blocks == head.blocks
    assert list(later.epoch.block_versions) == list(epoch.block_versions)
    assert (later.agent, later.thread) == (head.agent, head.thread)


async def test_a_new_epoch_is_the_thread_s_own(world: World) -> None:
    await world.say()
    await world.say("there", address=Address("web:ada"))
    first = await world.claim_one()
    epoch = an_epoch(world, thread=first.thread)
    await world.answer(first, epoch=epoch)
    second = await world.claim_one()
    assert (await world.door(second.agent_id).head(second)).epoch is None
    await world.answer(second, epoch=replace(epoch, thread=second.thread, summary="other"))
    await world.say()
    third = await world.claim_one()
    head = await world.door(third.agent_id).head(third)
    assert head.epoch == epoch


async def test_what_a_step_costs_is_booked_by_agent_user_and_day(world: World) -> None:
    for cost in (5, 7, None, 0):
        await world.say()
        await world.answer(await world.claim_one(), step=world.step(cost=cost))
    rows = await world.table(t.usage)
    assert {row["scope"]: (row["spent"], row["unknown"]) for row in rows} == {
        "agent": (12, 1),
        "user": (12, 1),
    }
    assert {row["day"] for row in rows} == {day_of(world.now)}


async def test_an_external_call_without_an_end_is_known_to_the_next_attempt(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    door = world.door(claim.agent_id)
    calls = tuple(
        ExternalCall(f"call-{n}", "send", f"key-{n}", idempotent=n == 1, finished=False)
        for n in (1, 2)
    )
    messages = (*world.heard(claim), world.message(Role.ASSISTANT, ""))
    await world.commit(
        claim, StepCommit(messages=messages, step=world.step(outcome="tools"), calls=calls)
    )
    await world.commit(claim, StepCommit(calls=(replace(calls[0], finished=True),)))
    assert await door.unfinished_calls(claim.turn) == (
        UnfinishedCall("call-2", "send", "key-2", idempotent=False),
    )
    assert await door.unfinished_calls(claim.turn + 1) == ()


async def test_a_turn_s_end_is_what_its_view_shows(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    world.later(1)
    await world.commit(claim, StepCommit(end=TurnEnd(StopReason.ERROR, error="boom", parked=True)))
    (view,) = await world.door(claim.agent_id).turns(limit=5)
    assert (view.turn_id, view.state, view.stop_reason) == (
        claim.turn_id,
        "failed",
        StopReason.ERROR,
    )
    assert (view.attempts, view.error) == (1, "boom")
    assert (view.claimed_at, view.finished_at) == (claim.claimed_at, world.now)


async def test_a_message_accepted_while_the_turn_ends_is_never_forgotten(
    world: World, opened: Opened
) -> None:
    """Whichever of the two comes first, the agent is ready again afterwards."""
    other = opened()
    elsewhere = World(SqlStore(other, world.clock), other, world.clock)
    await world.say("0")
    for n in range(1, 25):
        claim = await world.claim_one()
        await asyncio.gather(
            elsewhere.say(f"{n}", update_id=f"x{n}"),
            world.answer(claim, outbox=(OutboxDraft(claim.address, "hi", 1, 1),)),
        )
    await other.close()
    assert len(await world.claim()) == 1


async def test_a_summary_of_what_was_forgotten_meanwhile_refuses_the_whole_commit(
    world: World,
) -> None:
    agent = await world.talk("one", "two")
    await world.say("three")
    claim = await world.claim_one()
    epoch = an_epoch(world, summary="Of one.")
    step = replace(world.plain_turn(claim), epoch=epoch, summarised=(1, 2))
    await world.run(sa.update(t.message).where(t.message.c.seq == 2).values(forgotten_at=1))
    tables = (t.message, t.epoch, t.thread, t.step, t.usage, t.agent_lease, t.turn, t.outbox)
    before = await everything(world, tables)
    with pytest.raises(SummaryOutdated):
        await world.commit(claim, step)
    assert await everything(world, tables) == before
    await world.commit(claim, replace(step, summarised=(1, 3)))
    head = await world.door(agent).head(claim)
    assert head.epoch is not None
    assert head.epoch.summary == "Of one."


async def test_the_calls_for_a_summary_are_booked_with_the_turn_s_step(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    made = world.step(1, outcome="summarised", cost=70, prompt_tokens=900)
    answered = world.step(2, cost=None)
    await world.answer(claim, summaries=(made,), step=answered)
    rows = await world.table(t.step)
    assert [(r["number"], r["outcome"], r["first_message"]) for r in rows] == [
        (1, "summarised", None),
        (2, "answered", 1),
    ]
    mine = [row for row in await world.table(t.usage) if row["scope"] == "user"]
    assert [(r["spent"], r["unknown"], r["prompt_tokens"]) for r in mine] == [(70, 1, 910)]


async def test_the_last_count_of_tokens_comes_with_the_next_claim(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    assert claim.counted is None
    counted = TokenCount("scripted", 3, "abc", 900, 20)
    await world.answer(claim, counted=counted)
    await world.say()
    claim = await world.claim_one()
    assert claim.counted == counted
    await world.answer(claim)
    await world.say()
    assert (await world.claim_one()).counted == counted
