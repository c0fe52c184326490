from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from agentcore.clock import SECOND, Micros
from agentcore.errors import Fenced
from agentcore.records import (
    Address,
    NoticeDraft,
    OutboxDraft,
    StepCommit,
    StopReason,
    TurnEnd,
    new_agent_id,
)
from agentcore.sqlstore import tables as t
from tests.contracts.store_blocks import an_epoch
from tests.contracts.store_world import LEASE, World, a_block, everything, texts


async def test_nothing_waits_in_an_empty_store(world: World) -> None:
    assert await world.claim() == ()
    assert await world.store.next_ready() is None


async def test_a_claim_carries_what_was_said_and_from_where(world: World) -> None:
    outcome = await world.say("Hello", platform_message_id="m7", speaker="Ada")
    claim = await world.claim_one()
    item = claim.first
    assert (claim.agent_id, claim.thread, claim.address) == (outcome.agent_id, 1, "home:ada")
    assert (claim.attempt, claim.steps, claim.trouble) == (1, 0, "")
    assert (item.text, item.platform_message_id, item.speaker, item.platform) == (
        "Hello",
        "m7",
        "Ada",
        "test",
    )
    assert (item.identity, item.user) == (outcome.identity_id, outcome.user_id)
    assert (item.received_at, item.size) == (world.now, 5)


async def test_a_claim_tells_of_memory_of_cards_and_whether_it_was_called_off(
    world: World,
) -> None:
    await world.say()
    first = await world.claim_one()
    assert (first.memory, first.cards, first.card_at, first.cancel_requested) == (2, 0, None, False)
    await world.run(sa.update(t.agent_lease).values(cards=3, card_at=world.now))
    await world.run(sa.update(t.turn).values(cancel_requested=True))
    world.clock.advance(LEASE + 1)
    again = await world.claim_one()
    assert (again.memory, again.cards, again.cancel_requested) == (2, 3, True)
    assert again.card_at == world.now - LEASE - 1


async def test_a_claim_carries_how_a_message_came_and_whose_it_is(world: World) -> None:
    before = {"earlier": "Hallo", "otid": "o1", "unreadable": "voice"}
    await world.say("Hello", answer_via="handle", language="pt", **before)
    choices = {"time_zone": "Asia/Tokyo", "preferences": {"cards": "off"}}
    await world.run(sa.update(t.user).values(**choices))
    item = (await world.claim_one()).first
    assert (item.language, item.time_zone, item.cards) == ("pt", "Asia/Tokyo", "off")
    assert (item.answer_via, item.earlier, item.otid) == ("handle", "Hallo", "o1")
    assert item.unreadable == "voice"


async def test_agents_are_claimed_oldest_first(world: World) -> None:
    for who in ("eve", "ada", "bob", "dan"):
        await world.say(who=who)
        world.later(1)
    taken = [claim.address for _ in range(2) for claim in await world.claim(limit=2)]
    assert taken == ["home:eve", "home:ada", "home:bob", "home:dan"]


async def test_who_waited_longest_is_first_in_one_batch_too(world: World) -> None:
    people = [f"person{n}" for n in range(12)]
    for who in people:
        await world.say(who=who)
        world.later(1)
    claims = await world.claim(limit=20)
    assert [claim.address for claim in claims] == [f"home:{who}" for who in people]


async def test_an_agent_is_held_by_one_worker_at_a_time(world: World) -> None:
    await world.say()
    assert len(await world.claim("one")) == 1
    await world.say("more")
    assert await world.claim("two") == ()


async def test_messages_are_answered_in_the_order_of_their_acceptance(world: World) -> None:
    for n in range(5):
        await world.say(f"{n}", address=Address(f"chat:{n % 2}"))
    heard = []
    while claims := await world.claim():
        (claim,) = claims
        heard += [item.text for item in claim.items]
        await world.answer(claim)
    assert heard == ["0", "1", "2", "3", "4"]


async def test_what_comes_during_a_turn_waits_for_the_next(world: World) -> None:
    await world.say("one")
    running = await world.claim_one()
    await world.say("two")
    await world.say("three")
    await world.answer(running)
    assert [item.text for item in running.items] == ["one"]
    assert [item.text for item in (await world.claim_one()).items] == ["two", "three"]


async def test_an_expired_lease_is_claimable_and_the_attempt_counts(world: World) -> None:
    await world.say()
    first = await world.claim_one("one")
    world.clock.advance(LEASE)
    assert await world.claim("two") == ()
    world.clock.advance(1)
    second = await world.claim_one("two")
    assert (second.turn, second.turn_id) == (first.turn, first.turn_id)
    assert second.items == first.items
    assert first.trace_id
    assert (second.trace_id, second.trouble) == (first.trace_id, "")
    assert (first.attempt, second.attempt) == (1, 2)
    assert second.fence > first.fence


