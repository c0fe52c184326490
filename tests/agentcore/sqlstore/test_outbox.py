from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentcore.clock import SECOND, Micros
from agentcore.records import (
    Accepted,
    Address,
    Admission,
    FeedPlace,
    NoticeDraft,
    OutboxDraft,
    OutboxResult,
    OutboxRow,
    StepCommit,
    StopReason,
    TurnEnd,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.stores import SqlStore
from tests.agentcore.sqlstore.conftest import Opened
from tests.contracts.store_world import LEASE, Chunks, World, a_seed

HOME = Address("home:ada")


async def queue(world: World, *texts: str, to: Address = HOME, who: str = "ada") -> None:
    """Chunks at the end of an address's outbox."""
    await world.say(who=who, address=to)
    (claim,) = await world.claim()
    drafts = tuple(OutboxDraft(to, text, 1, 1) for text in texts)
    await world.commit(claim, StepCommit(end=TurnEnd(StopReason.END_TURN), outbox=drafts))


async def take(world: World, *, limit: int = 100, holder: str = "sender") -> Sequence[OutboxRow]:
    return await world.store.claim_outbox(holder, limit=limit, lease=LEASE)


def texts(rows: Sequence[OutboxRow]) -> list[str]:
    return [row.text for row in rows]


async def resent(world: World) -> int:
    return (await world.store.counts())["resent"]


async def test_only_what_goes_where_it_is_waited_for_has_the_handle(world: World) -> None:
    await world.say("before")
    await world.say(answer_via="handle")
    await world.say("after")
    elsewhere = OutboxDraft(Address("home:bob"), "elsewhere", 1, 1)
    while claims := await world.claim():
        (claim,) = claims
        assert len(claim.items) == 1
        step = world.plain_turn(claim, f"1 {claim.first.text}\n2 {claim.first.text}")
        await world.commit(claim, replace(step, outbox=(*step.outbox, elsewhere)))
    rows = await take(world)
    assert [(row.text, row.answer_via) for row in rows if row.address == HOME] == [
        ("1 before", None),
        ("2 before", None),
        ("1 Hello", "handle"),
        ("2 Hello", "handle"),
        ("1 after", None),
        ("2 after", None),
    ]
    assert {row.answer_via for row in rows if row.address != HOME} == {None}


async def test_a_reply_s_chunks_come_in_order_with_what_they_answer(world: World) -> None:
    await world.say(platform_message_id="m1")
    await world.answer(await world.claim_one(), "one\ntwo\nthree")
    rows = await take(world)
    assert [(row.text, row.part, row.parts, row.reply_to) for row in rows] == [
        ("one", 1, 3, "m1"),
        ("two", 2, 3, None),
        ("three", 3, 3, None),
    ]
    assert len({row.nonce for row in rows}) == 3
    assert await take(world) == ()


async def test_each_address_has_its_own_order(world: World) -> None:
    await queue(world, "a1", "a2")
    await queue(world, "b1", "b2", to=Address("home:bob"), who="bob")
    await queue(world, "a3")
    assert texts(await take(world)) == ["a1", "a2", "a3", "b1", "b2"]


async def test_only_the_addresses_asked_for_are_taken(world: World) -> None:
    await queue(world, "a")
    await queue(world, "b", to=Address("home:bob"), who="bob")
    rows = await world.store.claim_outbox(
        "sender", limit=9, lease=LEASE, addresses=[Address("home:bob")]
    )
    assert texts(rows) == ["b"]


async def test_a_chunk_that_must_wait_holds_back_those_behind_it_alone(world: World) -> None:
    await queue(world, "a1", "a2")
    await queue(world, "b1", to=Address("home:bob"), who="bob")
    first, second, _ = await take(world)
    due = Micros(world.now + 5 * SECOND)
    await world.store.finish_outbox(
        [OutboxResult(first, "waiting", due), OutboxResult(second, "waiting", counts=False)]
    )
    await queue(world, "a3")
    await queue(world, "b2", to=Address("home:bob"), who="bob")
    assert texts(await take(world)) == []  # b1 is held, and b2 waits for it
    assert await world.store.next_outbox() == due
    world.clock.advance(5 * SECOND)
    assert texts(await take(world)) == ["a1", "a2", "a3"]


@pytest.mark.parametrize("limit", [1, 2])
async def test_a_retried_chunk_goes_before_younger_ones_however_few_are_taken(
    world: World, limit: int
) -> None:
    await queue(world, "a1", "a2", "a3")
    (first,) = await take(world, limit=1)
    await world.store.finish_outbox([OutboxResult(first, "waiting", Micros(world.now + SECOND))])
    world.clock.advance(SECOND)
    assert texts(await take(world, limit=limit)) == ["a1", "a2", "a3"][:limit]
    assert texts(await take(world, limit=limit)) == []


async def test_the_limit_counts_chunks(world: World) -> None:
    await queue(world, "a1", "a2")
    await queue(world, "b1", "b2", to=Address("home:bob"), who="bob")
    assert texts(await take(world, limit=3)) == ["a1", "a2", "b1"]


async def test_next_outbox_is_none_when_all_is_sent_and_names_the_lease_s_end(
    world: World,
) -> None:
    assert await world.store.next_outbox() is None
    await queue(world, "a1", "a2")
    assert await world.store.next_outbox() == world.now
    (first,) = await take(world, limit=1)
    due = await world.store.next_outbox()
    assert due == world.now + LEASE + 1
    world.clock.advance(LEASE)
    assert await take(world) == ()
    world.clock.advance(1)
    rows = await take(world)
    assert texts(rows) == ["a1", "a2"]
    await world.store.finish_outbox([OutboxResult(row, "sent") for row in rows])
    assert await world.store.next_outbox() is None
    assert first.nonce == rows[0].nonce


async def test_only_what_was_in_the_air_counts_as_resent(world: World) -> None:
    await queue(world, "a1", "a2", "a3")
    await take(world)
    world.clock.advance(LEASE + 1)  # the holder died, while it sent the first of them at most

    rows = await take(world)

    assert [row.uncertain for row in rows] == [True, False, False]
    assert await resent(world) == 1
    await world.store.finish_outbox([OutboxResult(row, "sent") for row in rows])
    assert await resent(world) == 1


async def test_what_a_dead_process_had_in_the_air_is_known_after_a_takeover_too(
    world: World,
) -> None:
    await queue(world, "a1", "a2")
    await take(world)
    await world.store.release_all_leases()
    rows = await take(world)
    assert [(row.text, row.uncertain) for row in rows] == [("a1", True), ("a2", False)]
    assert await resent(world) == 1


async def test_after_a_mark_the_next_one_was_in_the_air(world: World) -> None:
    await queue(world, "a1", "a2", "a3")
    rows = await take(world)
    await world.store.finish_outbox([OutboxResult(rows[0], "sent")])
    world.clock.advance(LEASE + 1)
    again = await take(world)
    assert [(row.text, row.uncertain) for row in again] == [("a2", True), ("a3", False)]
    assert await resent(world) == 1


async def test_a_chunk_that_was_given_back_untried_is_no_resend(world: World) -> None:
    await queue(world, "a1")
    (row,) = await take(world)
    await world.store.finish_outbox([OutboxResult(row, "waiting", counts=False)])
    (row,) = await take(world)
    assert (row.attempts, row.uncertain) == (1, False)
    assert await resent(world) == 0


async def test_an_uncertain_chunk_that_the_platform_turned_away_is_counted_once(
    world: World,
) -> None:
    await queue(world, "a1")
    await take(world)
    world.clock.advance(LEASE + 1)
    for _ in range(3):  # "too many requests": known not to have arrived this time
        (row,) = await take(world)
        assert (row.uncertain, row.attempts) == (True, 2)
        again = OutboxResult(row, "waiting", uncertain=True, counts=False)
        await world.store.finish_outbox([again])
    (row,) = await take(world)
    await world.store.finish_outbox([OutboxResult(row, "sent", uncertain=True)])
    assert await resent(world) == 1


async def test_an_unknown_outcome_makes_the_next_try_a_resend(world: World) -> None:
    await queue(world, "a1")
    (row,) = await take(world)
    await world.store.finish_outbox([OutboxResult(row, "waiting", uncertain=True)])
    (row,) = await take(world)
    assert (row.uncertain, row.attempts) == (True, 2)
    assert await resent(world) == 1


async def test_a_late_result_does_not_touch_a_later_try(world: World) -> None:
    await queue(world, "a1")
    (stale,) = await take(world, holder="one")
    world.clock.advance(LEASE + 1)
    (current,) = await take(world, holder="two")

    await world.store.finish_outbox(
        [OutboxResult(stale, "failed", error="late"), OutboxResult(stale, "waiting")]
    )
    assert await take(world, holder="three") == ()

    await world.store.finish_outbox([OutboxResult(current, "sent", platform_message_id="m9")])
    (row,) = await world.table(t.outbox)
    assert (row["state"], row["platform_message_id"], row["error"]) == ("sent", "m9", None)


async def test_a_late_success_is_a_success(world: World) -> None:
    await queue(world, "a1")
    (stale,) = await take(world, holder="one")
    world.clock.advance(LEASE + 1)
    (current,) = await take(world, holder="two")
    await world.store.finish_outbox([OutboxResult(stale, "sent", platform_message_id="m1")])
    await world.store.finish_outbox([OutboxResult(current, "failed", error="gone")])
    (row,) = await world.table(t.outbox)
    assert (row["state"], row["platform_message_id"]) == ("sent", "m1")


async def test_a_refused_chunk_ends_alone(world: World) -> None:
    await queue(world, "bad", "good")
    bad, good = await take(world)
    await world.store.finish_outbox([OutboxResult(bad, "failed", error="refused")])
    await world.store.finish_outbox([OutboxResult(good, "sent")])
    rows = await world.table(t.outbox)
    assert [(row["state"], row["error"]) for row in rows] == [("failed", "refused"), ("sent", None)]
    assert (await world.store.counts())["failed_to_send"] == 1


async def test_an_unreachable_chat_ends_all_that_waits_for_it(world: World) -> None:
    await queue(world, "a1", "a2")
    await queue(world, "b1", to=Address("home:bob"), who="bob")
    rows = await take(world, limit=1)
    await world.store.finish_outbox([OutboxResult(rows[0], "unreachable", error="blocked by user")])
    assert texts(await take(world)) == ["b1"]
    (chat,) = await world.table(t.chat)
    assert (chat["address"], chat["state"], chat["reason"]) == (
        HOME,
        "unreachable",
        "blocked by user",
    )
    states = {row["text"]: row["state"] for row in await world.table(t.outbox)}
    assert states == {"a1": "failed", "a2": "failed", "b1": "waiting"}


async def test_a_late_refusal_of_a_chat_that_a_later_try_has_reached_counts_for_nothing(
    world: World,
) -> None:
    await queue(world, "a1", "a2")
    stale, _ = await take(world, holder="one")
    world.clock.advance(LEASE + 1)
    current, *_ = await take(world, holder="two")
    late = OutboxResult(stale, "unreachable", error="blocked by user")

    await world.store.finish_outbox([late])
    await world.store.finish_outbox([OutboxResult(current, "sent")])
    await world.store.finish_outbox([late])

    assert await world.table(t.chat) == []
    assert [row["state"] for row in await world.table(t.outbox)] == ["sent", "waiting"]


async def test_finishing_nothing_is_harmless(world: World) -> None:
    await world.store.finish_outbox([])


async def test_notices_are_numbered_per_address_and_never_skip(world: World) -> None:
    async def note(to: str, key: str) -> None:
        outcome = await world.send(
            world.submission(command="help", address=Address(to)),
            command=lambda _scope: [NoticeDraft(Address(to), key)],
        )
        assert isinstance(outcome, Accepted)

    for n in range(3):
        await note("x", f"x{n}")
        await note("y", f"y{n}")
    for to in ("x", "y"):
        feed = await world.store.feed(Address(to))
        assert [(each.seq, each.key) for each in feed.notices] == [
            (1, f"{to}0"),
            (2, f"{to}1"),
            (3, f"{to}2"),
        ]
        rest = await world.store.feed(Address(to), FeedPlace(0, 2))
        assert [each.key for each in rest.notices] == [f"{to}2"]
        end = await world.store.feed_end(Address(to))
        assert (end.message, end.notice) == (0, 3)


async def test_numbers_taken_at_once_neither_skip_nor_repeat(world: World, opened: Opened) -> None:
    others = [opened() for _ in range(4)]
    stores = [SqlStore(each, world.clock) for each in others]
    await world.talk("Hello")

    async def note(n: int) -> None:
        submission = world.submission(command="help", update_id=f"n{n}")
        notice = NoticeDraft(submission.address, f"note{n}")
        await stores[n % 4].accept(
            submission, Admission(), a_seed, Chunks(), lambda _scope: [notice]
        )

    await asyncio.gather(*(note(n) for n in range(16)))
    for each in others:
        await each.close()
    assert [row["seq"] for row in await world.table(t.notice)] == list(range(1, 17))
    assert [row["row"] for row in await world.table(t.outbox)] == list(range(1, 18))


async def test_two_senders_at_once_never_take_chunks_of_the_same_address(
    world: World, opened: Opened
) -> None:
    """However the limit cuts an address's chunks: the rest waits for those that are held."""
    addresses = [Address(f"home:{n}") for n in range(6)]
    for address in addresses:
        await queue(world, *(f"{address} {n}" for n in range(5)), to=address, who=address)
    others = [opened() for _ in range(3)]
    senders = [SqlStore(each, world.clock) for each in others]
    delivered: list[str] = []
    in_the_air: Counter[Address] = Counter()

    async def send(store: SqlStore, name: str) -> None:
        while rows := await store.claim_outbox(name, limit=3, lease=LEASE):
            mine = {row.address for row in rows}
            in_the_air.update(mine)
            assert max(in_the_air.values()) == 1
            delivered.extend(row.text for row in rows)
            in_the_air.subtract(mine)
            await store.finish_outbox([OutboxResult(row, "sent") for row in rows])

    while (await world.store.counts())["to_send"]:
        await asyncio.gather(*(send(store, f"s{n}") for n, store in enumerate(senders)))
    for each in others:
        await each.close()
    for address in addresses:
        mine = [text for text in delivered if text.startswith(f"{address} ")]
        assert mine == [f"{address} {n}" for n in range(5)]


async def test_what_reaches_the_outbox_is_kept_as_it_was_written(world: World) -> None:
    text = "Olá 👋 \U0001f468\u200d\U0001f469 '; --"
    await queue(world, text)
    (row,) = await world.rows(sa.select(t.outbox.c.text))
    assert row["text"] == text
    assert await world.sent() == [text]
