"""Places in an agent's inbox: each row's number, taken under the agent's lease row."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.dml import ReturningUpdate

from agentcore.clock import Micros
from agentcore.records import AgentId
from agentcore.sqlstore import tables as t


class Position(NamedTuple):
    """A row's number, and how many rows wait there with it."""

    seq: int
    pending: int


def take_position(
    connection: Connection,
    agent_id: AgentId,
    *,
    size: int,
    due: Micros,
    waits: bool = True,
) -> Position | None:
    """The next place of an agent, whatever has become of it; None if there is no such agent. `waits`:
    the row makes the agent ready at `due`, with `size` bytes of text.
    """
    given = {"of_agent": agent_id, "bytes": size, "due": due}
    row = connection.execute(_taking(waits=waits), given).one_or_none()
    return None if row is None else Position(*row)


def take_position_of_one_that_answers(
    connection: Connection,
    agent_id: AgentId,
    *,
    size: int,
    due: Micros,
    waits: bool,
    seen: int | None,
) -> Position | None:
    """As `take_position`; None also where another agent has taken this one in, or it isn't of the
    version that was `seen` any more.
    """
    given = {"of_agent": agent_id, "bytes": size, "due": due, "seen_version": seen}
    statement = _taking_of_one_that_answers(waits=waits, as_seen=seen is not None)
    row = connection.execute(statement, given).one_or_none()
    return None if row is None else Position(*row)


@cache
def _taking(*, waits: bool) -> ReturningUpdate[Any]:
    lease, due = t.agent_lease, sa.bindparam("due", type_=t.agent_lease.c.ready_at.type)
    changes: dict[str, object] = {"inbox_seq": lease.c.inbox_seq + 1}
    if waits:
        changes |= {
            "pending": lease.c.pending + 1,
            "pending_bytes": lease.c.pending_bytes + sa.bindparam("bytes", type_=sa.BigInteger),
            "ready_at": sa.case((lease.c.ready_at < due, lease.c.ready_at), else_=due),
        }
    return (
        sa.update(lease)
        .where(lease.c.agent_id == sa.bindparam("of_agent", type_=lease.c.agent_id.type))
        .values(**changes)
        .returning(lease.c.inbox_seq, lease.c.pending)
    )


@cache
def _taking_of_one_that_answers(*, waits: bool, as_seen: bool) -> ReturningUpdate[Any]:
    lease = t.agent_lease
    statement = _taking(waits=waits).where(lease.c.absorbed.is_(False))
    if as_seen:
        seen = sa.bindparam("seen_version", type_=sa.BigInteger)
        statement = statement.where(lease.c.version == seen)
    return statement
