"""How updates are fetched: what is acknowledged when, and what may go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest

from adapters.base import Inbound, PlatformRefuses, Receipt
from adapters.conformance import running
from adapters.telegram.adapter import USERNAME
from adapters.testing import FakeService
from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.house import PATIENCE
from tests.simulators.faults import ConnectionCut, Held
from tests.simulators.loopback import unused_port
from tests.simulators.telegram_server.client import talking
from tests.simulators.telegram_server.faults import (
    Answered,
    Fault,
    bad_gateway,
    flood_wait,
    refusing,
    server_error,
)
from tests.simulators.telegram_server.http import Response, json_response
from tests.simulators.telegram_server.people import Attachment
from tests.simulators.telegram_server.refusals import TWO_POLLERS, conflict
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import SteppedTimeline


def offsets(server: TelegramServer) -> list[int]:
    return [poll["offset"] for poll in server.world.updates.polls]


async def two_more_polls(server: TelegramServer) -> None:
    """The first of them was perhaps on its way already."""
    seen = len(offsets(server))
    await server.bell.until(lambda: len(offsets(server)) >= seen + 2)


async def test_a_backlog_is_taken_in_whole_and_in_order(
    server: TelegramServer, bot: BotAtWork
) -> None:
    people = [server.person(name) for name in ("Ada", "Bob", "Cleo")]
    for number in range(250):
        people[number % 3].writes(f"line {number}")

    async with bot.running():
        await bot.accepted(250)
        await server.until_confirmed()

    for at, person in enumerate(people):
        lines = [f"line {number}" for number in range(at, 250, 3)]
        assert bot.service.texts(bot.address(person.id)) == lines


async def test_what_is_behind_a_held_up_chat_is_taken_in_and_not_acknowledged(
    server: TelegramServer, bot: BotAtWork
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    held = bot.address(ada.id)
    bot.service.close_gate(held)
    ada.writes("slow")
    for number in range(5):
        bob.writes(f"line {number}")

    async with bot.running():
        await bot.accepted(5)
        await two_more_polls(server)
        bob.writes("while it waits")
        await bot.accepted(6)
        assert set(offsets(server)) <= {0, 730_000_001}
        assert len(server.world.updates.pending) == 7
        bot.service.open_gate(held)
        await server.until_confirmed()

    assert len(bot.service.attempts) == 7, "what was taken in isn't handed in again"


async def test_what_telegram_gives_out_twice_is_taken_in_once(
    server: TelegramServer, bot: BotAtWork
) -> None:
    ada = server.person("Ada")
    ada.writes("one")
    async with bot.running():
        await server.until_confirmed()
        server.world.updates.again(730_000_001)
        ada.writes("two")
        await bot.accepted(2)
        await server.until_confirmed()

    assert bot.service.texts(bot.address(ada.id)) == ["one", "two"]


async def test_numbers_that_begin_anew_after_a_quiet_week_are_followed(
    server: TelegramServer, bot: BotAtWork
) -> None:
    bot.pace = replace(bot.pace, poll=1)
    ada = server.person("Ada")
    ada.writes("before")
    async with bot.running():
        await server.until_confirmed()
        await server.bell.until(lambda: offsets(server)[1:2] > [0] and offsets(server)[-1] == 0)
        server.world.updates.skip(-500_000_000)
        ada.writes("after")
        await bot.accepted(2)
        await server.until_confirmed()


MALFORMED: tuple[dict[str, Any], ...] = (
    {"message": {"message_id": 1, "date": "yesterday"}},
    {"message": None},
    {"message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": 7}},
    {"callback_query": {"id": 5}},
    {"my_chat_member": []},
    {"edited_message": "SECRET WORDS"},
    {"something_new": {"a": 1}},
    {},
)


async def test_a_malformed_update_is_passed_over_and_logged_without_its_content(
    server: TelegramServer, bot: BotAtWork, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = server.person("Ada")
    for raw in MALFORMED:
        server.world.updates.push_raw(dict(raw))
        ada.writes("a good one")

    async with bot.running():
        await bot.accepted(len(MALFORMED))
        await server.until_confirmed()

    logged = capsys.readouterr().out
    assert server.token not in logged
    assert "730000001" in logged
    assert "SECRET" not in logged
    assert "yesterday" not in logged


class Choosy(FakeService):
    """Can't store what this person says."""

    person = ""

    async def accept(self, inbound: Inbound) -> Receipt:
        if inbound.sender.external_id == self.person:
            raise ValueError("a bug")
        return await super().accept(inbound)


