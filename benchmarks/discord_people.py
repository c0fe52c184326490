"""Discord's servers as a process, with people who write line after line, and a bad gateway.

    python -m benchmarks.discord_people --again 0.05 --floods 0.03 --cuts 0.02 --leaves 0.03

Prints `listening on URL`; what is there says `scripted_people`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentcore.clock import Micros
from benchmarks.scripted_people import ANSWERS_LOST, REPEATED, Seen, Sign, arguments, serve
from tests.simulators.discord_server.channels import TYPING_SECONDS, Channel
from tests.simulators.discord_server.faults import rate_limited, server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut

_SEND = "POST /channels/{}/messages"


@dataclass(frozen=True, slots=True)
class DiscordReader:
    """`Reader` in a channel: a private one, or a server's in which people take turns and mention
    us.
    """

    people: Sequence[Person]
    channel: Channel
    mention: str = ""

    def writes(self, line: str) -> None:
        person = self.people[len(self.channel.records) % len(self.people)]
        person.writes(f"{self.mention}{line}", channel=self.channel)

    def sees(self, after: int = 0) -> Sequence[Seen]:
        return [
            Seen(each.message_id, each.text, each.at)
            for each in self.channel.bots(self.people[0].id)
            if each.message_id > after
        ]

    def signs(self) -> Sequence[Sign]:
        return [Sign(at, TYPING_SECONDS) for at in self.channel.typed]

    async def records(self) -> Sequence[str]:
        """What messages read that are gone again, or for somebody alone."""
        return [each.shown().text for each in self.channel.records.values() if each.by_bot]


class Discord:
    """`Platform` over the stand-in for Discord."""

    def __init__(self, server: DiscordServer, odds: argparse.Namespace) -> None:
        self._server = server
        self._odds = odds
        self._home = server.guild("Home", server.person("Owner"))
        gateway = server.gateway
        self._partings: Mapping[str, Callable[[], None]] = {
            "gateway cut": gateway.cut,
            "asked to reconnect": gateway.reconnect_asked,
            "session invalid, resumable": lambda: gateway.invalid_session(resumable=True),
            "session invalid": lambda: gateway.invalid_session(resumable=False),
            "cut and forgotten": self._forget,
            "closed with 4000": lambda: gateway.close(4000),
            "malformed event": gateway.send_malformed,
        }

    def _forget(self) -> None:
        self._server.gateway.forgets_sessions()
        self._server.gateway.cut()

    @property
    def refused(self) -> Mapping[int, int]:
        return self._server.refused

    def person(self, name: str) -> DiscordReader:
        if "room" not in name:
            person = self._server.person(name)
            person.joins(self._home)
            return DiscordReader([person], person.dm)
        people = [self._server.person(f"{first} of the room") for first in ("Ann", "Ben")]
        for each in people:
            each.joins(self._home)
        return DiscordReader(people, self._home.channel("the-room"), f"<@{self._server.bot.id}> ")

    def now(self) -> Micros:
        return self._server.timeline.now()

    def settings(self, _url: str) -> Mapping[str, str]:
        return {
            "DISCORD_BOT_TOKEN": self._server.token,
            "DISCORD_API_BASE_URL": self._server.api_url,
            "DISCORD_GATEWAY_URL": self._server.gateway_url,
        }

    def hears_strangers(self) -> bool:
        return any(each.session is not None for each in self._server.gateway.connections)

    def unacknowledged(self) -> int:
        return 0  # a gateway isn't told what was taken

    def throw(self, chance: random.Random) -> Iterator[str]:
        odds, faults, gateway = self._odds, self._server.faults, self._server.gateway
        if not gateway.connections:
            return  # no calls come: faults would pile up before the next login
        if chance.random() < odds.again:
            gateway.repeat_last_event()
            yield REPEATED
        if chance.random() < odds.floods:
            faults.befall(_SEND, rate_limited(chance.uniform(0.5, 3.0)))
            yield "429s"
        if chance.random() < odds.cuts:
            faults.befall(_SEND, ConnectionCut(carried_out=True))
            yield ANSWERS_LOST
        if chance.random() < odds.gateway:
            faults.befall("*", server_error(502))
            yield "502s"
        if chance.random() < odds.leaves:
            name = chance.choice(sorted(self._partings))
            self._partings[name]()
            yield name


async def _play() -> None:
    given = arguments(
        "Discord's servers, with people who write.", "again", "floods", "cuts", "gateway", "leaves"
    )
    async with DiscordServer() as server:
        await serve(Discord(server, given), given)


if __name__ == "__main__":
    asyncio.run(_play())
