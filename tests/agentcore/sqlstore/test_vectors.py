"""What is found by its meaning: vectors kept beside messages and passages, and gone with them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, HOUR, Micros
from agentcore.errors import BudgetSpent, ModelUnavailable
from agentcore.model import Vector
from agentcore.records import (
    Address,
    Admission,
    AgentId,
    ConsentTerms,
    MessageMeta,
    Origin,
    PassageDraft,
    PassageQuery,
    Role,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.recall import reindexing
from agentcore.sqlstore.stores import SqlStore
from agentcore.store import SearchQuery
from agentcore.store.vectors import NewVector, Unembedded
from agentcore.testing import WordEmbedder
from tests.contracts.store_rows import erase
from tests.contracts.store_world import Chunks, World

MEANINGS = {"feline": "cat", "automobile": "car", "dwelling": "flat"}
USERS = frozenset({Role.USER})


def understood(world: World, *failures: Exception, **options: Any) -> tuple[World, WordEmbedder]:
    """The same database, with an embedder that knows what these words mean."""
    embedder = WordEmbedder(*failures, meanings=MEANINGS, **options)
    store = SqlStore(world.database, world.clock, embedder=embedder)
    return World(store, world.database, world.clock, world.updates), embedder


async def missing(world: World, model: str = "words", **options: Any) -> list[Unembedded]:
    index = world.store.vectors
    agents = await index.agents(after=None, limit=100)
    given = {"terms": None, "limit": 1_000, **options}
    return list(await index.unembedded(agents, model, **given))


async def embed(world: World, embedder: WordEmbedder) -> int:
    """All that has no vector of this embedder's."""
    wanting = await missing(world, embedder.name)
    if not wanting:
        return 0
    made = (await embedder.embed([each.text for each in wanting], within=1)).vectors
    new = [NewVector(of, vector) for of, vector in zip(wanting, made, strict=True)]
    return await world.store.vectors.keep(embedder.name, new)


async def found(world: World, agent: AgentId, text: str, **changes: Any) -> list[str]:
    query = replace(SearchQuery(text, roles=USERS), **changes)
    return [hit.message.text for hit in await world.door(agent).search(query)]


async def talk_apart(world: World, *texts: str, **changes: Any) -> AgentId:
    agent = AgentId("")
    for text in texts:
        agent = await world.talk(text, **changes)
        world.clock.advance(DAY)
    return agent


async def test_a_message_is_found_by_what_it_means(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "My cat sleeps", "The car is red", "We had soup")
    assert await found(knowing, agent, "feline") == []
    assert await embed(knowing, embedder) == 6
    assert (await found(knowing, agent, "feline"))[0] == "My cat sleeps"
    assert (await found(knowing, agent, "automobile"))[0] == "The car is red"


async def test_words_count_beside_the_meaning(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "cat", "a feline named Tom", "a feline named Ada")
    await embed(knowing, embedder)
    assert (await found(knowing, agent, "feline named Tom"))[0] == "a feline named Tom"


