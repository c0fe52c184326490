"""What messages are found by, made anew: after an upgrade, and when marks are set or taken back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY
from agentcore.memory import terms
from agentcore.records import AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.recall import reindexing
from agentcore.store import SearchQuery
from tests.contracts.store_rows import erase
from tests.contracts.store_world import World, everything

INDEX = [t.term, t.message, t.agent_lease]


async def talk(world: World) -> AgentId:
    agent = await world.talk("I breed axolotls", "Ein Hund und zwei Katzen", "Katzen!", "👋")
    world.clock.advance(DAY)
    await world.talk("The axolotls are fine", "我养了一只猫")
    await world.talk("a quiet word", address="incognito:ada")
    await world.talk("I like beer", who="bob")
    return agent


async def rebuilt(world: World) -> int:
    """In how many pieces."""
    pieces = 1
    while not await world.store.search_index.reindex():
        pieces += 1
    return pieces


async def mark(world: World, agent: AgentId, seqs: list[int], at: int | None) -> None:
    def work(connection: Connection) -> None:
        marked = sa.and_(t.message.c.agent_id == agent, t.message.c.seq.in_(seqs))
        connection.execute(sa.update(t.message).where(marked).values(forgotten_at=at))
        reindexing.refresh(connection, agent, seqs)

    await world.database.write(work)


@pytest.mark.parametrize("piece", [1, 3, 300])
async def test_an_index_made_anew_is_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(reindexing, "PIECE", piece)
    await talk(world)
    before = await everything(world, INDEX)
    await world.store.search_index.start_over()
    assert (await rebuilt(world) > 12) == (piece == 1)
    assert await everything(world, INDEX) == before


async def test_it_is_made_anew_when_the_terms_have_changed_and_only_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await talk(world)
    await rebuilt(world)
    before = await world.table(t.term)
    assert await world.store.search_index.reindex()
    await world.run(sa.update(t.term).values(term="x" + t.term.c.term))
    assert await world.store.search_index.reindex()
    assert not await world.door(agent).search(SearchQuery("axolotls"))

    monkeypatch.setattr(reindexing, "TERMS_VERSION", terms.TERMS_VERSION + 1)
    assert not await world.store.search_index.reindex()
    await rebuilt(world)
    assert await world.table(t.term) == before
    assert await world.door(agent).search(SearchQuery("axolotls"))


async def test_searches_are_answered_all_the_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "PIECE", 1)
    monkeypatch.setattr(reindexing, "TERMS_VERSION", terms.TERMS_VERSION + 1)
    agent = await talk(world)
    before = await world.door(agent).search(SearchQuery("axolotls"))
    assert len(before) > 1
    while not await world.store.search_index.reindex():
        assert await world.door(agent).search(SearchQuery("axolotls")) == before
    assert await world.door(agent).search(SearchQuery("axolotls")) == before


async def test_what_is_said_meanwhile_is_indexed_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "PIECE", 2)
    await talk(world)
    await world.store.search_index.start_over()
    await world.store.search_index.reindex()
    await world.talk("and one more axolotl")
    before = await everything(world, INDEX)
    await rebuilt(world)
    assert await everything(world, INDEX) == before


async def test_somebody_who_never_stops_talking_doesn_t_keep_it_from_its_end(world: World) -> None:
    await talk(world)
    await world.store.search_index.start_over()
    for _ in range(3):
        if await world.store.search_index.reindex():
            return
        await world.talk("and one more axolotl")
    raise AssertionError("it goes after what is indexed already")


async def test_somebody_erased_meanwhile_is_passed_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "PIECE", 2)
    await talk(world)
    await world.store.search_index.start_over()
    await world.store.search_index.reindex()
    await erase(world)
    await rebuilt(world)
    assert len(await world.table(t.agent_lease)) == 1
    assert {row["agent_id"] for row in await world.table(t.term)} == {
        row["agent_id"] for row in await world.table(t.agent_lease)
    }


async def test_a_marked_message_is_found_by_nothing_not_even_beside_others(world: World) -> None:
    agent = await talk(world)
    before = await everything(world, INDEX)
    await mark(world, agent, [1, 2], at=1)
    hits = await world.door(agent).search(SearchQuery("breed", limit=20))
    assert hits == ()
    rows = await world.table(t.term)
    assert not [row for row in rows if row["term"] == "breed"]

    await mark(world, agent, [1, 2], at=None)
    assert await everything(world, INDEX) == before
    assert (await world.door(agent).search(SearchQuery("breed")))[0].message.seq == 1


async def test_marks_taken_back_apart_from_each_other_leave_no_trace(world: World) -> None:
    agent = await world.talk("I breed axolotls", "two of them", "and snails", "in my room")
    before = await everything(world, INDEX)
    await mark(world, agent, [1, 5], at=1)
    await mark(world, agent, [1, 5], at=None)
    assert await everything(world, INDEX) == before


async def test_a_mark_works_before_its_postings_are_gone(world: World) -> None:
    agent = await talk(world)
    await world.run(sa.update(t.message).where(t.message.c.seq <= 2).values(forgotten_at=1))
    assert await world.door(agent).search(SearchQuery("breed", limit=20)) == ()


async def test_what_is_marked_stays_unindexed_when_all_is_made_anew(world: World) -> None:
    agent = await talk(world)
    await mark(world, agent, [1], at=1)
    before = [(row["term"], row["place"]) for row in await world.table(t.term)]
    counts = await everything(world, [t.message, t.agent_lease])
    await world.store.search_index.start_over()
    await rebuilt(world)
    assert [(row["term"], row["place"]) for row in await world.table(t.term)] == before
    assert await everything(world, [t.message, t.agent_lease]) == counts


async def test_what_is_said_behind_something_forgotten_leaves_it_its_place(world: World) -> None:
    agent = await world.talk("I breed axolotls", "My sister is Mara")
    said = [row["seq"] for row in await world.table(t.message) if row["place"] is not None]
    await mark(world, agent, said[-2:], at=1)
    await world.talk("Who is my sister?")
    assert await world.door(agent).search(SearchQuery("Mara")) == ()

    await mark(world, agent, said[-2:], at=None)

    assert await world.door(agent).search(SearchQuery("Mara"))
    places = [row["place"] for row in await world.table(t.message) if row["place"] is not None]
    assert len(set(places)) == len(places)
