"""A link taken back, as one transaction: who came along goes back to their own agent, which is as it
was; what it had brought into the other's memory is taken out again. What was said meanwhile stays
with the agent that heard it.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.memory.changes import brought_in
from agentcore.memory.undoing import taken_back
from agentcore.records import (
    Actor,
    Address,
    EditActor,
    IdentityId,
    LinkEffect,
    LinkView,
    Revision,
    RevisionMark,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause, apply_edits, read_blocks
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.forgetting.provenance import read_edits, read_untrusted
from agentcore.sqlstore.linking.joining import Recorded, homes, record
from agentcore.sqlstore.linking.parted_places import leave
from agentcore.sqlstore.linking.parted_view import out_of_view
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.people.users import platforms_of
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.recall.archive import take_out

PARTED = "unlink"
"""What the audit calls it."""


def links_of(connection: Connection, user_id: UserId, now: Micros) -> tuple[LinkView, ...]:
    """What has come to a person, oldest first; of each, where its identities write."""
    link = t.link
    rows = connection.execute(
        sa.select(link).where(link.c.user_id == user_id).order_by(link.c.created_at, link.c.number)
    ).all()
    return tuple(_view(connection, row, now) for row in rows)


def read_link(connection: Connection, user_id: UserId, number: int) -> AnyRow | None:
    link = t.link
    return connection.execute(
        sa.select(link).where(link.c.user_id == user_id, link.c.number == number)
    ).one_or_none()


def _view(connection: Connection, row: AnyRow, now: Micros) -> LinkView:
    platforms = _platforms(connection, row.identities)
    return LinkView(row.number, platforms, row.created_at, row.undo_until, now < row.undo_until)


def came_with(connection: Connection, user_id: UserId, revision: Revision) -> tuple[str, ...]:
    """See `GateScope.came_with`."""
    if revision.actor is not EditActor.LINK:
        return ()
    link = t.link
    rows = connection.execute(
        sa.select(link).where(link.c.user_id == user_id, link.c.created_at == revision.created_at)
    )
    for row in rows:
        if [revision.block_id, revision.version] in row.edits:
            return _platforms(connection, row.identities)
    return ()


def _platforms(connection: Connection, identities: Sequence[IdentityId]) -> tuple[str, ...]:
    identity = t.identity
    found = connection.execute(
        sa.select(identity.c.platform)
        .where(identity.c.identity_id.in_(identities))
        .order_by(identity.c.created_at)
    ).scalars()
    return tuple(dict.fromkeys(found))


def part(connection: Connection, row: AnyRow, by: Actor, now: Micros) -> LinkEffect:
    """Take a link back that can be. The users are locked."""
    view = _view(connection, row, now)
    agents = [each for each in (row.agent_id, row.absorbed_agent) if each is not None]
    hold(connection, *agents)
    told = homes(connection, row.user_id)
    gone = _identities_back(connection, row)
    if row.absorbed_agent is not None:
        _agents_back(connection, row)
    if row.agent_id is not None:
        leave(connection, row, gone, row.agent_id, now)
    left = () if row.agent_id is None else _take_out(connection, row, now)
    connection.execute(
        sa.delete(t.link).where(t.link.c.user_id == row.user_id, t.link.c.number == row.number)
    )
    for agent_id, user_id in (
        (row.agent_id, row.user_id),
        (row.absorbed_agent, row.absorbed_user),
    ):
        record(connection, Recorded(agent_id, user_id, view.platforms), by, PARTED, now)
    stays = platforms_of(connection, row.user_id)
    return LinkEffect(view, row.user_id, stays, told, row.absorbed_agent, left, parted=True)


def _identities_back(connection: Connection, row: AnyRow) -> Sequence[Address]:
    """Who came along comes in as themselves again. Returns where they write."""
    identity = t.identity
    theirs = sa.and_(identity.c.identity_id.in_(row.identities), identity.c.user_id == row.user_id)
    found = connection.execute(
        sa.select(identity.c.address).where(theirs, identity.c.address.is_not(None))
    ).scalars()
    places = [Address(each) for each in found]
    connection.execute(sa.update(identity).where(theirs).values(user_id=row.absorbed_user))
    return places


def _agents_back(connection: Connection, row: AnyRow) -> None:
    """The agent that was absorbed answers again, and has what it had taken in itself."""
    held, absorbed, lease, thread = t.user_agent, t.agent_absorbed, t.agent_lease, t.thread
    theirs = lives(connection, row.absorbed_agent)
    connection.execute(
        sa.update(held)
        .where(held.c.user_id == row.user_id, held.c.agent_id.in_(theirs))
        .values(user_id=row.absorbed_user)
    )
    connection.execute(
        sa.delete(absorbed).where(
            absorbed.c.agent_id == row.agent_id, absorbed.c.absorbed_id == row.absorbed_agent
        )
    )
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == row.absorbed_agent)
        .values(absorbed=False, version=lease.c.version + 1)
    )
    connection.execute(  # those that were open when it was absorbed
        sa.update(thread)
        .where(thread.c.agent_id == row.absorbed_agent, thread.c.closed_at == row.created_at)
        .values(closed_at=None)
    )


def _take_out(connection: Connection, row: AnyRow, now: Micros) -> tuple[str, ...]:
    """What the other's memory had brought leaves the blocks and the archive. Returns the lines that
    stay, since something was written over them.
    """
    take_out(connection, row.agent_id, t.passage.c.passage_id.in_(row.passages), now)
    blocks = {block.block_id: block for block in read_blocks(connection, row.agent_id)}
    marks = [
        RevisionMark(block_id, version, EditActor.LINK, row.created_at, None, None)
        for block_id, version in reversed(row.edits)
    ]
    revisions = [
        each
        for each in read_edits(connection, row.agent_id, marks)
        if brought_in(each.before, each.after)  # else it was forgotten, and nothing comes back
    ]
    untrusted = read_untrusted(connection, row.agent_id, {mark.block_id for mark in marks})
    taken = taken_back(revisions, blocks, untrusted)
    apply_edits(connection, taken.edits, Cause(row.agent_id, None, None, None), now)
    brought = {line for each in revisions for line in brought_in(each.before, each.after)}
    out_of_view(connection, row.agent_id, brought, since=row.created_at, now=now)
    return tuple(dict.fromkeys(line for _, lines in taken.left for line in lines))
