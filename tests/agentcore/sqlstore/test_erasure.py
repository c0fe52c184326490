"""Erasing a person, shown on every table there is: nothing of theirs is left, and what belongs to
others is as it was, byte for byte."""

from __future__ import annotations

import re

import anyio
import pytest
import sqlalchemy as sa

from agentcore.clock import DAY, Micros
from agentcore.errors import Fenced, NotFound, StoreBusy
from agentcore.records import (
    OWNER,
    Actor,
    Address,
    Admission,
    IdentityKey,
    OutboxResult,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.types import PublicId
from agentcore.sqlstore.erasing.erasure import clear
from agentcore.sqlstore.registry import RULES, Erase, Owner
from tests.contracts.store_rows import erase, filled, identity_of, shown, user_of
from tests.contracts.store_world import LEASE, World, everything, texts

OPERATOR = Actor("operator", "command line")
TABLES = t.metadata.sorted_tables
ERASED = [rule for rule in RULES if rule.erase is not Erase.KEEP]


async def test_of_every_table_the_person_s_rows_go_and_nobody_else_s(world: World) -> None:
    """Each table is filled by its own columns, so that one added later is filled, too."""
    await filled(world, "bob")
    before = await everything(world, TABLES)
    ada = await filled(world, "ada")
    with_ada = await everything(world, TABLES)
    assert all(with_ada.values()), "a table is empty"
    kept = {each.name for each in (t.receipt, t.adapter_state, t.erasure, t.tool)}

    receipt = await world.store.erasures.erase(ada.user, OWNER)
    after = await everything(world, TABLES)

    for table in TABLES:
        expected = with_ada if table.name in kept else before
        assert after[table.name] == expected[table.name], table.name
    for mark in ada.marks:
        left = {name: rows for name, rows in after.items() if name not in kept}
        assert mark not in shown(left), mark
    assert set(receipt.deleted) == {rule.table.name for rule in ERASED}


async def test_the_receipt_tells_of_nobody(world: World) -> None:
    ada = await filled(world, "ada")
    receipt = await world.store.erasures.erase(ada.user, OWNER)
    for mark in ada.marks:
        assert mark not in repr(receipt)
    assert receipt.erased_at == world.now
    assert sum(receipt.deleted.values()) >= len(ERASED)


async def test_an_operator_s_erasure_is_audited_without_naming_anybody(world: World) -> None:
    await world.talk("Hello")
    await erase(world)
    (entry,) = await world.table(t.audit)
    assert (entry["action"], entry["actor_kind"]) == ("erase user", "operator")
    assert (entry["agent_id"], entry["user_id"], entry["detail"]) == (None, None, {})


async def test_whoever_isn_t_there_can_t_be_erased(world: World) -> None:
    await world.talk("Hello")
    user = await user_of(world, "ada")
    await world.store.erasures.erase(user, OPERATOR)
    for who in (user, UserId("user-nobody"), UserId("")):
        with pytest.raises(NotFound):
            await world.store.erasures.erase(who, OPERATOR)


async def test_a_turn_that_runs_commits_nothing_more(world: World) -> None:
    await world.say("Hello")
    claim = await world.claim_one()
    await erase(world)
    before = await everything(world, TABLES)
    with pytest.raises(Fenced):
        await world.answer(claim, "Hi")
    with pytest.raises(Fenced):
        await world.door(claim.agent_id).head(claim)
    assert not await world.hand_back(claim)
    assert await world.store.renew("worker", {claim.agent_id: claim.fence}, lease=LEASE) == {}
    assert await everything(world, TABLES) == before


async def test_what_was_being_sent_leaves_no_trace_when_its_result_comes(world: World) -> None:
    await world.talk("Hello")
    (row,) = await world.store.claim_outbox("sender", limit=9, lease=LEASE)
    await erase(world)
    await world.talk("Hello again")  # the same address, and the same number
    await world.store.finish_outbox([OutboxResult(row, "unreachable", error="blocked")])
    await world.store.finish_outbox([OutboxResult(row, "sent")])
    assert await world.table(t.chat) == []
    assert [each["state"] for each in await world.table(t.outbox)] == ["waiting"]


async def test_of_whoever_was_never_let_in_no_topic_keeps_anything(world: World) -> None:
    private = Address("home:ada")
    pairing = Admission(new_user_access="pending", pairing=True)
    for place in (private, Address("home:ada:7"), Address("home:adam")):
        who = place.split(":")[1]
        asked = world.submission(who=who, address=place, home=Address(f"home:{who}"))
        await world.send(asked, admission=pairing)
    await erase(world)
    left = {row["address"] for table in (t.outbox, t.refusal) for row in await world.table(table)}
    assert left == {"home:adam"}


async def test_answers_to_whoever_is_erased_are_not_sent_to_a_group(world: World) -> None:
    group = {"address": Address("group:1"), "audience": "chat"}
    await world.talk("Hello", **group)
    await world.talk("Hi", who="bob", **group)
    await erase(world)
    assert await world.sent() == ["noted"]


async def test_whoever_comes_back_is_a_stranger_and_old_updates_stay_old(world: World) -> None:
    first = await world.say("Hello", update_id="7")
    await erase(world)
    again = await world.send(world.submission("Hello", update_id="7"))
    back = await world.say("I am back", update_id="8")
    assert type(again).__name__ == "Duplicate"
    assert back.first_contact
    assert back.position == 1
    assert (back.user_id, back.agent_id) != (first.user_id, first.agent_id)


async def test_a_reader_whose_chat_was_erased_is_told_to_begin_anew(world: World) -> None:
    await world.talk("Hello", "and more")
    home = Address("home:ada")
    end = await world.store.feed_end(home)
    await erase(world)
    feed = await world.store.feed(home, end)
    fresh = await world.store.feed(home)
    assert (feed.restarted, fresh.restarted) == (True, False)
    assert fresh.messages == ()
    world.later(1)
    await world.talk("It is me", "again", "and again")
    assert (await world.store.feed(home, end)).restarted, "the new numbers have caught up"


async def test_nothing_fires_or_waits_for_the_person_any_more(world: World) -> None:
    ada = await filled(world, "ada")
    await world.store.erasures.erase(ada.user, OWNER)
    world.later(400 * DAY / 1_000_000)
    assert await world.store.next_timer() is None
    assert await world.store.next_ready() is None
    assert await world.store.next_outbox() is None
    assert await world.store.next_wipe() is None


async def test_an_agent_that_answers_somebody_else_too_stays(world: World) -> None:
    agent = await world.talk("From Ada")
    await world.talk("From Bob", who="bob")
    bob = await user_of(world, "bob")
    await world.run(
        sa.insert(t.user_agent).values(user_id=bob, agent_id=agent, attached_at=world.now)
    )
    await erase(world)
    history = await world.door(agent).history(limit=50)
    assert texts(history) == ["noted"]


async def test_what_they_absorbed_goes_with_them(world: World) -> None:
    agent = await world.talk("From Ada")
    other = await world.talk("An earlier life", who="eve")
    eve = await user_of(world, "eve")
    await world.run(sa.delete(t.user_agent).where(t.user_agent.c.user_id == eve))
    await world.run(
        sa.insert(t.agent_absorbed).values(
            agent_id=agent, absorbed_id=other, created_at=1, undo_until=2
        )
    )
    await erase(world)
    assert await world.store.list_agents() == ()
    assert await world.table(t.message) == []


async def test_a_large_history_goes_piece_by_piece_and_is_out_of_sight_at_once(
    world: World,
) -> None:
    agent = await world.talk(*(f"message {number}" for number in range(8)))
    user = await user_of(world, "ada")
    erasure_id = await world.store.erasures.begin(user, OWNER)

    assert await world.store.list_agents() == ()
    assert await world.store.standing(IdentityKey("test", "bot", "ada")) is None
    feed = await world.store.feed(Address("home:ada"))
    assert (feed.messages, feed.notices) == ((), ())
    with pytest.raises(NotFound):
        await world.door(agent).agent()
    (underway,) = await world.table(t.erasure)
    assert user not in repr(underway)
    assert not re.search(r"\bada\b", repr(underway))  # a random id may have it inside

    pieces = 0
    while not await world.database.write(lambda connection: clear(connection, erasure_id, limit=3)):
        pieces += 1
    assert pieces > 5
    assert await world.store.erasures.unfinished(before=Micros(world.now + 1)) == [erasure_id]
    receipt = await world.store.erasures.finish(erasure_id)
    assert receipt is not None
    assert receipt.deleted["message"] == 16
    assert await world.store.erasures.unfinished(before=Micros(world.now + 1)) == []
    assert await world.store.erasures.finish(erasure_id) is None


def test_every_rule_finds_what_it_erases() -> None:
    for rule in ERASED:
        assert list(rule.holders), rule.table.name
        for owner, column in rule.holders:
            if isinstance(column.type, PublicId) and owner is not Owner.SERVICE:
                assert column.type.prefix == owner.value


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_that_names_an_agent_or_a_user_is_in_its_table_s_rule(
    table: sa.Table,
) -> None:
    rule = next(rule for rule in RULES if rule.table is table)
    covered = {column.name for _, column in rule.holders} | set(rule.redacted)
    if table is t.block_revision:  # in blocks of nobody alone it is taken out
        covered.add("agent_id")
    naming = {
        column.name
        for column in table.c
        if isinstance(column.type, PublicId) and column.type.prefix in {"agent", "user"}
    }
    assert naming <= covered


def test_every_author_s_words_have_something_in_their_place() -> None:
    for rule in RULES:
        if rule.author_column is not None:
            assert rule.table.c[rule.author_column].nullable
            assert rule.redacted or rule.table is t.block_revision


async def test_messages_that_come_at_the_same_moment_are_a_stranger_s_or_gone(
    world: World,
) -> None:
    old = await world.say("from the old life")
    user, identity = await user_of(world, "ada"), await identity_of(world, "ada")

    async def say(number: int) -> None:
        text = f"message {number}"
        try:
            await world.send(world.submission(text, update_id=f"at-once-{number}"))
        except (StoreBusy, sa.exc.IntegrityError):  # not stored: the platform delivers it again
            await world.send(world.submission(text, update_id=f"at-once-{number}"))

    async with anyio.create_task_group() as tasks:
        for number in range(12):
            tasks.start_soon(say, number)
            if number == 5:
                tasks.start_soon(world.store.erasures.erase, user, OWNER)
    await say(99)

    stored = shown(await everything(world, TABLES))
    for trace in (user, identity, old.agent_id, "from the old life"):
        assert trace not in stored, trace
    (lease,) = await world.table(t.agent_lease)
    assert lease["pending"] == len(await world.table(t.inbox))


async def test_two_who_erase_the_same_person_do_it_once(world: World) -> None:
    await world.talk("Hello")
    user = await user_of(world, "ada")
    done: list[str] = []

    async def erase_too() -> None:
        try:
            await world.store.erasures.erase(user, OWNER)
            done.append("erased")
        except NotFound:
            done.append("nobody there")

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(erase_too)
    assert sorted(done) == ["erased", *["nobody there"] * 3]
    assert await world.table(t.erasure) == []
