"""The commands that Discord shows, published to a strict stand-in for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.discord.connection import connected
from adapters.discord.menus import publish_menus
from adapters.discord.settings import DiscordSettings
from adapters.push.health import Health
from adapters.testing import FakeWording, MemoryState
from adapters.wording import Audience, MenuArgument, MenuEntry
from bot.chat.wording import CatalogueWording
from tests.simulators.discord_server.faults import Fault, refusing, server_error
from tests.simulators.discord_server.refusals import Refused
from tests.simulators.discord_server.server import DiscordServer

PUT = "PUT /applications/{}/commands"


@dataclass
class Start:
    """Publishes as a start of the adapter does, over what earlier ones left."""

    server: DiscordServer
    state: MemoryState = field(default_factory=MemoryState)

    async def __call__(self, wording: FakeWording | CatalogueWording | None = None) -> int:
        """How often Discord was told."""
        before = len(self.server.called(PUT))
        settings = DiscordSettings(self.server.token, self.server.api_url)
        async with connected(settings, Health(0.0)) as client:
            await publish_menus(client, wording or FakeWording(), self.state)
        return len(self.server.called(PUT)) - before

    def told(self, name: str) -> Any:
        """A command as Discord has it."""
        commands = self.server.world.registry.at(None).values()
        return next(each for each in commands if each["name"] == name)


@pytest.fixture
def start(server: DiscordServer) -> Start:
    return Start(server)


class Full(FakeWording):
    """Entries of every kind."""

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        spoken = language or "en"
        line = MenuArgument({"en": "line", "de": "zeile"}[spoken], f"which in {spoken}")
        mode = MenuArgument("mode", f"how in {spoken}", ("on", "off"), required=True)
        many = MenuArgument("zone", "where", tuple(f"Zone/{at}" for at in range(26)))
        if audience == "private":
            return [
                MenuEntry("memory", f"memory in {spoken}", line, confidential=True),
                MenuEntry("timezone", "x" * 120, many),
                MenuEntry("model", "which one", MenuArgument("name", "of these", ("a", "x" * 101))),
                MenuEntry("delete", f"delete all in {spoken}"),
            ]
        return [
            MenuEntry("memory", f"memory in {spoken}"),
            MenuEntry("delete", f"delete this in {spoken}", for_admins=True),
            MenuEntry("listen", f"listen in {spoken}", mode, for_admins=True),
        ]


async def test_each_command_is_where_it_makes_sense(start: Start) -> None:
    await start(Full())

    places = {
        each: (start.told(each)["contexts"], start.told(each)["integration_types"])
        for each in ("memory", "timezone", "delete", "listen", "ask")
    }
    assert places == {
        "memory": ([0, 1, 2], [0, 1]),
        "timezone": ([1, 2], [0, 1]),
        "delete": ([0, 1, 2], [0, 1]),
        "listen": ([0], [0]),
        "ask": ([0, 2], [0, 1]),
    }
    kept = start.told("discord.remember [en]")
    assert (kept["type"], kept["contexts"], kept["integration_types"]) == (3, [0, 1, 2], [0, 1])
    held = {each: start.told(each)["default_member_permissions"] for each in places}
    assert held == dict.fromkeys(places) | {"delete": "32", "listen": "32"}


async def test_everybody_reads_them_in_their_language(start: Start) -> None:
    await start(Full())

    memory, delete = start.told("memory"), start.told("delete")
    assert memory["description"] == "memory in en"
    assert memory["description_localizations"] == {"de": "memory in de"}
    assert delete["description"] == "delete all in en · delete this in en"
    assert len(start.told("timezone")["description"]) == 100
    (line,) = memory["options"]
    assert (line["name"], line["name_localizations"]) == ("line", {"de": "zeile"})
    assert line["description_localizations"] == {"de": "which in de"}
    (message,) = start.told("ask")["options"]
    assert (message["name"], message["required"]) == ("message", True)
    kept = start.told("discord.remember [en]")
    assert kept["name_localizations"] == {"de": "discord.remember [de]"}


async def test_english_stands_beside_another_first_language(start: Start) -> None:
    class German(FakeWording):
        languages = ("de", "en")

    await start(German())
    lines = start.told("memory")["description_localizations"]
    assert lines == {"en-US": "memory in en", "en-GB": "memory in en"}


async def test_what_is_written_behind_a_command_is_chosen_or_typed(start: Start) -> None:
    await start(Full())

    (mode,) = start.told("listen")["options"]
    assert mode["required"] is True
    assert [(each["name"], each["value"]) for each in mode["choices"]] == [
        ("on", "on"),
        ("off", "off"),
    ]
    for command in ("timezone", "model"):
        (free,) = start.told(command)["options"]
        assert (free["required"], free.get("choices", [])) == (False, [])


async def test_what_has_not_changed_is_not_told_again(start: Start) -> None:
    assert await start() == 1
    assert await start() == 0
    assert await start(Full()) == 1
    assert await start(Full()) == 0


@pytest.mark.parametrize(
    "fault",
    [
        server_error(503),
        refusing(Refused(429, 30034, "Maximum number of daily creates", {"retry_after": 8e4})),
    ],
    ids=["503", "used up for today"],
)
async def test_what_failed_is_tried_again_at_the_next_start(
    server: DiscordServer, start: Start, fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults.befall(PUT, fault)
    await start()
    assert "menus not published" in capsys.readouterr().out
    assert await start() == 1
    assert await start() == 0


async def test_the_catalogues_own_commands_are_as_discord_wants_them(
    server: DiscordServer, start: Start
) -> None:
    assert await start(CatalogueWording()) == 1
    assert server.refused == {}
    ada = server.person("Ada", locale="de")
    assert ada.uses("/memory").data["name"] == "memory"
    assert start.told("Remember this")["name_localizations"] == {"de": "Merk dir das"}


async def test_a_server_offers_some_to_admins_alone(server: DiscordServer, start: Start) -> None:
    await start(Full())
    ada, bob = server.person("Ada"), server.person("Bob")
    general = server.guild("Team", ada, bob).channel("general")
    ada.uses("/listen", options={"mode": "on"}, channel=general)
    with pytest.raises(AssertionError, match="Bob is offered no"):
        bob.uses("/listen", options={"mode": "on"}, channel=general)
