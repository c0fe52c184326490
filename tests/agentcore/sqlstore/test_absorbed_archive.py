"""The archive of an agent that has taken in another: the passages of both, none under another's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from agentcore.clock import DAY
from agentcore.records import (
    Address,
    AgentId,
    NoticeDraft,
    Origin,
    PassageDraft,
    PassagePage,
    PassageQuery,
)
from agentcore.store.gate import GateArchive, GateScope
from tests.contracts.store_lives import in_group, part, take_in
from tests.contracts.store_world import World

T = TypeVar("T")


async def keep(world: World, *texts: str, who: str = "ada", **where: object) -> AgentId:
    """Each by a turn of its own, a day after the one before."""
    agent = AgentId("")
    for text in texts:
        world.clock.advance(DAY)
        await world.say("Keep this", who=who, **where)
        claim = await world.claim_one()
        await world.answer(claim, passages=(PassageDraft(text, ("poem",), Origin.OWNER),))
        agent = claim.agent_id
    return agent


async def found(world: World, agent: AgentId, text: str = "", thread: int = 1) -> list[str]:
    hits = await world.door(agent).archive.search(PassageQuery(text, limit=9), thread=thread)
    return [hit.passage.text for hit in hits]


async def at_the_gate(world: World, look: Callable[[GateArchive], T], **where: Any) -> T:
    seen: list[T] = []

    def command(scope: GateScope) -> Sequence[NoticeDraft]:
        seen.append(look(scope.archive))
        return []

    await world.send(world.submission("see", command="memory", **where), command=command)
    return seen[-1]


async def test_what_both_have_kept_is_found_as_one_archive(world: World) -> None:
    ada = await keep(world, "plums and plums", "leek soup")
    bob = await keep(world, "plum cake", who="bob")
    ada = await keep(world, "a poem")
    await take_in(world, ada, bob)
    assert await found(world, ada) == ["a poem", "plum cake", "leek soup", "plums and plums"]
    assert await found(world, ada, "plums") == ["plums and plums", "plum cake"]
    assert await found(world, bob, "plums") == ["plum cake"]


async def test_it_is_read_to_its_end_page_by_page(world: World) -> None:
    ada = await keep(world, "one", "two")
    bob = await keep(world, "three", "four", who="bob")
    await keep(world, "five")
    await take_in(world, ada, bob)
    archive, read, last = world.door(ada).archive, list[str](), None
    while page := await archive.passages(PassagePage(2, after=last)):
        read += [each.text for each in page]
        last = page[-1].passage_id
    assert read == ["five", "four", "three", "two", "one"]


async def test_each_has_a_name_of_its_own_and_is_found_by_it(world: World) -> None:
    ada = await keep(world, "mine")
    bob = await keep(world, "bob's", who="bob")
    eve = await keep(world, "eve's", who="eve")
    for other in (bob, eve):
        await take_in(world, ada, other)
    names = await at_the_gate(
        world, lambda kept: {kept.name(each): each.text for each in kept.newest(limit=9)}
    )
    assert names == {"1": "mine", "1b": "bob's", "1c": "eve's"}
    assert await at_the_gate(world, lambda kept: kept.count()) == 3
    wanted = ("1", "1B", "1c", "1d", "2", "2b", "b", "", "1 b")
    passages = await at_the_gate(world, lambda kept: [kept.passage(name) for name in wanted])
    assert [each and each.text for each in passages] == ["mine", "bob's", "eve's", *[None] * 6]


async def test_either_s_can_be_deleted_by_its_person_alone(world: World) -> None:
    ada, bob = await keep(world, "mine"), await keep(world, "bob's", who="bob")
    (theirs,) = await world.door(bob).archive.passages()
    assert not await world.door(ada).archive.delete(theirs.passage_id)
    await take_in(world, ada, bob)
    (mine,) = [each for each in await world.door(ada).archive.passages() if each.text == "mine"]
    assert not await world.door(bob).archive.delete(mine.passage_id)
    assert await world.door(ada).archive.delete(theirs.passage_id)
    await part(world, ada, bob)
    assert await found(world, bob) == []


async def test_in_a_group_nothing_of_the_other_is_heard(world: World) -> None:
    ada = await keep(world, "mine")
    bob = await keep(world, "bob's", who="bob")
    await world.door(bob).archive.add(PassageDraft("bob's own", (), Origin.OWNER))
    await in_group(world, ada, 2, "group:1")
    await keep(world, "bob's elsewhere", who="bob", address=Address("home:bob/2"))  # his second
    await take_in(world, ada, bob)
    group = {"address": Address("group:1"), "audience": "chat", "personal": True}
    assert await found(world, ada, thread=2) == []
    assert await found(world, ada, "bob", thread=2) == []
    assert await at_the_gate(world, lambda kept: kept.count(), **group) == 0
    assert await at_the_gate(world, lambda kept: kept.newest(limit=9), **group) == ()
    assert await at_the_gate(world, lambda kept: kept.passage("1b"), **group) is None
    assert set(await found(world, ada)) == {"mine", "bob's", "bob's elsewhere", "bob's own"}
