"""`Windows` over a `Database`: what threads have in view, and new epochs outside any turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import Conflict, NotFound
from agentcore.records import AgentId, Epoch, Message, ThreadId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import read_blocks
from agentcore.sqlstore.content.conversations import default_address
from agentcore.sqlstore.content.heads import read_agent, read_head_of
from agentcore.sqlstore.content.messages import read_thread
from agentcore.sqlstore.delivery.commits import insert_epoch
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.queues.holding import hold, raise_version
from agentcore.store.in_view import InView

BUSY = "A turn of this agent is open. Wait for its end, or cancel it, and try again."


class SqlWindows:
    """`Windows`: every query is bound to `agent_id`."""

    def __init__(
        self, database: Database, agent_id: AgentId, audit: Callable[[str], Awaitable[None]]
    ) -> None:
        self._database = database
        self._agent_id = agent_id
        self._audit = audit

    async def in_view(self, thread: ThreadId | None = None) -> InView:
        await self._audit("read prompt")
        return await self._database.read(
            partial(read_in_view, agent_id=self._agent_id, thread=thread)
        )

    async def begin(self, epoch: Epoch) -> None:
        await self._audit("begin window")
        await self._database.write(partial(begin, agent_id=self._agent_id, epoch=epoch))


def read_in_view(connection: Connection, agent_id: AgentId, thread: ThreadId | None) -> InView:
    """See `Windows.in_view`."""
    agent = read_agent(connection, agent_id)
    number = _number(connection, agent_id, thread)
    head = None if number is None else read_head_of(connection, agent_id, number)
    epoch = None if head is None else head.epoch
    messages: tuple[Message, ...] = ()
    if epoch is not None:
        messages = read_thread(connection, agent_id, epoch.thread, first=epoch.first_message)
    return InView(
        agent,
        None if head is None else head.thread,
        epoch,
        () if head is None else head.blocks,
        read_blocks(connection, agent_id, thread=number),
        messages,
        connection.execute(
            sa.select(t.agent_lease.c.message_seq + 1).where(t.agent_lease.c.agent_id == agent_id)
        ).scalar_one(),
        _count(connection, agent_id, t.message),
        _count(connection, agent_id, t.passage),
        own=head is not None and head.thread.address == default_address(agent_id),
    )


def _number(connection: Connection, agent_id: AgentId, wanted: ThreadId | None) -> int | None:
    """Which thread is meant, by its number."""
    thread = t.thread
    mine = sa.select(thread.c.number).where(
        thread.c.agent_id == agent_id, thread.c.ephemeral.is_(False)
    )
    if wanted is None:
        own = thread.c.address == default_address(agent_id)
        order = (sa.case((own, 0), else_=1), thread.c.number.desc())
        found: int | None = connection.execute(mine.order_by(*order).limit(1)).scalar()
        return found
    number: int | None = None
    if is_public_id(wanted, "conv"):
        number = connection.execute(mine.where(thread.c.thread_id == wanted)).scalar()
    if number is None:
        raise NotFound(f"There is no conversation {wanted}.")
    return number


def _count(connection: Connection, agent_id: AgentId, table: sa.Table) -> int:
    return connection.execute(
        sa.select(sa.func.count()).where(
            table.c.agent_id == agent_id, table.c.forgotten_at.is_(None)
        )
    ).scalar_one()


def begin(connection: Connection, agent_id: AgentId, epoch: Epoch) -> None:
    """See `Windows.begin`."""
    hold(connection, agent_id)
    lease, thread = t.agent_lease, t.thread
    now = connection.execute(
        sa.select(lease.c.open_turn, thread.c.epoch)
        .join(thread, thread.c.agent_id == lease.c.agent_id)
        .where(lease.c.agent_id == agent_id, thread.c.number == epoch.thread)
    ).one()
    if now.open_turn is not None:
        raise Conflict(BUSY)
    if now.epoch != epoch.number - 1:
        raise Conflict("Somebody else has just begun this conversation anew. Look at it again.")
    insert_epoch(connection, agent_id, epoch)
    raise_version(connection, agent_id)
