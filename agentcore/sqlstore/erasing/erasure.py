"""Erasing a person, driven by the rules in `registry`.

It takes three kinds of transactions, so that nobody else waits for a long one:

1. `cut_off`: who they are, where they wrote, what waits and runs for them, and their words in
   agents of others. From here on nothing of theirs is found, answered, committed or sent, and a
   message of theirs is a stranger's. A row of `erasure` says what is left.
2. `clear`, again and again: the rows of their agents, so many at a time.
3. `close`: the row goes, and with it the last that names them.

A process that dies in between leaves the row, and the next start goes on from it.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    API_PLATFORM,
    Actor,
    Address,
    AgentId,
    ErasureReceipt,
    IdentityId,
    Scrubbed,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.attaching import drop_orphans
from agentcore.sqlstore.engine.database import lock_row
from agentcore.sqlstore.forgetting.redaction import outside, redact
from agentcore.sqlstore.people.absorbed import joined_to, users_of
from agentcore.sqlstore.queues.addresses import at_home
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.registry import Owner, TableRule, children_first, columns_of_agents

BATCH = 5_000
"""Rows that one transaction of `clear` deletes at most."""

_ACTS_OR_SHOWS = frozenset({t.agent_lease, t.inbox, t.timer, t.token, t.audit, t.webhook})
"""Of what belongs to an agent, what would still do or tell something."""


OF_AN_AGENT = "agent-"
"""What the ids of erasures begin with that delete agents and nobody."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """Who a person is, which agents are theirs alone, and the private chats they wrote in; `homes`
    are those that aren't topics of others. Of several `users` that are one person, all.
    """

    users: Sequence[UserId]
    identities: Sequence[IdentityId]
    agents: Sequence[AgentId]
    addresses: Sequence[Address]
    homes: Sequence[Address]
    platforms: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReceiptTo:
    """Where a receipt is sent, on platforms that have to be written to."""

    address: Address
    answer_via: str | None
    language: str | None


def belongings_of(
    connection: Connection, user_id: UserId, here: Address | None = None
) -> Belongings | None:
    """What there is of a person; None if there is no such user, or it is another's by now. `here`: a
    private chat of theirs that nothing else may tell of.
    """
    person = sa.select(t.user.c.user_id).where(t.user.c.user_id == user_id)
    lock_row(connection, person)
    if connection.execute(person).scalar() is None or joined_to(connection, user_id) is not None:
        return None
    users, identity = users_of(connection, user_id), t.identity
    identities = connection.execute(
        sa.select(identity.c.identity_id, identity.c.platform, identity.c.address).where(
            identity.c.user_id.in_(users)
        )
    ).all()
    agents = own_agents(connection, users)
    private = sa.select(t.thread.c.address).where(
        t.thread.c.agent_id.in_(agents), t.thread.c.audience == "private"
    )
    addresses = {*connection.execute(private).scalars(), *(row.address for row in identities)}
    return Belongings(
        users=users,
        identities=[row.identity_id for row in identities],
        agents=agents,
        addresses=sorted(each for each in {*addresses, here} if each),
        homes=sorted({row.address for row in identities if row.address}),
        platforms=sorted({row.platform for row in identities}),
    )


def own_agents(connection: Connection, users: Sequence[UserId]) -> list[AgentId]:
    """Agents that answer nobody else, and those whose history they have taken in. Who only is a key
    of a program's is nobody else for somebody who writes in chats.
    """
    held, other, identity = t.user_agent, t.user_agent.alias("other"), t.identity
    writes = sa.select(identity.c.user_id).where(identity.c.platform != API_PLATFORM)
    one_of_them = connection.execute(writes.where(identity.c.user_id.in_(users)).limit(1)).scalar()
    in_chats = sa.true() if one_of_them is None else other.c.user_id.in_(writes)
    shared = sa.exists().where(
        other.c.agent_id == held.c.agent_id,
        other.c.user_id.not_in(users),
        other.c.detached_at.is_(None),
        in_chats,
    )
    mine = sa.select(held.c.agent_id).where(held.c.user_id.in_(users), ~shared)
    found = set(connection.execute(mine).scalars())
    fresh: Collection[AgentId] = found
    while fresh:
        absorbed = t.agent_absorbed
        taken_in = sa.select(absorbed.c.absorbed_id).where(
            absorbed.c.agent_id.in_(fresh),
            ~sa.exists().where(
                other.c.agent_id == absorbed.c.absorbed_id, other.c.user_id.not_in(users)
            ),
        )
        fresh = set(connection.execute(taken_in).scalars()) - found
        found |= fresh
    return sorted(found)


def cut_off(
    connection: Connection,
    them: Belongings,
    by: Actor,
    *,
    now: Micros,
    tell: ReceiptTo | None = None,
    kind: str = "",
) -> str:
    """The first transaction. Returns the erasure's id, which begins with `kind`."""
    hold(connection, *them.agents)
    wrote = them.agents if them.users else ()  # where an agent alone goes, others keep its words
    redacted = redact(connection, them.identities, outside(them.agents), now, written_by=wrote)
    deleted = Counter(block=drop_orphans(connection, them.agents))
    for rule in children_first():
        if rule.owner is not Owner.AGENT or rule.table in _ACTS_OR_SHOWS:
            for rows in _rows_of(rule, them):
                deleted[rule.table.name] += connection.execute(
                    sa.delete(rule.table).where(rows)
                ).rowcount
    _hide_agents(connection, them.agents, now)
    erasure_id = f"{kind}{secrets.token_hex(16)}"
    connection.execute(
        sa.insert(t.erasure).values(
            erasure_id=erasure_id,
            agents=list(them.agents),
            deleted=dict(+deleted),
            redacted=dict(redacted),
            platforms=list(them.platforms),
            actor_kind=by.kind,
            actor=by.name,
            address=None if tell is None else tell.address,
            answer_via=None if tell is None else tell.answer_via,
            language=None if tell is None else tell.language,
            started_at=now,
        )
    )
    return erasure_id


