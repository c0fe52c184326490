"""Forgetting where an agent has taken in another: what goes, goes from both, and so it comes back; and
after ten minutes no row of either has a word of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from agentcore.clock import MINUTE, Micros
from agentcore.records import (
    Address,
    AgentId,
    Block,
    BlockEdit,
    EditActor,
    ExchangeRef,
    Forgetting,
    Forgotten,
    NoticeDraft,
    Origin,
    PassageDraft,
    PassageQuery,
    PassageRef,
)
from agentcore.sqlstore import tables as t
from agentcore.store import SearchQuery
from agentcore.store.gate import GateScope
from tests.contracts.link_world import Linking
from tests.contracts.store_lives import in_group, part, said, take_in
from tests.contracts.store_world import HUMAN, World, block_of, everything

T = TypeVar("T")
SECRET = "Tallinn"
LINE = f"Lives in {SECRET}"


async def at_the_gate(
    world: World, look: Callable[[GateScope], T], *, who: str = "ada", **where: Any
) -> T:
    seen: list[T] = []

    def command(scope: GateScope) -> Sequence[NoticeDraft]:
        seen.append(look(scope))
        return []

    asked = world.submission("about it", who=who, command="look", **where)
    await world.send(asked, command=command)
    return seen[-1]


async def noted(world: World, who: str, text: str, **more: Any) -> AgentId:
    """A turn that notes the line, keeps a passage on it, and is sent its answer."""
    agent = (await world.say(text, who=who)).agent_id
    claim = await world.claim_one()
    block = block_of(await world.door(agent).blocks())
    edit = BlockEdit(block, f"{block.value}\n{LINE}", EditActor.TOOL, Origin.OWNER)
    poem = PassageDraft(f"A poem on {SECRET}", (), Origin.OWNER)
    await world.answer(claim, f"So it is {SECRET}.", edits=(edit,), passages=(poem,), **more)
    await world.sent()
    return agent


async def of_two(world: World) -> tuple[AgentId, AgentId]:
    """Ada, who has Bob's life as well; both were told the secret, by the same numbers."""
    agents = [await noted(world, who, f"I live in {SECRET}, {who}") for who in ("ada", "bob")]
    await take_in(world, *agents)
    return agents[0], agents[1]


def without_it(blocks: Sequence[Block]) -> tuple[BlockEdit, ...]:
    return tuple(
        BlockEdit(block, HUMAN, EditActor.USER, Origin.OWNER)
        for block in blocks
        if LINE in block.value
    )


async def forget(
    world: World, *refs: ExchangeRef | PassageRef, blocks: Sequence[Block] = (), who: str = "ada"
) -> Forgotten | None:
    what = Forgetting(
        without_it(blocks),
        tuple(ref for ref in refs if isinstance(ref, ExchangeRef)),
        tuple(ref for ref in refs if isinstance(ref, PassageRef)),
        "Something was forgotten.",
    )
    return await at_the_gate(world, lambda scope: scope.forgetting.forget(what), who=who)


async def all_of_it(world: World, *agents: AgentId) -> Forgotten | None:
    """Forget everything that any of them knows of the secret."""
    refs = [ref for each in agents for ref in (ExchangeRef(1, 1, each), PassageRef(1, each))]
    blocks = [block for each in agents for block in await world.door(each).blocks()]
    return await forget(world, *refs, blocks=blocks)


async def bring_back(world: World, who: str = "ada") -> Forgotten | None:
    return await at_the_gate(
        world, lambda scope: scope.forgetting.take_back("It is back."), who=who
    )


async def knows(world: World, agent: AgentId) -> bool:
    door = world.door(agent)
    found = (
        await door.search(SearchQuery(SECRET)),
        await door.archive.search(PassageQuery(SECRET)),
        [text for text in await said(world, agent) if SECRET in text],
        [block for block in await door.blocks() if SECRET in block.value],
    )
    assert len({bool(each) for each in found}) == 1
    return any(found)


