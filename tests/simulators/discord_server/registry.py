"""The application's commands, for all guilds and for single ones, and how many may be made."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.simulators.discord_server.accounts import Bot
from tests.simulators.discord_server.commands import checked
from tests.simulators.discord_server.limits import Rolling, Window
from tests.simulators.discord_server.refusals import JSON, UNKNOWN_COMMAND, Refused
from tests.simulators.discord_server.timeline import Snowflakes, Timeline

MOST = {1: 100, 2: 15, 3: 15}
"""How many of each type: typed by name, of a person's menu, of a message's menu."""
CREATES_A_DAY = Window(200, 86_400.0)
Place = int | None
"""A guild, or None for everywhere."""


class Registry:
    def __init__(self, timeline: Timeline, ids: Snowflakes, bot: Bot) -> None:
        self.commands: dict[Place, dict[int, JSON]] = {}
        self.overwritten: list[Place] = []
        """Where all commands were set at once, each time."""
        self._timeline = timeline
        self._ids = ids
        self._bot = bot
        self._created: dict[Place, Rolling] = {}

    def at(self, place: Place) -> dict[int, JSON]:
        return self.commands.setdefault(place, {})

    def get(self, place: Place, told: str) -> JSON:
        """The command of that id.

        Raises:
            Refused: There is none such.
        """
        command = self.at(place).get(int(told)) if told.isdigit() else None
        if command is None:
            raise Refused(*UNKNOWN_COMMAND)
        return command

    def put(self, place: Place, asked: Any) -> tuple[JSON, bool]:
        """Make a command, or set that of the same name and type anew; whether it is new.

        Raises:
            Refused: It isn't as commands must be, or there are too many.
        """
        command = checked(asked)
        there = self.at(place)
        old = self._same(place, command)
        if old is None:
            kind = command["type"]
            if sum(each["type"] == kind for each in there.values()) >= MOST[kind]:
                raise _most(kind)
            self._count_create(place)
        number = int(old["id"]) if old else self._ids.new()
        there[number] = self._full(place, number, command)
        return there[number], old is None

    def change(self, place: Place, told: str, asked: JSON) -> JSON:
        """Change some of a command.

        Raises:
            Refused: As for `get` and `put`.
        """
        old = self.get(place, told)
        number = int(old["id"])
        self.at(place)[number] = self._full(place, number, checked(old | asked))
        return self.at(place)[number]

    def overwrite(self, place: Place, asked: list[Any]) -> list[JSON]:
        """Set all commands at once; those that aren't told are gone.

        Raises:
            Refused: As for `put`; nothing changes then, but creates up to it are counted.
        """
        commands = [checked(each, str(at)) for at, each in enumerate(asked)]
        for kind, most in MOST.items():
            if sum(each["type"] == kind for each in commands) > most:
                raise _most(kind)
        names = Counter((each["type"], each["name"]) for each in commands)
        if any(times > 1 for times in names.values()):
            said = "Application command names must be unique"
            raise Refused(
                400,
                50035,
                "Invalid Form Body",
                {
                    "errors": {
                        "_errors": [
                            {"code": "APPLICATION_COMMANDS_DUPLICATE_NAME", "message": said}
                        ]
                    }
                },
            )
        new: dict[int, JSON] = {}
        for each in commands:
            old = self._same(place, each)
            if old is None:
                self._count_create(place)
            number = int(old["id"]) if old else self._ids.new()
            new[number] = self._full(place, number, each)
        self.commands[place] = new
        self.overwritten.append(place)
        return list(new.values())

    def find(self, name: str, kind: int, guild_id: int | None) -> JSON | None:
        """The command that people see under this name there; a guild's own goes first."""
        for place in (guild_id, None):
            for each in self.at(place).values():
                if (each["name"], each["type"]) == (name, kind):
                    return each
        return None

    def _same(self, place: Place, command: JSON) -> JSON | None:
        for each in self.at(place).values():
            if (each["name"], each["type"]) == (command["name"], command["type"]):
                return each
        return None

    def _count_create(self, place: Place) -> None:
        made = self._created.setdefault(place, Rolling(CREATES_A_DAY))
        now = self._timeline.now()
        if made.full(now):
            said = "Maximum number of daily application command creates has been reached (200)"
            raise Refused(429, 30034, said, {"retry_after": round(made.wait(now), 3)})
        made.came.append(now)

    def _full(self, place: Place, number: int, command: JSON) -> JSON:
        placed = {} if place is None else {"guild_id": str(place)}
        return {
            **command,
            **placed,
            "id": str(number),
            "application_id": str(self._bot.id),
            "version": str(self._ids.new()),
        }


def _most(kind: int) -> Refused:
    return Refused(400, 30032, f"Maximum number of application commands reached ({MOST[kind]})")
