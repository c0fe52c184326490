"""Which waiting rows one claim takes, and when."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from agentcore.clock import SECOND
from agentcore.records import (
    API_PLATFORM,
    Address,
    Claim,
    IdentityKey,
    StepCommit,
    StopReason,
    TurnEnd,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.delivery.picking import MAX_COALESCED, MAX_COALESCED_BYTES, MAX_DEBOUNCE
from tests.contracts.store_world import LEASE, World

DEBOUNCE = 7 * SECOND // 10


def said(claim: Claim) -> list[str]:
    return [item.text for item in claim.items]


async def turns(world: World) -> list[list[str]]:
    """What each of the following turns hears, until nothing is left."""
    heard = []
    while claims := await world.claim():
        for claim in claims:
            heard.append(said(claim))
            await world.answer(claim)
    return heard


async def test_neighbours_from_the_same_address_are_one_turn(world: World) -> None:
    for text in ("a", "b", "c"):
        await world.say(text)
    assert await turns(world) == [["a", "b", "c"]]


async def test_another_address_ends_the_batch(world: World) -> None:
    for text, address in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "x")):
        await world.say(text, address=Address(address))
    assert await turns(world) == [["a", "b"], ["c"], ["d"]]


async def test_a_command_is_a_barrier_and_a_turn_of_its_own(world: World) -> None:
    await world.say("a")
    await world.say("", command="undo")
    await world.say("", command="undo")
    await world.say("b")
    kinds = []
    while claims := await world.claim():
        kinds.append([item.command or item.text for item in claims[0].items])
        await world.answer(claims[0])
    assert kinds == [["a"], ["undo"], ["undo"], ["b"]]


async def test_each_call_over_rest_is_a_turn_of_its_own(world: World) -> None:
    caller = IdentityKey(API_PLATFORM, "", "ada")
    for text in "abc":
        await world.say(text, key=caller)
    assert await turns(world) == [["a"], ["b"], ["c"]]


async def test_a_command_that_ran_at_the_gate_is_no_barrier(world: World) -> None:
    await world.say("a")
    await world.send(world.submission(command="help"), command=lambda _scope: [])
    await world.say("b")
    claim = await world.claim_one()
    assert said(claim) == ["a", "b"]
    await world.answer(claim)
    feed = await world.store.feed(claim.address)
    assert feed.answered == 3
    assert await world.claim() == ()


async def test_a_turn_takes_at_most_so_many_messages(world: World) -> None:
    for n in range(MAX_COALESCED + 3):
        await world.say(f"{n}")
    assert [len(batch) for batch in await turns(world)] == [MAX_COALESCED, 3]


async def test_a_turn_takes_at_most_so_many_bytes(world: World) -> None:
    half = "x" * (MAX_COALESCED_BYTES // 2)
    for text in (half, half, "y"):
        await world.say(text)
    assert [len(batch) for batch in await turns(world)] == [2, 1]


async def test_one_message_over_the_byte_limit_still_gets_its_turn(world: World) -> None:
    for text in ("x" * (MAX_COALESCED_BYTES + 1), "y"):
        await world.say(text)
    assert [len(batch) for batch in await turns(world)] == [1, 1]


async def test_a_typing_person_is_waited_for(world: World) -> None:
    await world.say("a", debounce=DEBOUNCE)
    assert await world.claim() == ()
    world.clock.advance(DEBOUNCE - 1)
    await world.say("b", debounce=DEBOUNCE)
    world.clock.advance(1)
    assert await world.claim() == ()  # `a` is due, but `b` came just before
    assert await world.store.next_ready() == world.now + DEBOUNCE - 1
    world.clock.advance(DEBOUNCE - 1)
    assert said(await world.claim_one()) == ["a", "b"]


async def test_but_not_for_ever(world: World) -> None:
    start = world.now
    heard: list[str] = []
    while not heard:
        await world.say("and", debounce=DEBOUNCE)
        world.clock.advance(DEBOUNCE // 2)
        heard = [text for claim in await world.claim() for text in said(claim)]
    assert MAX_DEBOUNCE <= world.now - start < MAX_DEBOUNCE + DEBOUNCE
    assert len(heard) > 5


async def test_a_full_batch_is_not_waited_for(world: World) -> None:
    for n in range(MAX_COALESCED):
        await world.say(f"{n}", debounce=DEBOUNCE)
    world.clock.advance(DEBOUNCE)
    await world.say("one more", debounce=DEBOUNCE)
    assert len(said(await world.claim_one())) == MAX_COALESCED


async def test_an_agent_that_must_wait_is_not_held_meanwhile(world: World) -> None:
    await world.say("a", debounce=DEBOUNCE)
    world.clock.advance(DEBOUNCE - 1)
    await world.say("b", debounce=DEBOUNCE)
    world.clock.advance(1)
    assert await world.claim("one") == ()
    world.clock.advance(DEBOUNCE)
    (claim,) = await world.claim("two")
    assert claim.attempt == 1


async def failed(world: World, times: int) -> Claim:
    claim = await world.claim_one()
    for _ in range(times):
        await world.hand_back(claim)
        claim = await world.claim_one()
    return claim


async def test_from_the_third_attempt_a_turn_without_a_step_is_split(world: World) -> None:
    for text in ("a", "poison", "b"):
        await world.say(text)
    second = await failed(world, 1)
    assert said(second) == ["a", "poison", "b"]
    await world.hand_back(second)

    third = await world.claim_one()
    assert (said(third), third.attempt) == (["a"], 3)
    await world.answer(third)

    rest = await failed(world, 2)
    assert said(rest) == ["poison"]
    await world.commit(rest, StepCommit(end=TurnEnd(StopReason.ERROR, error="poison", parked=True)))
    assert said(await world.claim_one()) == ["b"]


async def test_what_came_meanwhile_stays_behind_what_was_split_off(world: World) -> None:
    await world.say("a")
    await world.say("b")
    claim = await failed(world, 1)
    await world.say("c")
    await world.hand_back(claim)
    split = await world.claim_one()
    assert said(split) == ["a"]
    await world.answer(split)
    assert said(await world.claim_one()) == ["b", "c"]


@pytest.mark.parametrize("attempts", [2, 4, 6])
async def test_a_turn_that_has_a_step_keeps_its_rows(world: World, attempts: int) -> None:
    await world.say("a")
    await world.say("b")
    claim = await world.claim_one()
    await world.commit(
        claim, StepCommit(messages=tuple(world.heard(claim)), step=world.step(outcome="tools"))
    )
    await world.say("c")
    for _ in range(attempts):
        world.clock.advance(LEASE + 1)
        claim = await world.claim_one()
        assert said(claim) == ["a", "b"]
    assert (claim.attempt, claim.steps) == (attempts + 1, 1)
    await world.answer(claim, messages=(), step=world.step(2))
    assert await turns(world) == [["c"]]


async def test_turns_that_go_on_and_new_ones_are_claimed_together(world: World) -> None:
    for text in ("Hi", "there"):
        await world.say(text, who="bob")
    await world.answer(await world.claim_one())
    for who in ("ada", "bob"):
        await world.say(who, who=who)
    assert len(await world.claim()) == 2
    await world.say("more", who="ada")
    world.clock.advance(LEASE + 1)
    await world.say("eve", who="eve")
    claims = {claim.first.text: claim for claim in await world.claim()}
    found = {who: (claim.attempt, len(claim.items), claim.more) for who, claim in claims.items()}
    assert found == {"ada": (2, 1, True), "bob": (2, 1, False), "eve": (1, 1, False)}
    bob = claims["bob"].agent_id
    taken = [row["turn"] for row in await world.table(t.inbox) if row["agent_id"] == bob]
    assert taken == [1, 1, 2]
    attempts = [row["attempts"] for row in await world.table(t.turn) if row["agent_id"] == bob]
    assert attempts == [1, 2]


async def test_an_agent_that_is_ready_for_nothing_is_let_go(world: World) -> None:
    await world.say()
    await world.answer(await world.claim_one())
    await world.run(sa.update(t.agent_lease).values(ready_at=world.now))
    assert await world.claim() == ()
    (lease,) = await world.table(t.agent_lease)
    assert (lease["ready_at"], lease["holder"], lease["open_turn"]) == (None, None, None)
