"""Two users become one, as one transaction. Nothing that anybody said is moved: the agent that goes
is absorbed as it is, and its memory's lines come to the agent that stays by ordinary edits.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros, day_of
from agentcore.memory.joining import joined
from agentcore.records import (
    AccessState,
    Actor,
    Address,
    AgentId,
    BlockId,
    ConsentState,
    IdentityId,
    Joining,
    JoinProposal,
    LinkEffect,
    LinkView,
    PassageDraft,
    PassageId,
    StepRecord,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause, add_blocks, apply_edits
from agentcore.sqlstore.engine.database import AnyRow, insert
from agentcore.sqlstore.linking.absorbing import UNDOABLE, absorb, hand_over
from agentcore.sqlstore.linking.codes import withdraw
from agentcore.sqlstore.linking.sides import origins_of
from agentcore.sqlstore.people.users import hand_on, read_users
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.recall.archive import add_passages

LINKED = "link"
"""What the audit calls it."""

_LEAST_FIRST: Sequence[ConsentState] = ("declined", "paused", "new", "noticed", "consented")


@dataclass(frozen=True, slots=True)
class _Brought:
    """What the other's memory has brought into the agent that stays."""

    edits: list[tuple[BlockId, int]]
    passages: list[PassageId]


def join(
    connection: Connection, joining: Joining, proposal: JoinProposal, by: Actor, now: Micros
) -> LinkEffect:
    """Make the two one. Their users are locked; what `joining` shows of them was read since."""
    stays, goes = joining.stays, joining.goes
    agents = [each for each in (stays.agent_id, goes.agent_id) if each is not None]
    hold(connection, *agents)
    brought = _bring(connection, joining, proposal, now)
    told = homes(connection, stays.user_id, goes.user_id)
    identities = _one_user(connection, joining, now)
    if stays.agent_id is not None and goes.agent_id is not None:
        absorb(connection, stays.agent_id, goes.agent_id, now)
        hand_over(connection, stays.agent_id, goes.user_id, stays.user_id)
    for user_id in (stays.user_id, goes.user_id):
        withdraw(connection, user_id)
    number = _new_number(connection, stays.user_id)
    connection.execute(
        sa.insert(t.link).values(
            user_id=stays.user_id,
            number=number,
            absorbed_user=goes.user_id,
            agent_id=stays.agent_id,
            absorbed_agent=goes.agent_id,
            identities=identities,
            edits=[list(each) for each in brought.edits],
            passages=brought.passages,
            created_at=now,
            undo_until=now + UNDOABLE,
        )
    )
    whose = Recorded(stays.agent_id, stays.user_id, goes.platforms)
    record(connection, whose, by, LINKED, now)
    if proposal.step is not None and stays.agent_id is not None:
        _charge(connection, stays.user_id, stays.agent_id, proposal.step, now)
    link = LinkView(number, goes.platforms, now, Micros(now + UNDOABLE))
    return LinkEffect(link, stays.user_id, stays.platforms, told, stays.agent_id)


def _bring(
    connection: Connection, joining: Joining, proposal: JoinProposal, now: Micros
) -> _Brought:
    agent_id = joining.stays.agent_id
    if agent_id is None or joining.goes.agent_id is None:
        return _Brought([], [])
    result = joined(joining, proposal.lines, origins_of(connection, joining.goes))
    cause = Cause(agent_id, None, None, None)
    after = len(joining.stays.drawers)
    add_blocks(connection, result.blocks, agent_id=agent_id, now=now, after=after)
    apply_edits(connection, result.edits, cause, now)
    by_author: dict[IdentityId | None, list[PassageDraft]] = {}
    for note in result.archived:
        by_author.setdefault(note.author, []).append(PassageDraft(note.text, (), note.origin))
    passages = [
        passage.passage_id
        for author, drafts in by_author.items()
        for passage in add_passages(connection, drafts, Cause(agent_id, author, None, None), now)
    ]
    edits = [(edit.block.block_id, edit.block.version + 1) for edit in result.edits]
    return _Brought(edits, passages)


