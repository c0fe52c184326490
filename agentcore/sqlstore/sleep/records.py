"""What is left of sleep-time runs: what they read, what they changed, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import (
    SLEEP,
    AgentId,
    BlockId,
    EditActor,
    SleepChange,
    SleepRun,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow


def read_runs(connection: Connection, agent_id: AgentId, *, limit: int) -> tuple[SleepRun, ...]:
    """See `Sleep.runs`. Of a run that read what was forgotten since, no change is told."""
    turn, run = t.turn, t.sleep_run
    rows = connection.execute(
        sa.select(turn, run.c.read, run.c.reasons, run.c.refused)
        .join(run, sa.and_(run.c.agent_id == turn.c.agent_id, run.c.turn == turn.c.number))
        .where(turn.c.agent_id == agent_id, turn.c.kind == SLEEP)
        .order_by(turn.c.number.desc())
        .limit(limit)
    ).all()
    turns = [row.number for row in rows]
    used = _used(connection, agent_id, turns)
    edits = _edits(connection, agent_id, turns)
    gone = _forgotten(connection, agent_id, {seq for row in rows for seq in row.read})
    return tuple(
        SleepRun(
            turn=row.number,
            state=row.state,
            error=row.error,
            started_at=row.claimed_at,
            finished_at=row.finished_at,
            read=tuple(row.read),
            changes=()
            if gone & set(row.read)
            else tuple(_change(edit, row.reasons) for edit in edits.get(row.number, ())),
            refused=row.refused,
            models=tuple(dict.fromkeys(step.model for step in used.get(row.number, ()))),
            prompt_tokens=sum(step.prompt_tokens for step in used.get(row.number, ())),
            completion_tokens=sum(step.completion_tokens for step in used.get(row.number, ())),
            cost=_sum(step.cost for step in used.get(row.number, ())),
        )
        for row in rows
    )


def _sum(costs: Iterable[int | None]) -> int | None:
    """None if one of them isn't known."""
    known = list(costs)
    return None if None in known else sum(cost for cost in known if cost is not None)


def _change(edit: AnyRow, reasons: Mapping[str, str]) -> SleepChange:
    return SleepChange(
        block_id=edit.block_id,
        label=edit.label,
        version=edit.version,
        before=edit.before,
        after=edit.after,
        reason=reasons.get(f"{edit.block_id}:{edit.version}", ""),
        message=edit.message,
    )


def read_reason(
    connection: Connection, agent_id: AgentId, turn: int, block_id: BlockId, version: int
) -> str:
    """Why a run made an edit, in the words of its model; empty once something that the run read
    was forgotten.
    """
    run = t.sleep_run
    row = connection.execute(
        sa.select(run.c.read, run.c.reasons).where(run.c.agent_id == agent_id, run.c.turn == turn)
    ).one_or_none()
    if row is None or _forgotten(connection, agent_id, row.read):
        return ""
    return str(row.reasons.get(f"{block_id}:{version}", ""))


def blank_reasons(connection: Connection, agent_id: AgentId) -> None:
    """No run of the agent tells its reasons any more: they may say what was to be erased."""
    run = t.sleep_run
    connection.execute(sa.update(run).where(run.c.agent_id == agent_id).values(reasons={}))


def _used(
    connection: Connection, agent_id: AgentId, turns: Sequence[int]
) -> Mapping[int, list[AnyRow]]:
    step = t.step
    rows = connection.execute(
        sa.select(
            step.c.turn, step.c.model, step.c.prompt_tokens, step.c.completion_tokens, step.c.cost
        )
        .where(step.c.agent_id == agent_id, step.c.turn.in_(turns))
        .order_by(step.c.turn, step.c.number)
    )
    found: dict[int, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.turn, []).append(row)
    return found


def _edits(
    connection: Connection, agent_id: AgentId, turns: Sequence[int]
) -> Mapping[int, list[AnyRow]]:
    revision = t.block_revision
    rows = connection.execute(
        sa.select(revision)
        .where(
            revision.c.agent_id == agent_id,
            revision.c.turn.in_(turns),
            revision.c.actor == EditActor.SLEEP_TIME,
        )
        .order_by(revision.c.block_id, revision.c.version)
    )
    found: dict[int, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.turn, []).append(row)
    return found


def _forgotten(connection: Connection, agent_id: AgentId, seqs: Collection[int]) -> frozenset[int]:
    """Those that are forgotten, or gone."""
    message = t.message
    there = connection.execute(
        sa.select(message.c.seq).where(
            message.c.agent_id == agent_id,
            message.c.seq.in_(seqs),
            message.c.forgotten_at.is_(None),
        )
    )
    return frozenset(seqs) - frozenset(there.scalars())
