"""What a command at the gate sees: only the sender's own, and only what may be heard here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from agentcore.clock import DAY, Micros
from agentcore.records import (
    Accepted,
    Actor,
    Address,
    BlockEdit,
    EditActor,
    ListedLine,
    Listing,
    NoticeDraft,
    Origin,
)
from agentcore.sqlstore import tables as t
from agentcore.store.gate import GateScope
from tests.contracts.store_world import World, block_of

T = TypeVar("T")


async def at_the_gate(world: World, look: Callable[[GateScope], T], **changes: Any) -> T:
    """What a command sees or does there."""
    seen: list[T] = []

    def command(scope: GateScope) -> list[NoticeDraft]:
        seen.append(look(scope))
        return []

    outcome = await world.send(world.submission(command="look", **changes), command=command)
    assert isinstance(outcome, Accepted), outcome
    return seen[-1]


async def a_listing(world: World, digest: str) -> Listing:
    blocks = await at_the_gate(world, lambda scope: scope.blocks())
    return Listing((ListedLine(block_of(blocks).block_id, 1, 0, digest),))


async def test_a_newer_listing_takes_the_place_of_the_older(world: World) -> None:
    first, second = await a_listing(world, "a"), await a_listing(world, "b")
    until = Micros(world.now + DAY)

    await at_the_gate(world, lambda scope: scope.keep_listing(first, until=until))
    await at_the_gate(world, lambda scope: scope.keep_listing(second, until=until))

    assert await at_the_gate(world, lambda scope: scope.listing()) == second
    assert len(await world.table(t.ticket)) == 1


async def test_a_listing_is_its_readers_own_and_ends(world: World) -> None:
    listing = await a_listing(world, "a")
    until = Micros(world.now + DAY)
    await at_the_gate(world, lambda scope: scope.keep_listing(listing, until=until))

    assert await at_the_gate(world, lambda scope: scope.listing(), who="bob") is None
    world.clock.advance(DAY)
    assert await at_the_gate(world, lambda scope: scope.listing()) is None


async def test_a_blocks_history_is_read_page_by_page(world: World) -> None:
    for n in range(4):
        await world.say(f"{n}")
        claim = await world.claim_one()
        block = block_of(await world.door(claim.agent_id).blocks())
        edit = BlockEdit(block, f"value {n}", EditActor.TOOL, Origin.OWNER)
        await world.answer(claim, edits=(edit,))

    def pages(scope: GateScope) -> list[list[int]]:
        block_id = block_of(scope.blocks()).block_id
        found: list[list[int]] = []
        before = None
        while page := scope.revisions(block_id, before=before, limit=2):
            found.append([revision.version for revision in page])
            before = page[-1].version
        return found

    assert await at_the_gate(world, pages) == [[5, 4], [3, 2], [1]]


async def test_a_history_is_shown_to_those_who_hold_the_block(world: World) -> None:
    blocks = await at_the_gate(world, lambda scope: scope.blocks())
    block_id = block_of(blocks).block_id

    assert await at_the_gate(world, lambda scope: scope.revisions(block_id), who="bob") == ()


async def test_a_message_is_shown_where_it_may_be_heard(world: World) -> None:
    await world.talk("a secret")

    def first(scope: GateScope) -> str | None:
        message = scope.message(1)
        return None if message is None else message.text

    assert await at_the_gate(world, first) == "a secret"
    assert await at_the_gate(world, first, who="bob") is None
    elsewhere = {"address": Address("elsewhere"), "audience": "private"}
    assert await at_the_gate(world, first, **elsewhere) == "a secret"
    await world.run(
        t.thread.update().where(t.thread.c.address == "elsewhere").values(audience="chat")
    )
    assert await at_the_gate(world, first, **elsewhere) is None


async def test_a_forgotten_message_is_shown_nowhere(world: World) -> None:
    await world.talk("a secret")
    await world.run(t.message.update().values(forgotten_at=world.now))

    assert await at_the_gate(world, lambda scope: scope.message(1)) is None


async def test_the_sender_is_known_with_their_language_and_zone(world: World) -> None:
    await world.talk("Hi", language="de")
    await world.run(t.user.update().values(time_zone="Europe/Lisbon"))

    user = await at_the_gate(world, lambda scope: scope.user())

    assert (user.language, user.time_zone, user.access) == ("de", "Europe/Lisbon", "admitted")


async def test_what_a_command_did_is_undone_when_it_fails(world: World) -> None:
    listing = await a_listing(world, "a")

    def breaks(scope: GateScope) -> None:
        scope.keep_listing(listing, until=Micros(world.now + DAY))
        raise LookupError

    with pytest.raises(LookupError):
        await at_the_gate(world, breaks)
    assert await world.table(t.ticket) == []


async def test_messages_are_counted_from_a_day_on_whatever_lies_between(world: World) -> None:
    for days in (0, 1, 0, 3):
        world.clock.advance(days * DAY)
        await world.talk("Hi", "and")
        await world.talk("Hi", who="bob")
    today = Micros(world.now - world.now % DAY)
    midnights = [Micros(today - day * DAY) for day in range(-1, 6)]
    counts = await at_the_gate(world, lambda scope: [scope.usage(since=day) for day in midnights])
    assert [usage.messages for usage in counts] == [0, 2, 2, 2, 6, 8, 8]


async def test_usage_is_the_users_own_with_unknown_prices_apart(world: World) -> None:
    for who, cost in (("ada", 5), ("ada", None), ("bob", 7)):
        await world.say(who=who)
        await world.answer(await world.claim_one(), step=world.step(cost=cost))
    usage = await at_the_gate(world, lambda scope: scope.usage(since=Micros(0)))

    assert (usage.messages, usage.tokens, usage.cost, usage.unpriced) == (2, 30, 5, 1)


async def test_looks_are_those_at_this_agent_newest_first(world: World) -> None:
    agent_id = await world.talk("Hi")
    other = await world.talk("Hi", who="bob")
    for actor, each in (("a", agent_id), ("b", other), ("c", agent_id)):
        world.clock.advance(1)
        await world.store.for_agent(each, Actor("operator", actor)).blocks()

    looks = await at_the_gate(world, lambda scope: scope.looks(limit=5))

    assert [(look.name, look.action) for look in looks] == [
        ("c", "read blocks"),
        ("a", "read blocks"),
    ]


async def test_a_zone_is_written_to_the_sender_alone(world: World) -> None:
    await world.talk("Hi", who="bob")
    await at_the_gate(world, lambda scope: scope.set_time_zone("Asia/Kolkata"))

    zones = [await at_the_gate(world, lambda s: s.user().time_zone, who=w) for w in ("ada", "bob")]
    assert zones == ["Asia/Kolkata", None]
    await world.say("Hi")
    assert (await world.claim_one()).first.time_zone == "Asia/Kolkata"
