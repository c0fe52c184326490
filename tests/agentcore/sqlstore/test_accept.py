from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentcore.records import (
    Accepted,
    Address,
    Admission,
    AgentSeed,
    Duplicate,
    IdentityKey,
    NoticeDraft,
)
from agentcore.sqlstore import tables as t
from agentcore.store.gate import GateCommand, GateScope
from tests.agentcore.sqlstore.conftest import Opened
from tests.contracts.store_world import LEASE, Chunks, World, a_seed, everything


async def count(world: World, table: sa.Table) -> int:
    return len(await world.table(table))


async def test_first_contact_makes_the_person_their_agent_its_memory_and_a_thread(
    world: World,
) -> None:
    outcome = await world.say("Hello", language="pt")

    assert outcome.first_contact
    assert (outcome.position, outcome.pending, outcome.thread) == (1, 1, 1)
    (user,) = await world.table(t.user)
    assert (user["user_id"], user["language"], user["access"], user["consent"]) == (
        outcome.user_id,
        "pt",
        "admitted",
        "new",
    )
    (identity,) = await world.table(t.identity)
    assert (identity["user_id"], identity["external_id"]) == (outcome.user_id, "ada")
    (attached,) = await world.table(t.user_agent)
    assert attached["agent_id"] == outcome.agent_id
    blocks = await world.door(outcome.agent_id).blocks()
    assert [block.label for block in blocks] == ["persona", "human"]
    first = await world.table(t.block_revision)
    assert sorted((each["label"], each["version"], each["before"]) for each in first) == [
        ("human", 1, ""),
        ("persona", 1, ""),
    ]
    (thread,) = await world.table(t.thread)
    assert (thread["agent_id"], thread["address"]) == (outcome.agent_id, "home:ada")


async def test_the_next_message_reaches_the_same_agent_and_thread(world: World) -> None:
    first = await world.say()
    second = await world.say("And another")
    assert not second.first_contact
    assert (second.agent_id, second.thread) == (first.agent_id, first.thread)
    assert (second.position, second.pending) == (2, 2)


async def test_another_address_of_the_same_person_is_another_thread(world: World) -> None:
    first = await world.say()
    second = await world.say(address=Address("web:ada"))
    assert second.agent_id == first.agent_id
    assert (first.thread, second.thread) == (1, 2)


async def test_two_people_never_share_an_agent(world: World) -> None:
    assert (await world.say(who="ada")).agent_id != (await world.say(who="bob")).agent_id


async def test_names_identify_nobody(world: World) -> None:
    ada = await world.say(display_name="Ada")
    other = await world.say(who="other", display_name="Ada")
    same = await world.say(display_name="Not Ada")
    assert other.agent_id != ada.agent_id
    assert same.agent_id == ada.agent_id


async def test_the_same_name_on_another_bot_account_is_somebody_else(world: World) -> None:
    here = await world.say()
    there = await world.say(key=IdentityKey("test", "otherbot", "ada"))
    assert there.agent_id != here.agent_id


@pytest.mark.parametrize("callers", [2, 8])
async def test_first_contacts_at_once_make_one_person_and_one_agent(
    world: World, opened: Opened, callers: int
) -> None:
    submissions = [world.submission(f"Hello {n}") for n in range(callers)]
    other = opened()
    elsewhere = World(type(world.store)(other, world.clock), other, world.clock)

    outcomes = await asyncio.gather(
        *((world, elsewhere)[n % 2].send(each) for n, each in enumerate(submissions))
    )
    await other.close()

    accepted = [each for each in outcomes if isinstance(each, Accepted)]
    assert len(accepted) == callers
    assert len({each.agent_id for each in accepted}) == 1
    assert sorted(each.position for each in accepted) == list(range(1, callers + 1))
    assert [each.first_contact for each in accepted].count(True) == 1
    for table in (t.user, t.identity, t.agent, t.thread, t.user_agent, t.agent_lease):
        assert await count(world, table) == 1, table.name


