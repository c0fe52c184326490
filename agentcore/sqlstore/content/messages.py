"""Rows of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, Message, NewMessage, Role
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow, adding


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a message stands for the search (see `postings`), how many words of its own it is
    found by, and the language that they are in.
    """

    place: int | None
    words: int = 0
    language: str | None = None


NOWHERE = Placed(None)


def message_columns() -> Sequence[sa.ColumnElement[Any]]:
    """What `read_message` needs, in order."""
    message = t.message
    return (
        message.c.seq,
        message.c.message_id,
        message.c.thread,
        message.c.turn,
        message.c.role,
        message.c.parts,
        message.c.created_at,
        message.c.author_id,
        message.c.meta,
        message.c.otid,
    )


def read_message(row: AnyRow | tuple[Any, ...]) -> Message:
    seq, message_id, thread, turn, role, parts, created_at, author, meta, otid = row
    return Message(seq, message_id, thread, turn, Role(role), parts, created_at, author, meta, otid)


def add_messages(
    connection: Connection,
    agent_id: AgentId,
    numbered: Sequence[tuple[int, NewMessage, Placed]],
    *,
    thread: int,
    turn: int | None,
) -> None:
    """Append messages under the numbers given."""
    if not numbered:
        return
    connection.execute(
        adding(t.message),
        [
            {
                "agent_id": agent_id,
                "seq": seq,
                "message_id": message.message_id,
                "thread": thread,
                "turn": turn,
                "role": message.role,
                "author_id": message.author,
                "place": placed.place,
                "words": placed.words,
                "language": placed.language,
                "parts": message.parts,
                "meta": message.meta,
                "otid": message.otid,
                "created_at": message.created_at,
            }
            for seq, message, placed in numbered
        ],
    )


def read_thread(
    connection: Connection, agent_id: AgentId, thread: int, *, first: int
) -> tuple[Message, ...]:
    """A thread's unforgotten messages from a number on, oldest first."""
    rows = connection.execute(
        sa.select(*message_columns())
        .where(
            t.message.c.agent_id == agent_id,
            t.message.c.thread == thread,
            t.message.c.seq >= first,
            t.message.c.forgotten_at.is_(None),
        )
        .order_by(t.message.c.seq)
    )
    return tuple(read_message(row) for row in rows)


Given = sa.BindParameter[Any]
"""A value that a statement, built once, is given each time."""


def audible_threads(
    agent_id: AgentId | Given,
    thread: int | Given | None,
    *,
    heard_by: AgentId | Given | None = None,
) -> sa.Select[tuple[int]]:
    """Threads of an agent that may be heard in `thread` (None: anywhere): all private ones in a
    private one, only the same chat's in a chat, all topics of which its own agent hears; none that
    leaves no trace. `thread` is one of `heard_by`, where that is another agent.
    """
    heard = sa.select(t.thread.c.number).where(
        t.thread.c.agent_id == agent_id, t.thread.c.ephemeral.is_(False)
    )
    if thread is None:
        return heard
    here = t.thread.alias("here")
    return heard.where(
        sa.exists().where(
            here.c.agent_id == (agent_id if heard_by is None else heard_by),
            here.c.number == thread,
            here.c.audience == t.thread.c.audience,
            sa.or_(
                here.c.audience == "private",
                here.c.address == t.thread.c.address,
                sa.exists().where(t.agent.c.agent_id == agent_id, t.agent.c.owner_kind == "chat"),
            ),
        )
    )


def read_audible(
    connection: Connection,
    agent_id: AgentId,
    seq: int,
    *,
    thread: int,
    heard_by: AgentId | None = None,
) -> Message | None:
    """An unforgotten message that may be heard in a thread, of `heard_by` if that is another agent."""
    row = connection.execute(
        sa.select(*message_columns()).where(
            t.message.c.agent_id == agent_id,
            t.message.c.seq == seq,
            t.message.c.forgotten_at.is_(None),
            t.message.c.thread.in_(audible_threads(agent_id, thread, heard_by=heard_by)),
        )
    ).one_or_none()
    return None if row is None else read_message(row)
