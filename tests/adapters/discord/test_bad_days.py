"""Everything goes wrong at once, and nothing is lost, doubled or out of order."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from tests.adapters.discord.bot_at_work import BotAtWork
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.faults import server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut

TROUBLES: tuple[Callable[[DiscordServer], None], ...] = (
    lambda server: server.gateway.cut(),
    lambda server: server.gateway.invalid_session(resumable=False),
    lambda server: server.gateway.reconnect_asked(),
    lambda server: server.gateway.close(4000),
    lambda server: server.gateway.send_malformed(),
    lambda server: server.gateway.repeat_last_event(),
    lambda server: server.gateway.replays_more(5),
    lambda server: server.gateway.forgets_sessions(),
    lambda server: server.gateway.turns_away(1),
    lambda server: server.cut_connections(),
    lambda server: server.faults.befall("*", server_error(503), ConnectionCut()),
)


class Day:
    """What three people write, each to the bot alone and among others."""

    def __init__(self, server: DiscordServer, chance: random.Random) -> None:
        people = [server.person(name) for name in "ABC"]
        general = server.guild("Team", *people).channel("general")
        self.said: dict[tuple[Person, Channel | None], list[str]] = {
            (person, channel): [] for person in people for channel in (None, general)
        }
        self._chance = chance

    def begins(self) -> None:
        for person, channel in self.said:
            self._says(person, channel)

    def goes_on(self, lines: int) -> None:
        for _ in range(lines):
            self._says(*self._chance.choice(list(self.said)))

    def _says(self, person: Person, channel: Channel | None) -> None:
        lines = self.said[person, channel]
        lines.append(f"{person.name} {len(lines)}")
        text = lines[-1] if channel is None else f"<@bot> {lines[-1]}"
        person.writes(text, channel=channel)

    @property
    def count(self) -> int:
        return sum(map(len, self.said.values()))


def has_heard(bot: BotAtWork, lines: int) -> bool:
    return len(bot.service.accepted) >= lines


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_goes_wrong_every_line_is_taken_in_once_and_in_order(
    server: DiscordServer, bot: BotAtWork, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 (chance, no secret)
    bot.pace = replace(bot.pace, away=0.2)
    day = Day(server, chance)
    async with bot.running():
        day.begins()
        await bot.service.until(partial(has_heard, bot, day.count))
    for _ in range(5):
        day.goes_on(5)
        bot.service.fail_accepts(*[OSError("disk full")] * chance.randint(0, 5))
        bot.service.lose_answers(*[OSError("gone")] * chance.randint(0, 5))
        enough = day.count + chance.randint(0, 8)
        async with bot.running():
            for trouble in chance.choices(TROUBLES, k=4):
                day.goes_on(3)
                trouble(server)
            await bot.service.until(partial(has_heard, bot, min(enough, day.count)))
    async with bot.running():
        await bot.service.until(partial(has_heard, bot, day.count))

    assert len(bot.service.accepted) == day.count
    for (person, channel), lines in day.said.items():
        heard = [
            each.parts[0].text
            for each in bot.service.accepted
            if each.sender.external_id == str(person.id)
            and (each.audience == "chat") == (channel is not None)
        ]
        assert heard == lines
