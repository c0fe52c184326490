"""A store with a clock that stands still, and short ways to say what a test wants of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import SECOND, Micros, seconds
from agentcore.records import (
    OWNER,
    Acceptance,
    Accepted,
    Actor,
    Address,
    Admission,
    AgentId,
    AgentSeed,
    Block,
    BlockId,
    Claim,
    HandBack,
    IdentityKey,
    Message,
    NewMessage,
    NoticeDraft,
    Origin,
    OutboxDraft,
    OutboxResult,
    Role,
    StepCommit,
    StepRecord,
    StopReason,
    Submission,
    TextPart,
    TurnEnd,
    new_block_id,
    new_message_id,
    new_step_id,
)
from agentcore.sqlstore.agent_store import SqlAgentStore
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.stores import SqlStore
from agentcore.store.gate import GateCommand
from agentcore.testing import FakeClock

T = TypeVar("T")

LEASE = seconds(20)
HUMAN = "Likes tea."


class Chunks:
    """A composer of a push platform: each line is a chunk. With `silent`, a pull platform's."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent

    def reply(self, address: Address, text: str, reply_to: str | None) -> Sequence[OutboxDraft]:
        lines = [] if self._silent else text.split("\n")
        return [
            OutboxDraft(address, line, part, len(lines), reply_to if part == 1 else None)
            for part, line in enumerate(lines, start=1)
        ]

    def notice(self, notice: NoticeDraft, language: str | None) -> Sequence[OutboxDraft]:
        return self.reply(notice.address, f"{notice.key} {language}", None)


def a_block(label: str = "human", value: str = HUMAN, **changes: Any) -> Block:
    """A block as a template makes it; its owner is set when the agent is made."""
    block = Block(new_block_id(), AgentId(""), label, value, limit=20_000)
    return replace(block, **changes)


def a_seed() -> AgentSeed:
    return AgentSeed(
        owner_kind="user",
        name="Familiar",
        template="friend:1",
        system="You are a friend.",
        tools=("memory_insert",),
        blocks=(a_block("persona", "I am a friend."), a_block()),
    )


def text_parts(text: str) -> tuple[TextPart, ...]:
    return (TextPart(text, Origin.OWNER),)


