"""Deleting what has been kept as long as its table's rule says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, Micros, day_of
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.registry import RULES


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
