"""Which agent answers somebody, as clients of the API decide it.

Invariants: an agent has the owner kind "user" as long as somebody who writes in chats is attached to
it, and "api" else. It answers one such person at most, ever, so that no one's words come before another.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.errors import Conflict, NotFound
from agentcore.records import API_PLATFORM, Actor, AgentId, IdentityId, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.engine.database import AnyRow, insert
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.people.absorbed import is_absorbed, lives
from agentcore.sqlstore.people.users import agent_of, hand_on, lock_users
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.service.audit import write_audit

ATTACHED = "attach identity"
DETACHED = "detach identity"
"""What the audit calls it."""

_API_THREADS = f"{API_PLATFORM}:%"


def is_attached() -> sa.ColumnElement[bool]:
    """Of a row of `user_agent`: whether the agent may answer."""
    held = t.user_agent
    return sa.and_(held.c.detached_at.is_(None), ~is_absorbed(held.c.agent_id))


def no_identity(identity_id: IdentityId) -> NotFound:
    return NotFound(f"Identity with ID {identity_id} not found")


def read_row(connection: Connection, identity_id: IdentityId) -> AnyRow:
    """Raises NotFound."""
    if is_public_id(identity_id, "identity"):
        identity = t.identity
        found = sa.select(identity).where(identity.c.identity_id == identity_id)
        if (row := connection.execute(found).one_or_none()) is not None:
            return row
    raise no_identity(identity_id)


def attach(
    connection: Connection, agent_id: AgentId, identity_id: IdentityId, by: Actor, now: Micros
) -> None:
    """See `Identities.attach`."""
    _require_free(connection, agent_id)
    row = _locked(connection, identity_id)
    in_chats = row.platform != API_PLATFORM
    user_id = _one_person(connection, agent_id, row) if in_chats else UserId(row.user_id)
    before = agent_of(connection, user_id)
    hold(connection, agent_id, *([] if before is None else [before]))
    _add(connection, user_id, agent_id, now)
    if in_chats:
        own(connection, agent_id, now)
        _go_on(connection, user_id, agent_id, now)
        if before != agent_id:
            write_audit(connection, by, ATTACHED, agent_id, now)


def detach(
    connection: Connection, agent_id: AgentId, identity_id: IdentityId, by: Actor, now: Micros
) -> None:
    """See `Identities.detach`."""
    _require_there(connection, agent_id)
    row = _locked(connection, identity_id)
    user_id, held = UserId(row.user_id), t.user_agent
    mine = sa.and_(held.c.user_id == user_id, held.c.agent_id == agent_id)
    there = sa.select(held.c.agent_id).where(mine, is_attached())
    if connection.execute(there).scalar() is None:
        return
    hold(connection, agent_id)
    if _has_said(connection, _identities(connection, user_id), agent_id):
        connection.execute(sa.update(held).where(mine).values(detached_at=now))
    else:
        connection.execute(sa.delete(held).where(mine))
    if row.platform == API_PLATFORM:
        return
    own(connection, agent_id, now)
    _leave(connection, user_id, agent_id, now)
    if (answers := agent_of(connection, user_id)) is not None:
        hold(connection, answers)
        _go_on(connection, user_id, answers, now)
    write_audit(connection, by, DETACHED, agent_id, now)


def own(connection: Connection, agent_id: AgentId, now: Micros) -> None:
    """Bring in line whose agent it is with who is attached to it, and let whoever works on it read
    it anew. A group's stays a group's.
    """
    agent, lease = t.agent, t.agent_lease
    kind = "user" if _people(connection, agent_id) else "api"
    connection.execute(
        sa.update(agent)
        .where(agent.c.agent_id == agent_id, agent.c.owner_kind != "chat")
        .values(owner_kind=kind, updated_at=now)
    )
    _changed(connection, lease.c.agent_id == agent_id)


def _changed(connection: Connection, which: sa.ColumnElement[bool]) -> None:
    lease = t.agent_lease
    connection.execute(sa.update(lease).where(which).values(version=lease.c.version + 1))


def _require_there(connection: Connection, agent_id: AgentId) -> str:
    """The kind of its owner."""
    agent = t.agent
    kind = None
    if is_public_id(agent_id, "agent"):
        query = sa.select(agent.c.owner_kind)
        query = query.where(agent.c.agent_id == agent_id, agent.c.deleted_at.is_(None))
        kind = connection.execute(query).scalar()
    if kind is None:
        raise no_agent(agent_id)
    return str(kind)


def _require_free(connection: Connection, agent_id: AgentId) -> None:
    if _require_there(connection, agent_id) == "chat":
        msg = f"{agent_id} belongs to a group chat, and answers everybody there."
        raise Conflict(msg)
    taken = sa.select(t.agent_absorbed.c.agent_id).where(t.agent_absorbed.c.absorbed_id == agent_id)
    if (taker := connection.execute(taken).scalar()) is not None:
        msg = (
            f"{agent_id} was joined with {taker} when its person linked two chats: attach that one."
        )
        raise Conflict(msg)


def _locked(connection: Connection, identity_id: IdentityId) -> AnyRow:
    """The identity, whose user nobody else joins, parts or erases until the transaction's end."""
    lock_users(connection, UserId(read_row(connection, identity_id).user_id))
    return read_row(connection, identity_id)


