"""`Identities`, carried out by the storage functions: identities as clients of the API see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import Conflict
from agentcore.records import (
    API_PLATFORM,
    Actor,
    AgentId,
    IdentityId,
    IdentityKey,
    new_identity_id,
    new_user_id,
)
from agentcore.records.identities import (
    IdentitiesByAgent,
    IdentityChange,
    IdentityProperty,
    IdentityQuery,
    IdentityView,
    NewIdentity,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.binding import attach, detach, has_come, is_attached, own, read_row
from agentcore.sqlstore.engine.database import AnyRow, Database
from agentcore.sqlstore.people.senders import is_identity


class SqlIdentities:
    """`Identities` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, new: NewIdentity, by: Actor) -> IdentityView:
        return await self._database.write(partial(create, new=new, by=by, now=self._clock.now()))

    async def upsert(self, new: NewIdentity, by: Actor) -> IdentityView:
        return await self._database.write(partial(upsert, new=new, by=by, now=self._clock.now()))

    async def identity(self, identity_id: IdentityId) -> IdentityView:
        return await self._database.read(partial(read_identity, identity_id=identity_id))

    async def identities(self, query: IdentityQuery) -> Sequence[IdentityView]:
        return await self._database.read(partial(list_identities, query=query))

    async def of_agents(self, agents: Sequence[AgentId]) -> IdentitiesByAgent:
        return await self._database.read(partial(identities_of, agents=agents))

    async def count(self) -> int:
        return await self._database.read(_count)

    async def change(
        self, identity_id: IdentityId, change: IdentityChange, by: Actor
    ) -> IdentityView:
        now = self._clock.now()
        return await self._database.write(
            partial(change_identity, identity_id=identity_id, change=change, by=by, now=now)
        )

    async def remove(self, identity_id: IdentityId) -> None:
        now = self._clock.now()
        await self._database.write(partial(remove, identity_id=identity_id, now=now))

    async def attach(self, agent_id: AgentId, identity_id: IdentityId, by: Actor) -> None:
        now = self._clock.now()
        await self._database.write(
            partial(attach, agent_id=agent_id, identity_id=identity_id, by=by, now=now)
        )

    async def detach(self, agent_id: AgentId, identity_id: IdentityId, by: Actor) -> None:
        now = self._clock.now()
        await self._database.write(
            partial(detach, agent_id=agent_id, identity_id=identity_id, by=by, now=now)
        )


def create(connection: Connection, new: NewIdentity, by: Actor, now: Micros) -> IdentityView:
    """See `Identities.create`."""
    identity_id = _add(connection, new, now)
    if identity_id is None:
        msg = (
            "There is an identity with this identifier_key already. PUT /v1/identities changes it."
        )
        raise Conflict(msg)
    return _with_agents(connection, identity_id, new.agents, by, now)


def _add(connection: Connection, new: NewIdentity, now: Micros) -> IdentityId | None:
    """The rows of somebody who hasn't come yet; None if there is such an identity."""
    there = sa.select(t.identity.c.identity_id).where(is_identity(new.key))
    if connection.execute(there).scalar() is not None:
        return None
    user_id, identity_id = new_user_id(), new_identity_id()
    connection.execute(
        sa.insert(t.user),
        {"user_id": user_id, "access": "expected", "consent": "new", "created_at": now},
    )
    connection.execute(  # of two at once, the key of the row lets one in, and the other tries again
        sa.insert(t.identity),
        {
            "identity_id": identity_id,
            "platform": new.key.platform,
            "account": new.key.account,
            "external_id": new.key.external_id,
            "user_id": user_id,
            "display_name": new.name,
            "identity_type": new.identity_type,
            "properties": _stored(new.properties or ()),
            "created_at": now,
        },
    )
    return identity_id


def upsert(connection: Connection, new: NewIdentity, by: Actor, now: Micros) -> IdentityView:
    """See `Identities.upsert`."""
    identity_id = _add(connection, new, now)
    if identity_id is not None:
        return _with_agents(connection, identity_id, new.agents, by, now)
    there = connection.execute(sa.select(t.identity.c.identity_id).where(is_identity(new.key)))
    change = IdentityChange(
        name=new.name,
        identity_type=new.identity_type,
        properties=new.properties,
        agents=new.agents,
        replace=True,
    )
    return change_identity(connection, there.scalar_one(), change, by, now)


def _with_agents(
    connection: Connection,
    identity_id: IdentityId,
    agents: Sequence[AgentId],
    by: Actor,
    now: Micros,
) -> IdentityView:
    for agent_id in agents:
        attach(connection, agent_id, identity_id, by, now)
    return read_identity(connection, identity_id)


def change_identity(
    connection: Connection, identity_id: IdentityId, change: IdentityChange, by: Actor, now: Micros
) -> IdentityView:
    """See `Identities.change`."""
    before = read_identity(connection, identity_id)
    values: dict[str, Any] = {}
    if change.key is not None and change.key != before.key:
        _require_changeable(connection, before.key, change.key)
        values["external_id"] = change.key.external_id
    if change.name is not None:
        values["display_name"] = change.name
    if change.identity_type is not None:
        values["identity_type"] = change.identity_type
    if change.properties is not None:
        kept = {} if change.replace else {each.key: each for each in before.properties}
        kept |= {each.key: each for each in change.properties}
        values["properties"] = _stored(kept.values())
    if values:
        connection.execute(
            sa.update(t.identity).where(t.identity.c.identity_id == identity_id).values(**values)
        )
    return _with_agents(connection, identity_id, change.agents, by, now)


