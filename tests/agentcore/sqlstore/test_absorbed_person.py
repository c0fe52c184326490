"""What is known of a person who was two before: counted, shown and erased as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from agentcore.clock import DAY, Micros
from agentcore.errors import NotFound
from agentcore.records import (
    Actor,
    Address,
    Admission,
    ConsentTerms,
    ExchangeRef,
    Forgetting,
    NoticeDraft,
    Origin,
    PassageDraft,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.copies import people_of, users_of
from agentcore.store import SearchQuery
from agentcore.store.gate import GateScope
from tests.contracts.link_world import Linking
from tests.contracts.store_rows import erase, shown
from tests.contracts.store_world import Chunks, World, everything

T = TypeVar("T")
OPERATOR = Actor("operator", "alice")
TABLES = t.metadata.sorted_tables
KEPT = {t.receipt.name, t.adapter_state.name, t.erasure.name, t.audit.name}


@pytest.fixture
def linking(world: World) -> Linking:
    return Linking(world)


async def at_the_gate(world: World, look: Callable[[GateScope], T], who: str = "ada") -> T:
    seen: list[T] = []

    def command(scope: GateScope) -> Sequence[NoticeDraft]:
        seen.append(look(scope))
        return []

    await world.send(world.submission("see", who=who, command="privacy"), command=command)
    return seen[-1]


async def two_of_one(world: World, linking: Linking) -> UserId:
    """Ada, who came in as Bob as well, each with all that one can have; returns who Bob was."""
    for who in ("ada", "bob"):
        await linking.note(who, f"Likes tea, {who}mark")
        await world.say(f"Keep this, {who}mark", who=who)
        claim = await world.claim_one()
        poem = PassageDraft(f"A poem on {who}mark", (), Origin.OWNER)
        await world.answer(claim, f"Kept, {who}mark", passages=(poem,))
    was = await linking.user_of("bob")
    group: dict[str, Any] = {"address": Address("group:1"), "audience": "chat"}
    for who in ("bob", "eve"):
        await world.talk(f"In the group, {who}", who=who, **group)
    await linking.link("bob", "ada")
    return was


async def test_whoever_is_erased_is_erased_as_both(world: World, linking: Linking) -> None:
    await linking.note("eve", "Likes rivers")
    was = await two_of_one(world, linking)
    await linking.answering("bob", "Hello again, bobmark")
    receipt = await erase(world, "ada")
    left = await everything(world, TABLES)
    rows = {name: found for name, found in left.items() if name not in KEPT}
    for mark in ("adamark", "bobmark", was, "In the group, bob"):
        assert mark not in shown(rows), mark
    assert "In the group, eve" in shown(rows)
    assert "Likes rivers" in shown(rows)
    assert await world.table(t.link) == []
    assert await world.table(t.agent_absorbed) == []
    assert len(await world.table(t.user)) == 1
    assert receipt.deleted["user"] == 2
    assert receipt.deleted["passage"] == 2
    assert receipt.redacted["message"] == 1


async def test_nothing_of_either_is_found_once_it_has_begun(world: World, linking: Linking) -> None:
    await two_of_one(world, linking)
    agents = {row["agent_id"] for row in await world.table(t.user_agent)}
    await world.store.erasures.begin(await linking.user_of("ada"), OPERATOR)
    for agent in agents:
        door = world.door(agent)
        with pytest.raises(NotFound):
            await door.agent()
    assert len(await world.store.people()) == 1
    assert (await world.store.counts())["users"] == 1  # Eve


async def test_who_somebody_was_before_can_t_be_named_any_more(
    world: World, linking: Linking
) -> None:
    was = await two_of_one(world, linking)
    person = await linking.user_of("ada")
    before = await everything(world, TABLES)
    for act in (
        world.store.erasures.begin(was, OPERATOR),
        world.store.person(was),
        world.store.set_access(was, "blocked", by="alice", composer=Chunks()),
    ):
        with pytest.raises(NotFound, match=f"is {person} now"):
            await act
    assert await everything(world, TABLES) == before


async def test_they_are_counted_and_listed_once(world: World, linking: Linking) -> None:
    was = await two_of_one(world, linking)
    counts = await world.store.counts()
    assert (counts["users"], counts["agents"]) == (2, 2)  # with Eve, and the group's
    people = {each.user_id: each for each in await world.store.people()}
    assert was not in people
    assert len(people[await linking.user_of("ada")].names) == 2
    agents = {each.agent_id: each.absorbed_by for each in await world.store.list_agents()}
    (link,) = await world.table(t.link)
    assert {agent: taker for agent, taker in agents.items() if taker is not None} == {
        link["absorbed_agent"]: link["agent_id"]
    }
    shown_as = await world.store.for_agent(link["absorbed_agent"], OPERATOR).agent()
    assert shown_as.absorbed_by == link["agent_id"]


async def test_a_copy_of_the_database_tells_of_one_person(
    sqlite_world: World, sqlite_place: Path
) -> None:
    """Whoever restores one is told whom to forget again."""
    linking = Linking(sqlite_world)
    await linking.note("ada", "One")
    await linking.note("bob", "Two")
    both = users_of(sqlite_place)
    assert people_of(sqlite_place) == both
    await linking.link("bob", "ada")
    assert people_of(sqlite_place) == {await linking.user_of("ada")}
    assert users_of(sqlite_place) == both


async def test_their_figures_are_those_of_both(world: World, linking: Linking) -> None:
    def figures(scope: GateScope) -> tuple[int, int, int]:
        usage = scope.usage(since=Micros(world.now // DAY * DAY))
        return scope.stored_messages(), usage.messages, usage.tokens

    await linking.note("ada", "One")
    await linking.note("bob", "Two")
    ada, bob = await at_the_gate(world, figures), await at_the_gate(world, figures, "bob")
    await linking.link("bob", "ada")
    both = tuple(mine + theirs for mine, theirs in zip(ada, bob, strict=True))
    assert await at_the_gate(world, figures) == await at_the_gate(world, figures, "bob") == both
    assert both[:2] == (4, 2)


async def test_what_they_said_before_goes_on_being_made_findable(
    world: World, linking: Linking
) -> None:
    """As long as they have heard who reads it, wherever they were told."""
    await linking.note("ada", "One")
    bob = await linking.note("bob", "Two")
    terms = ConsentTerms("1", required=False, key="terms", changed_key="terms_changed")

    async def missing() -> int:
        index = world.store.vectors
        return len(await index.unembedded([bob], "words", terms, limit=9))

    await linking.link("bob", "ada")
    assert await missing() == 0
    await world.send(world.submission("Hi", who="ada"), admission=Admission(terms=terms))
    assert await missing() > 0


async def test_whoever_looked_at_either_is_told_of(world: World, linking: Linking) -> None:
    ada, bob = await linking.note("ada", "One"), await linking.note("bob", "Two")
    for agent in (ada, bob):
        await world.store.for_agent(agent, OPERATOR).blocks()
        world.later(1)
    await linking.link("bob", "ada")
    await world.store.for_agent(bob, OPERATOR).history(limit=1)

    def looks(scope: GateScope) -> list[str]:
        return [each.action for each in scope.looks(limit=9) if each.kind == "operator"]

    assert await at_the_gate(world, looks) == ["read messages", "read blocks", "read blocks"]


async def test_linked_for_real_all_of_it_is_found_and_forgotten(
    world: World, linking: Linking
) -> None:
    ada, bob = await linking.note("ada", "One"), await linking.note("bob", "Two")
    await linking.link("bob", "ada")
    hits = await world.door(ada).search(SearchQuery("note"), thread=1)
    assert {hit.agent_id for hit in hits} == {ada, bob}
    refs = tuple(ExchangeRef(1, 1, each) for each in (ada, bob))
    what = Forgetting((), refs, (), "Something was forgotten.")
    for who in ("bob", "ada"):
        done = await at_the_gate(world, lambda scope: scope.forgetting.forget(what), who)
        assert done is not None
        back = await at_the_gate(world, lambda scope: scope.forgetting.take_back("Back."), who)
        assert back is not None
        assert (done.exchanges, back.exchanges) == (2, 2)
        world.later(1)
