"""The transcripts on docs/telegram.md.

python -m tests.docs.telegram_transcripts     # writes them anew
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from pydantic import SecretStr

from tests.docs.transcripts import FIRST_WORDS, PATIENCE, Answer, Play, Stage, Step
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer

SCRIPTS: dict[str, Sequence[Step]] = {
    "private": FIRST_WORDS,
    "group": (
        Step("Ada", "the bot to the group", does="add"),
        Step("Ada", "@familiar_test_bot Remember that we meet on Tuesdays.", answers=3),
        Step("Ben", "/memory"),
    ),
}


@dataclass(frozen=True, slots=True)
class TelegramStage:
    people: Mapping[str, Person]
    chat: Chat

    async def begins(self) -> None:
        """It asks for what was written before, too."""

    def takes(self, step: Step) -> None:
        person = self.people[step.who]
        match step.does:
            case "write":
                person.writes(step.text, chat=self.chat)
            case "press":
                person.presses(step.text, chat=self.chat)
            case "add":
                person.adds_bot(self.chat)

    def answers(self, who: str) -> Sequence[Answer]:
        del who  # all see the same
        there = self.chat.from_bot
        return [Answer(each.message_id, each.text, each.buttons) for each in there]

    async def until(self, done: Callable[[], bool]) -> None:
        await self.chat.sees(lambda _: done(), within=PATIENCE)


@asynccontextmanager
async def _stage(name: str) -> AsyncIterator[tuple[Stage, Mapping[str, Any]]]:
    async with TelegramServer() as server:
        ada, ben = server.person("Ada"), server.person("Ben")
        chat = ada.chat
        if name == "group":
            chat = server.group("Falcon", ada, ben, supergroup=True, bot="left")
        yield (
            TelegramStage({"Ada": ada, "Ben": ben}, chat),
            {
                "telegram_bot_token": SecretStr(server.token),
                "telegram_api_base_url": server.base_url,
                "telegram_file_base_url": server.file_url,
            },
        )


TELEGRAM = Play("telegram.md", SCRIPTS, _stage)

if __name__ == "__main__":
    anyio.run(TELEGRAM.write)
