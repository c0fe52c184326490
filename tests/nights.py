"""A house whose people go away, and short ways to say what a sleep-time model answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.addresses import ChatAddress
from adapters.base import Receipt
from agentcore.clock import MINUTE
from agentcore.model import Capabilities, ModelAnswer, Price, Usage
from agentcore.records import IdentityKey, SleepRun, UserId
from agentcore.sqlstore.engine.copies import contents_of
from agentcore.testing import FakeClock, Gate, ScriptedModel, ScriptLine, StaticCatalog
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
    folder: Path

    async def say(self, text: str, *answers: ScriptLine, who: str = "ada") -> None:
        self.day.add(*(answers or ("I see.",)))
        await self.home.say(who, text)

    async def heard(self, text: str, *answers: ScriptLine) -> Receipt:
        """Said while the house is at work."""
        self.day.add(*(answers or ("I see.",)))
        return await self.home.accept("ada", text)

    async def in_group(self, who: str, text: str, *answers: ScriptLine) -> None:
        """Said in the group that all of them are in."""
        self.day.add(*(answers or ("I see.",)))
        group = ChatAddress("terminal", "local", "group")
        said = replace(self.home.inbound(who, text), address=group, audience="chat")
        await self.home.parts.gateway.accept(said)
        (claim,) = await self.home.claim()
        await self.home.run(claim)

    async def user(self, who: str) -> UserId:
        standing = await self.home.parts.store.standing(IdentityKey("terminal", "local", who))
        assert standing is not None
        return standing.user_id

    def rows(self) -> dict[str, int]:
        """How many of each table, but for the record of who has looked."""
        found = contents_of(self.folder / "familiar.db").rows
        return {table: count for table, count in found.items() if table != "audit"}

    async def pass_by(self, *answers: ScriptLine, after: int = QUIET) -> int:
        """A quiet period, and the runs that are due at its end. Returns how many."""
        self.night.add(*answers)
        self.clock.advance(after)
        return await self.home.parts.sleep.run_due()

    async def command(self, text: str, who: str = "ada") -> None:
        """A command that waits in the queue, to its end."""
        await self.home.accept(who, text)
        (claim,) = await self.home.claim()
        assert await self.home.parts.dispatcher.crew.commands.run(claim)

    async def run_sql(self, statement: str) -> None:
        """Change the database behind the store's back."""
        with closing(sqlite3.connect(self.folder / "familiar.db")) as database:
            database.execute(statement)
            database.commit()

    async def runs(self, who: str = "ada") -> list[SleepRun]:
        """Newest first."""
        return list(await (await self.home.door(who)).sleep.runs(limit=10))

    async def memory(self, who: str = "ada") -> list[str]:
        """The lines about the person."""
        return [line for line in (await self.home.block(who)).split("\n") if line.strip()]


@asynccontextmanager
async def nights(
    folder: Path, *, gate: Gate | None = None, price: Price | None = None, **settings: Any
) -> AsyncIterator[Nights]:
    """`gate` holds back what the night's model answers, `price` is what both models cost."""
    able = Capabilities(window=100_000, price=price or Price(0, 0))
    day = ScriptedModel(capabilities=able)
    night = ScriptedModel(name="cheap", capabilities=able, gate=gate)
    clock = FakeClock()
    given = Replacements(clock=clock, limits=FAST, models=StaticCatalog(day, night))
    async with house(folder, replacements=given, **{"sleep_model": "cheap", **settings}) as home:
        yield Nights(home, clock, day, night, folder)
