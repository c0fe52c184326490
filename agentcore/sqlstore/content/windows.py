"""The messages that turns have in view, kept between the turns of a thread, so that each reads only
what is new.

What is kept is shown only if the agent is still of the version that it was read at, and the messages
are as many and as long as they were: whatever was forgotten or taken out meanwhile makes it worthless.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, Message
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import message_columns, read_message
from agentcore.sqlstore.engine.types import PublicId


@dataclass(frozen=True, slots=True)
class Kept:
    """The messages of a thread from number `first` on, oldest first, `size` characters in all, as
    they stood when the agent was of this version.
    """

    first: int
    version: int
    messages: tuple[Message, ...] = ()
    size: int = 0

    @property
    def newest(self) -> int:
        return self.messages[-1].seq if self.messages else self.first - 1


class WindowCache:
    """`most`: how many messages are kept in all, and of how many threads; those that were read
    longest ago go first.
    """

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._count = 0
        self._kept: OrderedDict[tuple[AgentId, int], Kept] = OrderedDict()

    def get(self, agent_id: AgentId, thread: int, first: int) -> Kept:
        """What is kept of the messages from `first` on; nothing, if they aren't."""
        kept = self._kept.get((agent_id, thread))
        return kept if kept is not None and kept.first == first else Kept(first, -1)

    def put(self, agent_id: AgentId, thread: int, kept: Kept) -> None:
        self._drop((agent_id, thread))
        self._kept[agent_id, thread] = kept
        self._count += len(kept.messages)
        while self._count > self._most or len(self._kept) > self._most:
            self._drop(next(iter(self._kept)))

    def forget(self, agents: Collection[AgentId]) -> None:
        """These agents are gone, or know less than they did."""
        for key in [key for key in self._kept if key[0] in agents]:
            self._drop(key)

    def clear(self) -> None:
        """Keep nothing: something was wiped that may be among it."""
        self._kept.clear()
        self._count = 0

    def _drop(self, key: tuple[AgentId, int]) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self._count -= len(kept.messages)


def read_window(connection: Connection, agent_id: AgentId, thread: int, kept: Kept) -> Kept:
    """A thread's unforgotten messages as they are now, by those that are kept as far as they hold."""
    given = {"of_agent": agent_id, "in_thread": thread, "from_first": kept.first}
    rows = connection.execute(_after_kept(), given | {"kept_to": kept.newest}).all()
    found = _Found.of(rows)
    if (found.version, found.count, found.size) != (kept.version, len(kept.messages), kept.size):
        if kept.messages:
            return read_window(connection, agent_id, thread, Kept(kept.first, found.version))
        kept = Kept(kept.first, found.version)
    fresh = [row for row in rows if row.seq is not None]
    messages = tuple(read_message(row[:-4]) for row in fresh)
    size = sum(row.length for row in fresh)
    return Kept(kept.first, kept.version, (*kept.messages, *messages), kept.size + size)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is there now of what is kept."""

    version: int
    count: int
    size: int

    @classmethod
    def of(cls, rows: Any) -> _Found:
        """Without a row, the agent is gone, with all that it said."""
        return cls(rows[0].version, rows[0].known, rows[0].known_size) if rows else cls(-1, 0, 0)


@cache
def _after_kept() -> sa.Select[Any]:
    """One row at least for an agent that there is: what stands there of what is kept, and beside it
    each message after that.
    """
    message, lease = t.message, t.agent_lease
    of_agent = sa.bindparam("of_agent", type_=PublicId("agent"))
    newest = sa.bindparam("kept_to", type_=sa.BigInteger)
    in_view = (
        message.c.agent_id == of_agent,
        message.c.thread == sa.bindparam("in_thread", type_=sa.BigInteger),
        message.c.forgotten_at.is_(None),
    )
    length = sa.func.length(sa.type_coerce(message.c.parts, sa.Text))
    known = (
        sa.select(
            sa.func.count().label("known"),
            sa.cast(sa.func.coalesce(sa.func.sum(length), 0), sa.BigInteger).label("known_size"),
        )
        .where(
            *in_view,
            message.c.seq.between(sa.bindparam("from_first", type_=sa.BigInteger), newest),
        )
        .cte("known")
    )
    return (
        sa.select(
            *message_columns(),
            length.label("length"),
            lease.c.version,
            known.c.known,
            known.c.known_size,
        )
        .select_from(
            lease.join(known, sa.true()).outerjoin(
                message, sa.and_(*in_view, message.c.seq > newest)
            )
        )
        .where(lease.c.agent_id == of_agent)
        .order_by(message.c.seq)
    )