async def test_all_of_it_is_found_by_its_person_alone(world: World) -> None:
    ada, bob = await of_two(world)
    refs = [ExchangeRef(1, 1, each) for each in (ada, bob)]

    def look(scope: GateScope) -> dict[str, object]:
        found = scope.forgetting
        hits = found.said_about("I live in", limit=9)
        of_turns = [found.exchange_of(1, each) for each in (ada, bob)]
        return {
            "said": {hit.agent_id for hit in hits if "I live" in hit.message.text},
            "exchanges": [len(found.exchange(ref)) for ref in refs],
            "of turns": [each and each.ref for each in of_turns],
            "passages": {each.agent_id for each in found.passages_about(SECRET, limit=9)},
            "edits": [edit.agent_id for edit in found.edits_from(refs)],
            "lines": [LINE in each.value for each in scope.absorbed() if each.label == "human"],
        }

    assert await at_the_gate(world, look) == {
        "said": {ada, bob},
        "exchanges": [2, 2],
        "of turns": refs,
        "passages": {ada, bob},
        "edits": [ada, bob],
        "lines": [True],
    }
    assert await at_the_gate(world, look, who="bob") == {
        "said": {bob},
        "exchanges": [0, 2],
        "of turns": [None, refs[1]],
        "passages": {bob},
        "edits": [bob],
        "lines": [],
    }


async def test_what_goes_goes_from_both_and_comes_back_to_both(world: World) -> None:
    ada, bob = await of_two(world)
    before = {each: await said(world, each) for each in (ada, bob)}
    done = await all_of_it(world, ada, bob)
    assert done is not None
    assert (done.edits, done.exchanges, done.passages) == (2, 2, 2)
    assert not await knows(world, ada)
    assert not await knows(world, bob)

    world.later(60)
    back = await bring_back(world)
    assert back is not None
    assert (back.edits, back.exchanges, back.passages) == (2, 2, 2)
    assert await knows(world, ada)
    assert await knows(world, bob)
    assert {each: await said(world, each) for each in (ada, bob)} == before
    assert await bring_back(world) is None


async def test_after_ten_minutes_no_row_of_either_has_a_word_of_it(world: World) -> None:
    ada, bob = await of_two(world)
    assert await all_of_it(world, ada, bob) is not None
    world.later(600)
    assert await world.store.forgettings.erase_due() == 2
    for table in t.metadata.sorted_tables:
        assert SECRET.casefold() not in repr(await world.table(table)).casefold(), table.name
    assert await world.table(t.forgetting) == []


async def test_a_line_that_came_along_goes_from_the_history_it_came_to(world: World) -> None:
    """Long after it left Ada's memory, it is forgotten of Bob's."""
    ada = await world.talk("Hello")
    bob = await noted(world, "bob", f"I live in {SECRET}")
    await take_in(world, ada, bob)
    for value in (f"{HUMAN}\n{LINE}", HUMAN):
        block = block_of(await world.door(ada).blocks())
        edit = BlockEdit(block, value, EditActor.LINK, Origin.OWNER)
        await world.say("Go on")
        await world.answer(await world.claim_one(), edits=(edit,))
    done = await forget(
        world,
        ExchangeRef(1, 1, bob),
        PassageRef(1, bob),
        blocks=await world.door(bob).blocks(),
    )
    assert done is not None
    world.later(600)
    await world.store.forgettings.erase_due()
    for table in t.metadata.sorted_tables:
        assert SECRET.casefold() not in repr(await world.table(table)).casefold(), table.name


async def test_whoever_parts_meanwhile_has_forgotten_it_too(world: World) -> None:
    ada, bob = await of_two(world)
    await all_of_it(world, ada, bob)
    await part(world, ada, bob)
    back = await bring_back(world)
    assert back is not None
    assert back.exchanges == 1
    assert await knows(world, ada)
    assert not await knows(world, bob)
    world.later(600)
    await world.store.forgettings.erase_due()
    assert SECRET not in repr([r for r in await world.table(t.message) if r["agent_id"] == bob])


async def test_what_had_come_along_isn_t_brought_back_once_they_have_parted(world: World) -> None:
    """Neither by taking back what was forgotten meanwhile, nor does the history still tell it."""
    linking = Linking(world)
    ada = await linking.note("ada", "Has a dog.")
    await linking.note("bob", LINE)
    await linking.link("bob", "ada")
    assert LINE in await linking.memory(ada)
    assert await forget(world, blocks=await world.door(ada).blocks()) is not None
    await linking.part("bob")
    assert await bring_back(world) is not None
    assert "Has a dog." in await linking.memory(ada)
    assert LINE not in await linking.memory(ada)
    assert SECRET not in repr(await world.door(ada).revisions())


