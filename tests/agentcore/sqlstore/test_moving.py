"""Chats that move to another address, and what happens to chats besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from agentcore.clock import Micros
from agentcore.errors import Fenced
from agentcore.records import (
    Address,
    AgentId,
    ChatChange,
    Claim,
    Ignored,
    NewTimer,
    NoticeDraft,
    OutboxResult,
    Role,
    StepCommit,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.registry import RULES
from agentcore.store import SearchQuery
from agentcore.store.gate import GateScope
from tests.contracts.store_blocks import an_edit, an_epoch
from tests.contracts.store_world import LEASE, Chunks, World, block_of, texts

OLD, NEW, OLD_TOPIC = Address("x:bot:1"), Address("x:bot:-100"), Address("x:bot:1:7")


def in_group(at: Address = OLD, **changes: Any) -> dict[str, Any]:
    home = Address(":".join(at.split(":")[:3]))
    return {"address": at, "home": home, "audience": "chat", **changes}


async def moved(world: World, update_id: str = "moved:1:-100") -> bool:
    change = ChatChange("x:bot", update_id, OLD, "moved", world.now, moved_to=NEW)
    return await world.store.chats.note(change, Chunks())


def columns_with_addresses() -> Iterator[sa.Column[str]]:
    for table in t.metadata.sorted_tables:
        yield from (column for column in table.c if "address" in column.name)


def test_a_rule_names_every_column_that_holds_an_address() -> None:
    named = {rule.table.c[name] for rule in RULES for name in rule.addresses}
    assert named == set(columns_with_addresses())


async def left_at(world: World, address: str) -> list[str]:
    """Where an address or a topic of it still stands."""
    found = []
    for column in columns_with_addresses():
        rows = await world.rows(sa.select(column.label("at")))
        found += [str(column) for row in rows if (row["at"] or "").startswith(address)]
    return found


async def settled(world: World) -> AgentId:
    """A group with a history, and something in every table that holds addresses."""
    agent = await world.talk("the harbour at night", who="ada", **in_group())
    await world.talk("in a topic", who="bob", **in_group(OLD_TOPIC))
    timer = NewTimer("reminder", OLD, 1, None, Micros(world.now + 5), "Now.")
    await world.door(agent).add_timer(timer)

    def listening(scope: GateScope) -> list[NoticeDraft]:
        scope.listen(on=True)
        return [NoticeDraft(OLD, "reply.listen_on")]

    submission = world.submission(command="listen", kind="command", **in_group())
    await world.send(submission, command=listening)
    await world.send(world.submission("", who="eve", **in_group()))
    ticket = {"ticket_id": "1", "kind": "k", "payload": {}, "created_at": 1, "expires_at": 9}
    erasure = {"erasure_id": "1", "agents": [], "deleted": {}, "redacted": {}, "platforms": []}
    by = {"actor_kind": "owner", "actor": "o", "started_at": 1}
    await world.run(sa.insert(t.ticket).values(address=OLD, **ticket))
    await world.run(sa.insert(t.erasure).values(address=OLD, **erasure, **by))
    await world.store.keep_chat("telegram:1", OLD, "channel 7")
    await world.run(sa.update(t.identity).values(address=OLD))
    return agent


async def test_a_chat_that_moves_takes_everything_along(world: World) -> None:
    agent = await settled(world)
    await world.say("still waiting", who="ada", **in_group())
    everywhere = {str(column) for column in columns_with_addresses()}
    assert set(await left_at(world, OLD)) == everywhere
    assert await moved(world)
    assert await left_at(world, f"{OLD}:") == []
    assert await left_at(world, OLD) == []
    assert await world.store.chats.listens(NEW)
    assert not await moved(world)
    here = await world.say("and again", who="ada", **in_group(NEW))
    assert (here.agent_id, here.thread) == (agent, 1)
    (claim,) = await world.claim()
    assert claim.address == NEW
    assert [item.text for item in claim.items] == ["still waiting", "and again"]
    await world.answer(claim, "here")
    sent = await world.store.claim_outbox("sender", limit=99, lease=LEASE)
    assert {row.address for row in sent} == {NEW, Address(f"{NEW}:7")}
    here_now = [row.text.split()[0] for row in sent if row.address == NEW]
    assert here_now == ["noted", "reply.listen_on", "refused.empty", "here"]
    world.later(10)
    assert await world.store.fire_timers(limit=9) == 1


async def test_who_answers_while_it_moves_begins_again_and_answers_there(world: World) -> None:
    await world.say("Hello", **in_group())
    claim = await world.claim_one()
    await moved(world)
    with pytest.raises(Fenced):
        await world.answer(claim)
    again = await world.claim_one()
    assert (again.turn, again.address) == (claim.turn, NEW)
    await moved(world)  # the old chat says so, and the new one
    await world.answer(again)


async def test_what_messages_were_called_before_names_none_in_the_new_place(world: World) -> None:
    named = {"platform_message_id": "5", "who": "ada"}
    await world.talk("Hello", **named, **in_group())
    await world.say("waiting", platform_message_id="6", **in_group())
    await moved(world)
    (row,) = await world.store.claim_outbox("sender", limit=9, lease=LEASE)
    assert row.reply_to is None
    others = world.submission("Hi", edited=True, addressed=False, **named, **in_group(NEW))
    assert await world.send(others) == Ignored()
    assert (await world.claim_one()).last.platform_message_id is None


async def test_a_chunk_in_the_air_is_marked_wherever_it_is_and_sent_once(world: World) -> None:
    await world.talk("Hello", **in_group())
    (row,) = await world.store.claim_outbox("sender", limit=9, lease=LEASE)
    await moved(world)
    assert await world.store.claim_outbox("sender", limit=9, lease=LEASE) == ()
    await world.store.finish_outbox([OutboxResult(row, "sent", platform_message_id="5")])
    (sent,) = await world.table(t.outbox)
    assert (sent["address"], sent["state"], sent["platform_message_id"]) == (NEW, "sent", "5")


async def test_what_came_to_the_new_address_first_is_not_lost(world: World) -> None:
    agent = await settled(world)
    early = await world.say("I like rye bread", who="eve", **in_group(NEW, update_id="first"))
    assert early.agent_id != agent
    claim = await _claim_of(world, early.agent_id)
    blocks = await world.door(early.agent_id).blocks()
    human = block_of(blocks)
    await world.commit(claim, StepCommit(epoch=an_epoch(world, blocks), step=world.step()))
    noted = StepCommit(
        tuple(world.heard(claim)),
        (an_edit(human, f"{human.value}\nEve likes rye."),),
        step=world.step(2),
    )
    await world.commit(claim, noted)
    last = world.plain_turn(claim, "Noted at once")
    await world.commit(
        claim, StepCommit(last.messages[-1:], step=world.step(3), end=last.end, outbox=last.outbox)
    )
    await world.say("and tea", who="eve", **in_group(NEW))
    await moved(world)
    assert [row["agent_id"] for row in await world.table(t.agent)] == [agent]
    said = texts(await world.door(agent).history(limit=9))
    assert said[:2] == ["Noted at once", "I like rye bread"]
    (hit,) = await world.door(agent).search(SearchQuery("rye", roles=frozenset({Role.USER})))
    assert (hit.message.thread, hit.message.author) == (1, early.identity_id)
    assert block_of(await world.door(agent).blocks()).value.endswith("\nEve likes rye.")
    threads = [row["address"] for row in await world.table(t.thread)]
    assert threads == [NEW, f"{NEW}:7"]
    (claim,) = await world.claim()
    assert (claim.agent_id, claim.first.text, claim.thread) == (agent, "and tea", 1)
    await world.answer(claim, "Tea it is")
    sent = await world.sent()
    assert sent.index("Noted at once") < sent.index("Tea it is")
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"], lease["open_turn"]) == (0, 0, None)


async def _claim_of(world: World, agent_id: AgentId) -> Claim:
    return next(each for each in await world.claim() if each.agent_id == agent_id)


async def test_what_waits_in_both_places_waits_in_one(world: World) -> None:
    agent = await world.talk("Hello", **in_group())
    await world.say("one", **in_group())
    early = await world.say("two", who="bob", **in_group(NEW))
    claims = await world.claim()
    await moved(world)
    for claim in claims:
        with pytest.raises(Fenced):
            await world.answer(claim)
    taken = await world.claim()
    assert {claim.agent_id for claim in taken} == {agent}
    heard = [item.text for claim in taken for item in claim.items]
    for claim in taken:
        await world.answer(claim)
    heard += [item.text for claim in await world.claim() for item in claim.items]
    assert heard == ["one", "two"]
    assert early.agent_id not in {row["agent_id"] for row in await world.table(t.agent)}


async def test_members_own_agents_move_along_with_their_threads(world: World) -> None:
    adas = await world.talk("Hello", who="ada", **in_group(personal=True))
    bobs = await world.talk("Hi", who="bob", **in_group(personal=True))
    await world.talk("Already here", who="ada", **in_group(NEW, personal=True))
    await moved(world)
    assert await left_at(world, OLD) == []
    here = await world.say("And now", who="ada", **in_group(NEW, personal=True))
    assert (here.agent_id, here.thread) == (adas, 1)
    window = texts(await world.door(adas).window(1, first=1))
    assert window == ["Hello", "noted", "Already here", "noted"]
    assert (await world.say("Yes", who="bob", **in_group(NEW, personal=True))).agent_id == bobs


async def test_nothing_is_kept_of_a_chat_that_nobody_is_known_in(world: World) -> None:
    change = ChatChange("x:bot", "1", OLD, "unreachable", world.now)
    assert await world.store.chats.note(change, Chunks())
    assert await world.table(t.chat) == []


async def test_who_shuts_us_out_is_left_alone_until_they_are_back(world: World) -> None:
    await world.talk("Hello", address=OLD, home=OLD)
    shut_out = ChatChange("x:bot", "1", OLD, "unreachable", world.now)
    back = ChatChange("x:bot", "2", OLD, "reachable", world.now)
    assert await world.store.chats.note(shut_out, Chunks())
    assert await world.sent() == []
    assert (await world.store.counts())["unreachable"] == 1
    assert await world.store.chats.note(back, Chunks())
    assert not await world.store.chats.note(shut_out, Chunks())
    assert (await world.store.counts())["unreachable"] == 0
