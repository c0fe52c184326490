"""What Telegram shows of the bot before anybody writes, published to a strict stand-in for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from adapters.telegram.connection import connected
from adapters.telegram.menus import publish_menus
from adapters.telegram.settings import TelegramSettings
from adapters.testing import MemoryState
from bot.chat.wording import CatalogueWording
from tests.adapters.telegram.bot_at_work import BotAtWork
from tests.simulators.faults import ConnectionCut, Held
from tests.simulators.telegram_server.faults import Fault, flood_wait, server_error
from tests.simulators.telegram_server.server import TelegramServer

WORDING = CatalogueWording()


@dataclass
class Start:
    """Publishes as a start of the adapter does, over what earlier ones left."""

    server: TelegramServer
    state: MemoryState = field(default_factory=MemoryState)

    async def __call__(self, wording: CatalogueWording = WORDING) -> Counter[str]:
        """How often each method was called."""
        before = len(self.server.calls)
        settings = TelegramSettings(
            self.server.token,
            api_base_url=self.server.base_url,
            file_base_url=self.server.file_url,
        )
        async with connected(settings) as bot:
            await publish_menus(bot, wording, self.state)
        return Counter(method for method, _ in self.server.calls[before:])


@pytest.fixture
def start(server: TelegramServer) -> Start:
    return Start(server)


@pytest.mark.parametrize(("spoken", "ours"), [("en", "en"), ("de", "de"), ("fr", None), ("", None)])
async def test_everybody_sees_the_commands_of_their_chat_in_their_language(
    server: TelegramServer, start: Start, spoken: str, ours: str | None
) -> None:
    await start()

    for group in (False, True):
        shown = server.world.profile.shown_commands(1, spoken, group=group)
        menu = WORDING.menu("chat" if group else "private", ours)
        assert shown == [{"command": e.command, "description": e.description} for e in menu]


async def test_it_says_what_it_is_in_every_language(server: TelegramServer, start: Start) -> None:
    await start()

    profile = server.world.profile
    for code, language in (("", None), ("en", "en"), ("de", "de")):
        assert profile.descriptions[code] == WORDING.text("about.long", {}, language)
        assert profile.short_descriptions[code] == WORDING.text("about.short", {}, language)
    assert len(set(profile.descriptions.values())) == len(WORDING.languages)


async def test_what_has_not_changed_is_not_told_again(start: Start) -> None:
    class Reworded(CatalogueWording):
        def text(self, key: str, arguments: object, language: str | None) -> str:
            return f"{key} in {language}"

    first = await start()
    assert first == {"setmycommands": 9, "setmydescription": 3, "setmyshortdescription": 3}
    assert await start() == {}
    assert await start(Reworded()) == first
    assert await start(Reworded()) == {}


async def test_it_waits_as_long_as_telegram_wants(server: TelegramServer, start: Start) -> None:
    server.faults.befall("setMyCommands", flood_wait(1))

    assert (await start())["setmycommands"] == 10
    assert await start() == {}


@pytest.mark.parametrize("fault", [server_error(), ConnectionCut()], ids=["500", "cut"])
async def test_what_failed_is_tried_again_at_the_next_start(
    server: TelegramServer, start: Start, fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults.befall("setMyDescription", fault)

    await start()
    assert "menus not published" in capsys.readouterr().out
    assert (await start())["setmydescription"] == 3
    assert await start() == {}


async def test_messages_come_in_while_the_menus_are_published(
    server: TelegramServer, bot: BotAtWork
) -> None:
    slow = Held()
    server.faults.befall("setMyCommands", slow)
    async with bot.running():
        await slow.came.wait()
        server.person("Ada").writes("Hello")
        await bot.accepted(1)
        slow.go.set()
        await server.bell.until(lambda: len(server.world.profile.short_descriptions) == 3)
