"""`AgentContent`, carried out on a `Database`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.records import Actor, AgentId
from agentcore.records.content import Content
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.portability.appending import append_more, read_mark
from agentcore.sqlstore.portability.pieces import add_piece, hide, pieces_of, reveal
from agentcore.sqlstore.portability.reading import read_content
from agentcore.sqlstore.portability.writing import add_content
from agentcore.sqlstore.service.audit import write_audit
from agentcore.store.agent_content import More, TakenIn

AT_ONCE = 1_000
"""Messages that one transaction takes in; nobody else can write as long as it lasts."""


class SqlAgentContent:
    """`AgentContent` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, agents: Sequence[AgentId], actor: Actor) -> Content:
        if actor.audited:
            now = self._clock.now()
            await self._database.write(partial(_audit, actor=actor, agents=agents, now=now))
        return await self._database.read(partial(read_content, agents=agents))

    async def add(self, content: Content, *, replace_tools: bool = False) -> TakenIn:
        now = self._clock.now()
        if sum(len(agent.messages) for agent in content.agents) <= AT_ONCE:
            return await self._database.write(
                partial(_add, content=content, now=now, replace_tools=replace_tools)
            )
        taken_in, broken_off = await self._database.write(
            partial(_begin, content=content, now=now, replace_tools=replace_tools)
        )
        for piece in pieces_of(content, taken_in.agents):
            await self._database.write(partial(add_piece, piece=piece))
        done = partial(reveal, broken_off=broken_off, agents=taken_in.agents)
        await self._database.write(done)
        return taken_in

    async def append(self, more: More) -> int:
        return await self._database.write(partial(append_more, more=more, now=self._clock.now()))

    async def mark(self, agent_id: AgentId) -> Mapping[str, str] | None:
        return await self._database.read(partial(read_mark, agent_id=agent_id))


def _add(connection: Connection, content: Content, now: Micros, *, replace_tools: bool) -> TakenIn:
    """All at once."""
    taken_in = add_content(connection, content, now, replace_tools=replace_tools)
    for piece in pieces_of(content, taken_in.agents):
        add_piece(connection, piece)
    return taken_in


def _begin(
    connection: Connection, content: Content, now: Micros, *, replace_tools: bool
) -> tuple[TakenIn, str]:
    """All but the messages, and hidden until they are there."""
    taken_in = add_content(connection, content, now, replace_tools=replace_tools)
    return taken_in, hide(connection, taken_in.agents, now)


def _audit(connection: Connection, actor: Actor, agents: Sequence[AgentId], now: Micros) -> None:
    for agent_id in agents:
        write_audit(connection, actor, "export", agent_id, now)
