"""Conversations that begin with messages nobody has said here: they are in view from the first turn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId, EpochReason, NewMessage
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.conversations import default_address
from agentcore.sqlstore.people.threads import add_thread
from agentcore.sqlstore.recall.postings import append, drafted

NO_HEAD = "-"
"""No agent's mark: the first turn makes the head."""


@dataclass(frozen=True, slots=True)
class _Here:
    agent_id: AgentId
    thread: int
    turn: None = None


def begin_thread(
    connection: Connection, agent_id: AgentId, messages: Sequence[NewMessage], now: Micros
) -> None:
    """The thread for the API of an agent that has none and has said nothing yet."""
    thread = add_thread(connection, agent_id, default_address(agent_id), "private", now)
    drafts = [drafted(message) for message in messages]
    append(connection, _Here(agent_id, thread), list(enumerate(messages, start=1)), drafts, ())
    lease = t.agent_lease
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(
            message_seq=len(messages),
            indexed_messages=sum(1 for draft in drafts if draft.size),
            indexed_words=sum(draft.size for draft in drafts),
        )
    )
    connection.execute(
        sa.insert(t.epoch).values(
            agent_id=agent_id,
            thread=thread,
            number=1,
            reason=EpochReason.FIRST,
            system="",
            template=NO_HEAD,
            block_versions={},
            summary="",
            first_message=1,
            last_note=0,
            created_at=now,
        )
    )
    connection.execute(
        sa.update(t.thread)
        .where(t.thread.c.agent_id == agent_id, t.thread.c.number == thread)
        .values(epoch=1)
    )
