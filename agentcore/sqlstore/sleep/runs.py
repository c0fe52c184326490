"""Sleep-time runs: what they read, and how they begin and end.

A run holds no lease: whoever talks to the agent meanwhile is answered as ever. Invariant: what it
adds is added under the fence that it began with, while the agent has no work; so a run that was
overtaken by anything leaves nothing but its record.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import Fenced
from agentcore.records import (
    SLEEP,
    Address,
    AgentId,
    ConsentTerms,
    NoSleep,
    SleepClaim,
    SleepEnd,
    SleepMaterial,
    SleepResult,
    SleepRun,
    StopReason,
    TurnEnd,
    new_trace_id,
    new_turn_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause, apply_edits
from agentcore.sqlstore.delivery.commits import add_steps, check_sources, end_turn
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.sleep.material import read_material
from agentcore.sqlstore.sleep.records import read_runs

CUT_OFF = "the process ended in the middle"


class SqlSleep:
    """`Sleep`: every query is bound to `agent_id`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        agent_id: AgentId,
        audit: Callable[[str], Awaitable[None]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._agent_id = agent_id
        self._audit = audit

    async def material(self, terms: ConsentTerms | None) -> SleepMaterial | NoSleep:
        await self._audit("read messages")
        return await self._database.read(
            partial(read_material, agent_id=self._agent_id, terms=terms)
        )

    async def begin(
        self, material: SleepMaterial, read: Sequence[int], *, again_at: Micros
    ) -> SleepClaim | None:
        return await self._database.write(
            partial(
                _begin,
                material=material,
                read=tuple(read),
                again_at=again_at,
                now=self._clock.now(),
            )
        )

    async def commit(self, claim: SleepClaim, result: SleepResult) -> None:
        await self._database.write(
            partial(_commit, claim=claim, result=result, now=self._clock.now())
        )

    async def end(self, claim: SleepClaim, how: SleepEnd) -> None:
        await self._database.write(partial(_end, claim=claim, how=how, now=self._clock.now()))

    async def pass_over(self) -> None:
        await self._database.write(
            partial(_pass_over, agent_id=self._agent_id, now=self._clock.now())
        )

    async def runs(self, *, limit: int) -> Sequence[SleepRun]:
        await self._audit("read revisions")
        return await self._database.read(partial(read_runs, agent_id=self._agent_id, limit=limit))


class SqlSleepTimes:
    """`SleepTimes` over a `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def due(self, *, limit: int) -> Sequence[AgentId]:
        return await self._database.read(partial(_due, now=self._clock.now(), limit=limit))

    async def next_due(self) -> Micros | None:
        return await self._database.read(_next_due)


def _idle() -> sa.ColumnElement[bool]:
    """The agent has no work, and nobody works on it."""
    lease = t.agent_lease
    return sa.and_(lease.c.ready_at.is_(None), lease.c.open_turn.is_(None))


def _due(connection: Connection, *, now: Micros, limit: int) -> tuple[AgentId, ...]:
    lease = t.agent_lease
    found = connection.execute(
        sa.select(lease.c.agent_id)
        .where(lease.c.sleep_at <= now, _idle())
        .order_by(lease.c.sleep_at)
        .limit(limit)
    )
    return tuple(found.scalars())


def _next_due(connection: Connection) -> Micros | None:
    lease = t.agent_lease
    return connection.execute(
        sa.select(sa.func.min(lease.c.sleep_at)).where(lease.c.sleep_at.is_not(None), _idle())
    ).scalar()


def _begin(
    connection: Connection,
    material: SleepMaterial,
    read: tuple[int, ...],
    again_at: Micros,
    now: Micros,
) -> SleepClaim | None:
    lease, agent_id = t.agent_lease, material.agent_id
    taken = connection.execute(
        sa.update(lease)
        .where(
            lease.c.agent_id == agent_id,
            lease.c.fence == material.fence,
            lease.c.version == material.version,
            lease.c.sleepless.is_(False),
            _idle(),
        )
        .values(fence=lease.c.fence + 1, sleep_at=again_at, sleep_tries=lease.c.sleep_tries + 1)
        .returning(lease.c.fence)
    ).scalar()
    if taken is None:
        return None
    thread, address = _place(connection, material)
    claim = SleepClaim(
        agent_id=agent_id,
        thread=thread,
        address=address,
        user=material.user,
        turn=taken,
        version=material.version,
        newest=material.newest,
        read=read,
        trace_id=new_trace_id(),
    )
    _end_those_cut_off(connection, agent_id, now)
    _record(connection, claim, now)
    return claim


def _record(connection: Connection, claim: SleepClaim, now: Micros) -> None:
    connection.execute(
        sa.insert(t.turn),
        {
            "agent_id": claim.agent_id,
            "number": claim.turn,
            "turn_id": new_turn_id(),
            "thread": claim.thread,
            "address": claim.address,
            "kind": SLEEP,
            "state": "running",
            "attempts": 1,
            "error": "",
            "trace_id": claim.trace_id,
            "asked_at": now,
            "claimed_at": now,
        },
    )
    connection.execute(
        sa.insert(t.sleep_run),
        {"agent_id": claim.agent_id, "turn": claim.turn, "read": list(claim.read)},
    )


def _place(connection: Connection, material: SleepMaterial) -> tuple[int, Address]:
    """The thread in which something was said last."""
    thread = t.thread
    row = connection.execute(
        sa.select(thread.c.number, thread.c.address).where(
            thread.c.agent_id == material.agent_id,
            thread.c.number == material.messages[-1].thread,
        )
    ).one()
    return row.number, row.address


def _end_those_cut_off(connection: Connection, agent_id: AgentId, now: Micros) -> None:
    """Runs whose process died: nobody else can be at one, since this one has begun."""
    turn = t.turn
    connection.execute(
        sa.update(turn)
        .where(turn.c.agent_id == agent_id, turn.c.kind == SLEEP, turn.c.state == "running")
        .values(state="failed", stop_reason=StopReason.ERROR, error=CUT_OFF, finished_at=now)
    )


def _commit(connection: Connection, claim: SleepClaim, result: SleepResult, now: Micros) -> None:
    _pass_fence(connection, claim)
    check_sources(connection, claim.agent_id, claim.read)
    cause = Cause(claim.agent_id, author=None, turn=claim.turn, message=None)
    apply_edits(connection, [change.edit for change in result.changes], cause, now)
    add_steps(connection, claim.agent_id, claim.turn, result.steps)
    end_turn(connection, claim, TurnEnd(StopReason.END_TURN), claim.user, now)
    run = t.sleep_run
    connection.execute(
        sa.update(run)
        .where(run.c.agent_id == claim.agent_id, run.c.turn == claim.turn)
        .values(reasons=_reasons(result), refused=result.refused)
    )


def _reasons(result: SleepResult) -> dict[str, str]:
    """By `block:version` of the revision that each one is about."""
    return {
        f"{change.edit.block.block_id}:{change.edit.block.version + 1}": change.reason
        for change in result.changes
    }


def _pass_fence(connection: Connection, claim: SleepClaim) -> None:
    """See that the agent is as it was."""
    lease = t.agent_lease
    passed = connection.execute(
        sa.update(lease)
        .where(
            lease.c.agent_id == claim.agent_id,
            lease.c.fence == claim.turn,
            lease.c.version == claim.version,
            lease.c.sleepless.is_(False),
            _idle(),
        )
        .values(slept_to=claim.newest, sleep_at=None, sleep_tries=0)
    )
    if passed.rowcount != 1:
        msg = f"{claim.agent_id} has work, or was changed since the run began."
        raise Fenced(msg)


def _end(connection: Connection, claim: SleepClaim, how: SleepEnd, now: Micros) -> None:
    there = sa.select(t.sleep_run.c.turn).where(
        t.sleep_run.c.agent_id == claim.agent_id, t.sleep_run.c.turn == claim.turn
    )
    if connection.execute(there).scalar() is None:  # its agent was erased
        return
    add_steps(connection, claim.agent_id, claim.turn, how.steps)
    end_turn(connection, claim, how.end, claim.user, now)
    lease = t.agent_lease
    mine = lease.c.agent_id == claim.agent_id
    if not how.counts:
        tried = sa.and_(mine, lease.c.sleep_tries > 0)
        less = sa.update(lease).where(tried).values(sleep_tries=lease.c.sleep_tries - 1)
        connection.execute(less)
    # Whoever has worked on the agent since has said when the next run is due.
    connection.execute(
        sa.update(lease)
        .where(mine, lease.c.fence == claim.turn, _idle())
        .values(sleep_at=how.again_at)
    )


def _pass_over(connection: Connection, agent_id: AgentId, now: Micros) -> None:
    lease = t.agent_lease
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id, lease.c.sleep_at <= now, _idle())
        .values(sleep_at=None, sleep_tries=0)
    )
