"""The transcript on docs/users.md, as somebody sees it where there are no buttons.

python -m tests.docs.people_transcripts     # writes it anew
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio

from adapters.testing import PushPlatform
from tests.docs.plain_platform import ADAPTER, newest
from tests.docs.transcripts import Answer, Play, Stage, Step

SCRIPTS: dict[str, Sequence[Step]] = {
    "private": (
        Step("Ada", "My name is Ada and I live in Lisbon.", answers=3),
        Step("Ada", "/memory"),
        Step("Ada", "/why 2"),
        Step("Ada", "/memory edit 2 Lives in Porto."),
        Step("Ada", "My sister's name is Mara.", answers=2),
        Step("Ada", "/forget about Mara"),
        Step("Ada", "/forget yes"),
        Step("Ada", "Who is my sister?"),
        Step("Ada", "/unforget"),
        Step("Ada", "/share Likes green tea."),
        Step("Ada", "/incognito on"),
        Step("Ada", "/incognito off"),
        Step("Ada", "/privacy"),
    ),
}


@dataclass(frozen=True, slots=True)
class PlainStage:
    """A platform that can do nothing but carry texts."""

    platform: PushPlatform

    async def begins(self) -> None:
        """It asks for what was written before, too."""

    def takes(self, step: Step) -> None:
        self.platform.write(step.who, step.text, name=step.who)

    def answers(self, who: str) -> Sequence[Answer]:
        return [Answer(each.message_id, each.text, ()) for each in self.platform.seen(who)]

    async def until(self, done: Callable[[], bool]) -> None:
        await self.platform.until(done)


@asynccontextmanager
async def _stage(_: str) -> AsyncIterator[tuple[Stage, Mapping[str, Any]]]:
    newest.append(PushPlatform())
    yield PlainStage(newest[-1]), {"adapters": (ADAPTER,)}
    newest.clear()


PEOPLE = Play("users.md", SCRIPTS, _stage)

if __name__ == "__main__":
    anyio.run(PEOPLE.write)
