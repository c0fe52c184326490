"""Messages that were deleted on their platform before anybody answered them: they wait no more, and
their words are gone. Whatever was answered, or is being answered, stays what it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address, AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.forgetting.redaction import void_lease
from agentcore.sqlstore.queues.addresses import at_home
from agentcore.sqlstore.queues.holding import hold


def is_known(connection: Connection, home: Address, message_id: str) -> bool:
    """Whether anything may have to be taken back."""
    found = sa.select(t.inbox.c.seq).where(_unanswered(home, message_id)).limit(1)
    return connection.execute(found).scalar() is not None


def take_back(connection: Connection, home: Address, message_id: str, now: Micros) -> None:
    """The message of that name in this chat, however often it was edited."""
    of_it = _unanswered(home, message_id)
    holders = sa.select(t.inbox.c.agent_id).where(of_it).distinct()
    agents = sorted(connection.execute(holders).scalars())
    hold(connection, *agents)
    for agent_id in agents:
        _take_back_from(connection, agent_id, of_it, now)


def _unanswered(home: Address, message_id: str) -> sa.ColumnElement[bool]:
    """What may be it. What waits for just its answer is no message: it is answered all the same."""
    box = t.inbox
    return sa.and_(
        box.c.platform_message_id == message_id,
        at_home(box.c.address, home),
        box.c.answer_via.is_(None),
        box.c.closed_at.is_(None),
    )


def _take_back_from(
    connection: Connection, agent_id: AgentId, of_it: sa.ColumnElement[bool], now: Micros
) -> None:
    box, lease = t.inbox, t.agent_lease
    unanswered = connection.execute(
        sa.select(box.c.seq, box.c.size, box.c.turn, box.c.parked_at)
        .join(lease, lease.c.agent_id == box.c.agent_id)
        .where(
            box.c.agent_id == agent_id,
            of_it,
            sa.or_(box.c.turn.is_(None), box.c.parked_at.is_not(None), _put_off()),
        )
    ).all()
    if not unanswered:
        return
    connection.execute(
        sa.update(box)
        .where(box.c.agent_id == agent_id, box.c.seq.in_([row.seq for row in unanswered]))
        .values(parts=(), earlier=None, turn=None, parked_at=None, error=None, closed_at=now)
    )
    waited = [row for row in unanswered if row.parked_at is None]
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(
            pending=lease.c.pending - len(waited),
            pending_bytes=lease.c.pending_bytes - sum(row.size for row in waited),
        )
    )
    if any(row.turn is not None for row in waited):
        void_lease(connection, agent_id, now)


def _put_off() -> sa.ColumnElement[bool]:
    """Whether its turn waits for another try, and has come to nothing yet."""
    box, lease, step = t.inbox, t.agent_lease, t.step
    begun = sa.exists().where(step.c.agent_id == box.c.agent_id, step.c.turn == box.c.turn)
    return sa.and_(box.c.turn == lease.c.open_turn, lease.c.holder.is_(None), ~begun)
