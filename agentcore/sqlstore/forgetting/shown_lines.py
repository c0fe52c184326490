"""Lines of a block where messages show them: in what a tool returned, in the service's notes, in
the calls that edited the block. When the lines go, they go from there, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.memory.forgetting import all_text
from agentcore.records import AgentId, BlockId, Part, Role, TextPart, ToolCallPart, ToolReturnPart
from agentcore.sqlstore import tables as t

_SHOWING = (Role.NOTE, Role.TOOL, Role.ASSISTANT)
_NUMBER = re.compile(r"^\d+→ ")


def take_out_of_messages(
    connection: Connection, agents: Collection[AgentId], lines: Collection[str]
) -> set[AgentId]:
    """Take the lines out of all that these agents' messages show of their blocks, and drop the
    summaries of the conversations in which they were shown. Returns the agents that it was shown.
    """
    if not lines or not agents:
        return set()
    message = t.message
    stored = connection.execute(
        sa.select(message.c.agent_id, message.c.seq, message.c.thread, message.c.parts).where(
            message.c.agent_id.in_(agents), message.c.role.in_(_SHOWING)
        )
    ).all()
    told: set[tuple[AgentId, int]] = set()
    for row in stored:
        parts = tuple(_without(part, lines) for part in row.parts)
        if parts != row.parts:
            mine = sa.and_(message.c.agent_id == row.agent_id, message.c.seq == row.seq)
            connection.execute(sa.update(message).where(mine).values(parts=parts))
            told.add((row.agent_id, row.thread))
    for agent_id, thread in sorted(told):
        of_thread = sa.and_(t.epoch.c.agent_id == agent_id, t.epoch.c.thread == thread)
        connection.execute(sa.update(t.epoch).where(of_thread).values(summary=""))
    return {agent_id for agent_id, _ in told}


def seen_by(connection: Connection, owner: AgentId, block_id: BlockId) -> set[AgentId]:
    """The agents that hold a block, or have written in it before it was taken from them."""
    held, revision = t.agent_block, t.block_revision
    holding = sa.select(held.c.agent_id).where(held.c.owner == owner, held.c.block_id == block_id)
    wrote = sa.select(revision.c.agent_id).where(
        revision.c.owner == owner,
        revision.c.block_id == block_id,
        revision.c.agent_id.is_not(None),
    )
    return set(connection.execute(sa.union(holding, wrote)).scalars())


def _without(part: Part, lines: Collection[str]) -> Part:
    match part:
        case ToolReturnPart():
            return replace(part, text=_unshown(part.text, lines))
        case TextPart():
            return replace(part, text=_unshown(part.text, lines))
        case ToolCallPart(call) if _gives(part, lines):
            return replace(part, call=replace(call, arguments="{}"))
        case _:
            return part


def _unshown(text: str, lines: Collection[str]) -> str:
    kept = text.split("\n")
    return "\n".join(
        line for line in kept if not (_NUMBER.match(line) and _NUMBER.sub("", line) in lines)
    )


def _gives(part: ToolCallPart, lines: Collection[str]) -> bool:
    """Whether a call gives one of the lines, however its text is escaped: what is no JSON, or is
    nested too deeply to be read, is searched as it was written.
    """
    said = all_text([part])
    return any(form in said for line in lines for form in (line, *_escaped(line)))


def _escaped(line: str) -> Iterator[str]:
    for plain in (True, False):
        yield json.dumps(line, ensure_ascii=plain)[1:-1]
