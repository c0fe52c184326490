"""What a sleep-time run may read: messages that nobody has taken back, of people who agreed to it,
and blocks that this one agent holds, with what their histories tell of each line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    Drawer,
    EditActor,
    LineFacts,
    Message,
    NoSleep,
    Origin,
    Role,
    SleepMaterial,
    TextPart,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.blocks import read_blocks
from agentcore.sqlstore.database import AnyRow
from agentcore.sqlstore.heads import no_agent, read_agent
from agentcore.sqlstore.messages import message_columns, read_message

MOST_MESSAGES = 400
"""Of more than these since the last run, the newest are read; returns of tools count, too."""
MOST_REVISIONS = 200
"""Of each block: lines older than these have no date."""

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
    if lease.sleepless or agent.owner_kind == "api":  # whoever made it decides what it reads
        return "off"
    if lease.ready_at is not None or lease.open_turn is not None:
        return "busy"
    willing = _willing(terms)
    user: UserId | None = None
    if agent.owner_kind == "user":
        owner = _owner(connection, agent_id)
        if owner is None or not willing(owner):
            return "declined"
        user = owner.user_id
    blocks = [block for block in read_blocks(connection, agent_id) if _may_be_tidied(block, agent)]
    history = {block.block_id: _revisions(connection, block) for block in blocks}
    taken_back = _taken_back(
        connection, agent_id, [row for rows in history.values() for row in rows]
    )
    messages = _messages(connection, agent_id, lease.slept_to, willing, taken_back)
    return SleepMaterial(
        agent=agent,
        user=user,
        fence=lease.fence,
        version=lease.version,
        newest=lease.message_seq,
        tries=lease.sleep_tries,
        messages=messages,
        drawers=tuple(_drawer(connection, block, history[block.block_id]) for block in blocks),
        removed=frozenset(line for rows in history.values() for line in _removed(rows)),
    )


def _may_be_tidied(block: Block, agent: Agent) -> bool:
    if block.read_only or block.owner == SHARED_OWNER:
        return False
    return agent.owner_kind == "chat" or block.label not in SEEN_IN_GROUPS


def _willing(terms: ConsentTerms | None) -> Willing:
    def willing(row: AnyRow) -> bool:
        if row.access != "admitted" or row.consent in {"declined", "paused"}:
            return False
        if terms is None:
            return True
        agreed = {"consented"} if terms.required else {"noticed", "consented"}
        return row.consent in agreed and row.consent_version == terms.version

    return willing


def _owner(connection: Connection, agent_id: AgentId) -> AnyRow | None:
    user, held = t.user, t.user_agent
    return connection.execute(
        sa.select(user.c.user_id, user.c.access, user.c.consent, user.c.consent_version)
        .join(held, held.c.user_id == user.c.user_id)
        .where(held.c.agent_id == agent_id)
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
    not be heard, nothing is read: the answer may tell what they said. Of one that held words of
    others (a web page, a forwarded text), only what the person said themselves is.
    """
    message, user = t.message, t.user
    lasting = sa.select(t.thread.c.number).where(
        t.thread.c.agent_id == agent_id, t.thread.c.ephemeral.is_(False)
    )
    rows = connection.execute(
        sa.select(*message_columns(), user.c.access, user.c.consent, user.c.consent_version)
        .outerjoin(t.identity, t.identity.c.identity_id == message.c.author_id)
        .outerjoin(user, user.c.user_id == t.identity.c.user_id)
        .where(
            message.c.agent_id == agent_id,
            message.c.seq > slept_to,
            message.c.forgotten_at.is_(None),
            message.c.thread.in_(lasting),
            message.c.role.in_([Role.USER, Role.ASSISTANT, Role.TOOL]),
        )
        .order_by(message.c.seq.desc())
        .limit(MOST_MESSAGES)
    ).all()
    unheard = {row.turn for row in rows if row.author_id is not None and not willing(row)}
    mixed = {row.turn for row in rows if any(not part.origin.trusted for part in row.parts)}
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
        or (message.role is Role.ASSISTANT and message.turn not in mixed)
    )


def _own_words(message: Message) -> Iterator[TextPart]:
    yield from (p for p in message.parts if isinstance(p, TextPart) and p.origin.trusted)


# What the histories of blocks tell.


def _revisions(connection: Connection, block: Block) -> Sequence[AnyRow]:
    """Newest first."""
    revision = t.block_revision
    return connection.execute(
        sa.select(revision)
        .where(revision.c.owner == block.owner, revision.c.block_id == block.block_id)
        .order_by(revision.c.version.desc())
        .limit(MOST_REVISIONS)
    ).all()


def _drawer(connection: Connection, block: Block, history: Sequence[AnyRow]) -> Drawer:
    now = frozenset(block.value.split("\n"))
    facts: dict[str, LineFacts] = {}
    for row in history:
        if row.undoes is None:  # an undo brings back what was written before
            for line in _brought_in(row) & now:
                facts.setdefault(line, LineFacts(row.created_at, row.author_id))
    return Drawer(
        block=block,
        lines=facts,
        foreign=frozenset(_foreign(connection, block)) & now,
        restored=frozenset(_restored(history)) & now,
    )


def _brought_in(row: AnyRow) -> frozenset[str]:
    before = frozenset(row.before.split("\n"))
    return frozenset(line for line in row.after.split("\n") if line.strip()) - before


def _taken_out(row: AnyRow) -> frozenset[str]:
    after = frozenset(row.after.split("\n"))
    return frozenset(line for line in row.before.split("\n") if line.strip()) - after


def _foreign(connection: Connection, block: Block) -> Iterator[str]:
    """Lines that came with an edit that words of others led to, however long ago."""
    revision = t.block_revision
    untrusted = [origin for origin in Origin if not origin.trusted]
    rows = connection.execute(
        sa.select(revision.c.before, revision.c.after).where(
            revision.c.owner == block.owner,
            revision.c.block_id == block.block_id,
            revision.c.origin.in_(untrusted),
        )
    )
    for row in rows:
        yield from _brought_in(row)


def _restored(history: Sequence[AnyRow]) -> Iterator[str]:
    """Lines that came back when a person took back what a run had done."""
    by_run = {row.version for row in history if row.actor == EditActor.SLEEP_TIME}
    for row in history:
        if row.undoes in by_run:
            yield from _brought_in(row)


def _removed(history: Sequence[AnyRow]) -> Iterator[str]:
    """Lines that a person took out."""
    for row in history:
        if row.actor == EditActor.USER:
            yield from _taken_out(row)


def _taken_back(
    connection: Connection, agent_id: AgentId, history: Sequence[AnyRow]
) -> frozenset[int]:
    """Messages that led to something which the person undid, or didn't want noted."""
    undone = {(row.block_id, row.undoes) for row in history if row.undoes is not None}
    led = {
        row.message
        for row in history
        if (row.block_id, row.version) in undone and row.message and row.agent_id == agent_id
    }
    held = t.held_edit
    dropped = connection.execute(
        sa.select(held.c.message).where(held.c.agent_id == agent_id, held.c.decision == "dropped")
    )
    return frozenset([*led, *dropped.scalars()])
