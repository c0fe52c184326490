"""What clients of the API ask for at the store: taken in once, in order, seen, and called off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agentcore.clock import DAY, MINUTE, SECOND
from agentcore.errors import BadInput, Conflict, NotFound, TooMany
from agentcore.records import (
    OWNER,
    Address,
    Admission,
    AgentChange,
    AgentId,
    AskedTurn,
    CallDecision,
    Claim,
    GivenMessage,
    IdentityId,
    MessageMeta,
    NewMessage,
    Origin,
    Requested,
    Role,
    RunQuery,
    RunView,
    StopReason,
    TextPart,
    ThreadId,
    ToolCall,
    ToolCallPart,
    TurnEnd,
    TurnId,
    TurnOptions,
    TurnRequest,
    new_agent_id,
    new_identity_id,
    new_message_id,
    new_thread_id,
    new_turn_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.database import Database
from agentcore.sqlstore.stores import SqlStore
from agentcore.store import StepCommit
from tests.contracts.store_blocks import an_epoch
from tests.contracts.store_rows import erase, identity_of, shown
from tests.contracts.store_statements import executed
from tests.contracts.store_world import LEASE, World, everything


def a_request(agent_id: AgentId, text: str = "Hi", **more: Any) -> TurnRequest:
    sender = more.pop("sender", None)
    said = GivenMessage("user", (TextPart(text, Origin.OWNER),), sender=sender)
    return TurnRequest(agent_id, (said,), **more)


async def submit(world: World, request: TurnRequest, **limits: Any) -> Requested:
    return await world.store.requests.submit(request, Admission(**limits))


async def an_agent(world: World) -> AgentId:
    return await world.talk("Hello")


async def run(world: World, turn_id: TurnId) -> RunView:
    return await world.store.requests.run(turn_id)


async def replied(world: World, claim: Claim, *messages: NewMessage, **end: Any) -> None:
    reason = end.pop("reason", StopReason.END_TURN)
    said = messages or (world.message(Role.ASSISTANT, "Hi there"),)
    given = [
        world.message(Role.USER, part.text)
        for each in (claim.asked or AskedTurn()).messages
        for part in each.parts
    ]
    done = TurnEnd(reason, **end)
    step = StepCommit((*given, *said), step=world.step(), end=done)
    await world.commit(claim, step)


async def test_a_request_is_a_turn_of_its_own_between_chat_messages(world: World) -> None:
    agent_id = await an_agent(world)
    await world.say("chat one")
    options = TurnOptions(max_steps=3, model="m", system="s")
    asked = a_request(agent_id, "by the API", options=options, metadata={"a": 1}, background=True)
    requested = await submit(world, asked)
    await world.say("chat two")
    await world.say("chat three")
    order = []
    for _ in range(3):
        claim = await world.claim_one()
        order.append((claim.asked is not None, len(claim.items), claim.address))
        if claim.asked is not None:
            assert claim.turn_id == requested.turn_id
            assert (claim.asked.options, claim.asked.metadata) == (options, {"a": 1})
        await replied(world, claim)
    api = Address(f"api:{agent_id}:default")
    home = Address("home:ada")
    assert order == [(False, 1, home), (True, 1, api), (False, 2, home)]


async def test_a_run_is_seen_from_the_queue_to_its_end(world: World) -> None:
    agent_id = await an_agent(world)
    started = world.now
    asked = a_request(agent_id, metadata={"job": "x"}, background=True, callback_url="http://c/")
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
        assert (view.created_at, view.metadata, view.background) == (started, {"job": "x"}, True)
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


async def test_a_key_names_a_request_for_good(world: World) -> None:
    agent_id = await an_agent(world)
    first = await submit(world, a_request(agent_id, key="k", digest="d"))
    again = await submit(world, a_request(agent_id, key="k", digest="d"))
    assert again == Requested(first.turn_id, agent_id, joined=True)
    await replied(world, await world.claim_one())
    world.clock.advance(DAY)
    assert (await submit(world, a_request(agent_id, key="k", digest="d"))) == again
    with pytest.raises(Conflict, match="new key"):
        await submit(world, a_request(agent_id, "other", key="k", digest="e"))
    other = await submit(world, a_request(agent_id, key="k2", digest="d"))
    assert not other.joined
    assert len(await world.table(t.inbox)) == 3


async def test_an_equal_body_is_the_same_request_only_if_it_is_sent_again(world: World) -> None:
    agent_id = await an_agent(world)
    first = await submit(world, a_request(agent_id, digest="d"))
    equal = await submit(world, a_request(agent_id, digest="d"))
    assert not equal.joined
    again = await submit(world, a_request(agent_id, digest="d", retried=True))
    assert (again.turn_id, again.joined) == (equal.turn_id, True)
    assert not (await submit(world, a_request(agent_id, digest="e", retried=True))).joined
    world.clock.advance(10 * MINUTE)
    assert not (await submit(world, a_request(agent_id, digest="d", retried=True))).joined
    assert first.turn_id != equal.turn_id


async def test_equal_requests_at_once_make_one_turn(
    world: World, opened: Callable[[], Database]
) -> None:
    agent_id = await an_agent(world)
    other = opened()
    second = SqlStore(other, world.clock)
    same = a_request(agent_id, key="k", digest="d")
    stores = [world.store, second] * 4
    try:
        got = await asyncio.gather(*(s.requests.submit(same, Admission()) for s in stores))
    finally:
        await other.close()
    assert len({each.turn_id for each in got}) == 1
    assert [each.joined for each in got].count(False) == 1
    assert len([row for row in await world.table(t.inbox) if row["run_id"]]) == 1
    assert len(await world.table(t.thread)) == 2


async def test_a_full_queue_takes_nothing_more(world: World) -> None:
    agent_id = await an_agent(world)
    for n in range(2):
        await submit(world, a_request(agent_id, f"{n}"), max_pending=2)
    with pytest.raises(TooMany, match="2 requests already wait"):
        await submit(world, a_request(agent_id), max_pending=2)
    await replied(world, await world.claim_one())
    await submit(world, a_request(agent_id), max_pending=2)
    with pytest.raises(TooMany, match="Too much text"):
        await submit(world, a_request(agent_id, "x" * 20), max_pending_bytes=20)
    with pytest.raises(BadInput, match="at most 10 bytes"):
        await submit(world, a_request(agent_id, "x" * 20), max_pending_bytes=10)
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"]) == (2, 3)


async def test_a_spent_budget_takes_in_what_another_model_answers(world: World) -> None:
    agent_id = await an_agent(world)
    await world.store.spending.reserve(100, cap=1_000)
    with pytest.raises(TooMany, match="budget") as refused:
        await submit(world, a_request(agent_id), max_spend=99)
    assert refused.value.retry_after == (DAY - world.now % DAY) / SECOND
    await submit(world, a_request(agent_id), max_spend=100)
    await submit(world, a_request(agent_id, options=TurnOptions(model="free")), max_spend=99)
    await world.say("x")
    for _ in range(2):
        await replied(world, await world.claim_one())
    await world.commit(await world.claim_one(), StepCommit(agent=AgentChange("own")))
    await submit(world, a_request(agent_id), max_spend=99)


@pytest.mark.parametrize("agent_id", [new_agent_id(), AgentId("agent-1")])
async def test_there_must_be_such_an_agent(world: World, agent_id: AgentId) -> None:
    with pytest.raises(NotFound, match="no agent"):
        await submit(world, a_request(agent_id))
    assert await world.table(t.inbox) == []


async def test_a_conversation_must_be_the_agents_own(world: World) -> None:
    agent_id, other = await an_agent(world), await world.talk("Hello", who="bob")
    threads: dict[AgentId, ThreadId] = {
        row["agent_id"]: row["thread_id"] for row in await world.table(t.thread)
    }
    for thread in (threads[other], new_thread_id()):
        with pytest.raises(NotFound, match="no open conversation"):
            await submit(world, a_request(agent_id, thread=thread))
    await submit(world, a_request(agent_id, thread=threads[agent_id]))
    assert (await world.claim_one()).address == "home:ada"


async def test_a_sender_must_be_known_and_the_only_one(world: World) -> None:
    agent_id = await an_agent(world)
    ada = await identity_of(world, "ada")
    for unknown in (new_identity_id(), IdentityId("identity-ada")):
        with pytest.raises(NotFound, match="no identity"):
            await submit(world, a_request(agent_id, sender=unknown))
    (said,) = a_request(agent_id, sender=ada).messages
    both = (said, replace(said, sender=new_identity_id()))
    with pytest.raises(BadInput, match="one sender"):
        await submit(world, TurnRequest(agent_id, both))
    await submit(world, a_request(agent_id, sender=ada))
    claim = await world.claim_one()
    assert claim.first.identity == ada
    assert claim.first.user is not None


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


@pytest.mark.parametrize("turn_id", [new_turn_id(), TurnId("run-1")])
async def test_there_must_be_such_a_run(world: World, turn_id: TurnId) -> None:
    with pytest.raises(NotFound, match="no run"):
        await world.store.requests.run(turn_id)
    with pytest.raises(NotFound, match="no run"):
        await world.store.requests.progress(turn_id)


async def test_a_run_can_be_read_when_its_row_in_the_queue_is_gone(world: World) -> None:
    agent_id = await an_agent(world)
    turn_id = (await submit(world, a_request(agent_id, metadata={"job": "x"}))).turn_id
    await replied(world, await world.claim_one())
    before = await run(world, turn_id)
    world.clock.advance(9 * DAY)
    await world.store.purge()
    assert [row for row in await world.table(t.inbox) if row["run_id"] == turn_id] == []
    assert await run(world, turn_id) == before
    assert len((await world.store.requests.progress(turn_id)).messages) == 1


CALL = ToolCall("call-1", "open_door", "{}")


async def waiting_for_a_word(world: World, agent_id: AgentId) -> None:
    await submit(world, a_request(agent_id, "Open up"))
    claim = await world.claim_one()
    blocks = await world.door(agent_id).blocks()
    await world.commit(claim, StepCommit(epoch=an_epoch(world, blocks, thread=claim.thread)))
    part = ToolCallPart(CALL, gated=True)
    called = NewMessage(new_message_id(), Role.ASSISTANT, (part,), world.now)
    await replied(world, claim, called, reason=StopReason.REQUIRES_APPROVAL)


async def test_answers_are_taken_where_calls_wait_and_nothing_else_is(world: World) -> None:
    agent_id = await an_agent(world)
    yes = TurnRequest(agent_id, answers=(CallDecision("call-1", approve=True),))
    with pytest.raises(Conflict, match="No tool call"):
        await submit(world, yes)
    await waiting_for_a_word(world, agent_id)
    with pytest.raises(Conflict, match="waiting for approval"):
        await submit(world, a_request(agent_id, 'the words "gated":true change nothing'))
    with pytest.raises(Conflict, match="each once: call-1"):
        await submit(world, replace(yes, answers=yes.answers * 2))
    assert not (await submit(world, yes)).joined
    await replied(world, await world.claim_one())
    with pytest.raises(Conflict, match="No tool call"):
        await submit(world, yes)
    await submit(world, a_request(agent_id, 'the words "gated":true change nothing'))
    await replied(world, await world.claim_one())
    await submit(world, a_request(agent_id, "and now?"))


async def test_an_erased_persons_words_are_in_no_request(world: World) -> None:
    given: dict[str, Any] = {"address": Address("group:1"), "audience": "chat"}
    agent_id = (await world.say("hello all", who="bob", **given)).agent_id
    await world.say("hello", who="ada", **given)
    await replied(world, await world.claim_one())
    ada = await identity_of(world, "ada")
    done = a_request(agent_id, "axolotl one", sender=ada, metadata={"about": "axolotl"})
    finished = (await submit(world, done)).turn_id
    await replied(world, await world.claim_one())
    waits = a_request(agent_id, "axolotl two", sender=ada, key="axolotl", digest="d")
    waiting = (await submit(world, waits)).turn_id
    await world.run(t.message.update().values(author_id=ada))
    await erase(world, "ada")
    assert "axolotl" not in shown(await everything(world, t.metadata.sorted_tables))
    assert (await run(world, finished)).metadata == {}
    assert (await run(world, waiting)).state == "cancelled"
    assert await world.claim() == ()


async def test_taking_a_request_in_takes_few_statements(world: World) -> None:
    """The figures are a promise: one more must be worth it."""
    agent_id = await an_agent(world)
    locks = 1 if type(world.database).__name__ == "PostgresDatabase" else 0
    with executed(world.database) as first:
        await submit(world, a_request(agent_id))
    assert len(first.statements) == 4 + locks
    claim = await world.claim_one()
    with executed(world.database) as later:
        turn_id = (await submit(world, a_request(agent_id, key="k", digest="d"))).turn_id
    assert len(later.statements) == 3 + locks
    await replied(world, claim)
    await replied(world, await world.claim_one())
    with executed(world.database) as followed:
        await world.store.requests.progress(turn_id)
    assert len(followed.statements) == 3


def of_agents(views: Sequence[RunView]) -> set[AgentId]:
    return {view.agent_id for view in views}


async def test_an_agent_that_is_part_of_another_takes_no_requests(world: World) -> None:
    agent_id, other = await an_agent(world), await world.talk("Hello", who="bob")
    await world.run(
        t.agent_lease.update().where(t.agent_lease.c.agent_id == agent_id).values(absorbed=True)
    )
    with pytest.raises(NotFound, match="part of another"):
        await submit(world, a_request(agent_id))
    await submit(world, a_request(other))
    assert of_agents(await world.store.requests.runs(RunQuery(other))) == {other}
    assert world.owner == OWNER