async def test_the_moment_that_next_ready_names_is_the_moment_of_the_claim(world: World) -> None:
    await world.say()
    await world.claim_one("one")
    due = await world.store.next_ready()
    assert due is not None
    world.clock.advance(due - world.now - 1)
    assert await world.claim("two") == ()
    world.clock.advance(1)
    assert len(await world.claim("two")) == 1


async def test_next_ready_is_the_earliest_work_and_never_in_the_past(world: World) -> None:
    await world.say(who="ada", debounce=2 * SECOND)
    await world.say(who="bob", debounce=SECOND)
    assert await world.store.next_ready() == world.now + SECOND
    world.later(5)
    assert await world.store.next_ready() == world.now


async def test_a_stale_holder_s_commit_writes_nothing(world: World) -> None:
    await world.say()
    stale = await world.claim_one("one")
    world.clock.advance(LEASE + 1)
    current = await world.claim_one("two")
    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(Fenced):
        await world.answer(stale)
    assert await everything(world, t.metadata.sorted_tables) == before
    await world.answer(current)


async def test_a_stale_holder_s_hand_back_writes_nothing(world: World) -> None:
    await world.say()
    stale = await world.claim_one("one")
    world.clock.advance(LEASE + 1)
    await world.claim_one("two")
    before = await everything(world, t.metadata.sorted_tables)
    assert not await world.hand_back(stale)
    assert await everything(world, t.metadata.sorted_tables) == before