async def test_two_messages_at_once_of_somebody_known_but_not_yet_met_make_one_agent(
    world: World, opened: Opened
) -> None:
    pending = Admission(new_user_access="pending")
    await world.send(world.submission(), admission=pending)
    await world.run(sa.update(t.user).values(access="admitted"))
    others = [opened() for _ in range(4)]
    stores = [type(world.store)(each, world.clock) for each in others]

    await asyncio.gather(
        *(
            store.accept(world.submission(f"{n}"), Admission(), a_seed, Chunks())
            for n, store in enumerate(stores)
        )
    )
    for each in others:
        await each.close()

    assert await count(world, t.agent) == 1
    assert await count(world, t.thread) == 1


async def test_two_messages_at_once_from_a_new_address_make_one_thread(
    world: World, opened: Opened
) -> None:
    await world.say()
    others = [opened() for _ in range(4)]
    stores = [type(world.store)(each, world.clock) for each in others]
    await asyncio.gather(
        *(
            store.accept(
                world.submission(f"{n}", address=Address("web:ada")), Admission(), a_seed, Chunks()
            )
            for n, store in enumerate(stores)
        )
    )
    for each in others:
        await each.close()
    assert await count(world, t.thread) == 2


async def test_a_redelivery_writes_nothing_and_knows_its_position(world: World) -> None:
    await world.say("before")
    submission = world.submission("Hello")
    outcome = await world.send(submission)
    assert isinstance(outcome, Accepted)
    before = await everything(world, t.metadata.sorted_tables)

    again = await world.send(replace(submission, received_at=world.clock.now()))

    assert again == Duplicate(position=outcome.position)
    assert await everything(world, t.metadata.sorted_tables) == before


async def test_the_same_update_at_once_is_accepted_once(world: World, opened: Opened) -> None:
    submission = world.submission()
    other = opened()
    store = type(world.store)(other, world.clock)
    outcomes = await asyncio.gather(
        *(
            each.accept(submission, Admission(), a_seed, Chunks())
            for each in (world.store, store, world.store, store)
        )
    )
    await other.close()
    assert sorted(type(each).__name__ for each in outcomes) == [
        "Accepted",
        "Duplicate",
        "Duplicate",
        "Duplicate",
    ]
    assert await count(world, t.inbox) == 1


async def test_the_same_update_id_from_another_source_is_another_update(world: World) -> None:
    updates = [
        world.submission(update_id="7", source=source) for source in ("test:bot", "other:bot")
    ]
    taken = [await world.send(each) for each in updates]
    assert [each.position for each in taken if isinstance(each, Accepted)] == [1, 2]
    assert [await world.send(each) for each in updates] == [Duplicate(1), Duplicate(2)]


async def test_a_failure_rolls_everything_back_so_that_redelivery_works(world: World) -> None:
    submission = world.submission()

    def broken() -> AgentSeed:
        msg = "no template"
        raise RuntimeError(msg)

    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(RuntimeError, match="no template"):
        await world.send(submission, seed=broken)
    assert await everything(world, t.metadata.sorted_tables) == before
    assert isinstance(await world.send(submission), Accepted)


async def test_a_command_at_the_gate_is_answered_at_once_and_makes_nobody_ready(
    world: World,
) -> None:
    await world.talk("Hello")
    await world.sent()
    position = 2

    def memory(scope: GateScope) -> Sequence[NoticeDraft]:
        labels = ",".join(block.label for block in scope.blocks())
        return [NoticeDraft(Address("home:ada"), "memory", {"labels": labels})]

    asked = world.submission(command="memory", answer_via="m1")
    outcome = await world.send(asked, command=memory)

    assert isinstance(outcome, Accepted)
    assert (outcome.position, outcome.pending) == (position, 0)
    sent, notice = (await world.table(t.outbox))[-1], (await world.table(t.notice))[-1]
    assert (sent["agent_id"], sent["user_id"]) == (outcome.agent_id, outcome.user_id)
    assert (sent["turn"], sent["answer_via"]) == (None, "m1")
    assert notice["agent_id"] == outcome.agent_id
    assert await world.store.next_ready() is None
    assert await world.claim() == ()
    assert await world.sent() == ["memory None"]
    feed = await world.store.feed(Address("home:ada"))
    assert [notice.arguments for notice in feed.notices] == [{"labels": "persona,human"}]
    assert feed.answered == position


