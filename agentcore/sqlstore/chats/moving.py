"""A chat that is at another address from now on: everything that names the old one names the new,
in one transaction. Doing it again does no harm, and finds what came to the old address meanwhile.
What messages were called there names others here, so it is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address, AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.chats.merging import join_threads, take_over
from agentcore.sqlstore.forgetting.redaction import void_lease
from agentcore.sqlstore.queues.addresses import at_home
from agentcore.sqlstore.queues.buckets import bucket_of
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.registry import RULES, Owner

_NUMBERED = ((t.notice, "seq"), (t.outbox, "row"))
"""Tables whose rows are numbered by address: those of the old one come after what is there."""
_APART = frozenset({t.notice, t.outbox, t.refusal, t.chat, t.adapter_chat})
"""Tables whose keys have the address in them."""


def move_chat(connection: Connection, old: Address, new: Address, now: Micros) -> None:
    """The chat and every topic of it."""
    agents = _agents_at(connection, old)
    hold(connection, *{*agents, *_agents_at(connection, new)})
    _one_agent(connection, old, new, now)
    for was, becomes in _places(connection, old, new):
        _carry_numbered(connection, was, becomes)
        _carry_refusals(connection, was, becomes)
        _carry_all_else(connection, agents, was, becomes)
    _carry_chat(connection, old, new)
    # What an adapter keeps of a place says nothing of another.
    connection.execute(sa.delete(t.adapter_chat).where(at_home(t.adapter_chat.c.address, old)))
    for agent_id in agents:
        join_threads(connection, agent_id, new)
        # Whoever works for the chat would answer to where it was; it begins again.
        void_lease(connection, agent_id, now)


def _agents_at(connection: Connection, home: Address) -> Sequence[AgentId]:
    """Agents that have talked there, and the chat's own."""
    own = sa.select(t.agent.c.agent_id).where(t.agent.c.owner_address == home)
    found = sa.select(t.thread.c.agent_id).where(at_home(t.thread.c.address, home)).union(own)
    return sorted(connection.execute(found).scalars())


def _one_agent(connection: Connection, old: Address, new: Address, now: Micros) -> None:
    """The chat's own agent stays. One that was made when somebody wrote to the new address before
    this was known is taken over by it.
    """
    agent = t.agent
    rows = connection.execute(
        sa.select(agent.c.owner_address, agent.c.agent_id).where(
            agent.c.owner_address.in_([old, new]), agent.c.deleted_at.is_(None)
        )
    )
    owned = {row.owner_address: AgentId(row.agent_id) for row in rows}
    if old in owned and new in owned:
        take_over(connection, owned[old], owned[new], now)


def _places(connection: Connection, old: Address, new: Address) -> Iterator[tuple[str, Address]]:
    """Each address that is known of the chat, and what it becomes."""
    here = sa.select(t.thread.c.address).where(at_home(t.thread.c.address, old)).distinct()
    for was in sorted({old, *connection.execute(here).scalars()}):
        yield was, Address(f"{new}{was[len(old) :]}")


def _carry_numbered(connection: Connection, was: str, becomes: Address) -> None:
    for table, name in _NUMBERED:
        number = table.c[name]
        taken = sa.select(sa.func.max(number)).where(table.c.address == becomes)
        offset = connection.execute(taken).scalar() or 0
        values: dict[str, object] = {"address": becomes, name: number + offset}
        if table is t.outbox:
            values |= {"bucket": bucket_of(becomes), "reply_to": None}
        connection.execute(sa.update(table).where(table.c.address == was).values(values))


def _carry_refusals(connection: Connection, was: str, becomes: Address) -> None:
    """What has been said there needn't be said again."""
    refusal, there = t.refusal, t.refusal.alias("there")
    known = sa.exists().where(
        there.c.address == becomes,
        there.c.reason == refusal.c.reason,
        there.c.window == refusal.c.window,
    )
    connection.execute(sa.delete(refusal).where(refusal.c.address == was, known))
    connection.execute(sa.update(refusal).where(refusal.c.address == was).values(address=becomes))


def _carry_all_else(
    connection: Connection, agents: Sequence[AgentId], was: str, becomes: Address
) -> None:
    for rule in RULES:
        for name in () if rule.table in _APART else rule.addresses:
            rows = rule.table.c[name] == was
            values: dict[str, object] = {name: becomes}
            if rule.owner is Owner.AGENT:  # found by its key
                rows = sa.and_(rows, rule.table.c.agent_id.in_(agents))
            if rule.table is t.inbox:
                values["platform_message_id"] = None
            connection.execute(sa.update(rule.table).where(rows).values(values))


def _carry_chat(connection: Connection, old: Address, new: Address) -> None:
    """Whether it listens; it can be reached, unless it is known already that it can't."""
    chat = t.chat
    row = connection.execute(sa.select(chat).where(chat.c.address == old)).one_or_none()
    if row is None:
        return
    listening = sa.or_(chat.c.listening, sa.literal(bool(row.listening)))
    there = sa.update(chat).where(chat.c.address == new).values(listening=listening)
    if connection.execute(there).rowcount:
        connection.execute(sa.delete(chat).where(chat.c.address == old))
        return
    connection.execute(
        sa.update(chat)
        .where(chat.c.address == old)
        .values(address=new, state="reachable", reason="")
    )
