"""Telegram's server as a process, with people who write line after line, and with a bad network.

    python -m benchmarks.telegram_people --pause 4 --again 0.05 --floods 0.03 --cuts 0.02 --seed 1

Prints `listening on URL`; what is there says `scripted_people`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentcore.clock import Micros
from benchmarks.scripted_people import ANSWERS_LOST, REPEATED, Seen, Sign, arguments, serve
from tests.simulators.faults import ConnectionCut
from tests.simulators.telegram_server.chats import DRAFT_SECONDS, TYPING_SECONDS, Chat
from tests.simulators.telegram_server.faults import bad_gateway, flood_wait
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer


@dataclass(frozen=True, slots=True)
class TelegramReader:
    """`Reader` in a chat: a private one, or a group in which people take turns and mention us."""

    people: Sequence[Person]
    chat: Chat
    mention: str = ""

    def writes(self, line: str) -> None:
        person = self.people[len(self.chat.records) % len(self.people)]
        person.writes(f"{self.mention}{line}", chat=self.chat)

    def sees(self, after: int = 0) -> Sequence[Seen]:
        records = self.chat.records
        return [
            Seen(number, records[number].shown().text, records[number].at)
            for number in sorted(each for each in records if each > after)
            if records[number].by_bot
        ]

    def signs(self) -> Sequence[Sign]:
        typing = [Sign(each.at, TYPING_SECONDS) for each in self.chat.actions]
        return [*typing, *(Sign(each.at, DRAFT_SECONDS) for each in self.chat.drafts)]

    async def records(self) -> Sequence[str]:
        """Answers in the making, and what messages read before they were edited."""
        records = self.chat.records.values()
        edited = [text for each in records if each.by_bot for text in each.versions]
        return [*edited, *(each.text for each in self.chat.drafts)]


class Telegram:
    """`Platform` over the stand-in for Telegram."""

    def __init__(self, server: TelegramServer, odds: argparse.Namespace) -> None:
        self._server = server
        self._odds = odds

    @property
    def refused(self) -> Mapping[int, int]:
        return self._server.refused

    def person(self, name: str) -> TelegramReader:
        if "room" not in name:
            person = self._server.person(name)
            return TelegramReader([person], person.chat)
        people = [self._server.person(f"{first} of the room") for first in ("Ann", "Ben")]
        group = self._server.group("The room", *people, supergroup=True)
        return TelegramReader(people, group, f"@{self._server.bot.username} ")

    def now(self) -> Micros:
        return self._server.timeline.now()

    def settings(self, _url: str) -> Mapping[str, str]:
        return {
            "TELEGRAM_BOT_TOKEN": self._server.token,
            "TELEGRAM_API_BASE_URL": self._server.base_url,
            "TELEGRAM_FILE_BASE_URL": self._server.file_url,
        }

    def hears_strangers(self) -> bool:
        return True

    def unacknowledged(self) -> int:
        return len(self._server.world.updates.pending)

    def throw(self, chance: random.Random) -> Iterator[str]:
        odds, faults, updates = self._odds, self._server.faults, self._server.world.updates
        if updates.confirmed and chance.random() < odds.again:
            updates.again(chance.choice(updates.confirmed[-200:]))
            yield REPEATED
        if chance.random() < odds.floods:
            faults.befall("sendMessage", flood_wait(chance.randint(1, 3)))
            yield "429s"
        if chance.random() < odds.cuts:
            faults.befall("sendMessage", ConnectionCut(carried_out=True))
            yield ANSWERS_LOST
        if chance.random() < odds.gateway:
            faults.befall("*", bad_gateway())
            faults.befall("getUpdates", bad_gateway())
            yield "502s"


async def _play() -> None:
    given = arguments(
        "Telegram's server, with people who write.", "again", "floods", "cuts", "gateway"
    )
    async with TelegramServer() as server:
        await serve(Telegram(server, given), given)


if __name__ == "__main__":
    asyncio.run(_play())
