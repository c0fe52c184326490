"""Nothing of one agent passes through another's door, and who looks in is written down."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from agentcore.clock import Micros
from agentcore.errors import NotFound, StoreError
from agentcore.records import (
    OWNER,
    Actor,
    Address,
    AgentId,
    Claim,
    ExternalCall,
    HeldDraft,
    NewTimer,
    Origin,
    PassageDraft,
    PassageId,
    PassageQuery,
    Role,
    StepCommit,
    StopReason,
    TurnEnd,
    new_agent_id,
)
from agentcore.sqlstore import tables as t
from agentcore.store import AgentStore, SearchQuery
from agentcore.store.archive import Archive
from tests.contracts.store_blocks import an_edit, an_epoch
from tests.contracts.store_lives import take_in
from tests.contracts.store_world import World, block_of, everything

MARK = "xyzzy"
"""Stands in everything that Bob says, and in his agent's memory."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Ada's door, and the same thread and turn numbers in use at Bob's agent."""

    ada: Claim
    bob: Claim
    passage: PassageId
    """One of Bob's."""


Case = Callable[[AgentStore, Neighbours], Awaitable[object]]

READS: Mapping[str, Case] = {
    "agent": lambda door, _n: door.agent(),
    "head": lambda door, n: door.head(n.ada),
    "window": lambda door, _n: door.window(1, first=1),
    "unfinished_calls": lambda door, n: door.unfinished_calls(n.bob.turn),
    "set_aside": lambda door, n: door.set_aside(n.ada),
    "blocks": lambda door, _n: door.blocks(),
    "held_edits": lambda door, _n: door.held_edits(),
    "revisions": lambda door, _n: door.revisions(),
    "search": lambda door, _n: door.search(SearchQuery(MARK, limit=50)),
    "history": lambda door, _n: door.history(limit=50),
    "past": lambda door, n: door.past(n.bob.address, limit=50),
    "turns": lambda door, _n: door.turns(limit=50),
    "archive.search": lambda door, _n: door.archive.search(PassageQuery(MARK)),
    "archive.passages": lambda door, _n: door.archive.passages(),
}
WRITES: Mapping[str, Case] = {
    "add_timer": lambda door, n: door.add_timer(
        NewTimer("reminder", n.ada.address, 1, None, Micros(1), "hello")
    ),
    "commit": lambda door, n: door.commit(n.ada, StepCommit(end=TurnEnd(StopReason.END_TURN))),
    "archive.add": lambda door, _n: door.archive.add(PassageDraft("mine", (), Origin.OWNER)),
    "archive.add_all": lambda door, _n: door.archive.add_all(
        [PassageDraft("mine", (), Origin.OWNER)]
    ),
    "archive.delete": lambda door, n: door.archive.delete(n.passage),
}


def methods_of(seam: type) -> set[str]:
    return {
        name
        for name, member in inspect.getmembers(seam, inspect.isfunction)
        if not name.startswith("_")
    }


def test_every_method_of_the_door_has_a_case() -> None:
    archive = {f"archive.{name}" for name in methods_of(Archive)}
    assert methods_of(AgentStore) | archive == {*READS, *WRITES}


@pytest.fixture
async def neighbours(world: World) -> Neighbours:
    """Two agents with the same history, but for the mark in all that is Bob's."""
    claims = {}
    for who, mark in (("ada", "plain"), ("bob", MARK)):
        await world.say(f"Hello {mark}", who=who, address=Address(f"{mark}:home"))
        claim = await world.claim_one()
        door = world.door(claim.agent_id)
        blocks = await door.blocks()
        messages = (*world.heard(claim), world.message(Role.ASSISTANT, f"Hi {mark}"))
        step = StepCommit(
            messages=messages,
            edits=(an_edit(block_of(blocks), f"Likes {mark}."),),
            epoch=an_epoch(world, blocks, system=f"You know {mark}.", summary=f"On {mark}."),
            step=world.step(outcome="tools", detail=mark),
            calls=(ExternalCall(mark, mark, mark, idempotent=False, finished=False),),
            passages=(PassageDraft(f"A poem on {mark}", (mark,), Origin.OWNER),),
            held=(HeldDraft(block_of(blocks).block_id, mark, {mark: mark}, Origin.WEB, (mark,)),),
        )
        await world.commit(claim, step)
        claims[who] = claim
    (theirs,) = await world.door(claims["bob"].agent_id).archive.passages()
    return Neighbours(claims["ada"], claims["bob"], theirs.passage_id)


@pytest.mark.parametrize("method", READS)
async def test_nothing_of_another_agent_is_ever_read(
    world: World, neighbours: Neighbours, method: str
) -> None:
    mine = repr(await READS[method](world.door(neighbours.ada.agent_id), neighbours))
    theirs = repr(await READS[method](world.door(neighbours.bob.agent_id), swapped(neighbours)))
    assert MARK not in mine
    assert str(neighbours.bob.agent_id) not in mine
    # The test can tell: Bob's own door does show what is his. Nothing of his was given up.
    told = MARK in theirs or str(neighbours.bob.turn_id) in theirs
    assert told or method in {"agent", "set_aside"}


