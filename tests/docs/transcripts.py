"""Transcripts on pages about platforms: played against a platform's server, and written into the
page between their markers."""

from __future__ import annotations

import re
import tempfile
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from tests.house import house, working

DOCS = Path(__file__).parents[2] / "docs"
PLACE = re.compile(
    r"(<!-- transcript: (\w+) -->\n```text\n)(.*?)(```\n<!-- end of transcript -->)", re.DOTALL
)
PATIENCE = 30.0
WIDTH = 96
EACH_TIME = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "2026-11-21"),
    (re.compile(r"\b\d\d:\d\d\b"), "14:30"),
)
"""What is another each time, and what stands for it on the pages: days and times."""

Does = Literal["write", "press", "add"]
_DID: Mapping[Does, str] = {"write": "{}", "press": "presses [{}]", "add": "adds {}"}


@dataclass(frozen=True, slots=True)
class Step:
    """What a person does, and how many messages answer it."""

    who: str
    text: str
    answers: int = 1
    does: Does = "write"


FIRST_WORDS = (
    Step("Ada", "/start", answers=2),
    Step("Ada", "My name is Ada and I live in Lisbon.", answers=2),
    Step("Ada", "I like green tea.", answers=2),
    Step("Ada", "Undo", does="press"),
    Step("Ada", "Where do I live?"),
    Step("Ada", "/memory"),
)
"""Somebody gets to know the bot, alone with it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A message of the bot, as somebody sees it."""

    message_id: int
    text: str
    buttons: Sequence[Sequence[str]]

    @property
    def seen(self) -> str:
        rows = "\n".join(" ".join(f"[{label}]" for label in row) for row in self.buttons)
        return f"{self.text}\n{rows}" if rows else self.text


class Stage(Protocol):
    """A platform with people in one chat, where the bot is or can be added."""

    async def begins(self) -> None:
        """Wait until the bot is there, once the service has started."""

    def takes(self, step: Step) -> None:
        """Somebody does what the step says."""

    def answers(self, who: str) -> Sequence[Answer]:
        """All that the bot wrote, as this person sees it now, in order."""

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait until that is true, for `PATIENCE` at most."""


Set = Callable[[str], AbstractAsyncContextManager[tuple[Stage, Mapping[str, Any]]]]
"""Sets the stage for the script of a name; with it come the settings of a service there."""


@dataclass(frozen=True)
class Play:
    """The scripts of a page of `docs`, and how a stage is set for one."""

    page: str
    scripts: Mapping[str, Sequence[Step]]
    stage: Set

    async def played(self, name: str) -> str:
        """The transcript of a script."""
        async with self._opened(name) as stage:
            lines = [line for step in self.scripts[name] for line in await _taken(step, stage)]
        shown = "\n".join(lines) + "\n"
        for differs, stands in EACH_TIME:
            shown = differs.sub(stands, shown)
        return shown

    def written(self) -> dict[str, str]:
        """The transcripts that stand on the page."""
        return {match[2]: match[3] for match in PLACE.finditer(self._path.read_text("utf-8"))}

    async def write(self) -> None:
        """Put all of them on the page as they are played now."""
        anew = {name: await self.played(name) for name in self.scripts}
        text = self._path.read_text("utf-8")
        self._path.write_text(PLACE.sub(lambda m: m[1] + anew[m[2]] + m[4], text), "utf-8")

    @property
    def _path(self) -> Path:
        return DOCS / self.page

    @asynccontextmanager
    async def _opened(self, name: str) -> AsyncIterator[Stage]:
        with tempfile.TemporaryDirectory() as folder:
            async with self.stage(name) as (stage, settings):
                served = house(Path(folder), first_contact=True, **settings)
                async with served as home, working(home):
                    await stage.begins()
                    yield stage


async def _taken(step: Step, stage: Stage) -> list[str]:
    """One step, and what came of it."""
    before = {each.message_id for each in stage.answers(step.who)}
    stage.takes(step)

    def new() -> list[Answer]:
        return [each for each in stage.answers(step.who) if each.message_id not in before]

    await stage.until(lambda: len(new()) >= step.answers)
    did = _DID[step.does].format(step.text)
    return [*_told(step.who, did), *(line for each in new() for line in _told("Bot", each.seen))]


def _told(who: str, text: str) -> Iterator[str]:
    """Who said it, and the lines of it below each other."""
    first = True
    for paragraph in text.splitlines():
        for line in textwrap.wrap(paragraph, WIDTH - 5) or [""]:
            yield f"{who if first else '':<4} {line}".rstrip()
            first = False
