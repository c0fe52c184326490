"""The transcripts on docs/telegram.md: played against Telegram's server, and written into the page.

python -m tests.docs.telegram_transcripts     # writes them anew
"""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio
from pydantic import SecretStr

from tests.house import house, working
from tests.simulators.telegram_server.chats import Chat, Shown
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer

PAGE = Path(__file__).parents[2] / "docs" / "telegram.md"
PLACE = re.compile(
    r"(<!-- transcript: (\w+) -->\n```text\n)(.*?)(```\n<!-- end of transcript -->)", re.DOTALL
)
PATIENCE = 20.0
WIDTH = 96


@dataclass(frozen=True, slots=True)
class Step:
    """What a person does, and how many messages answer it."""

    who: str
    text: str
    answers: int = 1
    does: Literal["write", "press", "add"] = "write"


SCRIPTS: dict[str, Sequence[Step]] = {
    "private": (
        Step("Ada", "/start", answers=2),
        Step("Ada", "My name is Ada and I live in Lisbon.", answers=2),
        Step("Ada", "I like green tea.", answers=2),
        Step("Ada", "Undo", does="press"),
        Step("Ada", "Where do I live?"),
        Step("Ada", "/memory"),
    ),
    "group": (
        Step("Ada", "the bot to the group", does="add"),
        Step("Ada", "@familiar_test_bot Remember that we meet on Tuesdays.", answers=3),
        Step("Ben", "/memory"),
    ),
}


async def played(name: str) -> str:
    """The transcript of a script."""
    with tempfile.TemporaryDirectory() as folder:
        async with TelegramServer() as server:
            ada, ben = server.person("Ada"), server.person("Ben")
            people = {"Ada": ada, "Ben": ben}
            chat = ada.chat
            if name == "group":
                chat = server.group("Falcon", ada, ben, supergroup=True, bot="left")
            served = house(
                Path(folder),
                first_contact=True,
                telegram_bot_token=SecretStr(server.token),
                telegram_api_base_url=server.base_url,
                telegram_file_base_url=server.file_url,
            )
            async with served as home, working(home):
                lines = [
                    line
                    for step in SCRIPTS[name]
                    for line in await _taken(step, people[step.who], chat)
                ]
            return "\n".join(lines) + "\n"


async def _taken(step: Step, person: Person, chat: Chat) -> list[str]:
    """One step, and what came of it."""
    before = {shown.message_id for shown in chat.from_bot}
    match step.does:
        case "write":
            person.writes(step.text, chat=chat)
        case "press":
            person.presses(step.text, chat=chat)
        case "add":
            person.adds_bot(chat)

    def new() -> list[Shown]:
        return [shown for shown in chat.from_bot if shown.message_id not in before]

    await chat.sees(lambda _: len(new()) >= step.answers, within=PATIENCE)
    did = {"write": "{}", "press": "presses [{}]", "add": "adds {}"}[step.does].format(step.text)
    return [*_told(step.who, did), *(line for each in new() for line in _told("Bot", _seen(each)))]


def _seen(shown: Shown) -> str:
    buttons = "\n".join(" ".join(f"[{label}]" for label in row) for row in shown.buttons)
    return f"{shown.text}\n{buttons}" if buttons else shown.text


def _told(who: str, text: str) -> Iterator[str]:
    """Who said it, and the lines of it below each other."""
    first = True
    for paragraph in text.splitlines():
        for line in textwrap.wrap(paragraph, WIDTH - 5) or [""]:
            yield f"{who if first else '':<4} {line}".rstrip()
            first = False


def written() -> dict[str, str]:
    """The transcripts that stand on the page."""
    return {match[2]: match[3] for match in PLACE.finditer(PAGE.read_text("utf-8"))}


async def _write() -> None:
    text = PAGE.read_text("utf-8")
    played_anew = {name: await played(name) for name in SCRIPTS}
    PAGE.write_text(PLACE.sub(lambda m: m[1] + played_anew[m[2]] + m[4], text), "utf-8")


if __name__ == "__main__":
    anyio.run(_write)
