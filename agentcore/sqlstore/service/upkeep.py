"""What keeps the store healthy: adapters' state, purging, figures."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, Micros, day_of
from agentcore.records import Actor, Address, AgentId, StopReason, TurnView
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert
from agentcore.sqlstore.registry import RULES


def write_audit(
    connection: Connection, actor: Actor, action: str, agent_id: AgentId, now: Micros
) -> None:
    connection.execute(
        sa.insert(t.audit).values(
            audit_id=secrets.token_hex(16),
            agent_id=agent_id,
            actor_kind=actor.kind,
            actor=actor.name,
            action=action,
            detail={},
            created_at=now,
        )
    )


def read_turns(connection: Connection, agent_id: AgentId, *, limit: int) -> tuple[TurnView, ...]:
    """See `AgentStore.turns`."""
    turn = t.turn
    rows = connection.execute(
        sa.select(turn, t.thread.c.thread_id)
        .join(
            t.thread,
            sa.and_(t.thread.c.agent_id == turn.c.agent_id, t.thread.c.number == turn.c.thread),
        )
        .where(turn.c.agent_id == agent_id)
        .order_by(turn.c.number.desc())
        .limit(limit)
    )
    return tuple(
        TurnView(
            turn=row.number,
            kind=row.kind,
            turn_id=row.turn_id,
            thread_id=row.thread_id,
            state=row.state,
            stop_reason=None if row.stop_reason is None else StopReason(row.stop_reason),
            attempts=row.attempts,
            claimed_at=row.claimed_at,
            finished_at=row.finished_at,
            error=row.error,
        )
        for row in rows
    )


def read_state(connection: Connection, adapter: str, key: str) -> str | None:
    state = t.adapter_state
    return connection.execute(
        sa.select(state.c.value).where(state.c.adapter == adapter, state.c.key == key)
    ).scalar()


def write_state(connection: Connection, adapter: str, key: str, value: str, now: Micros) -> None:
    content = {"value": value, "updated_at": now}
    connection.execute(
        insert(connection, t.adapter_state)
        .values(adapter=adapter, key=key, **content)
        .on_conflict_do_update(index_elements=["adapter", "key"], set_=content)
    )


def read_chats(connection: Connection, adapter: str) -> Sequence[tuple[Address, str]]:
    """What an adapter keeps of its chats, the newest first."""
    kept = t.adapter_chat
    rows = connection.execute(
        sa.select(kept.c.address, kept.c.value)
        .where(kept.c.adapter == adapter)
        .order_by(kept.c.updated_at.desc(), kept.c.address)
    )
    return [(row.address, row.value) for row in rows]


def write_chat(
    connection: Connection, adapter: str, address: Address, value: str, now: Micros
) -> None:
    content = {"value": value, "updated_at": now}
    connection.execute(
        insert(connection, t.adapter_chat)
        .values(adapter=adapter, address=address, **content)
        .on_conflict_do_update(index_elements=["adapter", "address"], set_=content)
    )


def purge(connection: Connection, *, now: Micros, limit: int) -> int:
    """Delete what is over and older than its table's rule keeps it, `limit` rows of each table."""
    removed = 0
    for table, over in _over(now).items():
        key = list(table.primary_key)
        rows = sa.select(*key).where(over).limit(limit)
        removed += connection.execute(sa.delete(table).where(sa.tuple_(*key).in_(rows))).rowcount
    return removed


def _over(now: Micros) -> Mapping[sa.Table, sa.ColumnElement[bool]]:
    """Of each table with a time to keep, which rows have outlived it."""
    horizon = {rule.table: now - rule.keep_days * DAY for rule in RULES if rule.keep_days}
    box, out, notice = t.inbox, t.outbox, t.notice
    turn_over = sa.exists().where(
        t.turn.c.agent_id == box.c.agent_id,
        t.turn.c.number == box.c.turn,
        t.turn.c.finished_at < horizon[box],
    )
    return {
        t.receipt: t.receipt.c.received_at < horizon[t.receipt],
        t.refusal: t.refusal.c.created_at < horizon[t.refusal],
        box: sa.and_(
            box.c.received_at < horizon[box],
            box.c.parked_at.is_(None),
            sa.or_(box.c.closed_at < horizon[box], turn_over),
        ),
        # The newest row of an address stays: the next one's number is counted from it.
        out: sa.and_(out.c.finished_at < horizon[out], _isnt_newest(out, out.c.row)),
        notice: sa.and_(notice.c.created_at < horizon[notice], _isnt_newest(notice, notice.c.seq)),
        t.held_edit: t.held_edit.c.expires_at < horizon[t.held_edit],
        t.ticket: t.ticket.c.expires_at < horizon[t.ticket],
        t.audit: t.audit.c.created_at < horizon[t.audit],
        t.usage: t.usage.c.day < day_of(Micros(horizon[t.usage])),
    }


def _isnt_newest(table: sa.Table, number: sa.Column[Any]) -> sa.ColumnElement[bool]:
    newer = table.alias("newer")
    return (
        sa.select(sa.literal(1))
        .where(newer.c.address == table.c.address, newer.c[number.name] > number)
        .exists()
    )