def _people(
    connection: Connection, agent_id: AgentId, *, detached: bool = False
) -> Sequence[UserId]:
    """Who is attached to an agent and writes in chats; or who was, and has written to it."""
    held, identity = t.user_agent, t.identity
    found = connection.execute(
        sa.select(held.c.user_id)
        .join(identity, identity.c.user_id == held.c.user_id)
        .where(
            held.c.agent_id == agent_id,
            held.c.detached_at.is_not(None) if detached else held.c.detached_at.is_(None),
            identity.c.platform != API_PLATFORM,
        )
        .distinct()
    )
    return found.scalars().all()


def _one_person(connection: Connection, agent_id: AgentId, row: AnyRow) -> UserId:
    """The user behind the identity, who is the one behind the agent's others from now on.

    Raises:
        Conflict: both have written already, each as themselves; or another has written to the agent
            before it was taken from them.
    """
    user_id = UserId(row.user_id)
    for former in _people(connection, agent_id, detached=True):
        if former != user_id:
            msg = (
                f"{agent_id} has answered another person ({former}), and would tell this one what it "
                f"knows of them. Make another agent. If the two are one, `familiar users link {former} "
                f"{user_id}` joins them."
            )
            raise Conflict(msg)
    others = [each for each in _people(connection, agent_id) if each != user_id]
    for other in others:
        lock_users(connection, *sorted([user_id, other]))
        if _is_new(connection, user_id):
            user_id = _fold(connection, user_id, other)
        elif _is_new(connection, other):
            user_id = _fold(connection, other, user_id)
        else:
            msg = (
                f"{agent_id} answers another person already ({other}). If the two are one, "
                f"`familiar users link {other} {user_id}` joins them; else detach the other first."
            )
            raise Conflict(msg)
    return user_id


def _is_new(connection: Connection, user_id: UserId) -> bool:
    """Whether nobody has come yet as this user, and no link names them."""
    link = t.link
    linked = sa.exists().where(sa.or_(link.c.user_id == user_id, link.c.absorbed_user == user_id))
    query = sa.select(t.user.c.user_id).where(
        t.user.c.user_id == user_id, t.user.c.access == "expected", ~linked
    )
    return connection.execute(query).scalar() is not None


def _fold(connection: Connection, goes: UserId, stays: UserId) -> UserId:
    """Somebody who hasn't come yet turns out to be another."""
    identity = t.identity
    connection.execute(sa.update(identity).where(identity.c.user_id == goes).values(user_id=stays))
    hand_on(connection, goes, stays)
    connection.execute(sa.update(t.audit).where(t.audit.c.user_id == goes).values(user_id=stays))
    connection.execute(sa.delete(t.user).where(t.user.c.user_id == goes))
    return stays


