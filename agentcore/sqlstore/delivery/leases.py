"""Who works on which agent: claiming, renewing and handing back leases.

`ready_at` says when an agent has work, `lease_until` how long somebody holds it. An expired
lease is simply claimable; its old holder's commits fail on the fence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    AgentId,
    AskedTurn,
    Claim,
    HandBack,
    TokenCount,
    new_trace_id,
    new_turn_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.delivery.picking import OpenTurn, Waiting, coalesced, pick, settled_at
from agentcore.sqlstore.delivery.waiting import open_turns_of, waiting_for
from agentcore.sqlstore.engine.database import AnyRow, adding
from agentcore.sqlstore.engine.types import MICROS
from agentcore.sqlstore.queues.outgoing import add_said
from agentcore.sqlstore.queues.unanswered import waits


def claim(
    connection: Connection, holder: str, *, now: Micros, limit: int, lease: Micros
) -> tuple[Claim, ...]:
    """See `Store.claim`."""
    leases = _take_leases(connection, holder, now, limit, lease)
    if not leases:
        return ()
    # A lease whose open turn isn't the one it has just been given was left by somebody else.
    left_open = [row for row in leases if row.open_turn != row.fence]
    open_turns = open_turns_of(connection, left_open)
    waiting = waiting_for(connection, leases)
    claims: list[Claim] = []
    for row in leases:
        rows, turn = waiting.get(row.agent_id, []), open_turns.get(row.agent_id)
        if picked := pick(rows, row.open_turn, turn, now):
            more = len(picked) < len(rows)
            claims.append(replace(_claim(row, picked, turn, now), more=more))
        else:
            _let_go(connection, row, rows)
    _record_fresh(connection, [each for each in claims if each.agent_id not in open_turns])
    _record_resumed(connection, [each for each in claims if each.agent_id in open_turns])
    return tuple(claims)


def _take_leases(
    connection: Connection, holder: str, now: Micros, limit: int, lease: Micros
) -> Sequence[AnyRow]:
    given = {"moment": now, "most": limit, "worker": holder, "until": now + lease}
    taken = connection.execute(_taking(), given).all()
    return sorted(taken, key=lambda row: int(row.ready_at))


@cache
def _taking() -> sa.UpdateBase:
    """The statement of `_take_leases`: building it costs more than running it."""
    table, now = t.agent_lease, sa.bindparam("moment", type_=MICROS)
    ready = (
        sa.select(table.c.agent_id)
        .where(
            table.c.ready_at <= now,
            sa.or_(table.c.lease_until.is_(None), table.c.lease_until < now),
        )
        .order_by(table.c.ready_at)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True)
        .cte("ready")  # worked out once; as a plain sub-select it may run again for each row
    )
    return (
        sa.update(table)
        .where(table.c.agent_id.in_(sa.select(ready.c.agent_id)))
        .values(
            holder=sa.bindparam("worker", type_=sa.Text),
            lease_until=sa.bindparam("until", type_=MICROS),
            fence=table.c.fence + 1,
            open_turn=sa.func.coalesce(table.c.open_turn, table.c.fence + 1),
        )
        .returning(
            table.c.agent_id,
            table.c.fence,
            table.c.open_turn,
            table.c.message_seq,
            table.c.version,
            table.c.ready_at,
            table.c.counted,
            table.c.cards,
            table.c.card_at,
        )
    )


def _claim(lease: AnyRow, picked: Sequence[Waiting], turn: OpenTurn | None, now: Micros) -> Claim:
    first = picked[0].item
    called_off = all(each.called_off for each in picked)
    return Claim(
        agent_id=lease.agent_id,
        fence=lease.fence,
        turn=lease.open_turn,
        turn_id=turn.turn_id if turn is not None else first.run_id or new_turn_id(),
        attempt=turn.attempts if turn is not None else 1,
        items=tuple(each.item for each in picked),
        thread=first.thread,
        address=first.address,
        steps=turn.steps if turn is not None else 0,
        cancel_requested=turn.cancel_requested if turn is not None else called_off,
        message_seq=lease.message_seq,
        version=lease.version,
        claimed_at=now,
        trouble=turn.trouble if turn is not None else "",
        trace_id=turn.trace_id if turn is not None else new_trace_id(),
        counted=None if lease.counted is None else TokenCount(**lease.counted),
        memory=picked[0].memory,
        cards=lease.cards,
        card_at=lease.card_at,
    )


def _let_go(connection: Connection, lease: AnyRow, waiting: Sequence[Waiting]) -> None:
    """Nothing to do yet (or any more) for what this transaction holds: ready again when the last
    word is due.
    """
    batch = coalesced(waiting)
    ready_at = settled_at(batch) if batch else None
    connection.execute(
        sa.update(t.agent_lease)
        .where(t.agent_lease.c.agent_id == lease.agent_id)
        .values(ready_at=ready_at, lease_until=None, holder=None, open_turn=None)
    )


def _record_fresh(connection: Connection, claims: Sequence[Claim]) -> None:
    if not claims:
        return
    connection.execute(
        adding(t.turn),
        [
            {
                "agent_id": each.agent_id,
                "number": each.turn,
                "turn_id": each.turn_id,
                "thread": each.thread,
                "address": each.address,
                "kind": each.first.kind,
                "state": "running",
                "attempts": 1,
                "error": "",
                "trace_id": each.trace_id,
                "first_message": each.message_seq + 1,
                "asked_at": each.first.received_at,
                "claimed_at": each.claimed_at,
                "cancel_requested": each.cancel_requested,
                **_of_its_client(each.asked),
            }
            for each in claims
        ],
    )
    connection.execute(
        _taking_up(),
        [
            {
                "agent": each.agent_id,
                "first": each.items[0].seq,
                "last": each.items[-1].seq,
                "number": each.turn,
            }
            for each in claims
        ],
    )


@cache
def _taking_up() -> sa.Update:
    box = t.inbox
    return (
        sa.update(box)
        .where(
            box.c.agent_id == sa.bindparam("agent"),
            box.c.seq.between(sa.bindparam("first"), sa.bindparam("last")),
            waits(),
        )
        .values(turn=sa.bindparam("number"))
    )


def _of_its_client(asked: AskedTurn | None) -> Mapping[str, object]:
    if asked is None:
        return _NOBODYS
    return {
        "background": asked.background,
        "callback_url": asked.callback_url,
    }


_NOBODYS = {"background": False, "callback_url": None}


def _record_resumed(connection: Connection, claims: Sequence[Claim]) -> None:
    """Count the attempt; rows that were split off wait for a turn of their own."""
    for each in claims:
        mine = sa.and_(t.turn.c.agent_id == each.agent_id, t.turn.c.number == each.turn)
        connection.execute(sa.update(t.turn).where(mine).values(attempts=each.attempt))
        connection.execute(
            sa.update(t.inbox)
            .where(
                t.inbox.c.agent_id == each.agent_id,
                t.inbox.c.turn == each.turn,
                t.inbox.c.seq > each.items[-1].seq,
            )
            .values(turn=None)
        )


def renew(
    connection: Connection,
    holder: str,
    held: Mapping[AgentId, int],
    *,
    now: Micros,
    lease: Micros,
) -> Mapping[AgentId, bool]:
    """See `Store.renew`."""
    if not held:
        return {}
    table = t.agent_lease
    renewed = connection.execute(
        sa.update(table)
        .where(
            table.c.holder == holder,
            sa.tuple_(table.c.agent_id, table.c.fence).in_(list(held.items())),
        )
        .values(lease_until=now + lease)
        .returning(table.c.agent_id, table.c.open_turn)
    ).all()
    asked = connection.execute(
        sa.select(t.turn.c.agent_id).where(
            t.turn.c.cancel_requested.is_(True),
            sa.tuple_(t.turn.c.agent_id, t.turn.c.number).in_(
                [(row.agent_id, row.open_turn) for row in renewed]
            ),
        )
    )
    cancelled = set(asked.scalars())
    return {row.agent_id: row.agent_id in cancelled for row in renewed}


def hand_back(connection: Connection, claim: Claim, how: HandBack, *, now: Micros) -> bool:
    """See `Store.hand_back`."""
    table = t.agent_lease
    released = connection.execute(
        sa.update(table)
        .where(
            table.c.agent_id == claim.agent_id,
            table.c.fence == claim.fence,
            table.c.open_turn == claim.turn,
            table.c.holder.is_not(None),
        )
        # Held by nobody until then, so that a new message doesn't bring the next try forward.
        .values(ready_at=how.ready_at, lease_until=how.ready_at - 1, holder=None)
    )
    if released.rowcount == 0:
        return False
    connection.execute(
        sa.update(t.turn)
        .where(t.turn.c.agent_id == claim.agent_id, t.turn.c.number == claim.turn)
        .values(attempts=t.turn.c.attempts - (0 if how.counts else 1), error=how.trouble)
    )
    add_said(connection, claim, how.notices, how.outbox, now)
    return True


def release_all(connection: Connection) -> int:
    """Void every lease; see `Store.release_all_leases`. A turn that was being worked on is ready
    again, and its next claim goes on from what is committed.
    """
    table = t.agent_lease
    released = connection.execute(
        sa.update(table)
        # A held agent has work, and the index knows those that do.
        .where(table.c.ready_at.is_not(None), table.c.holder.is_not(None))
        .values(lease_until=None, holder=None)
    )
    return released.rowcount


def next_ready(connection: Connection, *, now: Micros) -> Micros | None:
    """See `Store.next_ready`. A held agent counts from the end of its lease."""
    found = connection.execute(_first_ready()).scalar()
    return None if found is None else Micros(max(found, now))


@cache
def _first_ready() -> sa.Select[Any]:
    table = t.agent_lease
    free_at = table.c.lease_until + 1
    due = sa.case((free_at > table.c.ready_at, free_at), else_=table.c.ready_at)
    return sa.select(sa.func.min(due)).where(table.c.ready_at.is_not(None))
