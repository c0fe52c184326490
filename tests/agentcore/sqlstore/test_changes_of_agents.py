"""What a commit can change besides messages and blocks: the agent, its epoch, what was set aside."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentcore.errors import Fenced
from agentcore.records import Address, AgentChange, Claim, StepCommit, StopReason, TurnEnd
from agentcore.sqlstore import tables as t
from tests.contracts.store_blocks import an_epoch
from tests.contracts.store_world import World, a_block, a_seed, texts

OTHER = replace(
    a_seed(),
    name="coach",
    template="coach:2",
    system="You are a coach.",
    tools=("memory_replace",),
    blocks=(a_block("persona", "I coach."), a_block("human", "nobody"), a_block("goals", "none")),
    model="m",
    context_window=9_000,
    limits={"steps": 7},
)
END = TurnEnd(StopReason.END_TURN)


async def claimed(world: World) -> Claim:
    await world.say()
    return await world.claim_one()


async def test_an_agent_takes_on_a_seed_and_keeps_its_blocks(world: World) -> None:
    claim = await claimed(world)
    door = world.door(claim.agent_id)
    before = await door.blocks()

    await world.commit(claim, StepCommit(agent=AgentChange("m", OTHER), end=END))

    agent = await door.agent()
    assert (agent.name, agent.template, agent.system) == ("coach", "coach:2", "You are a coach.")
    assert (agent.tools, agent.model, agent.context_window) == (("memory_replace",), "m", 9_000)
    assert agent.limits.steps == 7
    blocks = await door.blocks()
    assert blocks[:2] == before
    assert [(block.label, block.value) for block in blocks[2:]] == [("goals", "none")]
    revisions = await door.revisions(label="goals")
    assert [(each.version, each.after) for each in revisions] == [(1, "none")]


async def test_another_model_alone_changes_nothing_else(world: World) -> None:
    claim = await claimed(world)
    door = world.door(claim.agent_id)
    before = await door.agent()

    await world.commit(claim, StepCommit(agent=AgentChange("m"), end=END))

    assert await door.agent() == replace(before, model="m")


async def test_a_changed_agent_is_seen_by_its_next_turn_in_every_thread(world: World) -> None:
    claim = await claimed(world)
    door = world.door(claim.agent_id)
    assert (await door.head(claim)).agent.model is None

    await world.commit(claim, StepCommit(agent=AgentChange("m")))
    assert (await door.head(claim)).agent.model == "m"
    await world.commit(claim, StepCommit(end=END))

    later = await claimed(world)
    assert later.version == claim.version + 1
    assert (await door.head(later)).agent.model == "m"


async def test_a_fenced_worker_changes_no_agent(world: World) -> None:
    claim = await claimed(world)
    world.later(60)
    await world.claim_one("other")

    with pytest.raises(Fenced):
        await world.commit(claim, StepCommit(agent=AgentChange("m", OTHER), end=END))
    assert (await world.door(claim.agent_id).agent()).model is None
    assert len(await world.table(t.agent_block)) == 2


async def test_an_epoch_remembers_whose_answers_were_left_out(world: World) -> None:
    claim = await claimed(world)
    blocks = await world.door(claim.agent_id).blocks()
    epoch = replace(an_epoch(world, blocks), left_out=(3, 5))

    await world.commit(claim, StepCommit(epoch=epoch))

    assert (await world.door(claim.agent_id).head(claim)).epoch == epoch


async def given_up(world: World, *texts_: str, who: str = "ada") -> None:
    for text in texts_:
        await world.say(text, who=who)
    for claim in await world.claim():
        end = TurnEnd(StopReason.ERROR, "trouble", parked=True)
        await world.commit(claim, StepCommit(end=end))


async def test_what_was_given_up_last_is_found_by_who_wrote_it(world: World) -> None:
    await given_up(world, "one")
    world.later(1)
    await given_up(world, "two", "three")
    await given_up(world, "bob's", who="bob")
    claim = await claimed(world)
    await world.answer(claim)
    end = TurnEnd(StopReason.ERROR, "trouble", parked=True)
    for text, changes in (
        ("in another chat", {"address": Address("chat:1")}),
        ("no message", {"command": "undo"}),
        ("of somebody else", {}),
    ):
        await world.say(text, **changes)
        await world.commit(await world.claim_one(), StepCommit(end=end))
    (bob,) = {row["author_id"] for row in await world.table(t.inbox)} - {claim.first.identity}
    box = t.inbox
    theirs = sa.and_(box.c.agent_id == claim.agent_id, box.c.seq == 7)
    await world.run(sa.update(box).where(theirs).values(author_id=bob))
    claim = await claimed(world)

    found = await world.door(claim.agent_id).set_aside(claim)

    assert found is not None
    assert (found.seqs, found.received_at) == ((2, 3), world.now)


async def test_what_was_given_up_waits_again_once_and_before_all_else(world: World) -> None:
    await given_up(world, "lost")
    await world.say("retry", command="retry")
    claim = await world.claim_one()
    await world.say("later")

    await world.commit(claim, StepCommit(take_up=(1, 1, 9), end=END))

    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"]) == (2, len("lost") + len("later"))
    again = await world.claim_one()
    assert [item.text for item in again.items] == ["lost", "later"]
    taken_up = [row["turn"] for row in await world.table(t.inbox)]
    assert taken_up == [again.turn, claim.turn, again.turn]
    await world.answer(again)
    assert texts(await world.door(again.agent_id).history(limit=9)) == ["Hi", "later", "lost"]
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["ready_at"]) == (0, None)


async def test_a_retry_that_answers_what_was_given_up_leaves_nothing_set_aside(
    world: World,
) -> None:
    await given_up(world, "lost")
    await given_up(world, "bob's", who="bob")
    await world.say("retry", command="retry")
    claim = await world.claim_one()
    blocks = await world.door(claim.agent_id).blocks()
    epoch = replace(an_epoch(world, blocks), left_out=(1,))

    await world.commit(claim, StepCommit(epoch=epoch, end=END))

    assert [item.address for item in await world.store.parked()] == ["home:bob"]
    errors = {row["address"]: row["error"] for row in await world.table(t.inbox)}
    assert errors == {"home:ada": None, "home:bob": "trouble"}
    assert await world.claim() == ()
