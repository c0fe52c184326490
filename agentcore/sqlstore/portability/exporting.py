"""`Exports`, driven by the rules in `registry`: what is exported of a person, table by table.

Invariant: a row is somebody's by its owner, and in agents that others write to by its author alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, IdentityId, IdentityKey, OutboxDraft, Submission, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.erasing.erasure import own_agents
from agentcore.sqlstore.people.absorbed import users_of
from agentcore.sqlstore.people.senders import is_identity
from agentcore.sqlstore.queues.outgoing import Awaited, Occasion, add_outbox
from agentcore.sqlstore.queues.receipts import first_sight
from agentcore.sqlstore.registry import RULES, Owner, TableRule
from agentcore.store.exports import PersonData

_ANYWHERE = frozenset({t.message, t.timer})
"""Of what a person wrote in agents of others, what holds their words alone."""


class SqlExports:
    """`Exports` over any `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, key: IdentityKey) -> PersonData | None:
        return await self._database.read(partial(read_person, key=key))

    async def answer(self, submission: Submission, chunks: Sequence[OutboxDraft]) -> None:
        await self._database.write(partial(_answer, submission=submission, chunks=chunks))


def _answer(connection: Connection, submission: Submission, chunks: Sequence[OutboxDraft]) -> None:
    if first_sight(connection, submission):
        occasion = Occasion(awaited=Awaited.of(submission), fleeting=True)
        add_outbox(connection, chunks, submission.received_at, occasion)


def read_person(connection: Connection, key: IdentityKey) -> PersonData | None:
    """See `Exports.of`."""
    identity = t.identity
    user_id = connection.execute(sa.select(identity.c.user_id).where(is_identity(key))).scalar()
    if user_id is None:
        return None
    users = users_of(connection, user_id)
    mine = sa.select(identity.c.identity_id).where(identity.c.user_id.in_(users))
    person = _Person(users, connection.execute(mine).scalars().all(), own_agents(connection, users))
    taken_in = sa.select(t.agent_absorbed.c.absorbed_id)
    own = sa.select(t.agent.c.agent_id).where(
        t.agent.c.agent_id.in_(person.agents),
        t.agent.c.agent_id.not_in(taken_in),
        t.agent.c.deleted_at.is_(None),
    )
    agents = connection.execute(own.order_by(t.agent.c.created_at)).scalars().all()
    tables = {rule.table.name: person.rows(connection, rule) for rule in RULES if rule.exported}
    return PersonData(user_id, tuple(agents), tables)


class _Person:
    def __init__(
        self,
        users: Sequence[UserId],
        identities: Sequence[IdentityId],
        agents: Sequence[AgentId],
    ) -> None:
        self.users = users
        self.identities = identities
        self.agents = agents

    def rows(self, connection: Connection, rule: TableRule) -> Sequence[Mapping[str, Any]]:
        query = sa.select(rule.table).where(sa.or_(*self._mine(rule)), *self._shown(rule))
        keys = rule.table.primary_key.columns
        return [dict(row) for row in connection.execute(query.order_by(*keys)).mappings()]

    def _mine(self, rule: TableRule) -> Iterator[sa.ColumnElement[bool]]:
        """By what a row is theirs."""
        author = None if rule.author_column is None else rule.table.c[rule.author_column]
        by_others = sa.false() if author is None else author.not_in(self.identities)
        for owner, column in rule.holders:
            if owner is Owner.USER:
                yield column.in_(self.users)
            elif owner is Owner.AGENT and rule.owner is Owner.AGENT:
                yield sa.and_(
                    column.in_(self.agents), sa.func.coalesce(by_others, sa.false()).is_(False)
                )
            elif owner is Owner.SCOPED:
                yield column.in_([*map(str, self.users), *map(str, self.agents)])
        if author is not None and rule.table in _ANYWHERE:
            yield author.in_(self.identities)

    def _shown(self, rule: TableRule) -> Iterator[sa.ColumnElement[bool]]:
        """Which of them are there at all, for whoever reads."""
        columns = rule.table.c
        if "forgotten_at" in columns:
            yield columns.forgotten_at.is_(None)
        if rule.table is t.message:
            thread = t.thread.c
            here = sa.and_(thread.agent_id == columns.agent_id, thread.number == columns.thread)
            yield sa.exists().where(here, thread.ephemeral.is_(False))
            # What an agent says in a group may tell what others said there.
            private = sa.exists().where(here, thread.audience == "private")
            yield sa.or_(private, columns.author_id.in_(self.identities))
