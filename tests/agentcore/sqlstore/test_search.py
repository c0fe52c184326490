from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agentcore.clock import DAY, as_datetime
from agentcore.records import Address, AgentId, MessageMeta, Role, SearchHit
from agentcore.sqlstore import tables as t
from agentcore.store import SearchQuery
from tests.contracts.store_world import World

SAID = (
    "My sister Clara moved to Lisbon",
    "Quero aprender a tocar violão",
    "Ich wohne jetzt in München",
    "Моя собака живёт в Лиссабоне",
    "我住在里斯本",
    "リスボンに住んでいます",
    "أعيش في لشبونة",
    "제 고양이는 리스본에 있어요",
    "ผมอยู่ที่ลิสบอน",
    "मैं लिस्बन में रहता हूँ",
)


async def found(world: World, agent: AgentId, text: str, **changes: object) -> list[str]:
    query = replace(SearchQuery(text, limit=10), **changes)  # type: ignore[arg-type]
    return [hit.message.text for hit in await world.door(agent).search(query)]


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("lisbon", 0),
        ("CLARA", 0),
        ("violão", 1),
        ("münchen", 2),
        ("лиссабоне", 3),
        ("собака", 3),
        ("里斯本", 4),
        ("リスボン", 5),
        ("لشبونة", 6),
        ("고양이는", 7),
        ("ลิสบอน", 8),
        ("लिस्बन", 9),
    ],
)
async def test_words_are_found_in_any_script(world: World, words: str, at: int) -> None:
    agent = await world.talk(*SAID)
    assert (await found(world, agent, words))[0] == SAID[at]


async def talk_apart(world: World, *texts: str, **changes: Any) -> AgentId:
    """Each text in a session of its own."""
    agent = AgentId("")
    for text in texts:
        agent = await world.talk(text, **changes)
        world.clock.advance(DAY)
    return agent


USERS = frozenset({Role.USER})


async def test_the_best_match_comes_first_and_of_equals_the_newer(world: World) -> None:
    agent = await talk_apart(
        world, "a red boat", "a red boat in the harbour of Porto", "a boat", "no match", "my boat"
    )
    assert (await found(world, agent, "red boat harbour"))[0].endswith("harbour of Porto")
    assert await found(world, agent, "boat", limit=2, roles=USERS) == ["my boat", "a boat"]


async def test_what_was_said_just_before_counts_and_what_was_said_long_ago_does_not(
    world: World,
) -> None:
    agent = await world.talk("Where is the lighthouse?", "Near Porto")
    world.clock.advance(DAY)
    await world.talk("Good morning")
    assert await found(world, agent, "lighthouse") == [
        "Where is the lighthouse?",
        "noted",
        "Near Porto",
    ]


async def say_in_a_group(world: World, who: str, text: str) -> AgentId:
    """With the name that the loop stamps on it, a day after the one before."""
    where: dict[str, Any] = {"address": Address("group:1"), "audience": "chat"}
    world.clock.advance(DAY)
    await world.say(text, who=who, **where)
    claim = await world.claim_one()
    meta = MessageMeta("2026-01-31T12:00", "UTC", "test", "chat", speaker=who.title())
    heard = [replace(message, meta=meta) for message in world.heard(claim)]
    await world.answer(claim, messages=tuple(heard))
    return claim.agent_id


async def test_the_one_speaker_whom_a_query_names_comes_first(world: World) -> None:
    said = {"ada": "I sail to Porto", "bob": "I told Ada that I sail to Genoa and to Porto"}
    agent = AgentId("")
    for who, text in said.items():
        agent = await say_in_a_group(world, who, text)
    for who, text in said.items():
        assert (await found(world, agent, f"Where does {who.title()} sail?"))[0] == text


async def test_asked_when_it_prefers_what_tells_of_a_time(world: World) -> None:
    agent = await talk_apart(world, "We sailed yesterday", "We sailed together")
    assert (await found(world, agent, "our sailing"))[0] == "We sailed together"
    assert (await found(world, agent, "when did we sail"))[0] == "We sailed yesterday"


async def test_messages_are_found_by_their_date(world: World) -> None:
    agent = await talk_apart(world, "one", "two", "three")
    (first, *_) = await world.table(t.message)
    day = as_datetime(first["created_at"])
    for asked in (f"{day:%-d %B %Y}", f"{day:%Y-%m-%d}", f"{day:%A}"):
        assert (await found(world, agent, asked, limit=1, roles=USERS)) == ["one"], asked


async def test_a_hit_carries_its_neighbours_in_the_session(world: World) -> None:
    agent = await world.talk("before", "the needle", "after")
    hit = (await world.door(agent).search(SearchQuery("needle")))[0]
    assert hit.message.text == "the needle"
    assert [message.text for message in hit.before] == ["noted"]
    assert [message.text for message in hit.after] == ["noted"]
    assert hit.score > 0


async def test_a_search_without_words_lists_the_newest(world: World) -> None:
    agent = await world.talk("one", "two")
    for text in ("", "  \n"):
        assert await found(world, agent, text, limit=3) == ["noted", "two", "noted"]


