"""Tickets: what is good for a while, under an id that can be told again. A newer one of the same
id replaces the older, whoever kept it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address, AgentId, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert


@dataclass(frozen=True, slots=True)
class Ticket:
    """`payload` is a plain JSON value, and holds no words that anybody wrote."""

    ticket_id: str
    kind: str
    payload: Any
    created_at: Micros
    expires_at: Micros
    agent_id: AgentId | None = None
    user_id: UserId | None = None
    address: Address | None = None

    def good_at(self, moment: Micros) -> bool:
        return moment < self.expires_at


def keep(connection: Connection, ticket: Ticket) -> None:
    """Keep it, instead of the one that had its id."""
    content = {
        "payload": ticket.payload,
        "created_at": ticket.created_at,
        "expires_at": ticket.expires_at,
    }
    connection.execute(
        insert(connection, t.ticket)
        .values(asdict(ticket))
        .on_conflict_do_update(index_elements=["ticket_id"], set_=content)
    )


def read(connection: Connection, ticket_id: str) -> Ticket | None:
    """The ticket, be it good still or not."""
    row = connection.execute(_of_id(), {"ticket": ticket_id}).one_or_none()
    return None if row is None else Ticket(*row)


def drop(connection: Connection, ticket_id: str) -> None:
    """It is good for nothing any more."""
    connection.execute(sa.delete(t.ticket).where(t.ticket.c.ticket_id == ticket_id))


@cache
def _of_id() -> sa.Select[Any]:
    columns = (t.ticket.c[field.name] for field in fields(Ticket))
    return sa.select(*columns).where(t.ticket.c.ticket_id == sa.bindparam("ticket"))