async def test_a_finished_turn_can_neither_be_committed_to_nor_handed_back(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    await world.answer(claim)
    await world.say("next")
    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(Fenced):
        await world.commit(claim, StepCommit(end=TurnEnd(StopReason.END_TURN)))
    assert not await world.hand_back(claim)
    assert await everything(world, t.metadata.sorted_tables) == before


async def test_whoever_handed_a_turn_back_holds_it_no_more(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    assert await world.hand_back(claim)
    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(Fenced):
        await world.answer(claim)
    assert not await world.hand_back(claim)
    assert await everything(world, t.metadata.sorted_tables) == before


async def test_a_lease_that_ran_out_unnoticed_still_holds(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    world.clock.advance(10 * LEASE)
    await world.answer(claim)
    assert await world.claim() == ()


async def test_a_turn_that_was_handed_back_carries_its_trouble(world: World) -> None:
    await world.say()
    await world.hand_back(await world.claim_one(), trouble="model down")
    claim = await world.claim_one()
    assert (claim.attempt, claim.trouble) == (2, "model down")


async def test_handing_back_without_counting_is_no_attempt(world: World) -> None:
    await world.say()
    for _ in range(7):
        claim = await world.claim_one()
        assert claim.attempt == 1
        await world.hand_back(claim, counts=False)


async def test_nobody_tries_again_before_the_time_that_was_set(world: World) -> None:
    await world.say()
    later = Micros(world.now + 60 * SECOND)
    await world.hand_back(await world.claim_one(), ready_at=later)
    await world.say("hurry up")  # must not bring the next try forward
    assert await world.store.next_ready() == later
    world.clock.advance(60 * SECOND - 1)
    assert await world.claim() == ()
    world.clock.advance(1)
    assert [item.text for item in (await world.claim_one()).items] == ["Hello"]


async def test_handing_back_changes_nothing_of_others_or_of_earlier_turns(world: World) -> None:
    for who in ("ada", "bob"):
        await world.talk("Hi", who=who)
    for who in ("ada", "bob"):
        await world.say(who=who)
    ada, _ = sorted(await world.claim(), key=lambda claim: claim.address)
    before = await everything(world, [t.agent_lease, t.turn])

    await world.hand_back(ada, ready_at=Micros(world.now + SECOND))

    after = await everything(world, [t.agent_lease, t.turn])
    (lease,) = _changed(before, after, t.agent_lease)
    assert (lease["agent_id"], lease["ready_at"]) == (ada.agent_id, world.now + SECOND)
    assert [row["turn_id"] for row in _changed(before, after, t.turn)] == [ada.turn_id]


def _changed(
    before: Mapping[str, Any], after: Mapping[str, Any], table: sa.Table
) -> Sequence[Mapping[str, Any]]:
    return [row for row in after[table.name] if row not in before[table.name]]


async def test_who_is_still_writing_is_let_go_alone(world: World) -> None:
    await world.say(who="ada", debounce=SECOND)
    world.later(0.5)
    await world.say(who="ada", debounce=SECOND)
    world.later(0.5)
    await world.say(who="bob")

    claim = await world.claim_one()

    leases = {row["agent_id"]: row for row in await world.table(t.agent_lease)}
    assert (claim.address, leases.pop(claim.agent_id)["holder"]) == ("home:bob", "worker")
    ((waits,)) = leases.values()
    assert (waits["holder"], waits["lease_until"], waits["open_turn"]) == (None, None, None)
    assert waits["ready_at"] == world.now + SECOND // 2
    await world.answer(claim)


async def test_the_notices_of_a_hand_back_are_told_at_once(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    notice = NoticeDraft(claim.address, "turn.model_waiting")
    chunk = OutboxDraft(claim.address, "Wait.", 1, 1, None)
    await world.hand_back(claim, notices=(notice,), outbox=(chunk,))
    feed = await world.store.feed(claim.address)
    assert [each.key for each in feed.notices] == ["turn.model_waiting"]
    (sent,) = await world.table(t.outbox)
    assert (sent["turn"], sent["agent_id"], sent["due_at"]) == (
        claim.turn,
        claim.agent_id,
        world.now,
    )


async def test_renewing_keeps_the_lease_and_reports_what_was_lost(world: World) -> None:
    for who in ("ada", "bob"):
        await world.say(who=who)
    claims = {claim.address: claim for claim in await world.claim("one")}
    held = {claim.agent_id: claim.fence for claim in claims.values()}
    world.clock.advance(LEASE // 2)
    ada = claims[Address("home:ada")].agent_id
    assert await world.store.renew("one", {ada: held[ada]}, lease=LEASE) == {ada: False}
    world.clock.advance(LEASE // 2 + 1)

    (taken,) = await world.claim("two")

    assert taken.address == "home:bob"
    assert await world.store.renew("one", held, lease=LEASE) == {ada: False}
    assert await world.store.renew("three", held, lease=LEASE) == {}


async def test_renewing_tells_whose_turn_was_called_off(world: World) -> None:
    for who in ("ada", "bob", "eve"):
        await world.talk("Hi", who=who)
    await world.run(sa.update(t.turn).values(cancel_requested=True))
    for who in ("ada", "bob"):
        await world.say(who=who)
    claims = {claim.address: claim for claim in await world.claim()}
    begun = [row["first_message"] for row in await world.table(t.turn) if row["state"] == "running"]
    assert begun == [3, 3]
    ada, bob = (claims[Address(f"home:{who}")] for who in ("ada", "bob"))
    called_off = t.turn.c.turn_id == bob.turn_id
    await world.run(sa.update(t.turn).where(called_off).values(cancel_requested=True))

    renewed = await world.store.renew(
        "worker", {ada.agent_id: ada.fence, bob.agent_id: bob.fence}, lease=LEASE
    )

    assert renewed == {ada.agent_id: False, bob.agent_id: True}


async def test_renewing_nothing_or_nobody_s_is_harmless(world: World) -> None:
    assert await world.store.renew("one", {}, lease=LEASE) == {}
    assert await world.store.renew("one", {new_agent_id(): 1}, lease=LEASE) == {}


async def test_an_idle_agent_s_lease_is_let_go(world: World) -> None:
    await world.say()
    await world.answer(await world.claim_one())
    (lease,) = await world.table(t.agent_lease)
    names = ("ready_at", "lease_until", "holder", "open_turn", "pending", "pending_bytes")
    assert [lease[name] for name in names] == [None, None, None, None, 0, 0]


async def test_a_step_without_an_end_keeps_the_turn_and_counts_as_progress(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    await world.commit(
        claim, StepCommit(messages=tuple(world.heard(claim)), step=world.step(outcome="tools"))
    )
    world.clock.advance(LEASE + 1)
    again = await world.claim_one()
    assert (again.turn, again.steps, again.attempt) == (claim.turn, 1, 2)
    assert again.message_seq == 1
    assert texts(await world.door(claim.agent_id).window(1, first=1)) == ["Hello"]


async def test_the_version_moves_with_what_the_head_is_made_from(world: World) -> None:
    await world.say()
    claim = await world.claim_one()
    await world.commit(
        claim, StepCommit(epoch=an_epoch(world, (a_block(),)), end=TurnEnd(StopReason.END_TURN))
    )
    await world.say()
    second = await world.claim_one()
    await world.answer(second)
    await world.say()
    third = await world.claim_one()
    assert second.version > claim.version
    assert third.version == second.version


async def test_a_process_that_is_alone_takes_over_at_once_what_a_dead_one_held(
    world: World,
) -> None:
    await world.say(who="ada")
    await world.say(who="bob")
    held = await world.claim("dead")
    assert await world.store.release_all_leases() == 2
    assert await world.store.release_all_leases() == 0
    claims = await world.claim("alive")
    assert {(each.turn_id, each.attempt) for each in claims} == {(each.turn_id, 2) for each in held}
    for stale in held:
        with pytest.raises(Fenced):
            await world.answer(stale)


async def test_taking_over_brings_no_next_try_forward(world: World) -> None:
    await world.say()
    await world.hand_back(await world.claim_one(), ready_at=Micros(world.now + SECOND))
    assert await world.store.release_all_leases() == 0
    assert await world.claim() == ()
    assert await world.store.next_ready() == world.now + SECOND
