"""What a person was shown last of an agent's memory, so that a number they name later means the
line that they saw. One row for each agent and person: a newer listing replaces the older.
"""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId, ListedLine, Listing, UserId
from agentcore.sqlstore.people.tickets import Ticket
from agentcore.sqlstore.people.tickets import keep as keep_ticket
from agentcore.sqlstore.people.tickets import read as read_ticket

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
    lines = [asdict(line) for line in listing.lines]
    ticket_id = _id(agent_id, user_id)
    keep_ticket(connection, Ticket(ticket_id, KIND, lines, now, until, agent_id, user_id))


def read(
    connection: Connection,
    agent_id: AgentId,
    user_id: UserId,
    *,
    now: Micros,
    shown_by: Micros | None = None,
) -> Listing | None:
    """The listing, if there is one that still holds, and that was there at `shown_by` already."""
    ticket = read_ticket(connection, _id(agent_id, user_id))
    if ticket is None or not ticket.good_at(now):
        return None
    if shown_by is not None and ticket.created_at > shown_by:
        return None
    return Listing(tuple(ListedLine(**line) for line in ticket.payload))


def _id(agent_id: AgentId, user_id: UserId) -> str:
    return f"{KIND}:{agent_id}:{user_id}"
