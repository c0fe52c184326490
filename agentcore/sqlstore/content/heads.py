"""What a turn's prompt head is made from, read in one or two statements."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import Fenced, NotFound
from agentcore.records import (
    Agent,
    AgentId,
    BlockId,
    Claim,
    Epoch,
    EpochReason,
    HeadBlock,
    Origin,
    Thread,
    TurnLimits,
)
from agentcore.records.agents import TurnHead
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import blocks_at
from agentcore.sqlstore.content.windows import WindowCache
from agentcore.store import UnfinishedCall

_LIMITS = frozenset(field.name for field in fields(TurnLimits))


def read_agent(connection: Connection, agent_id: AgentId) -> Agent:
    """The agent.

    Raises:
        NotFound: there is none, or it was deleted.
    """
    row = (
        connection.execute(
            select_agents().where(t.agent.c.agent_id == agent_id, t.agent.c.deleted_at.is_(None))
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise no_agent(agent_id)
    return agent_of(dict(row))


def no_agent(agent_id: AgentId) -> NotFound:
    return NotFound(f"There is no agent {agent_id}. `familiar agents list` shows those there are.")


def list_agents(connection: Connection, *, limit: int) -> tuple[Agent, ...]:
    """Newest first."""
    rows = connection.execute(
        select_agents()
        .where(t.agent.c.deleted_at.is_(None))
        .order_by(t.agent.c.created_at.desc())
        .limit(limit)
    ).mappings()
    return tuple(agent_of(dict(row)) for row in rows)


def select_agents() -> sa.Select[Any]:
    """All agents, each with the one that has absorbed it."""
    absorbed = t.agent_absorbed
    taker = (
        sa.select(absorbed.c.agent_id)
        .where(absorbed.c.absorbed_id == t.agent.c.agent_id)
        .limit(1)
        .correlate(t.agent)
        .scalar_subquery()
    )
    return sa.select(t.agent, taker.label("absorbed_by"))


def limits_of(stored: Mapping[str, Any]) -> TurnLimits:
    """What is stored of an agent's limits, with our own for the rest."""
    return TurnLimits(**{name: value for name, value in stored.items() if name in _LIMITS})


def agent_of(row: Mapping[str, Any]) -> Agent:
    """The agent of a row of `select_agents`."""
    return Agent(
        agent_id=row["agent_id"],
        owner_kind=row["owner_kind"],
        name=row["name"],
        template=row["template"],
        system=row["system"],
        tools=tuple(row["tools"]),
        model=row["model"],
        limits=limits_of(row["limits"]),
        created_at=row["created_at"],
        context_window=row["context_window"],
        metadata=row["metadata"],
        absorbed_by=row.get("absorbed_by"),
        description=row["description"],
        time_zone=row["time_zone"],
        hidden=row["hidden"],
        edition=row["edition"],
        extras=row["extras"],
        updated_at=row["updated_at"],
    )


def read_head(connection: Connection, claim: Claim) -> TurnHead:
    """See `AgentStore.head`."""
    head = read_head_of(connection, claim.agent_id, claim.thread)
    if head is None:
        msg = f"{claim.agent_id} was erased."
        raise Fenced(msg)
    return head


def read_head_of(connection: Connection, agent_id: AgentId, thread: int) -> TurnHead | None:
    """A thread's head as it stands; None if there is no such thread."""
    joined = t.agent.join(t.thread, t.thread.c.agent_id == t.agent.c.agent_id).outerjoin(
        t.epoch,
        sa.and_(
            t.epoch.c.agent_id == t.thread.c.agent_id,
            t.epoch.c.thread == t.thread.c.number,
            t.epoch.c.number == t.thread.c.epoch,
        ),
    )
    found = connection.execute(
        sa.select(
            *(column.label(f"agent_{column.name}") for column in t.agent.c),
            *(column.label(f"thread_{column.name}") for column in t.thread.c),
            *(column.label(f"epoch_{column.name}") for column in t.epoch.c),
        )
        .select_from(joined)
        .where(t.agent.c.agent_id == agent_id, t.thread.c.number == thread)
    ).mappings()
    row = found.one_or_none()
    if row is None:
        return None
    epoch = _epoch(row)
    blocks: tuple[HeadBlock, ...] = ()
    if epoch is not None:
        versions = epoch.block_versions
        blocks = blocks_at(connection, agent_id, versions, thread=thread)
    return TurnHead(agent_of(_part(row, "agent_")), _thread(row), epoch, blocks)


class HeadCache:
    """The newest head that turns have used of each thread, and the version of the agent that their
    claim told: whatever a head is made from raises that version when it changes, so none is ever
    out of date. With them goes what follows the head, the `windows`.
    """

    def __init__(self, limit: int = 1_000) -> None:
        self.windows = WindowCache()
        self._limit = limit
        self._heads: OrderedDict[tuple[AgentId, int], tuple[int, TurnHead]] = OrderedDict()

    def get(self, claim: Claim) -> TurnHead | None:
        key = (claim.agent_id, claim.thread)
        version, head = self._heads.get(key, (None, None))
        if version != claim.version:
            return None
        self._heads.move_to_end(key)
        return head

    def drop(self, claim: Claim) -> None:
        """The holder of the claim has changed the head itself."""
        self._heads.pop((claim.agent_id, claim.thread), None)

    def forget(self, agents: Collection[AgentId]) -> None:
        """These agents are gone, or know less than they did."""
        self.windows.forget(agents)
        for key in [key for key in self._heads if key[0] in agents]:
            del self._heads[key]

    def put(self, claim: Claim, head: TurnHead) -> None:
        self._heads.pop((claim.agent_id, claim.thread), None)
        self._heads[claim.agent_id, claim.thread] = (claim.version, head)
        while len(self._heads) > self._limit:
            self._heads.popitem(last=False)


def _part(row: sa.RowMapping, prefix: str) -> Mapping[str, Any]:
    return {
        name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)
    }


def _thread(row: sa.RowMapping) -> Thread:
    found = _part(row, "thread_")
    return Thread(
        agent_id=found["agent_id"],
        number=found["number"],
        thread_id=found["thread_id"],
        address=found["address"],
        audience=found["audience"],
        ephemeral=found["ephemeral"],
        epoch=found["epoch"],
    )


def _epoch(row: sa.RowMapping) -> Epoch | None:
    found = _part(row, "epoch_")
    if found["number"] is None:
        return None
    return Epoch(
        thread=found["thread"],
        number=found["number"],
        reason=EpochReason(found["reason"]),
        system=found["system"],
        template=found["template"],
        block_versions={BlockId(key): value for key, value in found["block_versions"].items()},
        summary=found["summary"],
        first_message=found["first_message"],
        last_note=found["last_note"],
        created_at=found["created_at"],
        left_out=tuple(found["left_out"]),
        summary_origin=Origin(found["summary_origin"]),
    )


def read_unfinished_calls(
    connection: Connection, agent_id: AgentId, turn: int
) -> tuple[UnfinishedCall, ...]:
    """See `AgentStore.unfinished_calls`."""
    call = t.tool_call
    rows = connection.execute(
        sa.select(call.c.call_id, call.c.name, call.c.idempotency_key, call.c.idempotent).where(
            call.c.agent_id == agent_id, call.c.turn == turn, call.c.state == "started"
        )
    )
    return tuple(UnfinishedCall(*row) for row in rows)