@dataclass
class World:
    """A store over an empty database. Addresses are `home:<who>` unless a test says otherwise."""

    store: SqlStore
    database: Database
    clock: FakeClock
    updates: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def now(self) -> Micros:
        return self.clock.now()

    @property
    def owner(self) -> Actor:
        return OWNER

    def submission(self, text: str = "Hello", *, who: str = "ada", **changes: Any) -> Submission:
        now = self.now
        plain = Submission(
            source="test:bot",
            update_id=f"u{next(self.updates)}",
            key=IdentityKey("test", "bot", who),
            display_name=who.title(),
            address=Address(f"home:{who}"),
            audience="private",
            kind="command" if changes.get("command") else "message",
            parts=text_parts(text),
            received_at=now,
            due_at=now,
        )
        if "debounce" in changes:
            changes["due_at"] = Micros(now + changes.pop("debounce"))
        return replace(plain, **changes)

    async def send(
        self,
        submission: Submission,
        *,
        admission: Admission | None = None,
        seed: Callable[[], AgentSeed] = a_seed,
        composer: Chunks | None = None,
        command: GateCommand | None = None,
    ) -> Acceptance:
        return await self.store.accept(
            submission, admission or Admission(), seed, composer or Chunks(), command
        )

    async def say(self, text: str = "Hello", *, who: str = "ada", **changes: Any) -> Accepted:
        """A message that must be let in."""
        outcome = await self.send(self.submission(text, who=who, **changes))
        assert isinstance(outcome, Accepted), outcome
        return outcome

    async def claim(
        self, holder: str = "worker", *, limit: int = 10, lease: Micros = LEASE
    ) -> Sequence[Claim]:
        return await self.store.claim(holder, limit=limit, lease=lease)

    async def claim_one(self, holder: str = "worker") -> Claim:
        (claim,) = await self.claim(holder)
        return claim

    def door(self, agent_id: AgentId) -> SqlAgentStore:
        return self.store.for_agent(agent_id, OWNER)

    async def commit(self, claim: Claim, step: StepCommit) -> int:
        return await self.door(claim.agent_id).commit(claim, step)

    async def answer(self, claim: Claim, text: str = "Hi", **changes: Any) -> int:
        """A plain turn's one commit: what was said, the reply, the step, the outbox, the end."""
        return await self.commit(claim, replace(self.plain_turn(claim, text), **changes))

    def plain_turn(self, claim: Claim, text: str = "Hi") -> StepCommit:
        return StepCommit(
            messages=(*self.heard(claim), self.message(Role.ASSISTANT, text)),
            step=self.step(),
            end=TurnEnd(StopReason.END_TURN),
            outbox=tuple(Chunks().reply(claim.address, text, claim.first.platform_message_id)),
        )

    def heard(self, claim: Claim) -> Sequence[NewMessage]:
        """What came in, as the loop stores it."""
        return [
            NewMessage(
                new_message_id(), Role.USER, item.parts, self.now, item.identity, otid=item.otid
            )
            for item in claim.items
        ]

    def message(self, role: Role, text: str, **changes: Any) -> NewMessage:
        parts = (TextPart(text, Origin.AGENT if role is Role.ASSISTANT else Origin.OWNER),)
        return replace(NewMessage(new_message_id(), role, parts, self.now), **changes)

    def step(self, number: int = 1, **changes: Any) -> StepRecord:
        plain = StepRecord(
            new_step_id(), number, "scripted", "answered", 10, 5, 0, 0, self.now, self.now
        )
        return replace(plain, **changes)

    async def talk(self, *texts: str, who: str = "ada", **changes: Any) -> AgentId:
        """Each text said and answered with "noted", as a turn of its own."""
        agent_id = None
        for text in texts:
            agent_id = (await self.say(text, who=who, **changes)).agent_id
            for claim in await self.claim():
                await self.answer(claim, "noted")
        assert agent_id is not None
        return agent_id

    async def hand_back(self, claim: Claim, **changes: Any) -> bool:
        how = HandBack(ready_at=self.now, trouble="trouble", counts=True)
        return await self.store.hand_back(claim, replace(how, **changes))

    async def sent(self) -> Sequence[str]:
        """Deliver all that is due; the texts in order."""
        texts: list[str] = []
        while rows := await self.store.claim_outbox("sender", limit=100, lease=LEASE):
            texts += [row.text for row in rows]
            await self.store.finish_outbox([OutboxResult(row, "sent") for row in rows])
        return texts

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.database.read(work)

    async def rows(self, query: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
        return await self.read(lambda connection: _mappings(connection, query))

    async def table(self, table: sa.Table) -> Sequence[Mapping[str, Any]]:
        """All rows of a table in the order of its key."""
        return await self.rows(sa.select(table).order_by(*table.primary_key))

    async def run(self, statement: sa.Executable) -> None:
        """Change the database behind the store's back."""
        await self.database.write(lambda connection: _done(connection, statement))

    def later(self, span: float) -> None:
        """Let so many seconds pass."""
        self.clock.advance(round(span * SECOND))


def _mappings(connection: Connection, query: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _done(connection: Connection, statement: sa.Executable) -> None:
    connection.execute(statement)


def block_of(blocks: Sequence[Block], label: str = "human") -> Block:
    return next(block for block in blocks if block.label == label)


def texts(messages: Sequence[Message]) -> Sequence[str]:
    return [message.text for message in messages]


async def everything(world: World, tables: Sequence[sa.Table]) -> Mapping[str, object]:
    """All rows of all tables: to show that nothing was written."""
    return {table.name: await world.table(table) for table in tables}


SHARED_BLOCK = BlockId("block-11111111-1111-4111-8111-111111111111")
