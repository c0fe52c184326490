"""The outbox from the sender's side: which chunks it may send now, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    Address,
    NoticeAction,
    OutboxResult,
    OutboxRow,
    TextFile,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.engine.types import MICROS
from agentcore.sqlstore.queues.addresses import at_home
from agentcore.sqlstore.queues.reach import mark_unreachable

_WAITING: sa.ColumnElement[str] = sa.literal_column("'waiting'")
"""Spelt out, so that the partial indexes on what waits can serve the query."""


def claim_outbox(
    connection: Connection,
    holder: str,
    *,
    now: Micros,
    limit: int,
    lease: Micros,
    addresses: Sequence[Address] | None,
) -> tuple[OutboxRow, ...]:
    """Due chunks whose address has nothing older that is unfinished and not due or held.

    Chunks of an address are sent one after the other. So of those found with an expired lease
    only the address's first was in the air when its holder died: it is marked uncertain, and
    its sending again counts as a resend.
    """
    given: dict[str, object] = {"moment": now, "most": limit}
    given |= {"worker": holder, "until": now + lease}
    if addresses is not None:
        given["these"] = list(addresses)
    rows = connection.execute(_claiming(everywhere=addresses is None), given)
    found = [_outbox_row(row) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.address, each.row)))


@cache
def _claiming(*, everywhere: bool) -> sa.UpdateBase:
    """The statement of `claim_outbox`: building it costs more than running it."""
    box = t.outbox
    due = _due(everywhere=everywhere).cte("due")
    in_the_air = sa.and_(box.c.lease_until.is_not(None), ~_waits_before(box))
    again = sa.or_(box.c.uncertain, in_the_air)
    return (
        sa.update(box)
        .where(
            sa.tuple_(box.c.address, box.c.row).in_(sa.select(due.c.address, due.c.row)),
            box.c.state == _WAITING,
        )
        .values(
            holder=sa.bindparam("worker", type_=sa.Text),
            lease_until=sa.bindparam("until", type_=MICROS),
            attempts=box.c.attempts + 1,
            uncertain=again,
            resends=box.c.resends + sa.case((again, 1), else_=0),
        )
        .returning(
            box.c.address,
            box.c.row,
            box.c.text,
            box.c.format,
            box.c.file,
            box.c.part,
            box.c.parts,
            box.c.reply_to,
            box.c.answer_via,
            box.c.attempts,
            box.c.uncertain,
            box.c.nonce,
            box.c.actions,
            box.c.agent_id,
            box.c.fleeting,
        )
    )


def _due(*, everywhere: bool) -> sa.Select[Any]:
    """Chunks that may be sent now, each address's in order, the longest due address first.

    Whoever locks an address's first waiting chunk has the address: two that claim at once never
    get chunks of the same one, whatever each saw of the other's work.
    """
    now, most = sa.bindparam("moment", type_=MICROS), sa.bindparam("most", type_=sa.Integer)
    box, between = t.outbox.alias("chunk"), t.outbox.alias("between")
    first = _firsts(now, most, everywhere=everywhere).cte("first")
    blocked = (
        sa.select(sa.literal(1))
        .where(
            between.c.address == box.c.address,
            between.c.row >= first.c.row,
            between.c.row <= box.c.row,
            between.c.state == _WAITING,
            sa.or_(between.c.due_at > now, between.c.lease_until >= now),
        )
        .exists()
    )
    return (
        sa.select(box.c.address, box.c.row)
        .join(first, sa.and_(first.c.address == box.c.address, first.c.row <= box.c.row))
        .where(box.c.state == _WAITING, ~blocked)
        .order_by(first.c.due_at, box.c.address, box.c.row)
        .limit(most)
    )


def _firsts(
    now: sa.BindParameter[int], most: sa.BindParameter[int], *, everywhere: bool
) -> sa.Select[Any]:
    """The oldest waiting chunk of each address where it may be sent now; locked."""
    box = t.outbox.alias("oldest")
    firsts = (
        sa.select(box.c.address, box.c.row, box.c.due_at)
        .where(
            box.c.state == _WAITING,
            box.c.due_at <= now,
            sa.or_(box.c.lease_until.is_(None), box.c.lease_until < now),
            ~_waits_before(box),
        )
        .order_by(box.c.due_at, box.c.address)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    if everywhere:
        return firsts
    return firsts.where(box.c.address.in_(sa.bindparam("these", expanding=True)))


def _waits_before(box: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the row's address has an older chunk that isn't finished."""
    older = t.outbox.alias("older")
    return (
        sa.select(sa.literal(1))
        .where(
            older.c.address == box.c.address,
            older.c.row < box.c.row,
            older.c.state == _WAITING,
        )
        .exists()
    )


