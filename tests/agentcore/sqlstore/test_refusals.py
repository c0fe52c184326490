from __future__ import annotations

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from agentcore.clock import DAY, HOUR, MINUTE
from agentcore.records import (
    Acceptance,
    Accepted,
    Admission,
    Duplicate,
    FeedPlace,
    IdentityKey,
    RefusalReason,
    Refused,
)
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import Chunks, World, text_parts

CAPPED: Mapping[RefusalReason, Admission] = {
    "pending_full": Admission(max_pending=1),
    "rate": Admission(max_per_minute=1),
}


def reason_of(outcome: Acceptance) -> tuple[RefusalReason, bool]:
    assert isinstance(outcome, Refused), outcome
    return outcome.reason, outcome.announced


@pytest.mark.parametrize("reason", CAPPED)
async def test_over_a_cap_one_sentence_per_window_then_silence(
    world: World, reason: RefusalReason
) -> None:
    world.clock.advance(MINUTE - world.now % MINUTE)  # the start of a window
    await world.say()

    outcomes = [
        await world.send(world.submission(f"{n}"), admission=CAPPED[reason]) for n in range(3)
    ]

    assert [reason_of(each) for each in outcomes] == [
        (reason, True),
        (reason, False),
        (reason, False),
    ]
    assert await world.sent() == [f"refused.{reason} None"]
    assert len(await world.table(t.inbox)) == 1
    world.clock.advance(MINUTE - 1)
    if reason == "pending_full":
        assert reason_of(await world.send(world.submission(), admission=CAPPED[reason])) == (
            reason,
            False,
        )
        world.clock.advance(1)
        assert reason_of(await world.send(world.submission(), admission=CAPPED[reason])) == (
            reason,
            True,
        )


async def test_the_bytes_that_wait_are_capped_too(world: World) -> None:
    admission = Admission(max_pending_bytes=10)
    await world.say("12345678")
    assert reason_of(await world.send(world.submission("abc"), admission=admission)) == (
        "pending_full",
        True,
    )
    assert isinstance(await world.send(world.submission("ab"), admission=admission), Accepted)


async def test_the_caps_of_one_person_are_not_another_s(world: World) -> None:
    await world.say(who="ada")
    admission = Admission(max_pending=1, max_per_minute=1)
    assert isinstance(await world.send(world.submission(who="bob"), admission=admission), Accepted)


async def test_the_rate_counts_the_last_minute_only(world: World) -> None:
    admission = Admission(max_per_minute=2)
    await world.talk("one", "two")
    assert reason_of(await world.send(world.submission(), admission=admission))[0] == "rate"
    world.clock.advance(MINUTE)
    assert isinstance(await world.send(world.submission(), admission=admission), Accepted)


async def test_stop_passes_every_cap_and_other_commands_only_those_that_they_do_not_fill(
    world: World,
) -> None:
    await world.say()
    full = Admission(max_pending=1, max_pending_bytes=1)
    fast = Admission(max_per_minute=1)
    stop = world.submission("now, please", command="stop")
    assert isinstance(await world.send(stop, admission=fast, command=lambda _scope: []), Accepted)
    look = world.submission("", command="memory")
    assert isinstance(await world.send(look, admission=full, command=lambda _scope: []), Accepted)
    undo = world.submission("", command="undo")
    assert reason_of(await world.send(undo, admission=full)) == ("pending_full", True)
    again = world.submission("", command="memory")
    outcome = await world.send(again, admission=fast, command=lambda _scope: [])
    assert reason_of(outcome) == ("rate", True)


async def test_newcomers_are_capped_per_hour_and_account(world: World) -> None:
    admission = Admission(newcomers_per_hour=2)
    for who in ("ada", "bob"):
        assert isinstance(
            await world.send(world.submission(who=who), admission=admission), Accepted
        )

    crowded = await world.send(world.submission(who="eve"), admission=admission)

    assert reason_of(crowded) == ("crowded", True)
    assert len(await world.table(t.identity)) == 2
    assert isinstance(await world.send(world.submission(who="ada"), admission=admission), Accepted)
    elsewhere = world.submission(who="eve", key=IdentityKey("test", "other", "eve"))
    assert isinstance(await world.send(elsewhere, admission=admission), Accepted)
    world.clock.advance(HOUR)
    assert isinstance(await world.send(world.submission(who="eve"), admission=admission), Accepted)


