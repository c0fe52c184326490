"""`AgentStore`, carried out by the storage functions on a `Database`: one agent's content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from agentcore.clock import Clock, Micros
from agentcore.records import (
    Actor,
    Address,
    Agent,
    AgentId,
    Block,
    Claim,
    FeedPlace,
    HeldEdit,
    Message,
    NewTimer,
    PastMessage,
    Revision,
    SearchHit,
    SetAside,
    StepCommit,
    TurnView,
)
from agentcore.records.agents import TurnHead
from agentcore.sqlstore.api.happenings import SqlFollowing
from agentcore.sqlstore.api.in_view import SqlWindows
from agentcore.sqlstore.content import blocks, heads, held
from agentcore.sqlstore.content.agent_tools import SqlAgentTools
from agentcore.sqlstore.content.heads import HeadCache
from agentcore.sqlstore.content.revisions import read_revisions
from agentcore.sqlstore.content.windows import read_window
from agentcore.sqlstore.delivery import commits, timers
from agentcore.sqlstore.delivery.turns import read_turns
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.forgetting.provenance import SqlProvenance
from agentcore.sqlstore.people.looks import Looks
from agentcore.sqlstore.queues import parking
from agentcore.sqlstore.recall import past
from agentcore.sqlstore.recall import search as recall
from agentcore.sqlstore.recall.archive import SqlArchive
from agentcore.sqlstore.recall.meanings import QueryMeanings
from agentcore.sqlstore.recall.pages import SqlPages
from agentcore.sqlstore.sleep.runs import SqlSleep
from agentcore.store import SearchQuery, UnfinishedCall


@dataclass(frozen=True, slots=True)
class StoreParts:
    """What the doors to all agents share. `quiet`: how long after a turn's end an agent's memory
    is put in order; None: never.
    """

    database: Database
    clock: Clock
    heads: HeadCache
    meanings: QueryMeanings
    quiet: Micros | None
    looks: Looks


class SqlAgentStore:
    """`AgentStore`: every query is bound to `agent_id`."""

    def __init__(self, parts: StoreParts, agent_id: AgentId, actor: Actor) -> None:
        self._database = database = parts.database
        self._clock = clock = parts.clock
        self._heads = parts.heads
        self._meanings = meanings = parts.meanings
        self._quiet = parts.quiet
        self._looks = parts.looks
        self._agent_id = agent_id
        self._actor = actor
        self.archive = SqlArchive(database, clock, agent_id, self._audit, meanings)
        self.tools = SqlAgentTools(database, clock, agent_id)
        self.sleep = SqlSleep(database, clock, agent_id, self._audit)
        self.pages = SqlPages(database, agent_id, self._audit)
        self.following = SqlFollowing(database, agent_id, self._audit)
        self.windows = SqlWindows(database, agent_id, self._audit)
        self.provenance = SqlProvenance(database, clock, agent_id, self._audit)

    async def agent(self) -> Agent:
        await self._audit("read agent")
        return await self._database.read(partial(heads.read_agent, agent_id=self._agent_id))

    async def head(self, claim: Claim) -> TurnHead:
        mine = self._mine(claim)
        await self._audit("read prompt")
        head = self._heads.get(mine)
        if head is None:
            head = await self._database.read(partial(heads.read_head, claim=mine))
            self._heads.put(mine, head)
        return head

    async def window(self, thread: int, *, first: int) -> Sequence[Message]:
        await self._audit("read window")
        agent_id, windows = self._agent_id, self._heads.windows
        kept = windows.get(agent_id, thread, first)
        kept = await self._database.read(
            partial(read_window, agent_id=agent_id, thread=thread, kept=kept)
        )
        windows.put(agent_id, thread, kept)
        return kept.messages

    async def set_aside(self, claim: Claim) -> SetAside | None:
        await self._audit("read inbox")
        return await self._database.read(partial(parking.read_set_aside, claim=self._mine(claim)))

    async def unfinished_calls(self, turn: int) -> Sequence[UnfinishedCall]:
        await self._audit("read tool calls")
        return await self._database.read(
            partial(heads.read_unfinished_calls, agent_id=self._agent_id, turn=turn)
        )

    async def blocks(self, *, thread: int | None = None) -> Sequence[Block]:
        await self._audit("read blocks")
        return await self._database.read(
            partial(blocks.read_blocks, agent_id=self._agent_id, thread=thread)
        )

    async def held_edits(self) -> Sequence[HeldEdit]:
        await self._audit("read held edits")
        return await self._database.read(
            partial(held.read_held, agent_id=self._agent_id, now=self._clock.now())
        )

    async def revisions(self, *, label: str | None = None, limit: int = 50) -> Sequence[Revision]:
        await self._audit("read revisions")
        return await self._database.read(
            partial(read_revisions, agent_id=self._agent_id, label=label, limit=limit)
        )

    async def search(self, query: SearchQuery, *, thread: int | None = None) -> Sequence[SearchHit]:
        await self._audit("search messages")
        meant = await self._meanings.of(query.text, self._agent_id)
        return await self._database.read(
            partial(recall.search, agent_id=self._agent_id, query=query, thread=thread, meant=meant)
        )

    async def history(self, *, limit: int) -> Sequence[Message]:
        await self._audit("read messages")
        return await self._database.read(
            partial(past.read_history, agent_id=self._agent_id, limit=limit)
        )

    async def past(
        self, address: Address, *, before: FeedPlace | None = None, limit: int
    ) -> Sequence[PastMessage]:
        await self._audit("read past")
        return await self._database.read(
            partial(
                past.read_past,
                agent_id=self._agent_id,
                address=address,
                before=before,
                limit=limit,
            )
        )

    async def add_timer(self, timer: NewTimer) -> int:
        return await self._database.write(
            partial(timers.add_timer, agent_id=self._agent_id, timer=timer, now=self._clock.now())
        )

    async def turns(self, *, limit: int) -> Sequence[TurnView]:
        await self._audit("read turns")
        return await self._database.read(partial(read_turns, agent_id=self._agent_id, limit=limit))

    async def commit(self, claim: Claim, step: StepCommit) -> int:
        if step.epoch is not None or step.agent is not None:
            self._heads.drop(claim)
        return await self._database.write(
            partial(
                commits.commit,
                claim=self._mine(claim),
                added=step,
                now=self._clock.now(),
                quiet=self._quiet,
            )
        )

    def _mine(self, claim: Claim) -> Claim:
        if claim.agent_id != self._agent_id:
            msg = f"a claim on {claim.agent_id} was used at the door of {self._agent_id}"
            raise AssertionError(msg)
        return claim

    async def _audit(self, action: str) -> None:
        """Leave a trace before anything is shown to somebody who isn't the owner."""
        await self._looks.note(self._actor, action, self._agent_id)
