"""Messages that read otherwise than they did: found again by the platform's name for them, changed
where they still wait, and told of where they don't.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, InboxKind, Part, Submission, Unreadable, text_of
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.senders import is_identity
from agentcore.sqlstore.queues.holding import hold


@dataclass(frozen=True, slots=True)
class Earlier:
    """The message as it was. `waits`: nobody has begun to answer it."""

    agent_id: AgentId
    seq: int
    thread: int
    kind: InboxKind
    command: str | None
    parts: tuple[Part, ...]
    size: int
    unreadable: Unreadable | None
    answer_via: str | None
    turn: int | None
    waits: bool

    def reads_as(self, submission: Submission) -> bool:
        """Whether nothing has changed."""
        return (
            self.command == submission.command
            and text_of(self.parts) == submission.text
            and self.unreadable == submission.unreadable
        )


def find_earlier(connection: Connection, submission: Submission) -> Earlier | None:
    """What the sender's edited message was; None if that isn't known (any more). From here on to
    the transaction's end nobody begins to answer it.
    """
    found = _read(connection, submission)
    if found is None or not found.waits:
        return found
    hold(connection, found.agent_id)
    return _read(connection, submission)


def _read(connection: Connection, submission: Submission) -> Earlier | None:
    box, identity, key = t.inbox, t.identity, submission.key
    author = sa.select(identity.c.identity_id).where(is_identity(key)).scalar_subquery()
    row = connection.execute(
        sa.select(box)
        .where(
            box.c.platform_message_id == submission.platform_message_id,
            box.c.address == submission.address,
            box.c.author_id == author,
        )
        .order_by(box.c.received_at.desc(), box.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Earlier(
        agent_id=row.agent_id,
        seq=row.seq,
        thread=row.thread,
        kind=row.kind,
        command=row.command,
        parts=row.parts,
        size=row.size,
        unreadable=row.unreadable,
        answer_via=row.answer_via,
        turn=row.turn,
        waits=row.turn is None and row.closed_at is None and row.parked_at is None,
    )


def change_in_place(connection: Connection, earlier: Earlier, submission: Submission) -> int:
    """It waits on, and reads as it does now. Returns how much waits with it."""
    _change(
        connection,
        earlier,
        kind=submission.kind,
        command=submission.command,
        parts=submission.parts,
        size=submission.size,
        unreadable=submission.unreadable,
    )
    return _count(connection, earlier, 0, submission.size - earlier.size)


def anew(
    connection: Connection, earlier: Earlier, submission: Submission, thread: int | None
) -> Submission:
    """What it reads now is taken in as another message of the sender's, in `thread`; if it still
    waited, it is asked no more.
    """
    if not earlier.waits:
        return _telling(connection, earlier, submission, thread)
    _change(connection, earlier, closed_at=submission.received_at)
    _count(connection, earlier, -1, -earlier.size)
    return replace(submission, answer_via=submission.answer_via or earlier.answer_via)


def _change(connection: Connection, earlier: Earlier, **values: object) -> None:
    box = t.inbox
    connection.execute(
        sa.update(box)
        .where(box.c.agent_id == earlier.agent_id, box.c.seq == earlier.seq)
        .values(**values)
    )


def _count(connection: Connection, earlier: Earlier, rows: int, size: int) -> int:
    lease = t.agent_lease
    left = connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == earlier.agent_id)
        .values(pending=lease.c.pending + rows, pending_bytes=lease.c.pending_bytes + size)
        .returning(lease.c.pending)
    )
    return int(left.scalar_one())


def _telling(
    connection: Connection, earlier: Earlier, submission: Submission, thread: int | None
) -> Submission:
    """The message with what it read before if its reader may be told: words that aren't
    forgotten, of the same conversation, and the sender's own.
    """
    if earlier.kind != "message" or submission.kind != "message" or earlier.thread != thread:
        return submission
    words = " ".join(text_of(earlier.parts).split())
    known = all(part.origin.trusted for part in earlier.parts) and not _is_forgotten(
        connection, earlier
    )
    return replace(submission, earlier=words if known else "")


def _is_forgotten(connection: Connection, earlier: Earlier) -> bool:
    """Whether its exchange waits to be erased; after that, its row has no words."""
    turns = sa.select(t.forgetting.c.turns).where(t.forgetting.c.agent_id == earlier.agent_id)
    return any(earlier.turn in each for each in connection.execute(turns).scalars())


def withhold_earlier(connection: Connection, agent_id: AgentId) -> None:
    """No edit tells any more what a message was before: it may be what is being forgotten."""
    box = t.inbox
    connection.execute(
        sa.update(box).where(box.c.agent_id == agent_id, box.c.earlier != "").values(earlier="")
    )
