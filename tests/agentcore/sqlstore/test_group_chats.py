from __future__ import annotations

import asyncio

import pytest

from agentcore.clock import Micros
from agentcore.records import Address, NewTimer, OutboxResult, Role
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.stores import SqlStore
from agentcore.store import SearchQuery
from tests.agentcore.sqlstore.conftest import Opened
from tests.contracts.store_world import LEASE, World, texts

GROUP = Address("group:1")


async def test_a_group_has_one_agent_whoever_writes_in_it(world: World) -> None:
    ada = await world.say("Hello", who="ada", address=GROUP, audience="chat", speaker="Ada")
    bob = await world.say("Hi", who="bob", address=GROUP, audience="chat", speaker="Bob")
    assert ada.agent_id == bob.agent_id
    assert (ada.thread, bob.thread) == (1, 1)
    (agent,) = await world.table(t.agent)
    assert (agent["owner_kind"], agent["owner_address"]) == ("chat", GROUP)
    assert await world.table(t.user_agent) == []


async def test_two_groups_have_two_agents(world: World) -> None:
    here = await world.say(address=GROUP, audience="chat")
    there = await world.say(address=Address("group:2"), audience="chat")
    assert here.agent_id != there.agent_id


async def test_the_members_stay_the_authors_of_what_they_said(world: World) -> None:
    ada = await world.say("Hello", who="ada", address=GROUP, audience="chat", speaker="Ada")
    bob = await world.say("Hi", who="bob", address=GROUP, audience="chat", speaker="Bob")
    claim = await world.claim_one()
    assert [(item.identity, item.user, item.speaker) for item in claim.items] == [
        (ada.identity_id, ada.user_id, "Ada"),
        (bob.identity_id, bob.user_id, "Bob"),
    ]
    await world.answer(claim)
    said = [row for row in await world.table(t.message) if row["role"] == Role.USER]
    assert [row["author_id"] for row in said] == [ada.identity_id, bob.identity_id]


@pytest.mark.parametrize("group_first", [True, False])
async def test_a_member_s_own_agent_is_another_one(world: World, *, group_first: bool) -> None:
    agents = {}
    for group in (group_first, not group_first):
        outcome = await (world.say(address=GROUP, audience="chat") if group else world.say())
        assert outcome.first_contact
        agents[group] = outcome.agent_id
    assert agents[True] != agents[False]
    assert (await world.say()).agent_id == agents[False]
    assert len(await world.table(t.user)) == 1


async def test_first_words_of_several_members_at_once_make_one_agent(
    world: World, opened: Opened
) -> None:
    others = [opened() for _ in range(3)]
    worlds = [World(SqlStore(each, world.clock), each, world.clock) for each in others]
    people = ("ada", "bob", "eve", "ada", "bob", "eve")
    outcomes = await asyncio.gather(
        *(
            worlds[n % 3].say(f"{n}", who=who, address=GROUP, audience="chat", update_id=f"g{n}")
            for n, who in enumerate(people)
        )
    )
    for each in others:
        await each.close()
    assert len({each.agent_id for each in outcomes}) == 1
    assert sorted(each.position for each in outcomes) == [1, 2, 3, 4, 5, 6]
    assert len(await world.table(t.thread)) == 1
    assert len(await world.table(t.user)) == 3


async def test_a_search_in_a_group_finds_that_group_s_words_alone(world: World) -> None:
    """One agent may take part in private chats and in groups; its threads stay apart."""
    await world.talk("the harbour at night")
    agent = (await world.say("the harbour at noon", address=Address("web:ada"))).agent_id
    await world.answer(await world.claim_one())
    here = await _group_thread(world, "group:1", "the harbour of the group")
    there = await _group_thread(world, "group:2", "the harbour of others")
    door = world.door(agent)

    async def found(thread: int | None) -> list[str]:
        wanted = SearchQuery("harbour", roles=frozenset({Role.USER}), limit=10)
        hits = await door.search(wanted, thread=thread)
        return sorted(texts([hit.message for hit in hits]))

    private = ["the harbour at night", "the harbour at noon"]
    assert await found(1) == private
    assert await found(2) == private
    assert await found(here) == ["the harbour of the group"]
    assert await found(there) == ["the harbour of others"]
    assert await found(None) == sorted(
        [*private, "the harbour of the group", "the harbour of others"]
    )


async def _group_thread(world: World, address: str, text: str) -> int:
    """A thread of Ada's own agent with a chat's audience, as `personal` groups will have."""
    outcome = await world.say(text, address=Address(address))
    await world.answer(await world.claim_one())
    await world.run(
        t.thread.update().where(t.thread.c.number == outcome.thread).values(audience="chat")
    )
    return outcome.thread


async def test_the_topics_of_a_chat_are_threads_of_its_one_agent(world: World) -> None:
    general = await world.say(address=GROUP, audience="chat", home=GROUP)
    topic = await world.say(address=Address("group:1:7"), audience="chat", home=GROUP)
    again = await world.say(address=Address("group:1:7"), audience="chat", home=GROUP)
    other = await world.say(address=Address("group:11"), audience="chat", home=Address("group:11"))
    assert {general.agent_id, topic.agent_id, again.agent_id} == {general.agent_id}
    assert other.agent_id != general.agent_id
    assert (general.thread, topic.thread, again.thread) == (1, 2, 2)


async def test_a_chat_that_can_t_be_reached_takes_its_topics_with_it_and_its_timers_pause(
    world: World,
) -> None:
    topic = Address("group:1:7")
    said = await world.say(address=GROUP, audience="chat", home=GROUP)
    later = await world.say(address=topic, audience="chat", home=GROUP)
    await world.say(address=Address("group:11"), audience="chat")
    timer = NewTimer("reminder", topic, later.thread, None, Micros(world.now + 5), "Now.")
    await world.door(said.agent_id).add_timer(timer)
    for claim in [*await world.claim(), *await world.claim()]:
        await world.answer(claim)
    rows = await world.store.claim_outbox("sender", limit=9, lease=LEASE, addresses=[GROUP])
    blocked = [OutboxResult(row, "unreachable", error="kicked", home=GROUP) for row in rows]
    await world.store.finish_outbox(blocked[:1])
    waiting = [row for row in await world.table(t.outbox) if row["state"] == "waiting"]
    assert [row["address"] for row in waiting] == ["group:11"]
    world.later(60)
    assert await world.store.next_timer() is None
    await world.say(address=topic, audience="chat", home=GROUP)
    assert (await world.store.counts())["unreachable"] == 0
    assert await world.store.fire_timers(limit=9) == 1
