"""What clients of the API ask for at the store: taken in once and in order, or refused."""

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
    CallDecision,
    IdentityId,
    NewMessage,
    Requested,
    Role,
    RunQuery,
    RunView,
    StepCommit,
    StopReason,
    ThreadId,
    ToolCall,
    ToolCallPart,
    TurnOptions,
    TurnRequest,
    new_agent_id,
    new_identity_id,
    new_message_id,
    new_thread_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.stores import SqlStore
from tests.contracts.store_blocks import an_epoch
from tests.contracts.store_requests import a_request, an_agent, replied, run, submit
from tests.contracts.store_rows import erase, identity_of, shown
from tests.contracts.store_statements import executed
from tests.contracts.store_world import World, everything


async def test_a_request_is_a_turn_of_its_own_between_chat_messages(world: World) -> None:
    agent_id = await an_agent(world)
    await world.say("chat one")
    options = TurnOptions(max_steps=3, model="m", system="s")
    asked = a_request(agent_id, "by the API", options=options, background=True)
    requested = await submit(world, asked)
    await world.say("chat two")
    await world.say("chat three")
    order = []
    for _ in range(3):
        claim = await world.claim_one()
        order.append((claim.asked is not None, len(claim.items), claim.address))
        if claim.asked is not None:
            assert claim.turn_id == requested.turn_id
            assert claim.asked.options == options
        await replied(world, claim)
    api = Address(f"api:{agent_id}:default")
    home = Address("home:ada")
    assert order == [(False, 1, home), (True, 1, api), (False, 2, home)]


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


@pytest.mark.parametrize(
    "agent_id", [new_agent_id(), AgentId("agent-1")], ids=["other", "malformed"]
)
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
    done = a_request(agent_id, "axolotl one", sender=ada)
    await submit(world, done)
    await replied(world, await world.claim_one())
    waits = a_request(agent_id, "axolotl two", sender=ada, key="axolotl", digest="d")
    waiting = (await submit(world, waits)).turn_id
    await world.run(t.message.update().values(author_id=ada))
    await erase(world, "ada")
    assert "axolotl" not in shown(await everything(world, t.metadata.sorted_tables))
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


async def test_a_client_begins_conversations_of_its_own_with_an_agent(world: World) -> None:
    agent_id, other = await an_agent(world), await world.talk("Hello", who="bob")
    requests = world.store.requests
    first, second = [await requests.open_conversation(agent_id) for _ in range(2)]
    assert first != second
    for thread, text in ((second, "in the second"), (first, "in the first")):
        await submit(world, a_request(agent_id, text, thread=thread))
        claim = await world.claim_one()
        assert claim.address.startswith(f"api:{agent_id}:")
        await replied(world, claim)
    with pytest.raises(NotFound):
        await submit(world, a_request(other, "not of this agent", thread=first))
    for nobody in (new_agent_id(), AgentId("agent-?")):
        with pytest.raises(NotFound):
            await requests.open_conversation(nobody)
