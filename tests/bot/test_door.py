"""`HttpService` against a real door, which closes and opens again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Sender, ServiceGone
from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedMessage, FeedPreview, FeedStream
from adapters.terminal import Console, chat
from adapters.testing import Answer, FakeService
from agentcore.errors import BadInput, StoreBusy, StoreFull
from bot.door.client import HttpService
from bot.door.errors import DoorClosed, DoorRefused
from bot.host.lockfile import RunningService
from bot.http.app import create_app
from tests.house import PATIENCE
from tests.simulators.loopback import serving, unused_port

KEY = "key"
ADDRESS = ChatAddress("terminal", "local", "Zoë: 50%")


def message(text: str, update_id: str = "1") -> Inbound:
    return Inbound(update_id, ADDRESS, Sender("zoe", "Zoë"), (InboundPart(text),), sent_at=17)


async def add(arguments: Mapping[str, Any]) -> Any:
    return {"sum": arguments["a"] + arguments["b"]}


async def refuse(_: Mapping[str, Any]) -> Any:
    raise BadInput("that won't do: try another")


@asynccontextmanager
async def door_to(
    service: FakeService, *, port: int = 0, key: str = KEY
) -> AsyncGenerator[RunningService, None]:
    async def readiness() -> Mapping[str, str]:
        return {}

    commands = {"add": add, "refuse": refuse}
    app = create_app(readiness=readiness, service=service, door_key=key, door_commands=commands)
    async with serving(app, port) as url:
        yield RunningService(1, url, key)


async def next_of(feed: FeedStream) -> FeedEvent:
    with anyio.fail_after(PATIENCE):
        return await anext(feed)


async def message_in(feed: FeedStream) -> str:
    """The next message's text; what isn't one is passed over."""
    while True:
        if isinstance(event := await next_of(feed), FeedMessage):
            return event.text


async def test_a_message_arrives_as_it_was_sent() -> None:
    service = FakeService()

    async with door_to(service) as door, HttpService(door) as remote:
        receipt = await remote.accept(message("hello \u202e\x00 🇵🇹"))

    assert (receipt.outcome, receipt.position) == ("accepted", 1)
    assert service.accepted == [message("hello \u202e\x00 🇵🇹")]


async def test_a_busy_service_is_asked_again_with_the_same_update() -> None:
    service = FakeService()
    service.fail_accepts(StoreBusy("locked"), StoreBusy("still locked"))
    service.lose_answers(StoreBusy("kept, but nobody heard it"))

    async with door_to(service) as door, HttpService(door) as remote:
        receipt = await remote.accept(message("hello"))

    assert receipt.position == 1
    assert len(service.attempts) == 4
    assert service.accepted == [message("hello")]


async def test_a_service_that_stays_busy_refuses_that_message_and_takes_the_next() -> None:
    service = FakeService()
    service.fail_accepts(*[StoreFull("the disk is full")] * 3)

    async with door_to(service) as door, HttpService(door, patience=0.1) as remote:
        with pytest.raises(DoorRefused, match="disk is full"):
            await remote.accept(message("hello"))
        assert (await remote.accept(message("hello"))).outcome == "accepted"


async def test_a_message_that_is_too_large_for_the_door_is_refused_like_any_other() -> None:
    service = FakeService()

    async with door_to(service) as door, HttpService(door) as remote:
        receipt = await remote.accept(message("x" * 2_000_000))

    assert receipt.outcome == "refused"
    assert "too large" in receipt.text


async def test_a_service_that_stays_away_is_said_to_be_gone() -> None:
    nowhere = RunningService(1, f"http://127.0.0.1:{unused_port()}", KEY)

    async with HttpService(nowhere, patience=0.2) as remote:
        with pytest.raises(DoorClosed, match=nowhere.url):
            await remote.accept(message("hello"))
        with pytest.raises(ServiceGone, match=nowhere.url):
            await next_of(remote.watch(ADDRESS, None))
        with pytest.raises(DoorClosed, match=nowhere.url):
            await remote.call("add", {})


async def test_a_restarted_service_is_found_again_with_its_new_key() -> None:
    service = FakeService()
    before = RunningService(1, f"http://127.0.0.1:{unused_port()}", "old key")

    async with (
        door_to(service, key="new key") as door,
        HttpService(before, locate=lambda: door) as remote,
    ):
        receipt = await remote.accept(message("hello"))

    assert receipt.outcome == "accepted"


async def test_an_old_key_at_the_same_place_is_replaced() -> None:
    service = FakeService()

    async with door_to(service, key="new key") as door:
        stale = RunningService(1, door.url, "old key")
        async with HttpService(stale, locate=lambda: door) as remote:
            assert (await remote.accept(message("hello"))).outcome == "accepted"
        async with HttpService(stale, patience=0.1) as remote:
            with pytest.raises(DoorClosed, match="lock file's key"):
                await remote.accept(message("hello"))


async def test_a_feed_goes_on_where_it_was_when_the_service_comes_back() -> None:
    service, port = FakeService(), unused_port()
    await service.accept(message("one", "1"))
    door = RunningService(1, f"http://127.0.0.1:{port}", KEY)

    async with HttpService(door) as remote, aclosing(remote.watch(ADDRESS, None)) as feed:
        async with door_to(service, port=port):
            assert isinstance(await next_of(feed), FeedAnswered)
            await service.accept(message("two", "2"))
            assert [await message_in(feed), await message_in(feed)] == ["two", "You said: two"]
        await service.accept(message("three", "3"))
        async with door_to(service, port=port):
            assert [await message_in(feed), await message_in(feed)] == ["three", "You said: three"]
            service.say(ADDRESS, "and so on")
            assert await message_in(feed) == "and so on"


async def test_nothing_is_lost_before_the_first_word_of_a_feed_from_the_end() -> None:
    service, port = FakeService(), unused_port()
    await service.accept(message("old", "1"))
    door = RunningService(1, f"http://127.0.0.1:{port}", KEY)

    async with HttpService(door) as remote, aclosing(remote.watch(ADDRESS, None)) as feed:
        async with door_to(service, port=port):
            await next_of(feed)
        service.say(ADDRESS, "new")
        async with door_to(service, port=port):
            assert await message_in(feed) == "new"


async def test_the_rest_of_a_preview_is_not_shown_without_its_beginning() -> None:
    pieces = tuple(FeedPreview(each) for each in ("one ", "two "))
    service = FakeService(lambda _: Answer(previews=pieces, held=True))
    port = unused_port()
    door = RunningService(1, f"http://127.0.0.1:{port}", KEY)

    async with HttpService(door) as remote, aclosing(remote.watch(ADDRESS, None)) as feed:
        async with door_to(service, port=port):
            await next_of(feed)
            await service.accept(message("go on", "1"))
            assert await message_in(feed) == "go on"
            assert await next_of(feed) == FeedPreview("one ")
            assert await next_of(feed) == FeedPreview("two ")
        async with door_to(service, port=port):
            assert isinstance(await next_of(feed), FeedAnswered)
            service.preview(ADDRESS, FeedPreview("three"))
            service.preview(ADDRESS, FeedPreview("again: one", begins=True))
            assert await next_of(feed) == FeedPreview("again: one", begins=True)


async def test_a_feed_that_is_refused_ends() -> None:
    service = FakeService()

    async with door_to(service) as door, HttpService(door) as remote:
        feed = remote.watch(ADDRESS, Cursor(-1, 0))
        with pytest.raises(DoorClosed):
            await next_of(feed)


async def test_a_command_is_done_and_its_refusal_is_told() -> None:
    async with door_to(FakeService()) as door, HttpService(door) as remote:
        assert await remote.call("add", {"a": 1, "b": 2}) == {"sum": 3}
        with pytest.raises(DoorRefused, match="try another"):
            await remote.call("refuse", {})
        with pytest.raises(DoorRefused, match="has no command"):
            await remote.call("unknown", {})


async def test_feeds_do_not_hold_up_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.http.server.GRACE", 10 * PATIENCE)
    service = FakeService()

    with anyio.fail_after(PATIENCE):
        async with door_to(service) as door, HttpService(door) as remote:
            feed = remote.watch(ADDRESS, None)
            await next_of(feed)
        await feed.aclose()


async def test_a_terminal_chat_goes_through_the_door(tmp_path: Path) -> None:
    service = FakeService()
    (tmp_path / "in").write_text("one\ntwo\n")

    async with door_to(service) as door, HttpService(door) as remote:
        with (
            (tmp_path / "in").open() as given,
            (tmp_path / "out").open("w") as out,
            (tmp_path / "err").open("w") as err,
        ):
            status = await chat(remote, "ada", Console(given, out, err))

    assert status == 0
    assert (tmp_path / "out").read_text() == "You said: one\nYou said: two\n"
    assert (tmp_path / "err").read_text() == ""


async def test_a_terminal_chat_ends_with_a_sentence_when_nobody_is_behind_the_door(
    tmp_path: Path,
) -> None:
    nowhere = RunningService(1, f"http://127.0.0.1:{unused_port()}", KEY)
    (tmp_path / "in").write_text("one\n")

    async with HttpService(nowhere, patience=0.1) as remote:
        with (
            (tmp_path / "in").open() as given,
            (tmp_path / "out").open("w") as out,
            (tmp_path / "err").open("w") as err,
        ):
            status = await chat(remote, "ada", Console(given, out, err))

    assert status == 1
    assert (tmp_path / "err").read_text().startswith(f"familiar: the service at {nowhere.url}")
