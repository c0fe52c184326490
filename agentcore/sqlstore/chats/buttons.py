"""The buttons below what was sent, found again by the chunk's nonce."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import IdentityKey, NoticeAction, SentButtons
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.senders import is_identity


def read_buttons(connection: Connection, nonce: str, presser: IdentityKey) -> SentButtons | None:
    """See `Chats.buttons`."""
    box, identity = t.outbox, t.identity
    # What a stranger was asked stands for nobody yet: whoever presses it speaks for themselves.
    to_strangers = sa.and_(box.c.user_id.is_(None), box.c.agent_id.is_(None))
    pressing = sa.select(identity.c.user_id).where(is_identity(presser)).scalar_subquery()
    row = connection.execute(
        sa.select(
            box.c.agent_id,
            box.c.address,
            box.c.actions,
            sa.or_(box.c.user_id == pressing, to_strangers).label("theirs"),
            (t.agent.c.owner_kind == "chat").label("the_chats"),
        )
        .outerjoin(t.agent, t.agent.c.agent_id == box.c.agent_id)
        .where(box.c.nonce == nonce, box.c.actions.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    return SentButtons(
        agent_id=row.agent_id,
        address=row.address,
        actions=tuple(NoticeAction(**each) for each in row.actions),
        theirs=bool(row.theirs),
        of_the_chat=bool(row.the_chats),
    )
