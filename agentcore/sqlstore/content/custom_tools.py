"""`CustomTools`, carried out on a `Database`.

Invariant: whatever changes a tool raises the version of all agents that name it, so that what
turns keep of it by that version is never out of date.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import Conflict, NotFound, TooMany
from agentcore.records import AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow, Database, insert, lock_row
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.queues.holding import raise_version
from agentcore.store.custom_tools import CustomTool, ToolDraft, ToolId, new_tool_id

MOST = 1_000
"""Tools that one service keeps."""


class SqlCustomTools:
    """`CustomTools` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self) -> Sequence[CustomTool]:
        return await self._database.read(read_all)

    async def named(self, names: Sequence[str]) -> Sequence[CustomTool]:
        return await self._database.read(partial(read_named, names=names))

    async def get(self, tool_id: str) -> CustomTool:
        return await self._database.read(partial(read_tool, tool_id=tool_id))

    async def add(self, draft: ToolDraft) -> CustomTool:
        return await self._database.write(partial(add_tool, draft=draft, now=self._clock.now()))

    async def change(self, tool_id: str, draft: ToolDraft) -> CustomTool:
        now = self._clock.now()
        return await self._database.write(
            partial(change_tool, tool_id=tool_id, draft=draft, now=now)
        )

    async def delete(self, tool_id: str) -> None:
        now = self._clock.now()
        await self._database.write(partial(delete_tool, tool_id=tool_id, now=now))


def read_all(connection: Connection) -> tuple[CustomTool, ...]:
    """See `CustomTools.all`."""
    query = sa.select(t.tool).order_by(t.tool.c.created_at, t.tool.c.name)
    return tuple(_tool(row) for row in connection.execute(query))


def read_named(connection: Connection, names: Sequence[str]) -> tuple[CustomTool, ...]:
    """See `CustomTools.named`."""
    rows = connection.execute(sa.select(t.tool).where(t.tool.c.name.in_(names)))
    found = {row.name: _tool(row) for row in rows}
    return tuple(found[name] for name in dict.fromkeys(names) if name in found)


def read_tool(connection: Connection, tool_id: str) -> CustomTool:
    """See `CustomTools.get`."""
    if is_public_id(tool_id, "tool"):
        row = connection.execute(sa.select(t.tool).where(t.tool.c.tool_id == tool_id)).one_or_none()
        if row is not None:
            return _tool(row)
    msg = f"Tool with ID {tool_id} not found"
    raise NotFound(msg)


def add_tool(connection: Connection, draft: ToolDraft, now: Micros) -> CustomTool:
    """See `CustomTools.add`."""
    if connection.execute(sa.select(sa.func.count()).select_from(t.tool)).scalar_one() >= MOST:
        msg = f"There are {MOST} tools already. Delete some that no agent needs."
        raise TooMany(msg)
    tool = CustomTool(new_tool_id(), draft, 1, now, now)
    added = connection.execute(
        insert(connection, t.tool)
        .values(tool_id=tool.tool_id, created_at=now, **_values(tool))
        .on_conflict_do_nothing(index_elements=["name"])
    )
    if added.rowcount != 1:
        raise _taken(draft.name)
    # An agent may have named it before it was there.
    _touched(connection, draft.name)
    return tool


def change_tool(connection: Connection, tool_id: str, draft: ToolDraft, now: Micros) -> CustomTool:
    """See `CustomTools.change`."""
    before = _locked(connection, tool_id)
    if draft.name != before.name and read_named(connection, [draft.name]):
        raise _taken(draft.name)
    after = CustomTool(before.tool_id, draft, before.version + 1, before.created_at, now)
    connection.execute(
        sa.update(t.tool).where(t.tool.c.tool_id == tool_id).values(**_values(after))
    )
    if draft.name != before.name:
        renamed = {before.name: draft.name}
        for agent_id, tools in _touched(connection, before.name).items():
            named = [renamed.get(name, name) for name in tools]
            write_names(connection, agent_id, list(dict.fromkeys(named)), now)
    else:
        _touched(connection, draft.name)
    return after


def delete_tool(connection: Connection, tool_id: str, now: Micros) -> None:
    """See `CustomTools.delete`."""
    tool = _locked(connection, tool_id)
    connection.execute(sa.delete(t.tool).where(t.tool.c.tool_id == tool_id))
    for agent_id, tools in _touched(connection, tool.name).items():
        write_names(connection, agent_id, [name for name in tools if name != tool.name], now)


def _locked(connection: Connection, tool_id: str) -> CustomTool:
    if is_public_id(tool_id, "tool"):
        lock_row(connection, sa.select(t.tool.c.tool_id).where(t.tool.c.tool_id == tool_id))
    return read_tool(connection, tool_id)


def _holders(connection: Connection, name: str) -> dict[AgentId, list[str]]:
    """The agents that name a tool, with all that they name."""
    text = sa.type_coerce(t.agent.c.tools, sa.Text)
    rows = connection.execute(
        sa.select(t.agent.c.agent_id, t.agent.c.tools)
        .where(text.contains(f'"{name}"', autoescape=True))
        .order_by(t.agent.c.agent_id)
    )
    return {row.agent_id: row.tools for row in rows}


def write_names(
    connection: Connection, agent_id: AgentId, names: Sequence[str], now: Micros
) -> None:
    """Let an agent have the tools of these names."""
    connection.execute(
        sa.update(t.agent)
        .where(t.agent.c.agent_id == agent_id)
        .values(tools=list(names), updated_at=now)
    )


def _touched(connection: Connection, name: str) -> dict[AgentId, list[str]]:
    """The agents that name a tool, held, with all that they name. What turns keep of them is out
    of date.
    """
    for agent_id in _holders(connection, name):
        raise_version(connection, agent_id)
    return _holders(connection, name)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is another tool named {name}. Change that one, or name this otherwise.")


def _values(tool: CustomTool) -> dict[str, Any]:
    draft = tool.draft
    return {
        "name": draft.name,
        "description": draft.description,
        "parameters": draft.parameters,
        "source": draft.source,
        "tags": list(draft.tags),
        "return_limit": draft.return_limit,
        "needs_approval": draft.needs_approval,
        "enabled": draft.enabled,
        "extras": draft.extras,
        "version": tool.version,
        "updated_at": tool.updated_at,
    }


def _tool(row: AnyRow) -> CustomTool:
    draft = ToolDraft(
        name=row.name,
        description=row.description,
        parameters=row.parameters,
        source=row.source,
        tags=tuple(row.tags),
        return_limit=row.return_limit,
        needs_approval=row.needs_approval,
        enabled=row.enabled,
        extras=row.extras,
    )
    return CustomTool(ToolId(row.tool_id), draft, row.version, row.created_at, row.updated_at)