async def test_what_is_no_more_theirs_nobody_forgets_or_brings_back(world: World) -> None:
    """An offer from before they parted, and a stranger's."""
    ada, bob = await of_two(world)
    theirs = (ExchangeRef(1, 1, bob), PassageRef(1, bob))
    until = Micros(world.now + MINUTE)
    await at_the_gate(world, lambda scope: scope.forgetting.offer(theirs, until=until))
    assert (await at_the_gate(world, lambda scope: scope.forgetting.offered())).refs == theirs
    await part(world, ada, bob)
    tables = [table for table in t.metadata.sorted_tables if table not in {t.inbox, t.receipt}]
    before = dict(await everything(world, tables))
    for ref in theirs:
        assert await forget(world, ref) is None
    assert await forget(world, blocks=await world.door(bob).blocks()) is None
    after = dict(await everything(world, tables))
    del before["agent_lease"], after["agent_lease"]  # whose inbox has grown
    assert after == before
    assert await knows(world, bob)
    blocks = await world.door(bob).blocks()
    assert await forget(world, *theirs, blocks=blocks, who="bob") is not None
    assert await bring_back(world, "ada") is None
    assert not await knows(world, bob)


async def test_what_was_said_last_in_a_chat_may_have_been_said_to_the_other(world: World) -> None:
    linking = Linking(world)
    ada, bob = await linking.note("ada", "One"), await linking.note("bob", "Two")
    await linking.link("bob", "ada")

    def last(scope: GateScope) -> object:
        found = scope.forgetting.last_exchange()
        return found and found.ref

    assert await at_the_gate(world, last) == ExchangeRef(1, 1, ada)
    assert await at_the_gate(world, last, who="bob") == ExchangeRef(1, 1, bob)
    world.later(1)
    await linking.answering("bob")
    newest = await at_the_gate(world, last, who="bob")
    assert isinstance(newest, ExchangeRef)
    assert newest.agent_id == ada
    assert newest.turn != 1


async def test_in_a_group_nothing_of_the_other_is_found(world: World) -> None:
    ada, bob = await of_two(world)
    await in_group(world, ada, 2, "group:1")
    group: dict[str, Any] = {"address": Address("group:1"), "audience": "chat", "personal": True}

    def look(scope: GateScope) -> tuple[object, ...]:
        found = scope.forgetting
        block_id = block_of(blocks).block_id
        return (
            found.said_about(SECRET, limit=9),
            found.passages_about(SECRET, limit=9),
            [found.exchange_of(1, each) for each in (ada, bob)],
            found.last_exchange(),
            found.exchange(ExchangeRef(1, 1, bob)),
            scope.absorbed(),
            scope.revisions(block_id),
            scope.message(1, bob),
        )

    blocks = await world.door(bob).blocks()
    assert await at_the_gate(world, look, **group) == (
        [],
        [],
        [None, None],
        None,
        [],
        [],
        (),
        None,
    )
    *_, absorbed, revisions, message = await at_the_gate(world, look)
    assert absorbed
    assert revisions
    assert message


async def test_the_summaries_of_both_are_made_anew(world: World) -> None:
    ada, bob = await of_two(world)
    for agent in (ada, bob):
        await world.run(
            sa.insert(t.epoch).values(
                agent_id=agent,
                thread=1,
                number=1,
                reason="first",
                system="",
                template="",
                block_versions={},
                summary=SECRET,
                first_message=1,
                last_note=0,
                created_at=world.now,
            )
        )
        await world.run(sa.update(t.thread).where(t.thread.c.agent_id == agent).values(epoch=1))
    versions = {row["agent_id"]: row["version"] for row in await world.table(t.agent_lease)}
    await forget(world, ExchangeRef(1, 1, bob))
    assert [row["summary"] for row in await world.table(t.epoch) if row["number"] == 2] == ["", ""]
    for row in await world.table(t.agent_lease):
        assert row["version"] > versions[row["agent_id"]]