def _require_changeable(connection: Connection, old: IdentityKey, new: IdentityKey) -> None:
    """Somebody's id on a chat platform is theirs for good."""
    if {old.platform, new.platform} != {API_PLATFORM}:
        msg = "The identifier_key of a chat platform can't change. Make another identity."
        raise Conflict(msg)
    taken = sa.select(t.identity.c.identity_id).where(is_identity(new))
    if connection.execute(taken).scalar() is not None:
        msg = "There is an identity with this identifier_key already."
        raise Conflict(msg)


def remove(connection: Connection, identity_id: IdentityId, now: Micros) -> None:
    """See `Identities.remove`."""
    identity, held = t.identity, t.user_agent
    row = read_row(connection, identity_id)
    if row.platform != API_PLATFORM and has_come(connection, row):
        msg = (
            f"Somebody writes as this identity. `familiar users forget {row.user_id}` erases them "
            "with all that is stored of them; /delete in a chat does, too."
        )
        raise Conflict(msg)
    connection.execute(sa.delete(identity).where(identity.c.identity_id == identity_id))
    others = sa.select(identity.c.identity_id).where(identity.c.user_id == row.user_id).limit(1)
    if connection.execute(others).scalar() is None:
        mine = sa.delete(held).where(held.c.user_id == row.user_id)
        for agent_id in connection.execute(mine.returning(held.c.agent_id)).scalars().all():
            own(connection, agent_id, now)
        connection.execute(sa.delete(t.user).where(t.user.c.user_id == row.user_id))


def read_identity(connection: Connection, identity_id: IdentityId) -> IdentityView:
    """See `Identities.identity`."""
    row = read_row(connection, identity_id)
    return _views(connection, [row])[0]


def list_identities(connection: Connection, query: IdentityQuery) -> Sequence[IdentityView]:
    """See `Identities.identities`."""
    identity = t.identity
    found = sa.select(identity)
    if query.key is not None:
        found = found.where(is_identity(query.key))
    if query.name is not None:
        found = found.where(identity.c.display_name == query.name)
    if query.identity_type is not None:
        found = found.where(identity.c.identity_type == query.identity_type)
    if query.agent_id is not None:
        held = t.user_agent
        theirs = sa.select(held.c.user_id).where(held.c.agent_id == query.agent_id, is_attached())
        found = found.where(identity.c.user_id.in_(theirs))
    place = sa.tuple_(identity.c.created_at, identity.c.identity_id)
    for cursor, later in ((query.after, query.ascending), (query.before, not query.ascending)):
        if cursor is not None:
            row = read_row(connection, cursor)
            at = sa.tuple_(
                sa.literal(row.created_at), sa.literal(cursor, identity.c.identity_id.type)
            )
            found = found.where(place > at if later else place < at)
    order = [identity.c.created_at, identity.c.identity_id]
    found = found.order_by(*(each if query.ascending else each.desc() for each in order))
    return _views(connection, connection.execute(found.limit(query.limit)).all())


def identities_of(connection: Connection, agents: Collection[AgentId]) -> IdentitiesByAgent:
    """See `Identities.of_agents`."""
    identity, held = t.identity, t.user_agent
    rows = connection.execute(
        sa.select(identity, held.c.agent_id)
        .join(held, held.c.user_id == identity.c.user_id)
        .where(held.c.agent_id.in_(agents), is_attached())
        .order_by(identity.c.created_at, identity.c.identity_id)
    ).all()
    views = {view.identity_id: view for view in _views(connection, rows)} if rows else {}
    found: dict[AgentId, list[IdentityView]] = {agent_id: [] for agent_id in agents}
    for row in rows:
        found[row.agent_id].append(views[row.identity_id])
    return {agent_id: tuple(each) for agent_id, each in found.items()}


def answers_identities(
    agent_id: sa.ColumnElement[AgentId],
    identity_id: IdentityId | None = None,
    keys: Sequence[IdentityKey] = (),
) -> sa.ColumnElement[bool]:
    """Whether an agent is attached to this identity, and to one of these keys (none: whatever):
    part of a statement.
    """
    identity, held = t.identity, t.user_agent
    conditions = []
    for wanted in (
        None if identity_id is None else identity.c.identity_id == identity_id,
        sa.or_(*(is_identity(key) for key in keys)) if keys else None,
    ):
        if wanted is not None:
            theirs = sa.select(identity.c.user_id).where(wanted)
            conditions.append(
                sa.exists().where(
                    held.c.agent_id == agent_id,
                    is_attached(),
                    held.c.user_id.in_(theirs),
                )
            )
    return sa.and_(sa.true(), *conditions)


def _views(connection: Connection, rows: Sequence[AnyRow]) -> Sequence[IdentityView]:
    held = t.user_agent
    users = {row.user_id for row in rows}
    found = connection.execute(
        sa.select(held.c.user_id, held.c.agent_id)
        .where(held.c.user_id.in_(users), is_attached())
        .order_by(held.c.attached_at)
    )
    agents: dict[str, list[AgentId]] = {}
    for row in found:
        agents.setdefault(row.user_id, []).append(row.agent_id)
    return [_view(row, agents.get(row.user_id, [])) for row in rows]


def _view(row: AnyRow, agents: Sequence[AgentId]) -> IdentityView:
    return IdentityView(
        identity_id=row.identity_id,
        key=IdentityKey(row.platform, row.account, row.external_id),
        name=row.display_name,
        identity_type=row.identity_type,
        properties=tuple(IdentityProperty(**each) for each in row.properties),
        agents=tuple(agents),
        created_at=row.created_at,
    )


def _stored(properties: Collection[IdentityProperty]) -> Sequence[Mapping[str, Any]]:
    return [asdict(each) for each in properties]


def _count(connection: Connection) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(t.identity)).scalar_one())
