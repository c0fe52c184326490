"""The archive: what is kept, found again, listed and deleted, for one agent alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentcore.clock import DAY, Micros
from agentcore.errors import NotFound
from agentcore.records import (
    OWNER,
    Actor,
    Address,
    AgentId,
    Origin,
    PassageDraft,
    PassageId,
    PassagePage,
    PassageQuery,
    new_agent_id,
)
from agentcore.sqlstore import tables as t
from tests.contracts.store_rows import erase, shown
from tests.contracts.store_world import World, everything

CAKE = PassageDraft("Grandma's plum cake: six plums", ("recipe", "sweet"), Origin.OWNER)
SOUP = PassageDraft("Leek soup needs two leeks", ("recipe",), Origin.WEB)
POEM = PassageDraft("A poem on plums", ("poem",), Origin.OWNER)


async def keep(world: World, *drafts: PassageDraft, who: str = "ada", **where: object) -> AgentId:
    """By a turn of theirs, a day after the one before."""
    world.clock.advance(DAY)
    await world.say("Keep this", who=who, **where)
    claim = await world.claim_one()
    await world.answer(claim, passages=drafts)
    return claim.agent_id


async def found(world: World, agent: AgentId, text: str = "", **changes: object) -> list[str]:
    query = replace(PassageQuery(text), **changes)  # type: ignore[arg-type]
    return [hit.passage.text for hit in await world.door(agent).archive.search(query)]


async def test_the_best_passage_comes_first_in_any_form_of_its_words(world: World) -> None:
    agent = await keep(world, CAKE, SOUP, POEM)
    assert await found(world, agent, "grandmas cakes with a plum") == [CAKE.text, POEM.text]
    assert await found(world, agent, "leeks") == [SOUP.text]
    assert await found(world, agent, "recipes") == [CAKE.text, SOUP.text][::-1]
    assert await found(world, agent, "zeppelin") == []


async def test_without_words_the_newest_come_first(world: World) -> None:
    agent = await keep(world, CAKE, SOUP)
    await keep(world, POEM)
    assert await found(world, agent, limit=2) == [POEM.text, SOUP.text]
    assert await found(world, agent, limit=0) == []


async def test_tags_and_times_narrow_it_down(world: World) -> None:
    agent = await keep(world, CAKE)
    first = world.now
    await keep(world, SOUP, POEM)
    tags = frozenset({"sweet", "recipe"})
    assert await found(world, agent, tags=tags) == [SOUP.text, CAKE.text]
    assert await found(world, agent, tags=tags, match="all") == [CAKE.text]
    assert await found(world, agent, "plum", tags=frozenset({"poem"})) == [POEM.text]
    assert await found(world, agent, until=first) == [CAKE.text]
    assert await found(world, agent, "plum", since=Micros(first + 1)) == [POEM.text]


async def test_a_passage_tells_where_it_came_from(world: World) -> None:
    agent = await keep(world, SOUP)
    (passage,) = await world.door(agent).archive.passages()
    assert (passage.origin, passage.message, passage.tags) == (Origin.WEB, 1, ("recipe",))
    row, *_ = await world.table(t.message)
    assert passage.author == row["author_id"]


async def test_passages_are_listed_and_deleted_one_by_one(world: World) -> None:
    agent = await keep(world, CAKE, SOUP, POEM)
    archive = world.door(agent).archive
    newest, *_ = await archive.passages(PassagePage(limit=1))
    assert newest.text == POEM.text
    older = await archive.passages(PassagePage(after=newest.passage_id))
    assert [each.text for each in older] == [SOUP.text, CAKE.text]
    assert await archive.delete(newest.passage_id)
    assert not await archive.delete(newest.passage_id)
    assert not await archive.delete(PassageId("what people type"))
    assert await found(world, agent, "poem") == []


async def test_what_no_turn_wrote_is_kept_too(world: World) -> None:
    agent = await keep(world, CAKE)
    added = await world.door(agent).archive.add(POEM)
    assert (added.seq, added.message, added.author) == (2, None, None)
    assert await found(world, agent, "poem") == [POEM.text]
    with pytest.raises(NotFound):
        await world.door(new_agent_id()).archive.add(POEM)


async def test_nothing_of_another_agent_is_found_or_moved(world: World) -> None:
    ada = await keep(world, CAKE, POEM)
    before = await world.door(ada).archive.search(PassageQuery("plums"))
    bob = await keep(world, *[replace(CAKE, text=f"bob's plums {n}") for n in range(9)], who="bob")
    assert await world.door(ada).archive.search(PassageQuery("plums")) == before
    theirs, *_ = await world.door(bob).archive.passages()
    assert not await world.door(ada).archive.delete(theirs.passage_id)
    assert len(await world.door(bob).archive.passages()) == 9


async def test_in_a_group_nothing_private_is_found(world: World) -> None:
    agent = await keep(world, CAKE)
    await world.door(agent).archive.add(POEM)
    await world.say("Keep this", address=Address("group:1"))
    claim = await world.claim_one()
    await world.answer(claim, passages=(SOUP,))
    await world.run(t.thread.update().where(t.thread.c.number == 2).values(audience="chat"))
    archive = world.door(agent).archive

    async def heard(thread: int) -> list[str]:
        hits = await archive.search(PassageQuery(), thread=thread)
        return sorted(hit.passage.text for hit in hits)

    assert await heard(1) == [POEM.text, CAKE.text]
    assert await heard(2) == [SOUP.text]


async def test_whoever_else_looks_is_written_down(world: World) -> None:
    agent = await keep(world, CAKE)
    archive = world.store.for_agent(agent, Actor("operator", "console")).archive
    await archive.search(PassageQuery("plum"))
    await archive.passages()
    assert [row["action"] for row in await world.rows(t.audit.select())] == [
        "search archive",
        "read archive",
    ]
    await world.store.for_agent(agent, OWNER).archive.passages()
    assert len(await world.table(t.audit)) == 2


async def test_what_is_erased_is_gone_and_in_a_group_its_words(world: World) -> None:
    await keep(world, CAKE)
    group = {"address": Address("group:1"), "audience": "chat"}
    agent = await keep(world, SOUP, **group)
    await keep(world, POEM, who="bob", **group)
    await erase(world)
    assert await found(world, agent) == [POEM.text]
    everywhere = shown(await everything(world, t.metadata.sorted_tables))
    assert "plum cake" not in everywhere
    assert "leeks" not in everywhere


async def test_no_query_ever_fails(world: World) -> None:
    agent = await keep(world, CAKE)
    for text in ('" NEAR( *', "\0 \ud800", "x" * 10_000, "👋", " \n"):
        assert len(await found(world, agent, text)) <= 1


async def test_the_number_of_one_that_was_deleted_is_never_another_s(world: World) -> None:
    agent = await keep(world, CAKE, SOUP)
    archive = world.door(agent).archive
    newest, _ = await archive.passages()
    assert await archive.delete(newest.passage_id)

    added = await archive.add(POEM)

    assert added.seq > newest.seq
    assert [each.text for each in await archive.passages()] == [POEM.text, CAKE.text]
