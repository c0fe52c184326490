"""What commands at the gate see and do of sleep-time: `GateSleep`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId, EditActor, Revision, Role, SleepRun
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import audible_threads
from agentcore.sqlstore.sleep.records import read_reason, read_runs


@dataclass(frozen=True, slots=True)
class SqlGateSleep:
    """`GateSleep` over the accept transaction's connection."""

    connection: Connection
    agent_id: AgentId
    now: Micros

    def wanted(self) -> bool:
        lease = t.agent_lease
        off = sa.select(lease.c.sleepless).where(lease.c.agent_id == self.agent_id)
        return not self.connection.execute(off).scalar_one()

    def switch(self, *, on: bool) -> None:
        """Switched off, nothing is due any more; switched on, something is after the next turn."""
        self._change(sleepless=not on, sleep_at=None, sleep_tries=0)

    def ask(self) -> bool:
        message, lease = t.message, t.agent_lease
        slept_to = sa.select(lease.c.slept_to).where(lease.c.agent_id == self.agent_id)
        news = sa.exists().where(
            message.c.agent_id == self.agent_id,
            message.c.seq > slept_to.scalar_subquery(),
            message.c.role == Role.USER,
            message.c.forgotten_at.is_(None),
            message.c.thread.in_(audible_threads(self.agent_id, None)),
        )
        if not self.connection.execute(sa.select(news)).scalar():
            return False
        self._change(sleep_at=self.now, sleep_tries=0)
        return True

    def runs(self, *, limit: int) -> Sequence[SleepRun]:
        return read_runs(self.connection, self.agent_id, limit=limit)

    def reason(self, revision: Revision) -> str:
        if revision.actor is not EditActor.SLEEP_TIME or revision.turn is None:
            return ""
        return read_reason(
            self.connection,
            revision.agent_id or self.agent_id,
            revision.turn,
            revision.block_id,
            revision.version,
        )

    def _change(self, **values: object) -> None:
        lease = t.agent_lease
        connection = self.connection
        connection.execute(
            sa.update(lease).where(lease.c.agent_id == self.agent_id).values(**values)
        )
