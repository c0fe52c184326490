"""Answers, previews and mishaps in any order: each answer is seen once, and nothing but answers."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random

import pytest

from adapters.delivery import Outbound
from tests.adapters.discord.sending.post_office import PostOffice
from tests.adapters.push.lives import Lives
from tests.adapters.push.post_office import LeapingTime
from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.faults import (
    Fault,
    Faults,
    banned,
    rate_limited,
    server_error,
)
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut
from tests.simulators.timeline import SteppedTimeline

STEPS = 60
POST, EDIT = "POST /channels/{}/messages", "PATCH /channels/{}/messages/{}"
FILL, FOLLOW_UP = "PATCH /webhooks/{}/{}/messages/{}", "POST /webhooks/{}/{}"
HARMLESS: tuple[Fault, ...] = (
    server_error(503),
    server_error(503, carried_out=True),
    rate_limited(40),
    rate_limited(0.001, "shared"),
    banned(),
)
LOST: tuple[Fault, ...] = (ConnectionCut(), ConnectionCut(carried_out=True))
UNSEEN: tuple[Fault, ...] = (server_error(503), rate_limited(40), banned())
"""What is known not to have been carried out."""


@dataclass
class Story:
    office: PostOffice
    ada: Person
    channel: Channel
    random: Random
    lives: Lives
    said: list[str] = field(default_factory=list)
    answers: int = 0
    unknown: bool = False

    @property
    def server(self) -> DiscordServer:
        return self.office.server

    async def grows(self) -> None:
        """A preview that may have arrived is found again before the answer, but by no other process."""
        if self.random.random() < 0.3:
            route, fault = self.random.choice([POST, EDIT]), self.random.choice(HARMLESS + LOST)
            self.server.faults.befall(route, fault)
            self.unknown = self.unknown or (route == POST and fault not in UNSEEN)
        text = f"part {self.answers} " + "and " * self.random.randrange(9)
        address = self.office.address(self.channel)
        await self.lives.sending.show_preview(address, text, turn=f"t{self.answers}")
        if self.unknown:
            await self.is_answered()
        self.server.faults = Faults()

    async def is_answered(self) -> None:
        if self.random.random() < 0.5:
            for route in (EDIT, POST):
                self.server.faults.befall(route, self.random.choice(LOST + HARMLESS))
        await self._until_sent(self.office.chunk(self.channel, f"answer {self.answers}"))

    async def is_answered_through_an_interaction(self) -> None:
        """In two chunks. Of those behind the first, only what is known not to have arrived can be
        repeated and be seen once.
        """
        _, handle = await self.office.asked(self.ada, self.channel)
        if self.random.random() < 0.2:
            self.office.time.advance(900)
        if self.random.random() < 0.5:
            self.server.faults.befall(FILL, self.random.choice(LOST + HARMLESS))
            self.server.faults.befall(FOLLOW_UP, self.random.choice(UNSEEN))
        for part in ("one", "two"):
            text = f"answer {self.answers} {part}"
            await self._until_sent(self.office.chunk(self.channel, text, via=handle))

    async def _until_sent(self, chunk: Outbound) -> None:
        while not await self.lives.sent(chunk):
            if self.random.random() < 0.2 and not self.unknown:
                await self.lives.begin_anew()
        self.unknown = False
        self.server.faults = Faults()  # those that met nobody
        again = chunk.answer_via is None or not chunk.text.endswith("two")
        if again and self.random.random() < 0.5:  # killed before it was marked
            await self.lives.begin_anew()
            await self.lives.sent(chunk)
        self.said.append(chunk.text)
        self.answers += 1

    @property
    def seen(self) -> list[str]:
        return [each.text for each in self.channel.bots() if not each.loading]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_goes_wrong_each_answer_is_seen_once(seed: int) -> None:
    time = SteppedTimeline()
    async with DiscordServer(timeline=time, limits=None) as server, AsyncExitStack() as process:
        office = PostOffice(server, time)
        office.clock = LeapingTime(time)
        ada = server.person("Ada")
        channel = server.guild("Us", ada).channel("general")
        lives = Lives(office.opened, time, process)
        await lives.begin_anew()
        story = Story(office, ada, channel, Random(seed), lives)  # noqa: S311 (a dice)
        for _ in range(STEPS):
            match story.random.choice(
                ["grows", "grows", "grows", "answer", "asked", "restart", "wait"]
            ):
                case "grows":
                    await story.grows()
                case "answer":
                    await story.is_answered()
                    assert sorted(story.seen) == sorted(story.said)
                case "asked":
                    await story.is_answered_through_an_interaction()
                case "restart":
                    await story.lives.begin_anew()
                case _:
                    time.advance(story.random.choice([1, 10, 60]))

    assert story.answers > 6