def _hide_agents(connection: Connection, agents: Sequence[AgentId], now: Micros) -> None:
    """Until their rows are gone, no address leads to them, and nobody is told of them."""
    thread, agent, revision = t.thread, t.agent, t.block_revision
    connection.execute(
        sa.update(thread)
        .where(thread.c.agent_id.in_(agents))
        .values(address="", closed_at=now, wipe_at=None)
    )
    connection.execute(
        sa.update(agent)
        .where(agent.c.agent_id.in_(agents))
        .values(name="", owner_address=None, deleted_at=now)
    )
    connection.execute(  # blocks of nobody alone, which they have edited
        sa.update(revision)
        .where(revision.c.agent_id.in_(agents), revision.c.owner.not_in(agents))
        .values(agent_id=None, turn=None, message=None, tool_call_id=None)
    )


def clear(connection: Connection, erasure_id: str, *, limit: int = BATCH) -> bool:
    """Delete up to `limit` rows of what is left. True: nothing is."""
    row = connection.execute(
        sa.select(t.erasure.c.agents, t.erasure.c.deleted).where(
            t.erasure.c.erasure_id == erasure_id
        )
    ).one_or_none()
    if row is None:
        return True
    deleted, left = Counter(row.deleted), limit
    for rule, column in columns_of_agents():
        key = list(rule.table.primary_key)
        rows = sa.select(*key).where(column.in_(row.agents)).limit(left)
        found = connection.execute(sa.delete(rule.table).where(sa.tuple_(*key).in_(rows))).rowcount
        deleted[rule.table.name] += found
        left -= found
        if left <= 0:
            break
    connection.execute(
        sa.update(t.erasure)
        .where(t.erasure.c.erasure_id == erasure_id)
        .values(deleted=dict(+deleted))
    )
    return left > 0


def close(
    connection: Connection, erasure_id: str, files: Scrubbed, *, now: Micros
) -> tuple[ErasureReceipt, ReceiptTo | None] | None:
    """The last transaction; None if somebody else has finished it. An operator's erasure leaves
    an audit row, which tells of nobody.
    """
    row = connection.execute(
        sa.select(t.erasure).where(t.erasure.c.erasure_id == erasure_id)
    ).one_or_none()
    if row is None:
        return None
    connection.execute(sa.delete(t.erasure).where(t.erasure.c.erasure_id == erasure_id))
    if row.actor_kind != "owner":
        connection.execute(
            sa.insert(t.audit).values(
                audit_id=secrets.token_hex(16),
                actor_kind=row.actor_kind,
                actor=row.actor,
                action="delete agent" if erasure_id.startswith(OF_AN_AGENT) else "erase user",
                detail={},
                created_at=now,
            )
        )
    receipt = ErasureReceipt(
        erased_at=now,
        deleted=row.deleted,
        redacted=row.redacted,
        platforms=tuple(row.platforms),
        files=files,
    )
    tell = None if row.address is None else ReceiptTo(row.address, row.answer_via, row.language)
    return receipt, tell


def agents_of(connection: Connection, erasure_id: str) -> Sequence[AgentId]:
    """Whose rows are being deleted; nobody's if that is finished."""
    query = sa.select(t.erasure.c.agents).where(t.erasure.c.erasure_id == erasure_id)
    return connection.execute(query).scalar() or []


def unfinished(connection: Connection, *, before: Micros, kind: str = "") -> Sequence[str]:
    """Erasures that were begun before then, oldest first: people's, or those of a `kind`."""
    table = t.erasure
    of_an_agent = table.c.erasure_id.like(f"{OF_AN_AGENT}%")
    return list(
        connection.execute(
            sa.select(table.c.erasure_id)
            .where(table.c.started_at < before, of_an_agent if kind else ~of_an_agent)
            .order_by(table.c.started_at)
        ).scalars()
    )


def _rows_of(rule: TableRule, them: Belongings) -> Iterator[sa.ColumnElement[bool]]:
    """The person's rows, by one column after the other, so that each finds its index."""
    for owner, column in rule.holders:
        match owner:
            case Owner.AGENT:
                yield column.in_(them.agents)
            case Owner.USER:
                yield column.in_(them.users)
            case Owner.ADDRESS:
                yield column.in_(them.addresses)
                for home in them.homes:  # topics in which nothing came of what they wrote
                    yield at_home(column, home)
            case Owner.SCOPED:
                scope = rule.table.c.scope
                yield sa.and_(scope == "user", column.in_(them.users))
                yield sa.and_(scope == "agent", column.in_(them.agents))
            case Owner.SERVICE:
                pass
            case other:
                assert_never(other)