def swapped(neighbours: Neighbours) -> Neighbours:
    return replace(neighbours, ada=neighbours.bob)


async def test_what_others_have_taken_in_is_theirs_alone(
    world: World, neighbours: Neighbours
) -> None:
    """Bob has Eve's history, too; and neither is Ada's, nor is Bob's history Eve's."""
    eve = await world.talk(f"Hello {MARK} of Eve", who="eve")
    ada, bob = neighbours.ada.agent_id, neighbours.bob.agent_id
    before = {name: repr(await read(world.door(ada), neighbours)) for name, read in READS.items()}
    await take_in(world, bob, eve)
    for name, read in READS.items():
        assert repr(await read(world.door(ada), neighbours)) == before[name], name
    for name in ("search", "history"):
        assert "of Eve" in repr(await READS[name](world.door(bob), swapped(neighbours))), name
        assert MARK in repr(await READS[name](world.door(eve), neighbours))
        assert f"Hi {MARK}" not in repr(await READS[name](world.door(eve), neighbours)), name


@pytest.mark.parametrize("method", WRITES)
async def test_nothing_of_another_agent_is_ever_changed(
    world: World, neighbours: Neighbours, method: str
) -> None:
    async def of_bob() -> dict[str, object]:
        bob = neighbours.bob.agent_id
        return {
            name: [row for row in rows if bob in row.values()]
            for name, rows in (await everything(world, t.metadata.sorted_tables)).items()
            if isinstance(rows, list)
        }

    before = await of_bob()
    await WRITES[method](world.door(neighbours.ada.agent_id), neighbours)
    assert await of_bob() == before


async def test_a_claim_opens_no_other_door(world: World, neighbours: Neighbours) -> None:
    door = world.door(neighbours.ada.agent_id)
    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(AssertionError, match="was used at the door of"):
        await door.commit(neighbours.bob, world.plain_turn(neighbours.bob))
    with pytest.raises(AssertionError, match="was used at the door of"):
        await door.head(neighbours.bob)
    assert await everything(world, t.metadata.sorted_tables) == before


async def test_an_edit_of_another_agent_s_block_is_refused(
    world: World, neighbours: Neighbours
) -> None:
    theirs = block_of(await world.door(neighbours.bob.agent_id).blocks())
    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(StoreError):
        await world.commit(neighbours.ada, StepCommit(edits=(an_edit(theirs, "mine now"),)))
    assert await everything(world, t.metadata.sorted_tables) == before


@pytest.mark.parametrize("kind", ["operator", "api"])
async def test_whoever_else_reads_is_written_down(
    world: World, neighbours: Neighbours, kind: str
) -> None:
    actor = Actor(kind, "alice")  # type: ignore[arg-type]
    door = world.store.for_agent(neighbours.ada.agent_id, actor)
    for number, (method, read) in enumerate(READS.items(), start=1):
        await read(door, neighbours)
        assert len(await world.table(t.audit)) == number, method
    rows = await world.table(t.audit)
    who = {(row["agent_id"], row["actor_kind"], row["actor"]) for row in rows}
    assert who == {(neighbours.ada.agent_id, kind, "alice")}
    assert {(row["created_at"], bool(row["action"])) for row in rows} == {(world.now, True)}


async def test_the_owner_s_own_reads_are_nobody_s_business(
    world: World, neighbours: Neighbours
) -> None:
    door = world.store.for_agent(neighbours.ada.agent_id, OWNER)
    for read in READS.values():
        await read(door, neighbours)
    assert await world.table(t.audit) == []


async def test_each_kind_of_read_has_its_own_name_in_the_audit(
    world: World, neighbours: Neighbours
) -> None:
    door = world.store.for_agent(neighbours.ada.agent_id, Actor("operator", "alice"))
    for read in READS.values():
        await read(door, neighbours)
    actions = [row["action"] for row in await world.table(t.audit)]
    assert len(set(actions)) == len(READS)


@pytest.mark.parametrize(
    "wrong", ["", "x", "agent-", "agent-x", "user-11111111-1111-4111-8111-111111111111", "'; --"]
)
async def test_an_id_that_is_none_opens_nothing(world: World, wrong: str) -> None:
    with pytest.raises(NotFound, match="There is no agent"):
        await world.store.for_agent(AgentId(wrong), OWNER).agent()


async def test_an_agent_that_does_not_exist_has_nothing(
    world: World, neighbours: Neighbours
) -> None:
    door = world.door(new_agent_id())
    with pytest.raises(NotFound):
        await door.agent()
    assert await door.blocks() == ()
    assert await door.revisions() == ()
    assert await door.history(limit=9) == ()
    assert await door.window(neighbours.bob.thread, first=1) == ()
    assert await door.turns(limit=9) == ()
    assert await door.search(SearchQuery("")) == ()
    assert await door.archive.passages() == ()
    assert await door.search(SearchQuery(MARK)) == ()


async def test_an_address_s_feed_is_its_own(world: World, neighbours: Neighbours) -> None:
    feed = await world.store.feed(neighbours.ada.address)
    assert len(feed.messages) == 2
    assert MARK not in repr(feed)
