"""A scene played through the real core, on a database of its own that is gone afterwards."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Sender
from agentcore.clock import HOUR, Micros, SystemClock, as_datetime, seconds
from agentcore.core import SleepReport, TurnControl, TurnEdge
from agentcore.errors import BadInput
from agentcore.model import Model
from agentcore.records import (
    OWNER,
    Agent,
    BlockEdit,
    Claim,
    EditActor,
    Message,
    MessageMeta,
    NewMessage,
    Origin,
    Role,
    StepCommit,
    StepRecord,
    StopReason,
    TextPart,
    ToolReturnPart,
    TurnEnd,
    new_message_id,
)
from agentcore.store import AgentStore
from agentcore.tools.base import HELD
from bot.app import Parts, Replacements, opened
from bot.evaluation.scene import Exchange, Say, Scene, Transcript, Use
from config.settings import Settings

START = Micros(1_795_197_600_000_000)
"""Friday, 20 November 2026, 18:00 UTC: where every scene begins."""
LEASE = 600.0


class SceneClock:
    """Runs as time does, from `START`; `wait` lets a scene's person take their time."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._ahead = START - self._real.now()

    def now(self) -> Micros:
        return Micros(self._real.now() + self._ahead)

    def wait(self, micros: int) -> None:
        self._ahead += micros


@dataclass(frozen=True, slots=True)
class OneModel:
    """A catalog of the model that is looked at; it has no fallbacks."""

    model: Model

    def ladder(self, _name: str | None) -> Sequence[Model]:
        return (self.model,)


@dataclass(slots=True)
class Stage:
    """Where one scene is played."""

    parts: Parts
    clock: SceneClock
    exchanges: list[Exchange] = field(default_factory=list)
    slept: SleepReport | None = None

    async def prepare(self, scene: Scene) -> None:
        """What there was before the scene: blocks, and an earlier conversation, out of sight."""
        before = scene.before
        if not before.blocks and not before.exchanges:
            return
        claim, door = await self._accepted(Say("…", group=scene.says[0].group))
        blocks = {block.label: block for block in await door.blocks()}
        if unknown := set(before.blocks) - set(blocks):
            msg = f"The scene {scene.name} needs blocks that the template lacks: {unknown}."
            raise BadInput(msg)
        edits = tuple(
            BlockEdit(blocks[label], value, EditActor.OPERATOR, Origin.OPERATOR)
            for label, value in before.blocks.items()
        )
        said = tuple(_earlier(before.exchanges, self.clock.now()))
        await door.commit(claim, StepCommit(said, edits, end=TurnEnd(StopReason.END_TURN)))

    async def say(self, say: Say) -> None:
        """One message and its turn.

        Raises:
            ModelUnavailable: the model can't be reached.
        """
        self.clock.wait(int(say.later.total_seconds() * 1_000_000))
        claim, door = await self._accepted(say)
        steps: list[StepRecord] = []
        crew = self.parts.dispatcher.crew
        edge = TurnEdge(crew.composer, TurnControl(), None, steps.append)
        end = await crew.core.run_turn(claim, edge)
        history = reversed(await door.history(limit=60))
        turn = [message for message in history if message.turn == claim.turn]
        answer = "\n".join(m.text for m in turn if m.role is Role.ASSISTANT and m.text)
        self.exchanges.append(
            Exchange(say.text, answer, tuple(_uses(turn)), tuple(steps), end.reason.value)
        )

    async def sleep(self, scene: Scene) -> None:
        """The quiet time after the last message."""
        self.clock.wait(HOUR)
        self.slept = await self.parts.sleep.run_now((await self._agent(scene)).agent_id)

    async def _agent(self, scene: Scene) -> Agent:
        agents = await self.parts.store.list_agents()
        kind = "chat" if scene.says[-1].group else "user"
        return next(each for each in agents if each.owner_kind == kind)

    async def transcript(self, scene: Scene) -> Transcript:
        agent = await self._agent(scene)
        template = self.parts.offers.templates[self.parts.settings.template]
        seed = template.seed("user", tools=())
        given = {line for block in seed.blocks for line in block.value.split("\n")}
        blocks = await self.parts.store.for_agent(agent.agent_id, OWNER).blocks()
        lines = (line for block in blocks for line in block.value.split("\n"))
        kept = tuple(line for line in lines if line.strip() and line not in given)
        return Transcript(tuple(self.exchanges), kept, self.slept)

    async def _accepted(self, say: Say) -> tuple[Claim, AgentStore]:
        forwarded = (InboundPart(say.forwarded, "forwarded"),) if say.forwarded else ()
        inbound = Inbound(
            update_id=uuid.uuid4().hex,
            address=ChatAddress("terminal", "eval", "group" if say.group else say.speaker),
            sender=Sender(say.speaker, say.speaker),
            parts=(InboundPart(say.text), *forwarded),
            audience="chat" if say.group else "private",
        )
        await self.parts.gateway.accept(inbound)
        (claim,) = await self.parts.store.claim("eval", limit=1, lease=seconds(LEASE))
        return claim, self.parts.store.for_agent(claim.agent_id, OWNER)


