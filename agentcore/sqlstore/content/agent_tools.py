"""`AgentTools`, carried out on a `Database`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import NotFound
from agentcore.records import Agent, AgentId
from agentcore.records.agents import ASKS_FIRST
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content import heads
from agentcore.sqlstore.content.custom_tools import write_names
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.queues.holding import raise_version
from agentcore.store.custom_tools import WAIVED


class SqlAgentTools:
    """`AgentTools` over any `Database`."""

    def __init__(self, database: Database, clock: Clock, agent_id: AgentId) -> None:
        self._database = database
        self._clock = clock
        self._agent_id = agent_id

    async def attach(self, name: str) -> None:
        now = self._clock.now()
        await self._database.write(partial(attach, agent_id=self._agent_id, name=name, now=now))

    async def detach(self, name: str) -> None:
        now = self._clock.now()
        await self._database.write(partial(detach, agent_id=self._agent_id, name=name, now=now))

    async def set_approval(self, name: str, *, required: bool) -> None:
        now = self._clock.now()

        def change(connection: Connection) -> None:
            set_approval(connection, self._agent_id, name, required=required, now=now)

        await self._database.write(change)


def attach(connection: Connection, agent_id: AgentId, name: str, now: Micros) -> None:
    """See `AgentTools.attach`."""
    agent = _held(connection, agent_id)
    if name not in agent.tools:
        write_names(connection, agent_id, [*agent.tools, name], now)


def detach(connection: Connection, agent_id: AgentId, name: str, now: Micros) -> None:
    """See `AgentTools.detach`."""
    agent = _held(connection, agent_id)
    if name in agent.tools:
        write_names(connection, agent_id, [each for each in agent.tools if each != name], now)


def set_approval(
    connection: Connection, agent_id: AgentId, name: str, *, required: bool, now: Micros
) -> None:
    """See `AgentTools.set_approval`. It is one of the API's rules: clients read and write those."""
    agent = _held(connection, agent_id)
    if name not in agent.tools:
        msg = f"Agent {agent_id} has no tool {name}. Attach it first."
        raise NotFound(msg)
    rule = {"tool_name": name, "type": ASKS_FIRST}
    rules = [each for each in agent.extras.get("tool_rules") or () if not _is(each, rule)]
    waived = [each for each in agent.extras.get(WAIVED, ()) if each != name]
    extras = {
        **agent.extras,
        "tool_rules": [*rules, rule] if required else rules,
        WAIVED: waived if required else [*waived, name],
    }
    connection.execute(
        sa.update(t.agent)
        .where(t.agent.c.agent_id == agent_id)
        .values(extras=extras, updated_at=now)
    )


def _is(given: Mapping[str, Any], rule: Mapping[str, Any]) -> bool:
    """Whether a rule says this; it may say more."""
    return all(given.get(name) == value for name, value in rule.items())


def _held(connection: Connection, agent_id: AgentId) -> Agent:
    """The agent, which nobody else changes until the transaction's end."""
    raise_version(connection, agent_id)
    return heads.read_agent(connection, agent_id)
