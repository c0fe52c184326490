"""The way in: once-only, whatever is sent; and the feed out: nothing twice, nothing missed."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Sender
from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedMessage
from agentcore.records import OWNER
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from tests.house import (
    FAST,
    PATIENCE,
    House,
    address_of,
    call,
    calls,
    house,
    notices,
    replies,
    working,
)


async def test_a_redelivered_update_is_a_duplicate_at_its_old_place(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hello.")) as home, working(home):
        first = await home.accept("ada", "Hi!", update_id="7")
        again = await home.accept("ada", "Hi!", update_id="7")
        events = await home.heard("ada", until=first.position)
    assert (again.outcome, again.position) == ("duplicate", first.position)
    assert replies(events) == ["Hello."]


async def test_two_first_contacts_at_once_make_one_agent(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(home.accept, "ada", f"message {number}")
        assert len(await home.parts.store.list_agents()) == 1


async def test_everybody_has_an_agent_of_their_own(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hello.", "Hello.")) as home:
        await home.say("ada", "Hi!")
        await home.say("bob", "Hi!")
        assert await home.agent_of("ada") != await home.agent_of("bob")


async def test_too_long_a_message_is_refused_with_its_size(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        receipt = await home.accept("ada", "x" * 64_001)
    assert receipt.outcome == "refused"
    assert "64001 bytes" in receipt.text


async def test_a_message_of_just_the_right_size_is_taken(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        assert (await home.accept("ada", "x" * 64_000)).outcome == "accepted"


async def test_only_so_much_may_wait_and_stop_still_works(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        outcomes = [(await home.accept("ada", f"message {n}")).outcome for n in range(52)]
        stop = await home.accept("ada", "/stop")
    assert outcomes == ["accepted"] * 50 + ["refused"] * 2
    assert stop.outcome == "accepted"


async def test_where_strangers_need_leave_nothing_of_theirs_is_kept(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel(), access="pairing") as home:
        stranger = Inbound(
            update_id="1",
            address=ChatAddress("fakepush", "bot", "42"),
            sender=Sender("42", "Mallory"),
            parts=(InboundPart("let me in"),),
        )
        receipt = await home.parts.gateway.accept(stranger)
        assert await home.parts.store.list_agents() == ()
        assert (await home.accept("ada", "Hi!")).outcome == "accepted", "the terminal is ours"
    assert receipt.outcome == "refused"
    assert "private" in receipt.text


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.characters(), min_size=1), name=st.text(st.characters(), max_size=200))
async def test_any_text_and_any_name_are_taken_or_refused_kindly(
    tmp_path_factory: pytest.TempPathFactory, text: str, name: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    async with house(folder, ScriptedModel()) as home:
        inbound = Inbound("1", address_of("ada"), Sender("ada", name), (InboundPart(text),))
        receipt = await home.parts.gateway.accept(inbound)
        claims = await home.claim()
    assert receipt.outcome in {"accepted", "refused"}
    if receipt.outcome == "accepted" and claims:
        stored = claims[0].first
        assert "\x00" not in stored.text
        stored.text.encode()


async def test_a_forwarded_command_is_no_command(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Interesting.")) as home, working(home):
        forwarded = Inbound(
            "1", address_of("ada"), Sender("ada"), (InboundPart("/undo", "forwarded"),)
        )
        receipt = await home.parts.gateway.accept(forwarded)
        events = await home.heard("ada", until=receipt.position)
    assert replies(events) == ["Interesting."]


async def test_a_feed_goes_on_from_its_cursor(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("One.", "Two.")) as home, working(home):
        first = await home.accept("ada", "1")
        events = await home.heard("ada", until=first.position)
        last = events[-1]
        assert isinstance(last, FeedAnswered)
        feed = home.parts.gateway.watch(address_of("ada"), last.cursor)
        await home.accept("ada", "/help")
        await home.accept("ada", "2")
        later: list[FeedEvent] = []
        with anyio.fail_after(PATIENCE):
            while replies(later) != ["Two."]:
                later.append(await anext(feed))
        await feed.aclose()
    assert notices(later) == ["reply.help"]
    assert [e.text for e in later if isinstance(e, FeedMessage)] == ["2", "Two."]


async def test_a_feed_from_the_end_shows_nothing_old(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("One.")) as home, working(home):
        first = await home.accept("ada", "1")
        await home.heard("ada", until=first.position)
        feed = home.parts.gateway.watch(address_of("ada"), None)
        with anyio.fail_after(PATIENCE):
            event = await anext(feed)
        await feed.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(feed)
    assert isinstance(event, FeedAnswered)
    assert event.position == first.position


async def test_a_feed_passes_over_messages_without_text(tmp_path: Path) -> None:
    insert = call("memory_insert", '{"label": "human", "new_string": "a"}')
    model = ScriptedModel(calls(insert), *["Hello."] * 2)
    async with house(tmp_path, model) as home, working(home):
        receipt = await home.accept("ada", "Hi!")
        events = await home.heard("ada", until=receipt.position)
    assert replies(events) == ["Hello."]


async def test_a_group_has_an_agent_of_its_own_and_speakers_are_named(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hello both."), access="open") as home:
        for user in ("ada", "bob"):
            await home.parts.gateway.accept(in_group(user, f"I am {user}."))
        (claim,) = await home.claim()
        await home.run(claim)
        door = home.parts.store.for_agent(claim.agent_id, OWNER)
        history = list(reversed(await door.history(limit=9)))
        (agent,) = await home.parts.store.list_agents()
    assert agent.owner_kind == "chat"
    assert [m.meta.speaker for m in history if m.meta] == ["Ada", "Bob"]
    assert len({message.author for message in history[:2]}) == 2


def in_group(user: str, text: str) -> Inbound:
    return Inbound(
        update_id=f"{user}-1",
        address=ChatAddress("fakepush", "bot", "group"),
        sender=Sender(user, user.title()),
        parts=(InboundPart(text),),
        audience="chat",
    )


async def test_an_accept_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        await home.parts.store.close()
        with pytest.raises(Exception, match="closed"):
            await home.accept("ada", "Hi!", update_id="1")
    async with house(tmp_path, ScriptedModel(), replacements=Replacements(limits=FAST)) as again:
        assert (await again.accept("ada", "Hi!", update_id="1")).outcome == "accepted"
        assert isinstance(again, House)


def test_a_cursor_starts_at_the_beginning() -> None:
    assert Cursor() == Cursor(0, 0)
