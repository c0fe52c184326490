"""Commands in the Discord simulator: what they must be like, and how many there may be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.discord_server.client import call
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


def option(**more: Any) -> Any:
    return {"name": "o", "description": "x", "type": 3} | more


MANY = [{"name": "n" * 90 + f"{at}", "value": f"{at}"} for at in range(25)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x" * 33},
        {"name": "Upper"},
        {"name": "two words"},
        {"description": ""},
        {"description": "x" * 101},
        {"options": [option(name=f"o{at}") for at in range(26)]},
        {"options": [option(type=99)]},
        {
            "options": [
                {"name": "a", "description": "x", "type": 3},
                {"name": "b", "description": "x", "type": 3, "required": True},
            ]
        },
        {
            "options": [
                {
                    "name": "o",
                    "description": "x",
                    "type": 3,
                    "choices": [{"name": f"{at}", "value": f"{at}"} for at in range(26)],
                }
            ]
        },
        {"type": 2, "name": "Menu"},
        {"type": 9},
        {"name": None},
        {"options": [option(), option()]},
        {"options": [option(autocomplete=True, choices=[{"name": "a", "value": "a"}])]},
        {"options": [option(choices=[{"name": "x" * 101, "value": "a"}])]},
        {"options": [option(choices=[{"name": "a", "value": "x" * 101}])]},
        {"options": [option(choices=[{"name": "a"}])]},
        {"options": [option(name=f"o{at}", choices=MANY) for at in range(4)]},
        {"options": [option(type=1, options=[option(type=2)])]},
        {"description_localizations": {"de": "x" * 101}},
        "no command",
        {"contexts": [9]},
        {"name_localizations": {"xx": "x"}},
    ],
)
async def test_commands_have_limits(server: DiscordServer, wrong: Any) -> None:
    path = f"/applications/{server.bot.id}/commands"
    plain = {"name": "ping", "description": "x"}
    said = await call(server, "POST", path, plain | wrong if isinstance(wrong, dict) else [wrong])
    assert (said.status, said.body["code"]) == (400, 50035)


async def test_commands_are_so_many_and_so_many_new_ones_a_day(
    server: DiscordServer, ada: Person, time: SteppedTimeline
) -> None:
    guild = server.guild("Team", ada)
    everywhere = f"/applications/{server.bot.id}/commands"
    there = f"/applications/{server.bot.id}/guilds/{guild.id}/commands"

    def some(start: int, count: int) -> list[Any]:
        return [{"name": f"c{at}", "description": "x"} for at in range(start, start + count)]

    assert (await call(server, "PUT", everywhere, some(0, 101))).body["code"] == 30032
    first = await call(server, "PUT", everywhere, some(0, 100))
    assert (first.status, len(first.body)) == (200, 100)
    same = await call(server, "PUT", everywhere, some(0, 100))
    assert [each["id"] for each in same.body] == [each["id"] for each in first.body]
    over = await call(server, "POST", everywhere, some(100, 1)[0])
    assert (over.status, over.body["code"]) == (400, 30032)
    assert (await call(server, "PUT", everywhere, some(100, 100))).status == 200
    spent = await call(server, "PUT", everywhere, some(200, 1))
    assert (spent.status, spent.body["code"]) == (429, 30034)
    assert (await call(server, "PUT", there, some(0, 1))).status == 200
    assert ada.uses("/c0", channel=guild.channel("general")).data["guild_id"] == str(guild.id)
    time.advance(86_401)
    assert (await call(server, "PUT", everywhere, some(200, 1))).status == 200
    (kept,) = (await call(server, "GET", everywhere)).body
    changed = await call(server, "PATCH", f"{everywhere}/{kept['id']}", {"description": "y"})
    assert (changed.body["name"], changed.body["description"]) == ("c200", "y")
    assert (await call(server, "DELETE", f"{everywhere}/{kept['id']}")).status == 204
    gone = await call(server, "GET", f"{everywhere}/{kept['id']}")
    assert gone.body == {"message": "Unknown application command", "code": 10063}
