"""Appending to an agent what comes later from elsewhere, each thing once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import AgentId
from agentcore.records.content import PlainMessage, PlainPassage
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.portability.reading import MARK
from agentcore.sqlstore.portability.writing import (
    FROM_ELSEWHERE,
    Target,
    add_messages_to,
    add_passages,
    new_message,
)
from agentcore.sqlstore.queues.holding import hold
from agentcore.store.agent_content import More

T = TypeVar("T")


def append_more(connection: Connection, more: More, now: Micros) -> int:
    """See `AgentContent.append`."""
    agent_id = more.agent_id
    hold(connection, agent_id)
    lease = t.agent_lease
    newest = connection.execute(
        sa.select(lease.c.message_seq).where(lease.c.agent_id == agent_id)
    ).scalar()
    if newest is None:
        raise no_agent(agent_id)
    messages = _unknown(connection, agent_id, more.messages)
    numbered = [(seq, new_message(each)) for seq, each in enumerate(messages, start=newest + 1)]
    to = Target(agent_id, 1)
    add_messages_to(connection, to, numbered)
    if not more.in_view and numbered:
        here = sa.and_(t.epoch.c.agent_id == agent_id, t.epoch.c.thread == 1)
        unused = sa.and_(here, t.epoch.c.template == FROM_ELSEWHERE)
        behind = numbered[-1][0] + 1
        connection.execute(sa.update(t.epoch).where(unused).values(first_message=behind))
    passages = _unknown_passages(connection, agent_id, more.passages)
    last = connection.execute(
        sa.select(sa.func.max(t.passage.c.seq)).where(t.passage.c.agent_id == agent_id)
    ).scalar()
    add_passages(connection, agent_id, passages, {}, after=last or 0)
    if more.mark is not None:
        _set_mark(connection, agent_id, more.mark, now)
    # Whoever has the agent's head in memory reads it again.
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(version=lease.c.version + 1, message_seq=lease.c.message_seq + len(numbered))
    )
    return len(numbered) + len(passages)


def _unknown(
    connection: Connection, agent_id: AgentId, messages: Sequence[PlainMessage]
) -> Sequence[PlainMessage]:
    ids = [each.message_id for each in messages if each.message_id is not None]
    mine = sa.and_(t.message.c.agent_id == agent_id, t.message.c.message_id.in_(ids))
    there = set(connection.execute(sa.select(t.message.c.message_id).where(mine)).scalars())
    return list(_once((each.message_id, each) for each in messages if each.message_id not in there))


def _unknown_passages(
    connection: Connection, agent_id: AgentId, passages: Sequence[PlainPassage]
) -> Sequence[PlainPassage]:
    ids = [each.passage_id for each in passages if each.passage_id is not None]
    mine = sa.and_(t.passage.c.agent_id == agent_id, t.passage.c.passage_id.in_(ids))
    there = set(connection.execute(sa.select(t.passage.c.passage_id).where(mine)).scalars())
    return list(_once((each.passage_id, each) for each in passages if each.passage_id not in there))


def _once(named: Iterable[tuple[str | None, T]]) -> Iterator[T]:
    """The first of each id, and all that have none."""
    seen: set[str] = set()
    for name, each in named:
        if name is None:
            yield each
        elif name not in seen:
            seen.add(name)
            yield each


def _set_mark(
    connection: Connection, agent_id: AgentId, mark: Mapping[str, str], now: Micros
) -> None:
    agent = t.agent
    extras = connection.execute(
        sa.select(agent.c.extras).where(agent.c.agent_id == agent_id)
    ).scalar_one()
    connection.execute(
        sa.update(agent)
        .where(agent.c.agent_id == agent_id)
        .values(extras={**extras, MARK: dict(mark)}, updated_at=now)
    )


def read_mark(connection: Connection, agent_id: AgentId) -> Mapping[str, str] | None:
    """See `AgentContent.mark`."""
    agent = t.agent
    extras = connection.execute(
        sa.select(agent.c.extras).where(agent.c.agent_id == agent_id)
    ).scalar()
    if extras is None:
        return None
    found: Mapping[str, str] = extras.get(MARK, {})
    return found
