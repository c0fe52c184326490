"""What happens to a chat rather than in it, each event once."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import Address, AgentId, ChatChange
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.chats.moving import move_chat
from agentcore.sqlstore.chats.withdrawing import take_back
from agentcore.sqlstore.engine.database import insert
from agentcore.sqlstore.people.refusing import first_this_window
from agentcore.sqlstore.queues.addresses import at_home
from agentcore.sqlstore.queues.outgoing import add_notices
from agentcore.sqlstore.queues.reach import end_waiting, mark_reachable, mark_unreachable
from agentcore.store.gate import Composer


def note(connection: Connection, change: ChatChange, composer: Composer) -> bool:
    """See `Chats.note`."""
    receipt = {
        "source": change.source,
        "update_id": change.update_id,
        "received_at": change.at,
    }
    added = connection.execute(insert(connection, t.receipt).on_conflict_do_nothing(), receipt)
    if change.moved_to is not None:  # again and again: something may have come there since
        move_chat(connection, change.home, change.moved_to, change.at)
    if added.rowcount == 0:
        return False
    match change.kind:
        case "unreachable":
            _shut_out(connection, change)
        case "reachable" | "joined":
            mark_reachable(connection, change.home)
        case "moved":
            pass
        case "withdrawn":
            if change.message_id is not None:
                take_back(connection, change.home, change.message_id, change.at)
    if change.greeting is not None:
        _greet(connection, change, composer)
    return True


def _shut_out(connection: Connection, change: ChatChange) -> None:
    """Of a chat that nobody is known in, nothing is kept, not even this."""
    home, now = change.home, change.at
    known = sa.or_(
        sa.exists().where(at_home(t.thread.c.address, home)),
        sa.exists().where(t.identity.c.address == home),
    )
    if connection.execute(sa.select(known)).scalar():
        agent_id = _private_agent(connection, home)
        mark_unreachable(connection, home, "shut out", now, agent_id=agent_id)
    else:
        end_waiting(connection, home, "shut out", now)


def _private_agent(connection: Connection, home: Address) -> AgentId | None:
    """The agent of the person whose private chat it is."""
    thread = t.thread
    mine = sa.and_(at_home(thread.c.address, home), thread.c.audience == "private")
    return connection.execute(sa.select(thread.c.agent_id).where(mine).limit(1)).scalar()


def _greet(connection: Connection, change: ChatChange, composer: Composer) -> None:
    if change.greeting is None:
        return
    reason = change.counts_as
    if reason is None or first_this_window(connection, change.home, reason, change.at):
        add_notices(connection, [change.greeting], composer, change.language, change.at)
