"""A house whose people go away, and short ways to say what a sleep-time model answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentcore.clock import MINUTE
from agentcore.model import ModelAnswer, Usage
from agentcore.records import SleepRun
from agentcore.testing import FakeClock, ScriptedModel, ScriptLine, StaticCatalog
from bot.app import Replacements
from tests.house import FAST, House, call, calls, house

QUIET = 30 * MINUTE


def tidy(*changes: dict[str, Any]) -> ModelAnswer:
    """What a model answers that wants these changes."""
    text = json.dumps({"changes": list(changes)}, ensure_ascii=False)
    return ModelAnswer(text, usage=Usage(700, 50, cost=90))


def swap(
    old: str | list[str] | None,
    new: str | list[str] | None,
    *,
    message: int | None = None,
    reason: str = "It is newer.",
    block: str = "human",
) -> dict[str, Any]:
    """One change, of lines or of one line."""
    return {
        "block": block,
        "take_out": _lines(old),
        "put_in": _lines(new),
        "message": message,
        "reason": reason,
    }


def _lines(given: str | list[str] | None) -> list[str]:
    return [given] if isinstance(given, str) else given or []


def saved(*lines: str) -> tuple[ScriptLine, ScriptLine]:
    """What a chat's model answers that writes these lines down."""
    arguments = json.dumps({"label": "human", "new_string": "\n".join(lines)})
    return calls(call("memory_insert", arguments)), "Noted."


@dataclass
class Nights:
    """`day` talks, `night` tidies: a model each."""

    home: House
    clock: FakeClock
    day: ScriptedModel
    night: ScriptedModel
    said: list[str] = field(default_factory=list)

    async def say(self, text: str, *answers: ScriptLine, who: str = "ada") -> None:
        self.day.add(*(answers or ("I see.",)))
        await self.home.say(who, text)

    async def pass_by(self, *answers: ScriptLine, after: int = QUIET) -> int:
        """A quiet period, and the runs that are due at its end. Returns how many."""
        self.night.add(*answers)
        self.clock.advance(after)
        return await self.home.parts.sleep.run_due()

    async def runs(self, who: str = "ada") -> list[SleepRun]:
        """Newest first."""
        return list(await (await self.home.door(who)).sleep.runs(limit=10))

    async def memory(self, who: str = "ada") -> list[str]:
        """The lines about the person."""
        return [line for line in (await self.home.block(who)).split("\n") if line.strip()]


@asynccontextmanager
async def nights(folder: Path, **settings: Any) -> AsyncIterator[Nights]:
    day, night, clock = ScriptedModel(), ScriptedModel(name="cheap"), FakeClock()
    given = Replacements(clock=clock, limits=FAST, models=StaticCatalog(day, night))
    async with house(folder, replacements=given, **{"sleep_model": "cheap", **settings}) as home:
        yield Nights(home, clock, day, night)
