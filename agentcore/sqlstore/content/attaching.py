"""Which blocks an agent holds: attached to it, taken from it, and in the hands of several."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import Conflict, NotFound
from agentcore.records import SHARED_OWNER, AgentId, Block, BlockId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import BLOCK_COLUMNS, block_of
from agentcore.sqlstore.engine.database import lock_row
from agentcore.sqlstore.queues.holding import hold, raise_version

SHELF_COLUMNS = tuple(t.block.c[column.name] for column in BLOCK_COLUMNS)
"""Blocks under the labels that they have themselves, as `block_of` reads them."""


def no_block(block_id: BlockId) -> NotFound:
    return NotFound(f"Block with ID {block_id} not found")


def is_gone(agent_id: sa.ColumnElement[AgentId]) -> sa.ColumnElement[bool]:
    """Whether it is an agent's that was deleted, and whose rows are still being cleared."""
    agent = t.agent
    return sa.exists().where(agent.c.agent_id == agent_id, agent.c.deleted_at.is_not(None))


def read_block(connection: Connection, block_id: BlockId) -> Block:
    """Raises NotFound."""
    there = sa.and_(t.block.c.block_id == block_id, ~is_gone(t.block.c.owner))
    query = sa.select(*SHELF_COLUMNS).where(there)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise no_block(block_id)
    return block_of(row)


def holders(connection: Connection, block_id: BlockId) -> Sequence[AgentId]:
    """The agents that hold a block."""
    held = t.agent_block
    query = sa.select(held.c.agent_id).where(held.c.block_id == block_id)
    return list(connection.execute(query.order_by(held.c.agent_id)).scalars())


def attach_all(connection: Connection, agent_id: AgentId, block_ids: Sequence[BlockId]) -> bool:
    """Attach those that the agent doesn't hold yet, behind its own. Whether there were any.

    Raises:
        NotFound: there is no such block.
        Conflict: the agent has another block with that label.
    """
    held = t.agent_block
    rows = connection.execute(
        sa.select(held.c.block_id, held.c.label, held.c.position).where(held.c.agent_id == agent_id)
    ).all()
    there, labels = {row.block_id for row in rows}, {row.label for row in rows}
    after = max((row.position for row in rows), default=-1) + 1
    missing = [each for each in dict.fromkeys(block_ids) if each not in there]
    for position, block_id in enumerate(missing, start=after):
        block = read_block(connection, block_id)
        if block.label in labels:
            msg = f"Agent {agent_id} has another block with the label {block.label!r} already."
            raise Conflict(msg)
        labels.add(block.label)
        owner = block.owner
        if owner not in {SHARED_OWNER, agent_id}:
            share(connection, block)
            owner = SHARED_OWNER
        connection.execute(
            sa.insert(held).values(
                agent_id=agent_id,
                label=block.label,
                owner=owner,
                block_id=block_id,
                position=position,
            )
        )
    return bool(missing)


def detach_all(connection: Connection, agent_id: AgentId, block_ids: Collection[BlockId]) -> bool:
    """Whether the agent held any of them."""
    held = t.agent_block
    gone = connection.execute(
        sa.delete(held).where(held.c.agent_id == agent_id, held.c.block_id.in_(block_ids))
    )
    return gone.rowcount > 0


def share(connection: Connection, block: Block) -> None:
    """A block that was an agent's own belongs to no single one from now on, with its history.

    A turn that has edited it meanwhile computes its edits again: it finds it elsewhere.
    """
    hold(connection, block.owner)
    table, revision, held = t.block, t.block_revision, t.agent_block
    mine = sa.and_(table.c.owner == block.owner, table.c.block_id == block.block_id)
    lock_row(connection, sa.select(table.c.version).where(mine))
    others = [column for column in table.c if column.name != "owner"]
    copied = sa.select(sa.literal(SHARED_OWNER, type_=table.c.owner.type), *others).where(mine)
    names = ["owner", *(column.name for column in others)]
    connection.execute(sa.insert(table).from_select(names, copied))
    for child in (revision, held):
        connection.execute(
            sa.update(child)
            .where(child.c.owner == block.owner, child.c.block_id == block.block_id)
            .values(owner=SHARED_OWNER)
        )
    connection.execute(sa.delete(table).where(mine))


def drop_orphans(connection: Connection, agents: Collection[AgentId]) -> int:
    """Delete what was these agents' own and belongs to nobody alone since, if nobody else holds it."""
    table, revision, held = t.block, t.block_revision, t.agent_block
    others = sa.exists().where(
        held.c.owner == SHARED_OWNER,
        held.c.block_id == revision.c.block_id,
        held.c.agent_id.not_in(agents),
    )
    born = sa.select(revision.c.block_id).where(
        revision.c.agent_id.in_(agents),
        revision.c.owner == SHARED_OWNER,
        revision.c.version == 1,
        ~others,
    )
    orphans = connection.execute(born).scalars().all()
    for each in (held, revision, table) if orphans else ():
        connection.execute(
            sa.delete(each).where(each.c.owner == SHARED_OWNER, each.c.block_id.in_(orphans))
        )
    return len(orphans)


def renew_heads(connection: Connection, *agents: AgentId) -> None:
    """These agents' prompts begin otherwise from their next turns on."""
    agent = t.agent
    connection.execute(
        sa.update(agent).where(agent.c.agent_id.in_(agents)).values(edition=agent.c.edition + 1)
    )
    raise_version(connection, *agents)
