"""What an agent still has of another's life after the two have parted: lines that had come along, in
the history of its blocks and where messages show them, and what it looked up while that life was its
own. That goes, and every thread's prompt begins anew. What was said aloud meanwhile stays with the
agent that heard or said it.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId, Role, ToolCallPart
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import read_blocks
from agentcore.sqlstore.content.held import drop_giving
from agentcore.sqlstore.forgetting.forgotten import scrub_history
from agentcore.sqlstore.forgetting.redaction import void_lease
from agentcore.sqlstore.forgetting.renewing import start_epochs
from agentcore.sqlstore.forgetting.shown_lines import take_out_of_messages
from agentcore.sqlstore.people.personal import first_since
from agentcore.sqlstore.recall.reindexing import refresh


def out_of_view(
    connection: Connection, agent_id: AgentId, lines: Collection[str], *, since: Micros, now: Micros
) -> None:
    """Of an agent that is held: these lines, but for those that stayed, and what it looked up since
    then. Whoever works on it has them in memory, and commits nothing more.
    """
    blocks = read_blocks(connection, agent_id)
    stayed = {line for block in blocks for line in block.value.split("\n")}
    gone = {line for line in lines if line.strip()} - stayed
    take_out_of_messages(connection, {agent_id}, gone)
    drop_giving(connection, agent_id, gone, now)
    for block in blocks:
        if block.owner == agent_id:
            scrub_history(connection, agent_id, block.block_id, gone, now)
    _drop_empty_blocks(connection, agent_id, since)
    _blank_looked_up(connection, agent_id, since, now)
    start_epochs(connection, agent_id, now)
    _drop_summaries(connection, agent_id, since)
    void_lease(connection, agent_id, now)


def _drop_summaries(connection: Connection, agent_id: AgentId, since: Micros) -> None:
    """Those made since then: a forgetting that is taken back would bring them with it."""
    epoch = t.epoch
    made = sa.and_(epoch.c.agent_id == agent_id, epoch.c.created_at >= since)
    connection.execute(
        sa.update(epoch).where(made, epoch.c.number < _newest_epoch()).values(summary="")
    )


def _newest_epoch() -> sa.ScalarSelect[int]:
    """That of an epoch's thread, which has been made without what was summed up."""
    thread = t.thread
    return (
        sa.select(thread.c.epoch)
        .where(thread.c.agent_id == t.epoch.c.agent_id, thread.c.number == t.epoch.c.thread)
        .scalar_subquery()
    )


def _drop_empty_blocks(connection: Connection, agent_id: AgentId, since: Micros) -> None:
    """Blocks that came along, and hold nothing else: their names were the other's."""
    block, revision, held = t.block, t.block_revision, t.agent_block
    empty = connection.execute(
        sa.select(block.c.block_id).where(
            block.c.owner == agent_id, block.c.created_at == since, block.c.value == ""
        )
    ).scalars()
    for block_id in empty.all():
        of_it = sa.and_(held.c.owner == agent_id, held.c.block_id == block_id)
        connection.execute(sa.delete(held).where(of_it))
        for table in (block, revision):
            connection.execute(
                sa.update(table)
                .where(table.c.owner == agent_id, table.c.block_id == block_id)
                .values(label="", description="")
            )
        connection.execute(
            sa.update(block)
            .where(block.c.owner == agent_id, block.c.block_id == block_id)
            .values(metadata={}, tags=[])
        )


def _blank_looked_up(connection: Connection, agent_id: AgentId, since: Micros, now: Micros) -> None:
    """Calls and their returns since then."""
    message = t.message
    mine = message.c.agent_id == agent_id
    rows = connection.execute(
        sa.select(message.c.seq, message.c.role, message.c.parts).where(
            mine,
            message.c.seq >= first_since(connection, agent_id, since),
            message.c.role.in_([Role.ASSISTANT, Role.TOOL]),
        )
    )
    looked_up = [
        row.seq
        for row in rows
        if row.role == Role.TOOL or any(isinstance(part, ToolCallPart) for part in row.parts)
    ]
    connection.execute(
        sa.update(message)
        .where(mine, message.c.seq.in_(looked_up))
        .values(parts=(), forgotten_at=sa.func.coalesce(message.c.forgotten_at, now))
    )
    refresh(connection, agent_id, looked_up)
