"""The connection to the gateway: whatever ends it, it comes back, and nothing is lost or doubled."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import anyio
import pytest

from adapters.base import PlatformRefuses
from tests.adapters.discord.bot_at_work import BotAtWork
from tests.adapters.discord.pace import QUICK
from tests.simulators.discord_server.accounts import Bot
from tests.simulators.discord_server.faults import server_error
from tests.simulators.discord_server.intents import Intent
from tests.simulators.discord_server.limits import Limits, Window
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer


def refuses(server: DiscordServer) -> None:
    server.gateway.turns_away(2)
    server.gateway.cut()


ENDS: dict[str, Callable[[DiscordServer], None]] = {
    "cut": lambda server: server.gateway.cut(),
    "op 7": lambda server: server.gateway.reconnect_asked(),
    "op 9, resumable": lambda server: server.gateway.invalid_session(resumable=True),
    "op 9, lost": lambda server: server.gateway.invalid_session(resumable=False),
    "closed with 1000": lambda server: server.gateway.close(1000),
    "closed with 4000": lambda server: server.gateway.close(4000),
    "closed with 4009": lambda server: server.gateway.close(4009),
    "malformed": lambda server: server.gateway.send_malformed(),
    "malformed channel": lambda server: server.gateway.send_malformed("CHANNEL_CREATE"),
    "refused": refuses,
}


@pytest.mark.parametrize("end", ENDS)
async def test_whatever_ends_a_connection_all_is_heard_once(
    server: DiscordServer, bot: BotAtWork, ada: Person, end: str
) -> None:
    general = server.guild("Team", ada).channel("general")
    bot.pace = replace(bot.pace, away=0.2)
    async with bot.running():
        ada.writes("one")
        await bot.received(1)
        before = len(server.gateway.received)
        ENDS[end](server)
        await server.bell.until(
            lambda: any(each["op"] in {2, 6} for each in server.gateway.received[before:])
        )
        ada.writes("two")
        ada.writes("<@bot> three", channel=general)
        await server.gateway.until_connected()
        ada.writes("four")
        server.gateway.repeat_last_event()
        await bot.service.until(lambda: len(bot.service.accepted) >= 4)
        assert bot.health.told() == "ok"

    assert bot.texts(ada) == ["one", "two", "four"]
    assert bot.service.texts(bot.address(general.id)) == ["three"]


async def test_a_first_connection_that_is_refused_is_tried_again(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    bot.pace = replace(bot.pace, away=0.2)
    server.gateway.turns_away(2)
    server.faults.befall("GET /users/@me", server_error(503))
    async with bot.running():
        ada.writes("Hello")
        await bot.received(1)


async def test_events_that_come_again_are_taken_in_once(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    async with bot.running():
        for each in ("one", "two", "three"):
            ada.writes(each)
        await bot.received(3)
        server.gateway.replays_more(3)
        server.gateway.cut()
        await server.gateway.until_sent(6)
        ada.writes("four")
        await bot.received(4)
        await bot.service.until(lambda: len(bot.service.attempts) == 7)

    assert bot.texts(ada) == ["one", "two", "three", "four"]


async def test_a_connection_that_has_died_silently_is_made_anew() -> None:
    async with DiscordServer(limits=None, heartbeat=0.05) as server:
        ada, bot = server.person("Ada"), BotAtWork(server)
        bot.pace = replace(bot.pace, silence=0.2)
        async with bot.running():
            await server.gateway.until_sent(1, 3)
            server.gateway.lose_acks()
            await server.bell.until(lambda: bool(server.gateway.sent(6)))
            server.gateway.lose_acks(lost=False)
            ada.writes("Hello")
            await bot.received(1)


async def test_while_the_gateway_is_away_health_says_since_when(
    server: DiscordServer, bot: BotAtWork, ada: Person
) -> None:
    bot.pace = replace(bot.pace, away=0.2)
    async with bot.running():
        ada.writes("one")
        await bot.received(1)
        server.gateway.turns_away(10_000)
        server.gateway.cut()
        await server.until_called("GET /users/@me", 3)
        assert bot.health.told().startswith("Discord is away since ")
        ada.writes("two")
        server.gateway.turns_away(0)
        await bot.received(2)
        assert bot.health.told() == "ok"


async def test_interactions_are_handed_on_at_once(bot: BotAtWork, ada: Person) -> None:
    async with bot.running():
        bot.service.close_gate(bot.addresses.of_person(ada.id))
        ada.writes("Hello")
        number = await bot.says(ada.dm, "press me")
        ada.presses_id("a:token", ada.dm, number)
        await bot.service.until(lambda: len(bot.interactions) == 1)
        assert bot.service.accepted == []
        bot.service.open_gate(bot.addresses.of_person(ada.id))
        await bot.received(1)

    assert bot.interactions[0].user.id == ada.id


async def test_sessions_begin_no_faster_than_discord_allows() -> None:
    limits = Limits(concurrency=Window(1, 0.1))
    async with DiscordServer(limits=limits) as server:
        ada, bot = server.person("Ada"), BotAtWork(server)
        bot.pace = replace(bot.pace, between_sessions=0.3)
        async with bot.running():
            for sessions in (2, 3):
                server.gateway.send_malformed()
                await server.gateway.until_sent(2, sessions)
                await server.gateway.until_connected()
            ada.writes("Hello")
            await bot.received(1)
        assert len(server.gateway.sent(2)) == 3, "none was turned away"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (4004, "DISCORD_BOT_TOKEN"),
        (4011, "DISCORD_SHARDED"),
        (4012, "update"),
        (4013, "update"),
        (4014, "Message Content Intent"),
    ],
)
async def test_what_only_the_operator_can_mend_is_told(
    server: DiscordServer, bot: BotAtWork, code: int, told: str
) -> None:
    async def closes() -> None:
        await server.gateway.until_connected()
        server.gateway.close(code)

    with pytest.raises(PlatformRefuses, match=told) as caught:
        await _run_beside(bot, closes)
    assert server.token not in str(caught.value)


async def test_contents_that_were_not_granted_are_the_operators_to_mend() -> None:
    async with DiscordServer(bot=Bot(privileged=Intent(0)), limits=None) as server:
        bot = BotAtWork(server, message_content=True)
        with pytest.raises(PlatformRefuses, match="DISCORD_MESSAGE_CONTENT"):
            await bot.run(lambda: None)


async def _run_beside(bot: BotAtWork, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
    refused: list[PlatformRefuses] = []

    async def runs() -> None:
        try:
            await bot.run(lambda: None)
        except PlatformRefuses as error:
            refused.append(error)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(runs)
        tasks.start_soon(act)
    raise refused[0]


async def test_a_stop_before_a_session_has_begun_leaves_nothing_behind(
    server: DiscordServer,
) -> None:
    bot = BotAtWork(server, pace=replace(QUICK, between_sessions=60.0))
    async with bot.running():
        await server.gateway.until_connected()
        server.gateway.forgets_sessions()
        server.gateway.cut()
        await server.gateway.until_sent(6)  # refused: the next session has to wait
        await server.gateway.until_sent(1, 3)  # it waits, and its heart beats

    beating = [each.name for each in threading.enumerate() if "keep-alive" in each.name]
    assert beating == []
    gc.collect()  # a socket that nobody closed complains now