@pytest.mark.parametrize(
    ("reason", "text"), [("too_long", "x" * 101), ("empty", " \n\t"), ("empty", "")]
)
async def test_a_text_that_cannot_be_used_is_answered_once_per_window(
    world: World, reason: RefusalReason, text: str
) -> None:
    await world.talk("Hello")
    await world.sent()
    admission = Admission(max_text_bytes=100)
    for announced in (True, False):
        outcome = await world.send(world.submission(text), admission=admission)
        assert reason_of(outcome) == (reason, announced)
        assert isinstance(outcome, Refused)
        assert outcome.arguments["max_size"] == 100
    assert await world.sent() == [f"refused.{reason} None"]


async def test_the_length_is_counted_in_bytes_and_the_limit_itself_passes(world: World) -> None:
    admission = Admission(max_text_bytes=8)
    assert isinstance(await world.send(world.submission("ñ" * 4), admission=admission), Accepted)
    over = await world.send(world.submission("ñ" * 4 + "x"), admission=admission)
    assert reason_of(over) == ("too_long", True)


async def test_a_stranger_who_is_not_admitted_is_known_from_then_on_but_has_no_agent(
    world: World,
) -> None:
    admission = Admission(new_user_access="pending")
    outcomes = [await world.send(world.submission(), admission=admission) for _ in range(2)]
    assert [reason_of(each) for each in outcomes] == [
        ("not_admitted", True),
        ("not_admitted", False),
    ]
    assert [row["access"] for row in await world.table(t.user)] == ["pending"]
    assert [len(await world.table(table)) for table in (t.identity, t.agent, t.inbox)] == [1, 0, 0]

    await world.run(sa.update(t.user).values(access="admitted"))
    outcome = await world.send(world.submission(), admission=admission)
    assert isinstance(outcome, Accepted)
    assert outcome.first_contact


@pytest.mark.parametrize("text", ["Hello", "", "x" * 101])
async def test_who_is_blocked_gets_silence_whatever_they_send(world: World, text: str) -> None:
    await world.talk("Hello")
    await world.sent()
    await world.run(sa.update(t.user).values(access="blocked"))

    outcome = await world.send(world.submission(text), admission=Admission(max_text_bytes=100))
    command = world.submission(command="memory")
    also = await world.send(command, command=lambda _scope: [])

    assert [reason_of(outcome), reason_of(also)] == [("blocked", False), ("blocked", False)]
    assert await world.sent() == []
    feed = await world.store.feed(command.address, FeedPlace(9, 0))
    assert feed.notices == ()


async def test_a_refused_update_that_comes_again_is_a_duplicate_and_silent(world: World) -> None:
    submission = world.submission(" ")
    assert reason_of(await world.send(submission)) == ("empty", True)
    assert await world.send(submission) == Duplicate(0)
    assert await world.sent() == ["refused.empty None"]


async def test_a_refusal_speaks_the_reader_s_language(world: World) -> None:
    await world.say(language="pt")
    await world.sent()
    await world.send(world.submission(" ", language="en"))
    assert await world.sent() == ["refused.empty pt"]
    await world.send(world.submission(" ", who="eve", language="de"))
    assert await world.sent() == ["refused.empty de"]


async def test_a_pull_client_is_told_in_the_answer_alone(world: World) -> None:
    outcome = await world.send(world.submission(" "), composer=Chunks(silent=True))
    assert reason_of(outcome) == ("empty", True)
    assert [len(await world.table(table)) for table in (t.outbox, t.notice)] == [0, 0]


async def test_what_was_refused_is_forgotten_after_its_time(world: World) -> None:
    await world.send(world.submission(parts=text_parts("")))
    world.clock.advance(8 * DAY + 1)
    await world.store.purge()
    assert await world.table(t.refusal) == []
