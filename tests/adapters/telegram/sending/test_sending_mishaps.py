"""Answers, previews and mishaps in any order: each answer is seen once, and nothing but answers."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random

import pytest

from tests.adapters.push.lives import Lives
from tests.adapters.push.post_office import LeapingTime
from tests.adapters.telegram.sending.post_office import PostOffice
from tests.simulators.faults import ConnectionCut
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.faults import Fault, bad_gateway, flood_wait, server_error
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import SteppedTimeline

STEPS = 60
HARMLESS: tuple[Fault, ...] = (server_error(), bad_gateway(), flood_wait(3))
LOST: tuple[Fault, ...] = (ConnectionCut(), ConnectionCut(carried_out=True))


@dataclass
class Story:
    office: PostOffice
    chat: Chat
    random: Random
    lives: Lives
    said: list[str] = field(default_factory=list)
    answers: int = 0

    @property
    def server(self) -> TelegramServer:
        return self.office.server

    async def grows(self) -> None:
        """Of what is still being made, a message that may have arrived is lost for good."""
        if self.random.random() < 0.3:
            fault = self.random.choice(HARMLESS)
            self.server.faults.befall(self.random.choice(["sendMessage", "editMessageText"]), fault)
        text = f"part {self.answers} " + "and " * self.random.randrange(9)
        await self.lives.sending.show_preview(
            self.office.address(self.chat), text, turn=f"t{self.answers}"
        )

    async def is_answered(self) -> None:
        chunk = self.office.chunk(self.office.address(self.chat), f"answer {self.answers}")
        if self.random.random() < 0.4:
            self.server.faults.befall("editMessageText", self.random.choice(LOST + HARMLESS))
            self.server.faults.befall("sendMessage", self.random.choice(HARMLESS))
        while not await self.lives.sent(chunk):
            pass
        if self.chat.from_bot[-1].edited:  # a preview was taken over: that may be repeated
            await self.lives.begin_anew()
            await self.lives.sending.send(chunk)
        self.said.append(chunk.text)
        self.answers += 1

    @property
    def seen(self) -> list[str]:
        return [each.text for each in self.chat.from_bot]


@pytest.mark.parametrize("seed", range(5))
async def test_whatever_goes_wrong_each_answer_is_seen_once(seed: int) -> None:
    time = SteppedTimeline()
    async with TelegramServer(timeline=time) as server, AsyncExitStack() as process:
        office = PostOffice(server, time)
        office.clock = LeapingTime(time)
        group = server.group("Us", server.person("Ada"))
        lives = Lives(office.opened, time, process)
        await lives.begin_anew()
        story = Story(office, group, Random(seed), lives)  # noqa: S311 (a dice)
        for _ in range(STEPS):
            match story.random.choice(["grows", "grows", "answer", "restart", "wait"]):
                case "grows":
                    await story.grows()
                case "answer":
                    await story.is_answered()
                    assert story.seen == story.said
                case "restart":
                    await story.lives.begin_anew()
                case _:
                    time.advance(story.random.choice([1, 10, 60]))

    assert story.answers > 3
