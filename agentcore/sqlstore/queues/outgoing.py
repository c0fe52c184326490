"""What leaves: notices for readers, and the outbox that push platforms are fed from.

Per address, rows are numbered by max + 1 inside the statement that adds them: no number is
visible before a smaller one, so a reader's cursor never skips a row. Two transactions that take
the same number collide on the key, and the later one is retried.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    Address,
    AgentId,
    Claim,
    InboxItem,
    Notice,
    NoticeDraft,
    OutboxDraft,
    Submission,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.queues.buckets import bucket_of
from agentcore.store.gate import Composer


@dataclass(frozen=True, slots=True)
class Awaited:
    """What waits for just its answer: where, and the adapter's handle of it."""

    address: Address
    via: str

    @classmethod
    def of(cls, asked: Submission | InboxItem) -> Awaited | None:
        """None if it doesn't wait for anything in particular."""
        return None if asked.answer_via is None else cls(asked.address, asked.answer_via)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What something is sent for: of which agent, in which turn, to answer whom, and what waits for
    it. `fleeting`: its chunks are deleted as soon as they are sent or given up.
    """

    agent_id: AgentId | None = None
    turn: int | None = None
    user_id: UserId | None = None
    awaited: Awaited | None = None
    fleeting: bool = False

    def handle_at(self, address: Address) -> str | None:
        """The handle through which it goes to that address."""
        if self.awaited is None or self.awaited.address != address:
            return None
        return self.awaited.via


NONE = Occasion()


def add_said(
    connection: Connection,
    claim: Claim,
    notices: Sequence[NoticeDraft],
    chunks: Sequence[OutboxDraft],
    now: Micros,
) -> None:
    """What a turn says to whoever wrote last in it: its notices, and what push platforms send for
    them and for its answer.
    """
    occasion = Occasion(claim.agent_id, claim.turn, claim.last.user, Awaited.of(claim.last))
    add_outbox(connection, chunks, now, occasion)
    _add_notices(connection, notices, now, occasion)


def add_notices(
    connection: Connection,
    notices: Sequence[NoticeDraft],
    composer: Composer,
    language: str | None,
    now: Micros,
    occasion: Occasion = NONE,
) -> None:
    """Store notices, and what push platforms send for them."""
    _add_notices(connection, notices, now, occasion)
    chunks = [chunk for notice in notices for chunk in composer.notice(notice, language)]
    add_outbox(connection, chunks, now, occasion)


def _add_notices(
    connection: Connection, notices: Sequence[NoticeDraft], now: Micros, occasion: Occasion
) -> None:
    if not notices:
        return
    newest = (
        sa.select(sa.func.coalesce(sa.func.max(t.notice.c.seq), 0) + 1)
        .where(t.notice.c.address == sa.bindparam("at"))
        .scalar_subquery()
    )
    connection.execute(
        sa.insert(t.notice).values(address=sa.bindparam("at"), seq=newest),
        [
            {
                "at": notice.address,
                "agent_id": notice.agent_id or occasion.agent_id,
                "key": notice.key,
                "arguments": dict(notice.arguments),
                "created_at": now,
            }
            for notice in notices
        ],
    )


def read_notices(
    connection: Connection, address: Address, *, after: int, limit: int
) -> tuple[Notice, ...]:
    """Oldest first."""
    rows = connection.execute(
        sa.select(t.notice)
        .where(t.notice.c.address == address, t.notice.c.seq > after)
        .order_by(t.notice.c.seq)
        .limit(limit)
    )
    return tuple(Notice(row.seq, row.key, row.arguments, row.created_at) for row in rows)


def add_outbox(
    connection: Connection,
    chunks: Sequence[OutboxDraft],
    now: Micros,
    occasion: Occasion = NONE,
) -> None:
    """Queue chunks behind what their addresses already wait for."""
    if not chunks:
        return
    connection.execute(
        _queueing(),
        [
            {
                "at": chunk.address,
                "bucket": bucket_of(chunk.address),
                "agent_id": occasion.agent_id,
                "user_id": occasion.user_id,
                "turn": occasion.turn,
                "text": chunk.text,
                "format": chunk.format,
                "file": None if chunk.file is None else asdict(chunk.file),
                "part": chunk.part,
                "parts": chunk.parts,
                "reply_to": chunk.reply_to,
                "answer_via": occasion.handle_at(chunk.address),
                "nonce": secrets.token_hex(12),
                "actions": [asdict(each) for each in chunk.actions] or None,
                "fleeting": occasion.fleeting,
                "state": "waiting",
                "due_at": now,
                "created_at": now,
            }
            for chunk in chunks
        ],
    )


@cache
def _queueing() -> sa.Insert:
    newest = (
        sa.select(sa.func.coalesce(sa.func.max(t.outbox.c.row), 0) + 1)
        .where(t.outbox.c.address == sa.bindparam("at"))
        .scalar_subquery()
    )
    return sa.insert(t.outbox).values(address=sa.bindparam("at"), row=newest)
