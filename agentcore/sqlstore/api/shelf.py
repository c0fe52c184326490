"""`Shelf` over a `Database`: blocks as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import Conflict, NotFound, TooLong
from agentcore.records import (
    SHARED_OWNER,
    UNSET,
    Actor,
    AgentId,
    Block,
    BlockId,
    BlockPatch,
    BlockQuery,
    EditActor,
    Origin,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.found_blocks import read_found
from agentcore.sqlstore.content.attaching import (
    attach_all,
    detach_all,
    holders,
    no_block,
    read_block,
    renew_heads,
)
from agentcore.sqlstore.content.blocks import add_shelved
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.engine.database import Database, lock_row
from agentcore.sqlstore.people.looks import Looks
from agentcore.sqlstore.queues.holding import hold


class SqlShelf:
    """`Shelf` over any `Database`."""

    def __init__(self, database: Database, clock: Clock, looks: Looks) -> None:
        self._database = database
        self._clock = clock
        self._looks = looks

    async def add(self, block: Block) -> Block:
        shared = replace(block, owner=SHARED_OWNER)
        now = self._clock.now()
        await self._database.write(partial(add_shelved, block=shared, now=now))
        return shared

    async def block(self, block_id: BlockId, actor: Actor) -> Block:
        def read(connection: Connection) -> tuple[Block, Sequence[AgentId]]:
            return read_block(connection, block_id), holders(connection, block_id)

        block, agents = await self._database.read(read)
        await self._looks.note(actor, "read block", *_seen([(block, agents)]))
        return block

    async def blocks(self, query: BlockQuery, actor: Actor) -> Sequence[Block]:
        found = await self._database.read(partial(read_found, query=query))
        await self._looks.note(actor, "list blocks", *_seen(found))
        return [block for block, _ in found]

    async def count(self) -> int:
        return await self._database.read(_count)

    async def change(self, block_id: BlockId, patch: BlockPatch, actor: Actor) -> Block:
        agents = await self._database.read(partial(holders, block_id=block_id))
        await self._looks.note(actor, "edit block", *agents)
        now = self._clock.now()
        return await self._database.write(
            partial(change_block, block_id=block_id, patch=patch, now=now)
        )

    async def change_of(
        self,
        agent_id: AgentId,
        label: str,
        patch: BlockPatch,
        actor: Actor,
        *,
        as_agent: bool = False,
    ) -> Block:
        await self._looks.note(actor, "edit block", agent_id)
        now = self._clock.now()

        def change(connection: Connection) -> Block:
            held = t.agent_block
            block_id = connection.execute(
                sa.select(held.c.block_id).where(held.c.agent_id == agent_id, held.c.label == label)
            ).scalar()
            if block_id is None:
                raise no_block_of(agent_id, label)
            if as_agent and read_block(connection, block_id).read_only:
                msg = (
                    f"Block {label!r} is read-only: it takes an administrator's token to change it."
                )
                raise Conflict(msg)
            return change_block(connection, block_id, patch, now, through=agent_id)

        return await self._database.write(change)

    async def delete(self, block_id: BlockId) -> None:
        await self._database.write(partial(delete_block, block_id=block_id))

    async def attach(self, agent_id: AgentId, block_id: BlockId) -> None:
        def attach(connection: Connection) -> None:
            _hold_agent(connection, agent_id)
            if attach_all(connection, agent_id, [block_id]):
                renew_heads(connection, agent_id)

        await self._database.write(attach)

    async def detach(self, agent_id: AgentId, block_id: BlockId) -> None:
        def detach(connection: Connection) -> None:
            _hold_agent(connection, agent_id)
            if detach_all(connection, agent_id, [block_id]):
                renew_heads(connection, agent_id)

        await self._database.write(detach)


def _count(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(t.block)).scalar_one())


def no_block_of(agent_id: AgentId, label: str) -> NotFound:
    return NotFound(f"No block with label '{label}' found for agent '{agent_id}'")


def _seen(found: Sequence[tuple[Block, Sequence[AgentId]]]) -> Sequence[AgentId]:
    """Whose memory it is that somebody sees with these blocks."""
    owners = [block.owner for block, _ in found if block.owner != SHARED_OWNER]
    return list(dict.fromkeys([*owners, *(each for _, agents in found for each in agents)]))


def _hold_agent(connection: Connection, agent_id: AgentId) -> None:
    hold(connection, agent_id)
    agent = t.agent
    there = sa.select(agent.c.agent_id).where(
        agent.c.agent_id == agent_id, agent.c.deleted_at.is_(None)
    )
    if connection.execute(there).scalar() is None:
        raise no_agent(agent_id)


def change_block(
    connection: Connection,
    block_id: BlockId,
    patch: BlockPatch,
    now: Micros,
    *,
    through: AgentId | None = None,
) -> Block:
    """See `Shelf.change`. `through`: the agent of whose memory it was spoken."""
    agents = holders(connection, block_id)
    if _touches_heads(patch):
        hold(connection, *agents)  # before the block, as commits do
    lock_row(connection, sa.select(t.block.c.version).where(t.block.c.block_id == block_id))
    block = read_block(connection, block_id)
    changed = _patched(block, patch)
    if len(changed.value) > changed.limit:
        over = len(changed.value) - changed.limit
        msg = (
            f"Block {changed.label!r} would be {len(changed.value)} characters long: {over} over its "
            f"limit of {changed.limit}. It is unchanged."
        )
        raise TooLong(msg)
    if _versioned(changed) != _versioned(block):
        changed = replace(changed, version=block.version + 1)
        _add_revision(connection, block, changed, through, now)
    if changed == block:
        return block
    _write(connection, changed, now)
    if changed.label != block.label:
        _relabel(connection, block, changed.label)
    if _shown_in_heads(changed) != _shown_in_heads(block):
        renew_heads(connection, *agents)
    return changed


def _touches_heads(patch: BlockPatch) -> bool:
    shown = (patch.label, patch.limit, patch.description, patch.read_only)
    return any(each is not UNSET for each in shown)


def _patched(block: Block, patch: BlockPatch) -> Block:
    names = ("value", "label", "limit", "description", "read_only", "metadata", "tags")
    given = {name: value for name in names if (value := getattr(patch, name)) is not UNSET}
    return replace(block, **given, extras=merged(block.extras, patch.extras))


def merged(before: Mapping[str, Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """`before` with what is named in its place; None takes it away."""
    return {name: each for name, each in {**before, **named}.items() if each is not None}


def _shown_in_heads(block: Block) -> tuple[object, ...]:
    return (block.label, block.limit, block.description, block.read_only)


def _versioned(block: Block) -> tuple[object, ...]:
    return (block.value, *_shown_in_heads(block))


def _write(connection: Connection, block: Block, now: Micros) -> None:
    connection.execute(
        sa.update(t.block)
        .where(t.block.c.owner == block.owner, t.block.c.block_id == block.block_id)
        .values(
            value=block.value,
            label=block.label,
            limit=block.limit,
            description=block.description,
            read_only=block.read_only,
            version=block.version,
            metadata=dict(block.metadata),
            tags=list(block.tags),
            extras=dict(block.extras),
            updated_at=now,
        )
    )


def _add_revision(
    connection: Connection, block: Block, changed: Block, through: AgentId | None, now: Micros
) -> None:
    connection.execute(
        sa.insert(t.block_revision).values(
            owner=block.owner,
            block_id=block.block_id,
            version=changed.version,
            label=changed.label,
            limit=changed.limit,
            description=changed.description,
            read_only=changed.read_only,
            before=block.value,
            after=changed.value,
            actor=EditActor.API,
            origin=Origin.OPERATOR,
            agent_id=through or (None if block.owner == SHARED_OWNER else block.owner),
            created_at=now,
        )
    )


def _relabel(connection: Connection, block: Block, label: str) -> None:
    held = t.agent_block
    mine = held.c.block_id == block.block_id
    holding = sa.select(held.c.agent_id).where(mine)
    taken = sa.select(held.c.agent_id).where(
        held.c.agent_id.in_(holding), held.c.label == label, ~mine
    )
    if (agent_id := connection.execute(taken.limit(1)).scalar()) is not None:
        raise Conflict(f"Agent {agent_id} has another block with the label {label!r} already.")
    connection.execute(sa.update(held).where(mine).values(label=label))


def delete_block(connection: Connection, block_id: BlockId) -> None:
    """See `Shelf.delete`."""
    agents = holders(connection, block_id)
    hold(connection, *agents)
    for table in (t.agent_block, t.held_edit, t.block_revision):
        connection.execute(sa.delete(table).where(table.c.block_id == block_id))
    gone = connection.execute(sa.delete(t.block).where(t.block.c.block_id == block_id))
    if gone.rowcount == 0:
        raise no_block(block_id)
    renew_heads(connection, *agents)
