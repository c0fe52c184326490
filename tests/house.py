"""A service in one process, over a real SQLite file, with scripted models: what most tests of the
engine and of the service drive. `House` is the composition root with a few replacements."""

from __future__ import annotations

import functools
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Receipt, Sender
from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedMessage, FeedNotice
from agentcore.clock import SECOND, Clock, SystemClock, seconds
from agentcore.core import TurnControl, TurnEdge
from agentcore.model import Emit, Model, ModelAnswer
from agentcore.records import (
    OWNER,
    Address,
    AgentId,
    Claim,
    Message,
    StepRecord,
    ToolCall,
    TurnEnd,
)
from agentcore.sqlstore.engine.schema import upgrade_sqlite
from agentcore.store import AgentStore
from agentcore.testing import StaticCatalog
from bot.app import Parts, Replacements, opened
from bot.measures import Measures
from bot.work import Supervisor, running
from bot.workers.dispatcher import DispatchLimits
from config.settings import Settings

PATIENCE = 60.0
"""Seconds after which a test that waits for an event has failed."""


def call(name: str, arguments: str, call_id: str = "call-1") -> ToolCall:
    return ToolCall(call_id, name, arguments)


def calls(*tool_calls: ToolCall, text: str = "") -> ModelAnswer:
    return ModelAnswer(text=text, tool_calls=tool_calls, finish="tool_calls")


@dataclass
class House:
    """The parts, and short ways to say something and to look at what came of it."""

    parts: Parts

    def inbound(self, user: str, text: str, *, update_id: str | None = None) -> Inbound:
        return Inbound(
            update_id=update_id or uuid.uuid4().hex,
            address=address_of(user),
            sender=Sender(user, user.title()),
            parts=(InboundPart(text),),
        )

    async def accept(self, user: str, text: str, *, update_id: str | None = None) -> Receipt:
        return await self.parts.gateway.accept(self.inbound(user, text, update_id=update_id))

    async def claim(self, *, lease: float = 60.0) -> Sequence[Claim]:
        return await self.parts.store.claim("test", limit=10, lease=seconds(lease))

    async def run(
        self,
        claim: Claim,
        *,
        control: TurnControl | None = None,
        emit: Emit | None = None,
        stepped: Callable[[StepRecord], None] | None = None,
    ) -> TurnEnd:
        """Run a claimed turn of messages, without the dispatcher."""
        crew = self.parts.dispatcher.crew
        edge = TurnEdge(crew.composer, control or TurnControl(), emit, stepped)
        return await crew.core.run_turn(claim, edge)

    async def say(self, user: str, text: str) -> TurnEnd:
        """One message and its turn, without the dispatcher."""
        await self.accept(user, text)
        (claim,) = await self.claim()
        return await self.run(claim)

    async def agent_of(self, user: str) -> AgentId:
        agents = await self.parts.store.list_agents()
        for agent in agents:
            door = self.parts.store.for_agent(agent.agent_id, OWNER)
            said = {message.message_id for message in await door.history(limit=50)}
            if not said:
                continue
            feed = await self.parts.store.feed(Address(str(address_of(user))))
            if any(message.message_id in said for message in feed.messages):
                return agent.agent_id
        msg = f"{user} has no agent with messages"
        raise AssertionError(msg)

    async def door(self, user: str) -> AgentStore:
        """The agent that answers a user who is the only one, or has said something."""
        agents = await self.parts.store.list_agents()
        if len(agents) == 1:
            return self.parts.store.for_agent(agents[0].agent_id, OWNER)
        return self.parts.store.for_agent(await self.agent_of(user), OWNER)

    async def history(self, user: str) -> list[Message]:
        """Oldest first."""
        return list(reversed(await (await self.door(user)).history(limit=1_000)))

    async def block(self, user: str, label: str = "human") -> str:
        blocks = await (await self.door(user)).blocks()
        return next(block.value for block in blocks if block.label == label)

    async def heard(self, user: str, *, until: int) -> list[FeedEvent]:
        """Everything in a user's feed until the position is answered; needs `working`."""
        events: list[FeedEvent] = []
        feed = self.parts.gateway.watch(address_of(user), Cursor())
        with anyio.fail_after(PATIENCE):
            async for event in feed:
                events.append(event)
                if isinstance(event, FeedAnswered) and event.position >= until:
                    break
        await feed.aclose()
        return events


def address_of(user: str) -> ChatAddress:
    return ChatAddress("terminal", "local", user)


def replies(events: Sequence[FeedEvent]) -> list[str]:
    return [e.text for e in events if isinstance(e, FeedMessage) and e.role == "assistant"]


def notices(events: Sequence[FeedEvent]) -> list[str]:
    return [event.key for event in events if isinstance(event, FeedNotice)]


FAST = DispatchLimits(look_again=0.05, lease=6.0, grace=2.0, retry_first=0.01)


@asynccontextmanager
async def house(
    folder: Path,
    *models: Model,
    replacements: Replacements | None = None,
    measures: Measures | None = None,
    first_contact: bool = False,
    **settings: Any,
) -> AsyncIterator[House]:
    """A service over `folder`, with these models, best first. Nothing runs yet. People have heard
    the terms already, unless `first_contact` is what the test is about.
    """
    given = replacements or Replacements(limits=FAST)
    if given.models is None and models:
        given = replace(given, models=StaticCatalog(*models))
    if not first_contact:
        given = replace(given, terms=lambda _settings: None)
    chosen = Settings.model_validate({"data_dir": folder, **settings})
    if not (database := folder / "familiar.db").exists():
        database.write_bytes(_fresh_database())
    async with opened(chosen, given, measures=measures) as parts:
        yield House(parts)


@functools.cache
def _fresh_database() -> bytes:
    """A database as its migrations leave it, made once: they take longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.db"
        upgrade_sqlite(path)
        return path.read_bytes()


@asynccontextmanager
async def working(home: House) -> AsyncIterator[House]:
    """The house with everything at work, its adapters too."""
    async with running(home.parts, Supervisor(home.parts.adapters)):
        yield home


__all__ = [
    "FAST",
    "PATIENCE",
    "SECOND",
    "Clock",
    "House",
    "SystemClock",
    "address_of",
    "call",
    "calls",
    "house",
    "notices",
    "replies",
    "working",
]