def homes(connection: Connection, *users: UserId) -> tuple[Address, ...]:
    """The private chats of these people."""
    identity = t.identity
    found = connection.execute(
        sa.select(identity.c.address)
        .where(identity.c.user_id.in_(users), identity.c.address.is_not(None))
        .order_by(identity.c.created_at)
    ).scalars()
    return tuple(dict.fromkeys(found))


def _one_user(connection: Connection, joining: Joining, now: Micros) -> list[IdentityId]:
    """Who comes in as the one comes in as the other from now on. Returns the identities."""
    identity, held = t.identity, t.user_agent
    stays, goes = joining.stays, joining.goes
    theirs = identity.c.user_id == goes.user_id
    moved = connection.execute(sa.select(identity.c.identity_id).where(theirs)).scalars().all()
    connection.execute(sa.update(identity).where(theirs).values(user_id=stays.user_id))
    hand_on(connection, goes.user_id, stays.user_id)
    newest = connection.execute(
        sa.select(sa.func.max(held.c.attached_at)).where(held.c.user_id == stays.user_id)
    ).scalar()
    connection.execute(  # the one that was attached last answers
        sa.update(held)
        .where(held.c.user_id == stays.user_id, held.c.agent_id == stays.agent_id)
        .values(attached_at=max(now, (newest or 0) + 1))
    )
    users = {row.user_id: row for row in read_users(connection, stays.user_id, goes.user_id)}
    let_in = any(row.access == "admitted" for row in users.values())
    connection.execute(
        sa.update(t.user)
        .where(t.user.c.user_id == stays.user_id)
        .values(
            access="admitted" if let_in else _not_in(users.values()),
            **_consent(users[stays.user_id], users[goes.user_id]),
        )
    )
    return list(moved)


def _not_in(users: Collection[AnyRow]) -> AccessState:
    """What two are who aren't let in: still expected, if neither has come."""
    return "expected" if all(row.access == "expected" for row in users) else "pending"


def _consent(stays: AnyRow, goes: AnyRow) -> dict[str, object]:
    """What both have agreed to: the less of it, and of the same the earlier."""
    least = min(
        (stays, goes),
        key=lambda row: (_LEAST_FIRST.index(row.consent), row.consent_at or 0),
    )
    return {
        "consent": least.consent,
        "consent_version": least.consent_version,
        "consent_at": least.consent_at,
    }


def _new_number(connection: Connection, user_id: UserId) -> int:
    """What the link is called. Not counted: a button of one that is gone must not mean another."""
    link = t.link
    known = set(
        connection.execute(sa.select(link.c.number).where(link.c.user_id == user_id)).scalars()
    )
    while (number := 1_000 + secrets.randbelow(9_000)) in known:
        pass
    return number


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whom a line of the audit is about, and which platforms came or went."""

    agent_id: AgentId | None
    user_id: UserId
    platforms: Sequence[str]


def record(connection: Connection, whose: Recorded, by: Actor, action: str, now: Micros) -> None:
    """A line of the audit, which the person sees in `/privacy`."""
    connection.execute(
        sa.insert(t.audit).values(
            audit_id=secrets.token_hex(16),
            agent_id=whose.agent_id,
            user_id=whose.user_id,
            actor_kind=by.kind,
            actor=by.name,
            action=action,
            detail={"platforms": list(whose.platforms)},
            created_at=now,
        )
    )


def _charge(
    connection: Connection, user_id: UserId, agent_id: AgentId, step: StepRecord, now: Micros
) -> None:
    """Book what the model's call has used."""
    usage = t.usage
    added = {
        "spent": step.cost or 0,
        "unknown": 1 if step.cost is None else 0,
        "prompt_tokens": step.prompt_tokens,
        "completion_tokens": step.completion_tokens,
    }
    for scope, holder in (("user", str(user_id)), ("agent", str(agent_id))):
        statement = insert(connection, usage).values(
            scope=scope, id=holder, day=day_of(now), **added
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["scope", "id", "day"],
                set_={name: usage.c[name] + statement.excluded[name] for name in added},
            )
        )