def _earlier(exchanges: Sequence[tuple[str, str]], now: Micros) -> list[NewMessage]:
    found: list[NewMessage] = []
    for hours, (said, answer) in zip(range(len(exchanges), 0, -1), exchanges, strict=True):
        at = Micros(now - hours * HOUR)
        local = as_datetime(at).strftime("%Y-%m-%dT%H:%M")
        meta = MessageMeta(local, "UTC", "terminal")
        spoken = (TextPart(said, Origin.OWNER),)
        found.append(NewMessage(new_message_id(), Role.USER, spoken, at, meta=meta))
        reply = (TextPart(answer, Origin.AGENT),)
        found.append(NewMessage(new_message_id(), Role.ASSISTANT, reply, at))
    return found


def _uses(turn: Sequence[Message]) -> list[Use]:
    parts = (part for message in turn for part in message.parts)
    returns = {part.call_id: part for part in parts if isinstance(part, ToolReturnPart)}
    found = []
    for call in (call for message in turn for call in message.tool_calls):
        back = returns.get(call.call_id)
        text = "" if back is None else back.text
        saved = back is not None and back.status == "success" and text != HELD
        found.append(Use(call.name, _arguments(call.arguments), saved, text))
    return found


def _arguments(raw: str) -> dict[str, Any]:
    try:
        read = json.loads(raw)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _furnish(folder: Path, fresh: Path) -> None:
    folder.mkdir(mode=0o700)
    shutil.copy(fresh, folder / "familiar.db")


@asynccontextmanager
async def staged(
    model: Model, settings: Settings, fresh: Path, folder: Path
) -> AsyncIterator[Stage]:
    """A stage over a copy of the database `fresh`, in a new folder, with the template and the
    window that the settings name.
    """
    clock = SceneClock()
    await anyio.to_thread.run_sync(_furnish, folder, fresh)
    chosen = Settings.model_validate(
        {
            "data_dir": folder,
            "template": settings.template,
            "templates_dir": settings.templates_dir,
            "context_window": settings.context_window,
            "access": "open",
        }
    )
    given = Replacements(clock=clock, models=OneModel(model), terms=lambda _settings: None)
    async with opened(chosen, given) as parts:
        yield Stage(parts, clock)


async def played(
    scene: Scene, model: Model, settings: Settings, fresh: Path, folder: Path
) -> Transcript:
    """What comes of a scene.

    Raises:
        ModelUnavailable: the model can't be reached.
    """
    async with staged(model, settings, fresh, folder) as stage:
        await stage.prepare(scene)
        for say in scene.says:
            await stage.say(say)
        if scene.sleeps:
            await stage.sleep(scene)
        return await stage.transcript(scene)