async def test_what_is_narrowed_down_is_found_among_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many others mean more alike."""
    monkeypatch.setattr("agentcore.sqlstore.recall.search.BEST", 1)
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "cat", "cat", "my cat and my car")
    await embed(knowing, embedder)
    since = Micros(knowing.now - DAY - HOUR)
    assert await found(knowing, agent, "feline", since=since) == ["my cat and my car"]


async def test_who_is_named_is_no_part_of_the_meaning(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_in_a_group(knowing, "Ada", "My cat sleeps")
    await found(knowing, agent, "What does Ada's feline do, ada?")
    assert embedder.asked == [("What does feline do, ?",)]
    await found(knowing, agent, "Ada")
    assert embedder.asked[-1] == ("Ada",)


async def talk_in_a_group(world: World, speaker: str, text: str) -> AgentId:
    await world.say(text, who=speaker.lower(), address=Address("group:1"), audience="chat")
    claim = await world.claim_one()
    meta = MessageMeta("2026-01-31T12:00", "UTC", "test", "chat", speaker=speaker)
    heard = [replace(message, meta=meta) for message in world.heard(claim)]
    await world.answer(claim, messages=tuple(heard))
    return claim.agent_id


@pytest.mark.parametrize("failure", [ModelUnavailable("down"), BudgetSpent("spent"), OSError()])
async def test_without_an_answer_of_the_embedder_the_words_alone_answer(
    world: World, failure: Exception
) -> None:
    plain = await talk_apart(world, "My cat sleeps", "a cat and a car")
    expected = await found(world, plain, "cat")
    knowing, embedder = understood(world)
    await embed(knowing, embedder)
    embedder.fail(failure)
    assert await found(knowing, plain, "cat") == expected


async def test_an_embedder_that_failed_is_left_alone_for_a_while(world: World) -> None:
    knowing, embedder = understood(world, ModelUnavailable("down"))
    agent = await talk_apart(knowing, "My cat sleeps")
    for _ in range(3):
        await found(knowing, agent, "cat")
    assert len(embedder.asked) == 1
    knowing.clock.advance(HOUR)
    await found(knowing, agent, "cat")
    assert len(embedder.asked) == 2


async def test_a_slow_embedder_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentcore.sqlstore.recall.meanings.SOON", 0.01)
    knowing, _ = understood(world, gate=asyncio.Event())
    agent = await talk_apart(knowing, "My cat sleeps")
    assert await found(knowing, agent, "cat") == ["My cat sleeps"]


async def test_a_search_without_words_asks_nobody(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "My cat sleeps")
    assert await found(knowing, agent, "  ") == ["My cat sleeps"]
    assert embedder.asked == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=200))
@example(text="\"boat* NEAR( AND OR NOT ^ -- '; % _ \\ :")
@example(text="\0 \ud800 \U0001f6a2")
@example(text="boat " * 2_000)
@example(text="👋")
async def test_no_query_ever_fails(world: World, text: str) -> None:
    knowing, embedder = understood(world)
    known = [row["agent_id"] for row in await world.table(t.agent_lease)]
    agent = known[0] if known else await talk_apart(knowing, "a red boat", "👋")
    await embed(knowing, embedder)
    hits = await knowing.door(agent).search(SearchQuery(text, limit=3))
    assert len(hits) <= 3
    for sent in embedder.asked:
        "".join(sent).encode()  # whatever is asked can be sent
        assert all(each.strip() and len(each) <= 2_000 for each in sent)


async def test_another_model_s_vectors_are_not_compared_and_are_made_anew(world: World) -> None:
    knowing, first = understood(world)
    agent = await talk_apart(knowing, "My cat sleeps", "The car is red")
    await embed(knowing, first)
    assert await missing(knowing) == []
    knowing, second = understood(world, name="others")
    assert await found(knowing, agent, "feline") == []
    assert len(await missing(knowing, "others")) == 4
    await embed(knowing, second)
    assert (await found(knowing, agent, "feline"))[0] == "My cat sleeps"
    assert {row["model"] for row in await world.table(t.message_vector)} == {"others"}


async def test_vectors_of_another_size_are_passed_over(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "My cat sleeps", "The car is red")
    await embed(knowing, embedder)
    await world.run(sa.update(t.message_vector).values(vector=b"\0" * 8))
    assert await found(knowing, agent, "car") == ["The car is red"]


async def test_the_newest_come_first_and_only_what_a_search_may_find(world: World) -> None:
    await world.talk("one", "two")
    await world.talk("a secret", address="incognito:ada")
    await world.run(sa.update(t.message).where(t.message.c.thread == 2).values(place=None))
    await world.run(sa.update(t.message).where(t.message.c.seq == 1).values(forgotten_at=1))
    assert [each.text for each in await missing(world)] == ["noted", "two", "noted"]
    assert [each.seq for each in await missing(world, limit=1)] == [4]


async def test_a_long_text_is_embedded_by_its_beginning(world: World) -> None:
    await world.talk("word " * 2_000)
    assert max(len(each.text) for each in await missing(world)) < 2_001


async def test_what_was_forgotten_while_it_was_embedded_is_not_kept(world: World) -> None:
    agent = await world.talk("the secret", "the rest")
    await world.run(sa.insert(t.passage).values(passage_row(world, agent, 1, "a secret recipe")))
    wanting = await missing(world)
    assert len(wanting) == 5
    await world.run(sa.update(t.message).where(t.message.c.seq == 1).values(forgotten_at=1))
    await world.run(sa.update(t.passage).values(forgotten_at=1))
    made = [NewVector(each, a_vector()) for each in wanting]
    assert await world.store.vectors.keep("words", made) == 3
    assert [row["seq"] for row in await world.table(t.message_vector)] == [2, 3, 4]
    assert await world.table(t.passage_vector) == []


def passage_row(world: World, agent: AgentId, seq: int, text: str) -> dict[str, object]:
    passage_id = f"passage-00000000-0000-4000-8000-{seq:012}"
    return {
        "agent_id": agent,
        "seq": seq,
        "passage_id": passage_id,
        "text": text,
        "tags": [],
        "origin": "owner",
        "created_at": world.now,
    }


def a_vector() -> Vector:
    return [1.0, 2.0]


async def test_a_mark_takes_the_vector_and_taken_back_it_is_made_anew(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "My cat sleeps", "The car is red")
    await embed(knowing, embedder)

    async def mark(at: int | None) -> None:
        def work(connection: Connection) -> None:
            one = sa.and_(t.message.c.agent_id == agent, t.message.c.seq == 1)
            connection.execute(sa.update(t.message).where(one).values(forgotten_at=at))
            reindexing.refresh(connection, agent, [1])

        await world.database.write(work)

    await mark(1)
    assert [row["seq"] for row in await world.table(t.message_vector)] == [2, 3, 4]
    assert "My cat sleeps" not in await found(knowing, agent, "feline")
    await mark(None)
    assert [each.seq for each in await missing(knowing)] == [1]


async def test_a_re_index_of_the_words_leaves_the_vectors(world: World) -> None:
    knowing, embedder = understood(world)
    await talk_apart(knowing, "My cat sleeps")
    await embed(knowing, embedder)
    before = await world.table(t.message_vector)
    await world.store.search_index.start_over()
    while not await world.store.search_index.reindex():
        pass
    assert await world.table(t.message_vector) == before


async def test_a_person_s_vectors_go_with_them_and_in_groups_with_their_words(
    world: World,
) -> None:
    knowing, embedder = understood(world)
    await talk_apart(knowing, "My cat sleeps")
    for who in ("ada", "bob"):
        await talk_apart(knowing, "We meet", who=who, address=Address("group:1"), audience="chat")
    await embed(knowing, embedder)
    await erase(world)
    rows = await world.rows(
        sa.select(t.message.c.author_id).join(
            t.message_vector,
            sa.and_(
                t.message.c.agent_id == t.message_vector.c.agent_id,
                t.message.c.seq == t.message_vector.c.seq,
            ),
        )
    )
    (bob,) = {row["author_id"] for row in rows} - {None}
    assert bob is not None
    assert len(rows) == 3


async def test_deleting_a_message_or_a_passage_deletes_its_vector(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "My cat sleeps")
    kept = await world.door(agent).archive.add(PassageDraft("plum cake", (), Origin.OWNER))
    await embed(knowing, embedder)
    assert await world.door(agent).archive.delete(kept.passage_id)
    await world.run(sa.delete(t.message).where(t.message.c.seq == 1))
    assert await world.table(t.passage_vector) == []
    assert [row["seq"] for row in await world.table(t.message_vector)] == [2]


async def test_passages_are_found_by_what_they_mean(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "Hello")
    archive = knowing.door(agent).archive
    for text, tags in (("All about the cat", ("pets",)), ("On the car", ())):
        await archive.add(PassageDraft(text, tags, Origin.OWNER))
    assert await archive.search(PassageQuery("feline")) == ()
    await embed(knowing, embedder)
    hits = await archive.search(PassageQuery("feline"))
    assert hits[0].passage.text == "All about the cat"
    tagged = await archive.search(PassageQuery("automobile", tags=frozenset({"pets"})))
    assert [hit.passage.text for hit in tagged] == ["All about the cat"]


async def test_in_a_group_nothing_private_is_found_or_moves_a_score(world: World) -> None:
    knowing, embedder = understood(world)
    agent = await talk_apart(knowing, "My cat sleeps")
    await talk_apart(knowing, "The feline and the car", address=Address("group:1"))
    await world.run(sa.update(t.thread).where(t.thread.c.number == 2).values(audience="chat"))
    await embed(knowing, embedder)

    async def heard(thread: int) -> list[tuple[str, float]]:
        query = SearchQuery("feline", roles=USERS)
        hits = await knowing.door(agent).search(query, thread=thread)
        return [(hit.message.text, hit.score) for hit in hits]

    before = await heard(2)
    assert [text for text, _ in before] == ["The feline and the car"]
    await world.run(
        sa.delete(t.message_vector).where(t.message_vector.c.thread == 1),
    )
    assert await heard(2) == before


async def test_nothing_of_another_agent_is_found_or_moves_a_score(world: World) -> None:
    knowing, embedder = understood(world)
    ada = await talk_apart(knowing, "My cat sleeps", "The car is red")
    await embed(knowing, embedder)
    before = await knowing.door(ada).search(SearchQuery("feline"))
    await talk_apart(knowing, *[f"feline cat {n}" for n in range(5)], who="bob")
    await embed(knowing, embedder)
    assert await knowing.door(ada).search(SearchQuery("feline")) == before


NOTICE = ConsentTerms("2 Voyage", required=False, key="terms", changed_key="terms_now")


async def test_nobody_s_words_are_embedded_before_they_have_heard_the_terms(world: World) -> None:
    await world.talk("My cat sleeps")
    assert len(await missing(world, terms=None)) == 2
    assert await missing(world, terms=NOTICE) == []
    await world.send(
        world.submission("Hello"), admission=Admission(terms=NOTICE), composer=Chunks()
    )
    assert len(await missing(world, terms=NOTICE)) == 2
    assert await missing(world, terms=replace(NOTICE, version="3 Cohere")) == []
    assert await missing(world, terms=replace(NOTICE, required=True)) == []
    await world.run(sa.update(t.user).values(consent="consented"))
    assert len(await missing(world, terms=replace(NOTICE, required=True))) == 2
    await world.run(sa.update(t.user).values(consent="declined"))
    assert await missing(world, terms=NOTICE) == []


async def test_a_group_s_words_wait_for_everybody_who_wrote_in_it(world: World) -> None:
    group = {"address": Address("group:1"), "audience": "chat"}
    for who in ("ada", "bob"):
        await world.talk("We meet", who=who, **group)
    await world.run(sa.update(t.agent).values(owner_kind="chat"))
    heard = {"consent": "noticed", "consent_version": NOTICE.version}
    people = await world.table(t.user)
    for at, person in enumerate(people):
        assert await missing(world, terms=NOTICE) == [], at
        one = t.user.c.user_id == person["user_id"]
        await world.run(sa.update(t.user).where(one).values(**heard))
    assert len(await missing(world, terms=NOTICE)) == 4


async def test_agents_are_gone_through_page_by_page(world: World) -> None:
    for who in ("ada", "bob", "cleo"):
        await world.talk("Hello", who=who)
    index = world.store.vectors
    first = await index.agents(after=None, limit=2)
    rest = await index.agents(after=first[-1], limit=2)
    assert len({*first, *rest}) == 3
    assert await index.agents(after=rest[-1], limit=2) == []
