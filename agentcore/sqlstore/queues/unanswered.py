"""Which rows of the inbox have no answer yet. A row waits, is in the turn that is open, is parked
after all tries failed, or is done.
"""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.records import AgentId
from agentcore.sqlstore import tables as t


def open_turn_of(agent_id: AgentId) -> sa.ScalarSelect[int]:
    """The number of the turn that an agent is at, if it is at one."""
    lease = t.agent_lease
    return sa.select(lease.c.open_turn).where(lease.c.agent_id == agent_id).scalar_subquery()


def waits() -> sa.ColumnElement[bool]:
    """No turn has it yet. In the words of `ix_inbox_waiting`, which finds these rows."""
    box = t.inbox
    return sa.and_(box.c.turn.is_(None), box.c.closed_at.is_(None), box.c.parked_at.is_(None))


def in_hand(open_turn: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """It waits, or is being answered in the turn that is open."""
    box = t.inbox
    return sa.and_(
        box.c.closed_at.is_(None),
        box.c.parked_at.is_(None),
        sa.or_(box.c.turn.is_(None), box.c.turn == open_turn),
    )


def unanswered(open_turn: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """It is in hand, or parked."""
    box = t.inbox
    return sa.and_(
        box.c.closed_at.is_(None),
        sa.or_(box.c.turn.is_(None), box.c.parked_at.is_not(None), box.c.turn == open_turn),
    )
