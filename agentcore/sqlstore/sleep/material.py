"""What a sleep-time run may read: messages that nobody has taken back, of people who agreed to it,
and blocks that this one agent holds, with what their histories tell of each line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import (
    SEEN_IN_GROUPS,
    SHARED_OWNER,
    Agent,
    AgentId,
    Block,
    ConsentTerms,
    Message,
    NoSleep,
    Role,
    SleepMaterial,
    TextPart,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import read_blocks
from agentcore.sqlstore.content.heads import no_agent, read_agent
from agentcore.sqlstore.content.messages import audible_threads, message_columns, read_message
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.sleep.history import UNTRUSTED, foreign_lines, read_histories

MOST_MESSAGES = 300
"""Of more than these since the last run, the newest are read."""
LOOKED_BACK = 300
"""How many messages before them may still be in their model's view."""

Willing = Callable[[AnyRow], bool]
"""Whether a row with `access`, `consent` and `consent_version` is one of somebody to be heard."""


def read_material(
    connection: Connection, agent_id: AgentId, terms: ConsentTerms | None
) -> SleepMaterial | NoSleep:
    """See `Sleep.material`."""
    lease = connection.execute(
        sa.select(t.agent_lease).where(t.agent_lease.c.agent_id == agent_id)
    ).one_or_none()
    if lease is None:
        raise no_agent(agent_id)
    agent = read_agent(connection, agent_id)
    if (
        lease.sleepless or lease.absorbed or agent.owner_kind == "api"
    ):  # whoever made it decides what it reads
        return "off"
    if lease.ready_at is not None or lease.open_turn is not None:
        return "busy"
    willing = willing_under(terms)
    user: UserId | None = None
    if agent.owner_kind == "user":
        owner = _owner(connection, agent_id)
        if owner is None or not willing(owner):
            return "declined"
        user = owner.user_id
    blocks = read_blocks(connection, agent_id)
    to_tidy = [block for block in blocks if _may_be_tidied(block, agent)]
    histories = read_histories(connection, agent_id, to_tidy)
    taken_back = histories.taken_back | _dropped(connection, agent_id)
    messages = _messages(connection, agent_id, lease.slept_to, willing, taken_back)
    if any(drawer.foreign for drawer in histories.drawers) or any(
        foreign_lines(connection, block) for block in blocks if block not in to_tidy
    ):
        messages = tuple(message for message in messages if message.role is Role.USER)
    return SleepMaterial(
        agent=agent,
        user=user,
        fence=lease.fence,
        version=lease.version,
        newest=lease.message_seq,
        tries=lease.sleep_tries,
        messages=messages,
        drawers=histories.drawers,
        removed=histories.removed,
    )


def _may_be_tidied(block: Block, agent: Agent) -> bool:
    if block.read_only or block.owner == SHARED_OWNER:
        return False
    return agent.owner_kind == "chat" or block.label not in SEEN_IN_GROUPS


def willing_under(terms: ConsentTerms | None) -> Willing:
    def willing(row: AnyRow) -> bool:
        if row.access != "admitted" or row.consent in {"declined", "paused"}:
            return False
        return terms is None or terms.heard_by(row.consent, row.consent_version)

    return willing


def _owner(connection: Connection, agent_id: AgentId) -> AnyRow | None:
    user, held = t.user, t.user_agent
    return connection.execute(
        sa.select(user.c.user_id, user.c.access, user.c.consent, user.c.consent_version)
        .join(held, held.c.user_id == user.c.user_id)
        .where(
            held.c.agent_id == agent_id,
            held.c.detached_at.is_(None),
            user.c.access != "expected",  # not a word of theirs was heard
        )
        .order_by(held.c.attached_at.desc())
        .limit(1)
    ).one_or_none()


def _messages(
    connection: Connection,
    agent_id: AgentId,
    slept_to: int,
    willing: Willing,
    taken_back: frozenset[int],
) -> tuple[Message, ...]:
    """What was said since the last run, oldest first. Of a turn in which somebody spoke who may
    not be heard, nothing is read: the answer may tell what they said. Once words of others (a web
    page, a forwarded text) are in view, only what the person says themselves is read.
    """
    message, user = t.message, t.user
    rows = connection.execute(
        sa.select(*message_columns(), user.c.access, user.c.consent, user.c.consent_version)
        .outerjoin(t.identity, t.identity.c.identity_id == message.c.author_id)
        .outerjoin(user, user.c.user_id == t.identity.c.user_id)
        .where(
            message.c.agent_id == agent_id,
            message.c.seq > slept_to,
            message.c.forgotten_at.is_(None),
            message.c.thread.in_(audible_threads(agent_id, None)),
            message.c.role.in_([Role.USER, Role.ASSISTANT]),
        )
        .order_by(message.c.seq.desc())
        .limit(MOST_MESSAGES)
    ).all()
    unheard = {row.turn for row in rows if row.author_id is not None and not willing(row)}
    mixed = _mixed_from(connection, agent_id, slept_to)
    columns = len(message_columns())
    found = (
        read_message(tuple(row)[:columns])
        for row in reversed(rows)
        if row.seq not in taken_back and row.turn not in unheard
    )
    return tuple(
        replace(message, parts=tuple(_own_words(message)))
        for message in found
        if message.role is Role.USER
        or (message.role is Role.ASSISTANT and not _is_mixed(message, mixed))
    )


def _mixed_from(connection: Connection, agent_id: AgentId, slept_to: int) -> Mapping[int, int]:
    """For each thread, the first of its late messages that holds words of others: what its model
    says from there on may tell of them.
    """
    message = t.message
    parts = sa.type_coerce(message.c.parts, sa.Text)  # as `PartsText` writes them
    holds = (parts.like(f'%"origin":"{origin.value}"%') for origin in UNTRUSTED)
    rows = connection.execute(
        sa.select(message.c.thread, sa.func.min(message.c.seq))
        .where(
            message.c.agent_id == agent_id,
            message.c.seq > slept_to - LOOKED_BACK,
            sa.or_(*holds),
        )
        .group_by(message.c.thread)
    )
    return {row[0]: row[1] for row in rows}


def _is_mixed(message: Message, mixed: Mapping[int, int]) -> bool:
    first = mixed.get(message.thread)
    return first is not None and message.seq > first


def _dropped(connection: Connection, agent_id: AgentId) -> frozenset[int]:
    """Messages that led to what a person didn't want noted."""
    held = t.held_edit
    dropped = connection.execute(
        sa.select(held.c.message).where(held.c.agent_id == agent_id, held.c.decision == "dropped")
    )
    return frozenset(dropped.scalars())


def _own_words(message: Message) -> Iterator[TextPart]:
    yield from (p for p in message.parts if isinstance(p, TextPart) and p.origin.trusted)
