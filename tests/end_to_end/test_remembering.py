"""What a person sees: it remembers them, and nobody else hears of it."""

from __future__ import annotations

import json

from anyio import to_thread

from adapters.testing import FakeService
from bot.host.lockfile import ServiceLock
from bot.http.app import create_app
from tests.end_to_end.home import Home
from tests.simulators.loopback import serving

INTRODUCTION = "My name is Ada and I live in Lisbon."


def test_without_a_service_a_later_process_remembers_and_a_stranger_is_not_told(
    home: Home,
) -> None:
    told = home.chat(INTRODUCTION)
    asked = home.chat("Where do I live?")
    stranger = home.chat("Where do I live?", user="bob")

    assert [each.code for each in (told, asked, stranger)] == [0, 0, 0]
    assert told.told_terms
    assert stranger.told_terms
    assert asked.err == ""
    assert "Ada" in told.out
    assert "Lisbon" in asked.out
    assert "Lisbon" not in stranger.out
    assert stranger.out


def test_what_a_service_was_told_outlives_its_kill(home: Home) -> None:
    with home.serving() as service:
        told = home.chat(INTRODUCTION)
        holder = json.loads((home.data / "familiar.db.lock").read_text())["pid"]
        assert holder == service.pid
        service.kill()
    with home.serving() as service:
        asked = home.chat("Where do I live?")
        stranger = home.chat("Where do I live?", user="bob")
        assert service.stop() == 0

    assert [each.code for each in (told, asked, stranger)] == [0, 0, 0]
    assert "Lisbon" in asked.out
    assert "Lisbon" not in stranger.out


def test_a_service_takes_over_from_a_chat_and_a_chat_from_a_service(home: Home) -> None:
    home.chat(INTRODUCTION)
    with home.serving():
        asked = home.chat("Where do I live?", "Actually I moved to Porto.")
    again = home.chat("Where do I live?")

    assert "Lisbon" in asked.out
    assert "Porto" in again.out


async def test_while_a_service_holds_the_lock_a_chat_talks_to_it_and_opens_no_database(
    home: Home,
) -> None:
    """The lock is held, the door is a fake one: whoever opened a database would make one."""

    async def readiness() -> dict[str, str]:
        return {}

    home.data.mkdir(mode=0o700)
    app = create_app(readiness=readiness, service=FakeService(), door_key="k")
    with ServiceLock.acquire(home.data / "familiar.db.lock") as lock:
        async with serving(app) as url:
            lock.publish(url, "k")
            said = await to_thread.run_sync(home.chat, "hello")

    assert (said.code, said.out, said.err) == (0, "You said: hello\n", "")
    assert [each.name for each in home.data.iterdir()] == ["familiar.db.lock"]