async def test_an_update_that_alone_can_never_be_stored_is_passed_over_in_the_end(
    server: TelegramServer,
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    service = Choosy()
    service.person = str(ada.id)
    bot = BotAtWork(server, service=service)
    bot.pace = replace(bot.pace, retry=0.001, longest_pause=0.002)
    ada.writes("cursed")
    bob.writes("hello")

    async with bot.running():
        await server.until_confirmed()

    assert service.texts(bot.address(bob.id)) == ["hello"]


TROUBLE: dict[str, Fault] = {
    "a page of the proxy": bad_gateway(),
    "an error": server_error(),
    "a cut": ConnectionCut(),
    "an answer that is lost": ConnectionCut(carried_out=True),
    "a conflict": refusing(conflict(TWO_POLLERS)),
    "an object of somebody else's": Answered(json_response(200, {"status": "ok"})),
    "no JSON": Answered(Response(200, b"<html>")),
}


@pytest.mark.parametrize("trouble", TROUBLE.values(), ids=TROUBLE)
async def test_it_goes_on_after(server: TelegramServer, bot: BotAtWork, trouble: Fault) -> None:
    ada = server.person("Ada")
    ada.writes("before")
    server.faults.befall("getMe", trouble)
    server.faults.befall("getUpdates", trouble, trouble)

    async with bot.running() as adapter:
        await bot.accepted(1)
        ada.writes("after")
        await bot.accepted(2)
        await server.until_confirmed()
        assert adapter.health() == "ok"


async def test_it_waits_as_long_as_telegram_wants(server: TelegramServer, bot: BotAtWork) -> None:
    server.person("Ada").writes("hello")
    server.faults.befall("getUpdates", flood_wait(1))

    async with bot.running():
        await bot.accepted(1)

    assert len(server.world.updates.polls) >= 1


async def test_a_poll_without_an_answer_is_given_up(server: TelegramServer, bot: BotAtWork) -> None:
    bot.pace = replace(bot.pace, stall=0.1)
    stalled = Held(before=True)
    server.faults.befall("getUpdates", stalled)
    server.person("Ada").writes("hello")

    async with bot.running():
        await bot.accepted(1)

    assert not stalled.go.is_set()


async def test_the_operator_is_told_who_else_uses_the_token(bot: BotAtWork) -> None:
    server = bot.server
    async with bot.running() as adapter, talking(server) as other:
        await server.until_polled()
        await other.set_webhook("http://127.0.0.1:9/none")
        await _until_told(adapter.health, "a webhook was set for this bot")
        await other.delete_webhook()
        server.person("Ada").writes("hello")
        await bot.accepted(1)
        assert adapter.health() == "ok"


async def _until_told(health: Callable[[], str], what: str) -> None:
    with anyio.fail_after(PATIENCE):
        while what not in health():
            await anyio.lowlevel.checkpoint()


async def test_a_webhook_gives_way_and_what_waited_for_it_is_kept(bot: BotAtWork) -> None:
    async with talking(bot.server) as other:
        await other.set_webhook("http://127.0.0.1:9/none")
    bot.server.person("Ada").writes("waiting")

    async with bot.running():
        await bot.accepted(1)

    (call,) = bot.server.called("deleteWebhook")
    assert call.get("drop_pending_updates", "false").lower() in {"", "false"}


async def test_a_revoked_token_is_for_the_operator_to_mend(bot: BotAtWork) -> None:
    bot.server.bot.revoked = True

    with pytest.raises(PlatformRefuses, match="new one from @BotFather") as refused:
        await bot.adapter().run(lambda: None)

    assert bot.server.token not in str(refused.value)


async def test_a_token_that_is_revoked_later_ends_the_run(bot: BotAtWork) -> None:
    server = bot.server

    def revoke() -> None:
        server.bot.revoked = True

    with pytest.raises(PlatformRefuses):
        await bot.adapter().run(revoke)


async def test_it_waits_for_a_telegram_that_cannot_be_reached() -> None:
    port = unused_port()
    server = TelegramServer(limits=None, port=port)
    bot = BotAtWork(server)
    async with server:
        adapter = bot.adapter()
    async with anyio.create_task_group() as tasks:
        ready = anyio.Event()
        tasks.start_soon(adapter.run, ready.set)
        await _until_told(adapter.health, "Telegram can't be reached")
        assert not ready.is_set()
        async with server:
            server.person("Ada").writes("hello")
            await bot.accepted(1)
            tasks.cancel_scope.cancel()


async def test_an_album_is_acknowledged_whole_so_that_a_crash_makes_no_second_one(
    server: TelegramServer, bot: BotAtWork
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    ada.sends_album(Attachment("photo"), Attachment("photo"), caption="our trip")
    bob.writes("between its parts")
    part = server.world.updates.pending[1].update["message"]
    server.world.updates.push_raw({"message": part | {"message_id": 900, "caption": "!"}}, ada.id)
    bot.service.close_gate(bot.address(bob.id))

    async with bot.running():
        await bot.accepted(1)
        await two_more_polls(server)
    assert set(offsets(server)) <= {0, 730_000_001}
    bot.service.open_gate(bot.address(bob.id))

    async with bot.running():
        await bot.accepted(2)
        await server.until_confirmed()

    assert bot.service.texts(bot.address(ada.id)) == ["our trip\n!"]
    assert [each.update_id for each in bot.service.attempts].count("730000001") == 2


async def test_who_the_bot_is_is_kept_for_links_to_it(bot: BotAtWork) -> None:
    async with bot.running() as adapter:
        assert await bot.states(adapter.name).get(USERNAME) == "familiar_test_bot"


async def test_it_asks_for_what_it_understands_and_waits_as_long_as_it_may() -> None:
    async with TelegramServer(limits=None, timeline=SteppedTimeline()) as server:
        bot = BotAtWork(server)
        async with running(bot.adapter()):
            await server.until_polled()
            assert server.world.updates.polls[-1]["timeout"] == 50
            assert server.world.updates.allowed == {
                *("message", "edited_message", "callback_query"),
                *("my_chat_member", "message_reaction"),
            }
