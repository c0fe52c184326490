"""Figures for an operator. `read_pulse` is asked often and reads only what waits, by partial
indexes; the others read whole tables, and are for somebody who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, SECOND, Micros, day_of
from agentcore.records import SLEEP
from agentcore.records.figures import ModelUse, Pulse, Span, Statistics
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.absorbed import is_absorbed, is_joined
from agentcore.sqlstore.queues.unanswered import waits

_COUNT = sa.func.count()


def read_pulse(connection: Connection, *, now: Micros) -> Pulse:
    """See `Store.pulse`."""
    row = connection.execute(_pulse()).one()
    arrivals = [each for each in (row.unclaimed, row.claimed) if each is not None]
    return Pulse(
        pending=int(row.pending or 0),
        oldest_pending=max(0, now - min(arrivals)) // SECOND if arrivals else 0,
        parked=row.parked,
        to_send=row.to_send,
        unreachable=row.unreachable,
    )


@cache
def _pulse() -> sa.Select[Any]:
    lease, box, out = t.agent_lease, t.inbox, t.outbox
    busy = lease.c.ready_at.is_not(None)
    first = sa.func.min(box.c.received_at)
    unclaimed = sa.select(first).where(waits())
    claimed = (
        sa.select(first)
        .select_from(lease)
        .join(box, sa.and_(box.c.agent_id == lease.c.agent_id, box.c.turn == lease.c.open_turn))
        .where(busy, box.c.parked_at.is_(None))
    )
    parts = {
        "pending": sa.select(sa.func.sum(lease.c.pending)).where(busy),
        "unclaimed": unclaimed,
        "claimed": claimed,
        "parked": sa.select(_COUNT).where(box.c.parked_at.is_not(None)),
        # As a literal, or the planner can't know that the partial index will do.
        "to_send": sa.select(_COUNT).where(out.c.state == sa.literal_column("'waiting'")),
        "unreachable": sa.select(_COUNT).where(t.chat.c.state == "unreachable"),
    }
    return sa.select(*(query.scalar_subquery().label(name) for name, query in parts.items()))


def read_counts(connection: Connection, *, now: Micros) -> Mapping[str, int]:
    """See `Store.counts`."""
    pulse = read_pulse(connection, now=now)

    def one(query: sa.Select[Any]) -> int:
        return int(connection.execute(query).scalar() or 0)

    return {
        "users": one(sa.select(_COUNT).select_from(t.user).where(~is_joined(t.user.c.user_id))),
        "agents": one(
            sa.select(_COUNT).where(
                t.agent.c.deleted_at.is_(None), ~is_absorbed(t.agent.c.agent_id)
            )
        ),
        "messages": one(sa.select(sa.func.sum(t.agent_lease.c.message_seq))),
        "pending": pulse.pending,
        "oldest_pending_seconds": pulse.oldest_pending,
        "parked": pulse.parked,
        "to_send": pulse.to_send,
        "failed_to_send": one(sa.select(_COUNT).where(t.outbox.c.state == "failed")),
        "unreachable": pulse.unreachable,
        "resent": one(sa.select(sa.func.sum(t.outbox.c.resends))),
    }


def read_statistics(connection: Connection, *, now: Micros) -> Statistics:
    """See `Store.statistics`."""
    today = Micros(day_of(now) * DAY)
    return Statistics(
        counts=read_counts(connection, now=now),
        database_bytes=_size(connection),
        today=_span(connection, today),
        week=_span(connection, Micros(today - 6 * DAY)),
    )


def _span(connection: Connection, since: Micros) -> Span:
    turn, step = t.turn, t.step
    # Runs over the memory are nobody's turns: counted by themselves.
    reason = sa.case((turn.c.kind == SLEEP, "sleep_time"), else_=turn.c.stop_reason).label("how")
    ended = connection.execute(
        sa.select(reason, _COUNT)
        .where(turn.c.finished_at >= since)
        .group_by(reason)
        .order_by(reason)
    )
    total = sa.func.sum
    used = connection.execute(
        sa.select(
            step.c.model,
            _COUNT,
            total(step.c.prompt_tokens),
            total(step.c.completion_tokens),
            total(step.c.cached_tokens),
            sa.func.coalesce(total(step.c.cost), 0),
            total(sa.case((step.c.cost.is_(None), 1), else_=0)),
        )
        .where(step.c.finished_at >= since)
        .group_by(step.c.model)
        .order_by(step.c.model)
    )
    return Span(
        turns={str(reason): int(count) for reason, count in ended},
        models=tuple(ModelUse(model, *map(int, figures)) for model, *figures in used),
    )


def _size(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        asked = "SELECT pg_database_size(current_database())"
    else:
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return int(connection.exec_driver_sql(asked).scalar() or 0)