def _outbox_row(row: AnyRow) -> OutboxRow:
    return OutboxRow(
        address=row.address,
        row=row.row,
        text=row.text,
        format=row.format,
        file=None if row.file is None else TextFile(**row.file),
        part=row.part,
        parts=row.parts,
        reply_to=row.reply_to,
        answer_via=row.answer_via,
        attempts=row.attempts,
        uncertain=row.uncertain,
        nonce=row.nonce,
        agent_id=row.agent_id,
        fleeting=row.fleeting,
        actions=tuple(NoticeAction(**each) for each in row.actions or ()),
    )


def release_outbox(connection: Connection) -> None:
    """Void every lease on a chunk; see `Store.release_all_leases`. It ends rather than goes, so
    that the next claim knows the chunk was in the air.
    """
    box = t.outbox
    connection.execute(
        sa.update(box)
        .where(box.c.state == _WAITING, box.c.lease_until.is_not(None))
        .values(lease_until=0, holder=None)
    )


def finish_outbox(connection: Connection, results: Sequence[OutboxResult], *, now: Micros) -> None:
    """Write down what became of each try. An unreachable chat ends all that waits for it.

    What has been sent is sent, whoever holds the chunk by now; any other result counts only
    while no later try has begun.
    """
    if not results:
        return
    connection.execute(_finishing(), [_finished(result, now) for result in results])
    for result in results:
        home = result.home or result.row.address
        if result.state == "unreachable" and _has_failed(connection, result.row):
            agent_id = result.row.agent_id
            mark_unreachable(connection, home, result.error, now, agent_id=agent_id)
        if result.row.fleeting:
            _let_fleeting_go(connection, result.row.address, home)


@cache
def _finishing() -> sa.Update:
    """The statement of `finish_outbox`, once for each result."""
    box = t.outbox
    return (
        sa.update(box)
        .where(
            box.c.nonce == sa.bindparam("nonce_"),  # wherever its chat has moved meanwhile
            box.c.state == _WAITING,
            sa.or_(
                sa.bindparam("state_") == "sent",
                sa.and_(box.c.attempts == sa.bindparam("attempt"), box.c.lease_until.is_not(None)),
            ),
        )
        .values(
            state=sa.bindparam("state_"),
            due_at=sa.func.coalesce(sa.bindparam("due", type_=sa.BigInteger), box.c.due_at),
            lease_until=None,
            holder=None,
            uncertain=sa.bindparam("uncertain_"),
            attempts=box.c.attempts - sa.bindparam("uncounted"),
            resends=box.c.resends - sa.bindparam("not_resent"),
            platform_message_id=sa.bindparam("platform_id"),
            error=sa.bindparam("error_"),
            finished_at=sa.bindparam("finished", type_=sa.BigInteger),
        )
    )


def _finished(result: OutboxResult, now: Micros) -> Mapping[str, object]:
    untried = not result.counts
    return {
        "nonce_": result.row.nonce,
        "attempt": result.row.attempts,
        "state_": "failed" if result.state == "unreachable" else result.state,
        "due": result.due_at,
        "uncertain_": result.uncertain,
        "uncounted": int(untried),
        "not_resent": int(untried and result.row.uncertain),
        "platform_id": result.platform_message_id,
        "error_": result.error or None,
        "finished": None if result.state == "waiting" else now,
    }


def _has_failed(connection: Connection, row: OutboxRow) -> bool:
    """Whether the chunk is one that failed: it is gone with a person who was erased, and a later try
    of it may be under way, or have come through.
    """
    box = t.outbox
    found = sa.select(box.c.row).where(box.c.nonce == row.nonce, box.c.state == "failed")
    return connection.execute(found).scalar() is not None


def _let_fleeting_go(connection: Connection, address: Address, home: Address) -> None:
    """Delete what is over, and with the last of it that the chat can't be reached."""
    box, chat = t.outbox, t.chat
    connection.execute(
        sa.delete(box).where(
            box.c.address == address, box.c.fleeting.is_(True), box.c.state != _WAITING
        )
    )
    left = sa.exists().where(at_home(box.c.address, home))
    known = sa.exists().where(at_home(t.thread.c.address, home))
    silent = sa.and_(chat.c.address == home, chat.c.listening.is_(False))
    connection.execute(sa.delete(chat).where(silent, ~left, ~known))


def next_outbox(connection: Connection, *, now: Micros) -> Micros | None:
    """When the first chunk of an address is due and free; those behind it wait for it anyway."""
    found = connection.execute(_first_due()).scalar()
    return None if found is None else Micros(max(found, now))


@cache
def _first_due() -> sa.Select[Any]:
    box = t.outbox
    free_at = box.c.lease_until + 1
    due = sa.case((free_at > box.c.due_at, free_at), else_=box.c.due_at)
    return sa.select(sa.func.min(due)).where(box.c.state == _WAITING, ~_waits_before(box))