async def test_a_failing_command_at_the_gate_leaves_no_trace_and_may_be_sent_again(
    world: World,
) -> None:
    await world.talk("Hello")
    submission = world.submission(command="memory")

    def broken(scope: GateScope) -> Sequence[NoticeDraft]:
        scope.request_cancel()
        msg = "broken command"
        raise RuntimeError(msg)

    before = await everything(world, t.metadata.sorted_tables)
    with pytest.raises(RuntimeError, match="broken command"):
        await world.send(submission, command=broken)
    assert await everything(world, t.metadata.sorted_tables) == before
    outcome = await world.send(submission, command=lambda _scope: [])
    assert isinstance(outcome, Accepted)
    assert outcome.position == 2


def stopping(asked: list[bool]) -> GateCommand:
    """`/stop`, as the gate runs it; what it learns is added to `asked`."""

    def stop(scope: GateScope) -> Sequence[NoticeDraft]:
        asked.append(scope.request_cancel())
        return []

    return stop


async def test_stop_reaches_only_the_running_turn_of_the_sender_s_own_agent(world: World) -> None:
    await world.say(who="ada")
    await world.say(who="bob")
    claims = {claim.address: claim for claim in await world.claim()}
    asked: list[bool] = []

    await world.send(world.submission(command="stop"), command=stopping(asked))
    held = {claim.agent_id: claim.fence for claim in claims.values()}
    renewed = await world.store.renew("worker", held, lease=LEASE)

    assert asked == [True]
    assert renewed == {
        claims[Address("home:ada")].agent_id: True,
        claims[Address("home:bob")].agent_id: False,
    }


async def test_stop_says_so_when_there_is_nothing_to_stop(world: World) -> None:
    await world.talk("Hello")
    asked: list[bool] = []
    await world.send(world.submission(command="stop"), command=stopping(asked))
    assert asked == [False]


async def test_where_nothing_runs_stop_calls_off_what_waits_here(world: World) -> None:
    await world.talk("Hello")
    await world.say("waits")
    await world.say("waits, too")
    asked: list[bool] = []
    await world.send(world.submission(command="stop"), command=stopping(asked))
    assert asked == [True]
    called_off = await world.claim_one()
    assert called_off.cancel_requested
    assert [item.text for item in called_off.items] == ["waits", "waits, too"]
    await world.hand_back(called_off, ready_at=world.now)
    assert (await world.claim_one()).cancel_requested, "after a kill, too"


async def test_what_is_said_after_a_stop_is_answered_with_what_it_called_off(world: World) -> None:
    await world.say("waits")
    await world.send(world.submission(command="stop"), command=stopping([]))
    await world.say("On second thoughts")
    following = await world.claim_one()
    assert [item.text for item in following.items] == ["waits", "On second thoughts"]
    assert not following.cancel_requested


async def test_stop_calls_off_nothing_that_was_said_elsewhere(world: World) -> None:
    await world.say("waits")
    asked: list[bool] = []
    elsewhere = world.submission(command="stop", address=Address("home:elsewhere"))
    await world.send(elsewhere, command=stopping(asked))
    assert asked == [False]
    assert not (await world.claim_one()).cancel_requested


async def test_stop_reaches_a_turn_that_was_handed_back(world: World) -> None:
    await world.say()
    await world.hand_back(await world.claim_one(), ready_at=world.now)
    asked: list[bool] = []
    await world.send(world.submission(command="stop"), command=stopping(asked))
    assert asked == [True]
    assert (await world.claim_one()).cancel_requested


async def test_stop_does_not_touch_what_still_waits(world: World) -> None:
    await world.say("first")
    running = await world.claim_one()
    await world.say("second")
    await world.send(world.submission(command="stop"), command=stopping([]))
    await world.answer(running)
    following = await world.claim_one()
    assert [item.text for item in following.items] == ["second"]
    assert not following.cancel_requested