async def test_dates_are_inclusive_at_both_ends(world: World) -> None:
    moments = []
    for text in ("boat one", "boat two", "boat three"):
        await world.talk(text)
        moments.append(world.now)
        world.clock.advance(DAY)
    (lease,) = await world.table(t.agent_lease)
    agent = lease["agent_id"]
    for text in ("boat", ""):
        users = {"roles": frozenset({Role.USER})}
        middle = await found(world, agent, text, since=moments[1], until=moments[1], **users)
        assert middle == ["boat two"]
        assert len(await found(world, agent, text, since=moments[1], **users)) == 2
        assert len(await found(world, agent, text, until=moments[1], **users)) == 2
        assert await found(world, agent, text, since=moments[2] + 1) == []


async def test_only_the_roles_asked_for_are_found(world: World) -> None:
    await world.say("the boat")
    claim = await world.claim_one()
    messages = (
        *world.heard(claim),
        world.message(Role.TOOL, "boat found"),
        world.message(Role.SYSTEM, "boat rules"),
        world.message(Role.NOTE, "boat note"),
        world.message(Role.ASSISTANT, "which boat"),
    )
    await world.answer(claim, messages=messages)
    for text in ("boat", ""):
        both = await found(world, claim.agent_id, text)
        assert sorted(both) == ["the boat", "which boat"]
        users = await found(world, claim.agent_id, text, roles=frozenset({Role.USER}))
        assert users == ["the boat"]
        assert await found(world, claim.agent_id, text, roles=frozenset({Role.TOOL})) == []
        assert await found(world, claim.agent_id, text, roles=frozenset()) == []


async def test_what_is_in_view_already_can_be_left_out(world: World) -> None:
    agent = await talk_apart(world, "boat one", "boat two", "boat three")
    assert await found(world, agent, "boat", before=5, roles=USERS) == ["boat two", "boat one"]
    assert await found(world, agent, "", before=3, roles=USERS) == ["boat one"]
    assert await found(world, agent, "boat", before=1) == []


async def test_forgotten_messages_are_neither_found_nor_shown_beside_others(world: World) -> None:
    agent = await world.talk("the secret boat", "the open boat")
    await world.run(sa.update(t.message).where(t.message.c.seq <= 2).values(forgotten_at=1))
    hits = await world.door(agent).search(SearchQuery("boat", roles=USERS))
    assert [hit.message.text for hit in hits] == ["the open boat"]
    assert hits[0].before == ()
    assert await found(world, agent, "secret") == []
    assert await found(world, agent, "") == ["noted", "the open boat"]


async def test_an_ephemeral_thread_is_never_found(world: World) -> None:
    agent = await world.talk("the open boat")
    await world.talk("the secret boat", address="incognito:ada")
    await world.run(sa.update(t.thread).where(t.thread.c.number == 2).values(ephemeral=True))
    assert await found(world, agent, "boat", roles=USERS) == ["the open boat"]
    assert "the secret boat" not in await found(world, agent, "")


@pytest.mark.parametrize("limit", [0, -1])
async def test_asking_for_nothing_finds_nothing(world: World, limit: int) -> None:
    agent = await world.talk("boat")
    for text in ("boat", ""):
        assert await found(world, agent, text, limit=limit) == []


async def test_words_that_stand_everywhere_still_find_something(world: World) -> None:
    agent = await world.talk("who are you")
    assert (await found(world, agent, "who are you"))[0] == "who are you"


async def results(world: World, agent: AgentId) -> list[list[SearchHit]]:
    door = world.door(agent)
    asked = ("lisbon", "boat red", "里斯本", "", "who", "noted")
    return [list(await door.search(SearchQuery(text, limit=20))) for text in asked]


async def test_one_s_results_are_the_same_whatever_others_store(world: World) -> None:
    ada = await world.talk(*SAID, "red boat", "boat")
    before = await results(world, ada)
    for _ in range(5):
        await world.talk("boat boat boat lisbon 里斯本 red", "who is who", who="bob")
    await world.talk("boat", who="eve")
    assert await results(world, ada) == before


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=200), limit=st.integers(-2, 5))
@example(text="\"boat* NEAR( AND OR NOT ^ -- '; % _ \\ :", limit=5)
@example(text="\0 \ud800 \U0001f6a2 ﷽", limit=5)
@example(text="boat " * 2_000, limit=5)
@example(text="x" * 10_000, limit=5)
@example(text=" ".join(f"w{n}" for n in range(500)), limit=5)
async def test_no_query_ever_fails(world: World, text: str, limit: int) -> None:
    known = [row["agent_id"] for row in await world.table(t.agent_lease)]
    agent = known[0] if known else await world.talk("a red boat")
    hits = await world.door(agent).search(SearchQuery(text, limit=limit))
    assert len(hits) <= max(0, limit)


async def test_junk_that_was_stored_can_be_searched(world: World) -> None:
    agent = await talk_apart(world, "z" * 5_000, "!!! ??? 👋👋", "a" * 70 + "b")
    assert len(await found(world, agent, "z" * 5_000, roles=USERS)) == 1
    assert await found(world, agent, "👋") == []
