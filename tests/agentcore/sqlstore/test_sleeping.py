"""Sleep-time in the store: what a run may read, and what lets its commit pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest
import sqlalchemy as sa

from agentcore.clock import MINUTE, Micros
from agentcore.errors import BlockConflict, Fenced, SummaryOutdated
from agentcore.records import (
    AgentId,
    BlockEdit,
    EditActor,
    NoticeDraft,
    Origin,
    SleepClaim,
    SleepEnd,
    SleepMaterial,
    SleepResult,
    StopReason,
    Tidied,
    TurnEnd,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.stores import SqlStore
from agentcore.store.gate import GateScope
from agentcore.testing import FakeClock
from tests.contracts.store_blocks import edited_in_a_turn
from tests.contracts.store_world import (
    World,
    block_of,
    everything,
    texts,
)

QUIET = Micros(30 * MINUTE)


@pytest.fixture
def world(database: Database) -> World:
    clock = FakeClock()
    return World(SqlStore(database, clock, quiet=QUIET), database, clock)


async def material(world: World, agent_id: AgentId) -> SleepMaterial:
    found = await world.door(agent_id).sleep.material(None)
    assert isinstance(found, SleepMaterial), found
    return found


async def begun(world: World, agent_id: AgentId) -> SleepClaim:
    start = await material(world, agent_id)
    claim = await world.door(agent_id).sleep.begin(
        start, [each.seq for each in start.messages], again_at=Micros(world.now + QUIET)
    )
    assert claim is not None
    return claim


async def edit_of(world: World, agent_id: AgentId, after: str) -> BlockEdit:
    block = block_of(await world.door(agent_id).blocks())
    return BlockEdit(block, after, EditActor.SLEEP_TIME, Origin.AGENT, message=1)


async def commit(world: World, claim: SleepClaim, *edits: BlockEdit) -> None:
    changes = tuple(Tidied(edit, "Because.") for edit in edits)
    step = world.step(cost=7)
    await world.door(claim.agent_id).sleep.commit(claim, SleepResult(changes, (step,)))


async def value(world: World, agent_id: AgentId) -> str:
    return block_of(await world.door(agent_id).blocks()).value


async def test_an_agent_is_due_when_it_has_been_quiet_for_long_enough(world: World) -> None:
    times, agent_id = world.store.sleep_times, await world.talk("Hello")
    other = await world.talk("Hello", who="bob")
    assert await times.next_due() == world.now + QUIET
    assert await times.due(limit=5) == ()
    world.later(29 * 60)
    await world.talk("Still here", who="bob")
    world.later(60)
    assert await times.due(limit=5) == (agent_id,)
    world.later(29 * 60)
    assert await times.due(limit=5) == (agent_id, other), "longest waiting first"
    await world.say("I am back")
    assert await times.due(limit=5) == (other,), "it has work"
    (claim,) = await world.claim()
    assert await times.due(limit=5) == (other,), "it is at work"
    await world.answer(claim)
    assert await times.due(limit=5) == (other,), "it was talking just now"


async def test_a_run_is_a_turn_with_its_edits_reasons_and_costs(world: World) -> None:
    agent_id = await world.talk("I like coffee")
    claim = await begun(world, agent_id)
    await commit(world, claim, await edit_of(world, agent_id, "Likes coffee."))
    door = world.door(agent_id)
    (run,) = await door.sleep.runs(limit=5)
    (revision, _) = await door.revisions(label="human")
    assert await value(world, agent_id) == "Likes coffee."
    assert (run.state, run.turn, run.read) == ("done", claim.turn, (1, 2))
    assert [(each.before, each.after, each.reason) for each in run.changes] == [
        ("Likes tea.", "Likes coffee.", "Because.")
    ]
    assert (run.models, run.prompt_tokens, run.cost) == (("scripted",), 10, 7)
    assert (revision.actor, revision.turn, revision.message) == (
        EditActor.SLEEP_TIME,
        claim.turn,
        1,
    )
    assert [(each.kind, each.state) for each in await door.turns(limit=1)] == [("sleep", "done")]
    spent = {row["scope"]: row["spent"] for row in await world.table(t.usage)}
    assert spent == {"agent": 7, "user": 7}
    assert (await material(world, agent_id)).messages == ()
    assert await world.store.sleep_times.next_due() is None


async def _said_more(world: World, _agent_id: AgentId) -> None:
    await world.say("Wait")


async def _talked(world: World, _agent_id: AgentId) -> None:
    await world.talk("Wait")


async def _forgot(world: World, _agent_id: AgentId) -> None:
    await world.run(sa.update(t.message).where(t.message.c.seq == 1).values(forgotten_at=1))


async def _edited(world: World, _agent_id: AgentId) -> None:
    await world.run(sa.update(t.block).values(version=9))


async def _changed_head(world: World, _agent_id: AgentId) -> None:
    await world.run(sa.update(t.agent_lease).values(version=t.agent_lease.c.version + 1))


async def _switched_off(world: World, _agent_id: AgentId) -> None:
    await world.run(sa.update(t.agent_lease).values(sleepless=True))


async def _begun_again(world: World, agent_id: AgentId) -> None:
    await begun(world, agent_id)


@pytest.mark.parametrize(
    ("meanwhile", "error"),
    [
        (_said_more, Fenced),
        (_talked, Fenced),
        (_changed_head, Fenced),
        (_switched_off, Fenced),
        (_begun_again, Fenced),
        (_edited, BlockConflict),
        (_forgot, SummaryOutdated),
    ],
)
async def test_what_moved_meanwhile_leaves_nothing_of_the_run_but_its_record(
    world: World,
    meanwhile: Callable[[World, AgentId], Awaitable[None]],
    error: type[Exception],
) -> None:
    agent_id = await world.talk("I like coffee")
    claim = await begun(world, agent_id)
    edit = await edit_of(world, agent_id, "Likes coffee.")
    await meanwhile(world, agent_id)
    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(error):
        await commit(world, claim, edit)
    assert await everything(world, t.metadata.sorted_tables) == before
    end = SleepEnd(
        TurnEnd(StopReason.CANCELLED), (world.step(cost=7),), Micros(world.now + 1), counts=False
    )
    await world.door(agent_id).sleep.end(claim, end)
    ended = (await world.door(agent_id).sleep.runs(limit=5))[-1]
    assert (ended.turn, ended.state, ended.cost) == (claim.turn, "cancelled", 7)


async def test_a_turn_isn_t_kept_waiting_by_a_run(world: World) -> None:
    agent_id = await world.talk("I like coffee")
    claim = await begun(world, agent_id)
    await world.talk("And tea")
    with pytest.raises(Fenced):
        await commit(world, claim)
    assert len((await material(world, agent_id)).messages) == 4, "all is read next time"


async def test_a_run_begins_only_from_the_present_state(world: World) -> None:
    agent_id = await world.talk("I like coffee")
    old = await material(world, agent_id)
    await world.talk("And tea")
    begin = world.door(agent_id).sleep.begin
    assert await begin(old, [1], again_at=Micros(world.now + 1)) is None


async def test_a_run_that_was_cut_off_is_told_and_tried_again_after_its_pause(world: World) -> None:
    agent_id = await world.talk("I like coffee")
    world.clock.advance(QUIET)
    await begun(world, agent_id)
    times = world.store.sleep_times
    assert await times.due(limit=5) == ()
    world.clock.advance(QUIET)
    assert await times.due(limit=5) == (agent_id,)
    again = await material(world, agent_id)
    assert (again.tries, texts(again.messages)) == (1, ["I like coffee", "noted"])
    await commit(world, await begun(world, agent_id))
    runs = await world.door(agent_id).sleep.runs(limit=5)
    assert [(run.state, run.error) for run in runs] == [
        ("done", ""),
        ("failed", "the process ended in the middle"),
    ]


async def test_an_erased_agent_takes_no_end(world: World) -> None:
    agent_id = await world.talk("I like coffee")
    claim = await begun(world, agent_id)
    for table in reversed(t.metadata.sorted_tables):
        if "agent_id" in table.c:
            await world.run(sa.delete(table))
    end = SleepEnd(TurnEnd(StopReason.CANCELLED), (world.step(),), None, counts=False)
    await world.door(agent_id).sleep.end(claim, end)
    assert await world.table(t.step) == []
    with pytest.raises(Fenced):
        await commit(world, claim)


async def test_lines_that_a_person_brought_back_after_a_run_are_known(world: World) -> None:
    agent_id = await world.talk("I like coffee")
    claim = await begun(world, agent_id)
    await commit(world, claim, await edit_of(world, agent_id, "Likes coffee."))
    undone = {"actor": EditActor.USER, "undoes": 2}
    await edited_in_a_turn(world, agent_id, "Likes tea.", Origin.OWNER, **undone)
    assert (await material(world, agent_id)).drawers[-1].restored == {"Likes tea."}


async def test_reasons_are_told_as_long_as_nothing_is_forgotten_of_what_was_read(
    world: World,
) -> None:
    agent_id = await world.talk("I like coffee")
    claim = await begun(world, agent_id)
    await commit(world, claim, await edit_of(world, agent_id, "Likes coffee."))
    told: list[str] = []

    async def ask() -> None:
        (revision, _) = await world.door(agent_id).revisions(label="human")

        def why(scope: GateScope) -> Sequence[NoticeDraft]:
            told.append(scope.sleep.reason(revision))
            return []

        await world.send(world.submission(command="why"), command=why)

    await ask()
    await _forgot(world, agent_id)
    await ask()
    assert told == ["Because.", ""]
    (run,) = await world.door(agent_id).sleep.runs(limit=5)
    assert run.changes == ()