def _add(connection: Connection, user_id: UserId, agent_id: AgentId, now: Micros) -> None:
    """The agent is the one that was attached last."""
    held = t.user_agent
    newest = connection.execute(
        sa.select(sa.func.max(held.c.attached_at)).where(held.c.user_id == user_id)
    ).scalar()
    last = {"attached_at": max(now, (newest or 0) + 1), "detached_at": None}
    connection.execute(
        insert(connection, held)
        .values(user_id=user_id, agent_id=agent_id, **last)
        .on_conflict_do_update(index_elements=["user_id", "agent_id"], set_=last)
    )


def _identities(connection: Connection, user_id: UserId) -> Sequence[IdentityId]:
    identity = t.identity
    mine = sa.select(identity.c.identity_id).where(identity.c.user_id == user_id)
    return connection.execute(mine).scalars().all()


def _has_said(
    connection: Connection, identities: Sequence[IdentityId], agent_id: AgentId | None = None
) -> bool:
    """Whether one of these wrote something: to this agent, or (None) to any."""
    for table in (t.message, t.inbox):
        said = sa.select(sa.literal(1)).where(table.c.author_id.in_(identities))
        if agent_id is not None:
            said = said.where(table.c.agent_id.in_(lives(connection, agent_id)))
        if connection.execute(said.limit(1)).scalar() is not None:
            return True
    return False


def has_come(connection: Connection, row: AnyRow) -> bool:
    """Whether somebody has written as this identity."""
    access = sa.select(t.user.c.access).where(t.user.c.user_id == row.user_id)
    if connection.execute(access).scalar() == "expected":
        return False
    return row.address is not None or _has_said(connection, [row.identity_id])


def _go_on(connection: Connection, user_id: UserId, agent_id: AgentId, now: Micros) -> None:
    """Where the person writes in private, this agent is the one that is spoken to: the others'
    conversations there rest, and its own that rested go on.
    """
    held, thread = t.user_agent, t.thread
    others = connection.execute(
        sa.select(held.c.agent_id).where(held.c.user_id == user_id, held.c.agent_id != agent_id)
    ).scalars()
    for other in others.all():
        _leave(connection, user_id, other, now)
    newer = thread.alias("newer")
    connection.execute(
        sa.update(thread)
        .where(
            _conversations(connection, user_id, agent_id),
            thread.c.closed_at.is_not(None),
            ~sa.exists().where(
                newer.c.agent_id == thread.c.agent_id,
                newer.c.address == thread.c.address,
                sa.or_(newer.c.number > thread.c.number, newer.c.closed_at.is_(None)),
                newer.c.ephemeral.is_(False),
            ),
        )
        .values(closed_at=None)
    )


def _leave(connection: Connection, user_id: UserId, agent_id: AgentId, now: Micros) -> None:
    """The agent's conversations with somebody rest."""
    thread, lease = t.thread, t.agent_lease
    resting = connection.execute(
        sa.update(thread)
        .where(_conversations(connection, user_id, agent_id), thread.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    if resting.rowcount:
        _changed(connection, lease.c.agent_id == agent_id)


def _conversations(
    connection: Connection, user_id: UserId, agent_id: AgentId
) -> sa.ColumnElement[bool]:
    """An agent's threads in private chats in which somebody wrote."""
    thread, message = t.thread, t.message
    wrote = sa.exists().where(
        message.c.agent_id == thread.c.agent_id,
        message.c.thread == thread.c.number,
        message.c.author_id.in_(_identities(connection, user_id)),
    )
    return sa.and_(
        thread.c.agent_id == agent_id,
        thread.c.audience == "private",
        thread.c.ephemeral.is_(False),
        thread.c.address.not_like(_API_THREADS),
        wrote,
    )
