"""Messages that repeat what is forgotten without being said to anybody: notes, and steps whose
calls or returns hold it. A step goes as a whole, since no call stands without its return.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.memory.forgetting import all_text, repeats
from agentcore.records import AgentId, Role, ToolCallPart
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow

_WORKINGS = (Role.TOOL, Role.ASSISTANT, Role.NOTE, Role.SUMMARY, Role.SYSTEM)


def echoes(connection: Connection, agent_id: AgentId, known: Collection[str]) -> Iterator[int]:
    """The numbers of those in which something is known again by these traces."""
    message = t.message
    rows = connection.execute(
        sa.select(message.c.seq, message.c.thread, message.c.role, message.c.parts)
        .where(
            message.c.agent_id == agent_id,
            message.c.role.in_(_WORKINGS),
            message.c.forgotten_at.is_(None),
        )
        .order_by(message.c.thread, message.c.seq)
    )
    step: list[AnyRow] = []
    for row in rows:
        calls = any(isinstance(part, ToolCallPart) for part in row.parts)
        if row.role == Role.TOOL and step and step[0].thread == row.thread:
            step.append(row)
            continue
        yield from _if_repeating(step, known)
        said = row.role == Role.ASSISTANT and not calls
        step = [] if said else [row]
    yield from _if_repeating(step, known)


def _if_repeating(step: Sequence[AnyRow], known: Collection[str]) -> Iterator[int]:
    if any(repeats(all_text(row.parts), known) for row in step):
        yield from (row.seq for row in step)
