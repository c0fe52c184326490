"""What is found by an agent that has taken in another: all that both have heard, as one history, and
never more than whoever asks may hear.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from agentcore.clock import DAY
from agentcore.records import Address, AgentId, Role, SearchHit
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.stores import SqlStore
from agentcore.store import SearchQuery
from agentcore.store.vectors import NewVector
from agentcore.testing import WordEmbedder
from tests.contracts.store_lives import in_group, part, take_in
from tests.contracts.store_world import World

USERS = frozenset({Role.USER})


async def search(
    world: World, agent: AgentId, text: str, *, thread: int | None = None, **changes: Any
) -> list[SearchHit]:
    query = replace(SearchQuery(text, roles=USERS, limit=10), **changes)
    return list(await world.door(agent).search(query, thread=thread))


async def found(world: World, agent: AgentId, text: str, **changes: Any) -> list[str]:
    return [hit.message.text for hit in await search(world, agent, text, **changes)]


async def by_turns(world: World, *texts: str) -> tuple[AgentId, AgentId]:
    """Each text in a session of its own, told to one agent and to the other in turn."""
    agents = {}
    for number, text in enumerate(texts):
        who = ("ada", "bob")[number % 2]
        agents[who] = await world.talk(text, who=who)
        world.clock.advance(DAY)
    return agents["ada"], agents["bob"]


async def test_it_is_one_ranking_whoever_has_heard_it(world: World) -> None:
    said = ("Lisbon is warm", "My sister lives in Lisbon", "My sister sings", "Tea, please")
    ada, bob = await by_turns(world, *said)
    await take_in(world, ada, bob)
    assert await found(world, ada, "sister Lisbon") == [said[1], said[2], said[0]]
    assert await found(world, ada, "tea") == [said[3]]
    assert await found(world, bob, "sister Lisbon") == [said[1]]

    await part(world, ada, bob)
    assert await found(world, ada, "tea") == []


async def test_it_ranks_as_if_one_had_heard_it_all(world: World) -> None:
    said = ("I like rye bread", "Rye is a grain", "Bread and butter", "The grain of the wood", "No")
    ada, bob = await by_turns(world, *said)
    eve = AgentId("")
    for text in said:
        eve = await world.talk(text, who="eve")
        world.clock.advance(DAY)
    await take_in(world, ada, bob)
    for words in ("rye bread", "grain", "what about bread and butter", "noted"):
        both = await found(world, ada, words, roles=frozenset(Role))
        assert both == await found(world, eve, words, roles=frozenset(Role)), words


async def test_asked_when_it_prefers_what_tells_of_a_time(world: World) -> None:
    bob, ada = await by_turns(world, "We sailed yesterday", "We sailed together")
    await take_in(world, ada, bob)
    assert (await found(world, ada, "our sailing"))[0] == "We sailed together"
    assert (await found(world, ada, "when did we sail"))[0] == "We sailed yesterday"


async def test_without_words_the_newest_come_first_whoever_has_heard_them(world: World) -> None:
    ada, bob = await by_turns(world, "One", "Two", "Three", "Four")
    await take_in(world, ada, bob)
    assert await found(world, ada, "", limit=3) == ["Four", "Three", "Two"]
    second = world.now - 3 * DAY
    assert await found(world, ada, "", since=second, until=second + DAY) == ["Three", "Two"]


async def test_a_hit_has_its_own_neighbours_and_says_whose_it_is(world: World) -> None:
    """Both have the same numbers."""
    ada = await world.talk("It rains", "I have a cat", "Good night")
    bob = await world.talk("Hello", "I have a canary", "Bye", who="bob")
    await take_in(world, ada, bob)
    hits = await search(world, ada, "cat canary", limit=2)
    near = {
        (hit.agent_id, *(m.text for m in (*hit.before, hit.message, *hit.after))) for hit in hits
    }
    assert near == {
        (ada, "noted", "I have a cat", "noted"),
        (bob, "noted", "I have a canary", "noted"),
    }


async def test_only_what_is_in_its_own_view_is_left_out(world: World) -> None:
    ada, bob = await by_turns(world, "tea one", "tea two", "tea three", "tea four")
    await take_in(world, ada, bob)
    assert await found(world, ada, "tea", before=3) == ["tea four", "tea two", "tea one"]
    assert await found(world, ada, "", before=1) == ["tea four", "tea two"]


async def test_what_was_taken_in_by_the_other_is_found_too(world: World) -> None:
    ada, bob = await by_turns(world, "One tea", "Two teas")
    eve = await world.talk("Three teas", who="eve")
    await take_in(world, bob, eve)
    await take_in(world, ada, bob)
    assert set(await found(world, ada, "tea")) == {"One tea", "Two teas", "Three teas"}
    assert set(await found(world, bob, "tea")) == {"Two teas", "Three teas"}
    assert await found(world, eve, "tea") == ["Three teas"]


async def test_it_is_found_by_its_meaning(world: World) -> None:
    embedder = WordEmbedder(meanings={"feline": "cat"})
    knowing = World(
        SqlStore(world.database, world.clock, embedder=embedder),
        world.database,
        world.clock,
        world.updates,
    )
    ada, bob = await by_turns(knowing, "I have a car", "I have a cat", "I have a flat")
    await take_in(world, ada, bob)
    wanting = await knowing.store.vectors.unembedded([ada, bob], embedder.name, None, limit=99)
    made = (await embedder.embed([each.text for each in wanting], within=1)).vectors
    new = [NewVector(of, vector) for of, vector in zip(wanting, made, strict=True)]
    await knowing.store.vectors.keep(embedder.name, new)
    assert (await found(knowing, ada, "feline"))[0] == "I have a cat"
    assert (await found(knowing, ada, "feline", thread=1))[0] == "I have a cat"
    await in_group(world, ada, 2, "group:1")
    assert await found(knowing, ada, "feline", thread=2) == []


async def test_in_a_group_nothing_is_heard_of_what_was_taken_in(world: World) -> None:
    group: dict[str, Any] = {"address": Address("group:1"), "audience": "chat", "personal": True}
    ada = await world.talk("private tea of Ada's")
    bob = await world.talk("private tea of Bob's", who="bob")
    await world.talk("tea in group 1 by Ada", **group)
    await world.talk("tea in group 1 by Bob", who="bob", **group)
    await world.talk("tea in group 2 by Bob", who="bob", **group | {"address": Address("group:2")})
    await world.talk("tea in group 3 by Ada", **group | {"address": Address("group:3")})
    before = {thread: await found(world, ada, "tea", thread=thread) for thread in (1, 2, 3)}
    await take_in(world, ada, bob)

    async def hears(thread: int) -> set[str]:
        named = set(await found(world, ada, "tea", thread=thread))
        assert named == set(await found(world, ada, "", thread=thread))
        return named

    assert before == {
        1: ["private tea of Ada's"],
        2: ["tea in group 1 by Ada"],
        3: ["tea in group 3 by Ada"],
    }
    assert await hears(1) == {"private tea of Ada's", "private tea of Bob's"}
    # In this very chat all of it was heard already.
    assert await hears(2) == {"tea in group 1 by Ada", "tea in group 1 by Bob"}
    assert await hears(3) == {"tea in group 3 by Ada"}


async def test_an_ephemeral_thread_of_the_other_is_never_found(world: World) -> None:
    ada, bob = await by_turns(world, "One tea", "Two teas")
    await take_in(world, ada, bob)
    await world.run(sa.update(t.thread).where(t.thread.c.agent_id == bob).values(ephemeral=True))
    for thread in (None, 1):
        assert await found(world, ada, "tea", thread=thread) == ["One tea"]
