"""Turns at the store as their clients see them: how they stand, listed, called off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentcore.clock import DAY
from agentcore.errors import NotFound
from agentcore.records import (
    MessageMeta,
    Role,
    RunQuery,
    StepCommit,
    StopReason,
    TurnEnd,
    TurnId,
    new_turn_id,
)
from agentcore.sqlstore import tables as t
from tests.contracts.store_requests import a_request, an_agent, replied, run, submit
from tests.contracts.store_world import LEASE, World


async def test_a_run_is_seen_from_the_queue_to_its_end(world: World) -> None:
    agent_id = await an_agent(world)
    started = world.now
    asked = a_request(agent_id, background=True, callback_url="http://c/")
    turn_id = (await submit(world, asked)).turn_id
    waiting = await run(world, turn_id)
    assert (waiting.state, waiting.created_at, waiting.claimed_at) == ("created", started, None)
    world.later(1)
    claim = await world.claim_one()
    running = await run(world, turn_id)
    assert (running.state, running.claimed_at) == ("running", world.now)
    world.later(1)
    await replied(world, claim)
    over = await run(world, turn_id)
    assert (over.state, over.stop_reason, over.finished_at) == ("done", "end_turn", world.now)
    assert [step.number for step in over.steps] == [1]
    for view in (waiting, running, over):
        assert (view.created_at, view.background) == (started, True)
        assert (view.callback_url, view.thread_id) == ("http://c/", over.thread_id)


async def test_progress_brings_what_the_agent_said_and_nothing_else(world: World) -> None:
    agent_id = await an_agent(world)
    requests = world.store.requests
    turn_id = (await submit(world, a_request(agent_id, "Hi"))).turn_id
    claim = await world.claim_one()
    first = world.message(Role.ASSISTANT, "one moment")
    came_in = MessageMeta("2026-11-20T23:15", "UTC", "api")
    given = (
        world.message(Role.ASSISTANT, "handed over", meta=came_in),
        world.message(Role.USER, "Hi", meta=came_in),
        world.message(Role.NOTE, "edited elsewhere"),
    )
    await world.commit(claim, StepCommit((*given, first), step=world.step()))
    progress = await requests.progress(turn_id)
    assert [m.text for m in progress.messages] == ["one moment"]
    (seen,) = progress.messages
    assert (await requests.progress(turn_id, after=seen.seq)).messages == ()
    last = world.message(Role.ASSISTANT, "done")
    end = StepCommit((last,), step=world.step(2), end=TurnEnd(StopReason.END_TURN))
    await world.commit(claim, end)
    await world.talk("something later", "and more")
    progress = await requests.progress(turn_id, after=seen.seq)
    assert [m.text for m in progress.messages] == ["done"]
    assert [step.number for step in progress.run.steps] == [1, 2]


async def test_what_waits_is_called_off_and_never_run(world: World) -> None:
    agent_id = await an_agent(world)
    first = (await submit(world, a_request(agent_id, "one"))).turn_id
    second = (await submit(world, a_request(agent_id, "two"))).turn_id
    requests = world.store.requests
    assert await requests.cancel(agent_id, [first, new_turn_id()]) == {first: "cancelled"}
    assert await requests.cancel(agent_id, [first]) == {}
    view = await run(world, first)
    assert (view.state, view.stop_reason, view.over) == ("cancelled", "cancelled", True)
    claim = await world.claim_one()
    assert claim.turn_id == second
    await replied(world, claim)
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"]) == (0, 0)
    assert await world.claim() == ()


async def test_what_runs_is_asked_to_stop(world: World) -> None:
    agent_id = await an_agent(world)
    running = (await submit(world, a_request(agent_id, "one"))).turn_id
    await submit(world, a_request(agent_id, "two"))
    claim = await world.claim_one()
    states = await world.store.requests.cancel(agent_id)
    assert states[running] == "running"
    assert sorted(states.values()) == ["cancelled", "running"]
    held = {agent_id: claim.fence}
    assert await world.store.renew("worker", held, lease=LEASE) == {agent_id: True}
    assert (await world.store.requests.cancel(agent_id, [new_turn_id()])) == {}


async def listed(world: World, query: RunQuery) -> list[TurnId]:
    return [each.turn_id for each in await world.store.requests.runs(query)]


async def test_runs_are_listed_newest_first_and_by_pages(world: World) -> None:
    agent_id, other = await an_agent(world), await world.talk("Hello", who="bob")
    made: list[TurnId] = []
    for n in range(4):
        world.later(1)
        asked = a_request(agent_id, f"{n}", background=n % 2 == 0)
        made.append((await submit(world, asked)).turn_id)
    elsewhere = (await submit(world, a_request(other))).turn_id
    for claim in await world.claim():
        await replied(world, claim)
    await world.store.requests.cancel(agent_id, [made[3]])
    mine = RunQuery(agent_id)
    hello = (await listed(world, mine))[-1]
    assert await listed(world, mine) == [*reversed(made), hello]
    assert await listed(world, replace(mine, ascending=True)) == [hello, *made]
    assert await listed(world, replace(mine, before=made[2])) == [made[1], made[0], hello]
    assert await listed(world, replace(mine, after=made[1])) == [made[3], made[2]]
    assert await listed(world, replace(mine, limit=2)) == [made[3], made[2]]
    for states, expected in (
        ({"created"}, [made[2], made[1]]),
        ({"done"}, [made[0], hello]),
        ({"cancelled"}, [made[3]]),
        ({"running"}, []),
    ):
        query = replace(mine, states=frozenset(states))  # type: ignore[arg-type]
        assert await listed(world, query) == expected
    assert await listed(world, replace(mine, background=True)) == [made[2], made[0]]
    everybodys = await listed(world, RunQuery())
    assert elsewhere in everybodys
    assert set(made) <= set(everybodys)


@pytest.mark.parametrize("turn_id", [new_turn_id(), TurnId("run-1")], ids=["other", "malformed"])
async def test_there_must_be_such_a_run(world: World, turn_id: TurnId) -> None:
    with pytest.raises(NotFound, match="no run"):
        await world.store.requests.run(turn_id)
    with pytest.raises(NotFound, match="no run"):
        await world.store.requests.progress(turn_id)


async def test_a_run_can_be_read_when_its_row_in_the_queue_is_gone(world: World) -> None:
    agent_id = await an_agent(world)
    turn_id = (await submit(world, a_request(agent_id))).turn_id
    await replied(world, await world.claim_one())
    before = await run(world, turn_id)
    world.clock.advance(9 * DAY)
    await world.store.purge()
    assert [row for row in await world.table(t.inbox) if row["run_id"] == turn_id] == []
    assert await run(world, turn_id) == before
    assert len((await world.store.requests.progress(turn_id)).messages) == 1
