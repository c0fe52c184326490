"""What a person was shown last of an agent's memory, so that a number they name later means the
line that they saw. One row for each agent and person: a newer listing replaces the older.
"""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId, ListedLine, Listing, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.database import insert

KIND = "listing"


def keep(
    connection: Connection,
    agent_id: AgentId,
    user_id: UserId,
    listing: Listing,
    *,
    now: Micros,
    until: Micros,
) -> None:
    """The listing as it was shown, good until then. Holds no words."""
    content = {
        "payload": [asdict(line) for line in listing.lines],
        "created_at": now,
        "expires_at": until,
    }
    connection.execute(
        insert(connection, t.ticket)
        .values(
            ticket_id=_id(agent_id, user_id),
            kind=KIND,
            agent_id=agent_id,
            user_id=user_id,
            **content,
        )
        .on_conflict_do_update(index_elements=["ticket_id"], set_=content)
    )


def read(
    connection: Connection,
    agent_id: AgentId,
    user_id: UserId,
    *,
    now: Micros,
    shown_by: Micros | None = None,
) -> Listing | None:
    """The listing, if there is one that still holds, and that was there at `shown_by` already."""
    ticket = t.ticket
    query = sa.select(ticket.c.payload).where(
        ticket.c.ticket_id == _id(agent_id, user_id), ticket.c.expires_at > now
    )
    if shown_by is not None:
        query = query.where(ticket.c.created_at <= shown_by)
    payload = connection.execute(query).scalar()
    return None if payload is None else Listing(tuple(ListedLine(**line) for line in payload))


def _id(agent_id: AgentId, user_id: UserId) -> str:
    return f"{KIND}:{agent_id}:{user_id}"
