"""Turns as their clients see them: how they stand, what they have said, and calling them off.

A turn has no row of its own while it waits: its row in the inbox stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.errors import NotFound
from agentcore.records import (
    AgentId,
    Message,
    Role,
    RunProgress,
    RunQuery,
    RunState,
    RunView,
    StepRecord,
    StopReason,
    TurnId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import message_columns, read_message
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.engine.types import PublicId
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.queues.unanswered import open_turn_of, waits

_RUN = sa.bindparam("of_run", type_=PublicId("run"))
_AGENT = sa.bindparam("of_agent", type_=PublicId("agent"))
_TURN = sa.bindparam("of_turn", type_=sa.BigInteger)
_UNFINISHED: frozenset[RunState] = frozenset({"created", "running"})


def no_run(turn_id: TurnId) -> NotFound:
    return NotFound(f"There is no run {turn_id}.")


def read_run(connection: Connection, turn_id: TurnId) -> RunView:
    """See `Requests.run`."""
    return read_progress(connection, turn_id, after=None).run


def read_progress(connection: Connection, turn_id: TurnId, *, after: int | None) -> RunProgress:
    """See `Requests.progress`. `after` None: without messages; so it is where it leaves no trace."""
    row = connection.execute(_turns_by_id(), {"of_run": turn_id}).first()
    if row is None or row.state == "cancelled":
        waiting = connection.execute(_requests_by_id(), {"of_run": turn_id}).first()
        if waiting is not None:  # of an agent that was cut off, it may wait for another turn
            return RunProgress(_waiting_view(waiting), ())
    if row is None:
        raise no_run(turn_id)
    steps = _steps(connection, row)
    said = () if after is None or row.ephemeral else _said(connection, row, after)
    return RunProgress(_view(row, steps), said)


def _turn_columns() -> Sequence[sa.ColumnElement[Any]]:
    return (*t.turn.c, t.thread.c.thread_id, t.thread.c.ephemeral)


def _with_thread(table: sa.Table, columns: Sequence[sa.ColumnElement[Any]]) -> sa.Select[Any]:
    thread = t.thread
    return sa.select(*columns).join(
        thread,
        sa.and_(thread.c.agent_id == table.c.agent_id, thread.c.number == table.c.thread),
    )


@cache
def _turns_by_id() -> sa.Select[Any]:
    turn = t.turn
    return (
        _with_thread(turn, _turn_columns())
        .where(turn.c.turn_id == _RUN)
        # There are two where an agent was taken in by another, which began anew.
        .order_by(turn.c.state == "cancelled", turn.c.claimed_at.desc())
        .limit(1)
    )


def _waiting_rows() -> sa.Select[Any]:
    """Requests that wait, or were called off while they did."""
    box = t.inbox
    columns = (
        box.c.run_id,
        box.c.agent_id,
        box.c.asked,
        box.c.background,
        box.c.received_at,
        box.c.closed_at,
        t.thread.c.thread_id,
    )
    return _with_thread(box, columns).where(box.c.run_id.is_not(None), box.c.turn.is_(None))


@cache
def _requests_by_id() -> sa.Select[Any]:
    return _waiting_rows().where(t.inbox.c.run_id == _RUN)


def _view(row: AnyRow, steps: tuple[StepRecord, ...] = ()) -> RunView:
    return RunView(
        turn_id=row.turn_id,
        agent_id=row.agent_id,
        thread_id=row.thread_id,
        kind=row.kind,
        state=row.state,
        stop_reason=None if row.stop_reason is None else StopReason(row.stop_reason),
        error=row.error,
        created_at=row.asked_at,
        claimed_at=row.claimed_at,
        finished_at=row.finished_at,
        background=row.background,
        callback_url=row.callback_url,
        steps=steps,
        failure=row.failure,
    )


def _waiting_view(row: AnyRow) -> RunView:
    cancelled = row.closed_at is not None
    return RunView(
        turn_id=row.run_id,
        agent_id=row.agent_id,
        thread_id=row.thread_id,
        kind="message",
        state="cancelled" if cancelled else "created",
        stop_reason=StopReason.CANCELLED if cancelled else None,
        error="",
        created_at=row.received_at,
        claimed_at=None,
        finished_at=row.closed_at,
        background=row.background,
        callback_url=None if row.asked is None else row.asked.callback_url,
    )


def _steps(connection: Connection, turn: AnyRow) -> tuple[StepRecord, ...]:
    given = {"of_agent": turn.agent_id, "of_turn": turn.number}
    rows = connection.execute(_reading_steps(), given)
    return tuple(StepRecord(**row._asdict()) for row in rows)


@cache
def _reading_steps() -> sa.Select[Any]:
    step = t.step
    return (
        sa.select(
            step.c.step_id,
            step.c.number,
            step.c.model,
            step.c.outcome,
            step.c.prompt_tokens,
            step.c.completion_tokens,
            step.c.cached_tokens,
            step.c.cost,
            step.c.started_at,
            step.c.finished_at,
            step.c.detail,
            step.c.first_message,
        )
        .where(step.c.agent_id == _AGENT, step.c.turn == _TURN)
        .order_by(step.c.number)
    )


def _said(connection: Connection, turn: AnyRow, after: int) -> tuple[Message, ...]:
    given = {
        "of_agent": turn.agent_id,
        "of_turn": turn.number,
        "in_thread": turn.thread,
        "first": max(after + 1, turn.first_message or 0),
        "last": turn.last_message,
    }
    known = turn.last_message is not None
    rows = connection.execute(_reading_said(to_an_end=known), given)
    return tuple(read_message(row) for row in rows)


@cache
def _reading_said(*, to_an_end: bool) -> sa.Select[Any]:
    """What the agent has said in a turn, and what its calls have come to. What it was handed as said
    by the agent bears, like all that comes in, how it came.
    """
    message = t.message
    bounds = [message.c.seq >= sa.bindparam("first", type_=sa.BigInteger)]
    if to_an_end:
        bounds.append(message.c.seq <= sa.bindparam("last", type_=sa.BigInteger))
    return (
        sa.select(*message_columns())
        .where(
            message.c.agent_id == _AGENT,
            message.c.thread == sa.bindparam("in_thread", type_=sa.BigInteger),
            *bounds,
            message.c.turn == _TURN,
            message.c.role.in_([Role.ASSISTANT, Role.TOOL]),
            message.c.meta.is_(None),
            message.c.forgotten_at.is_(None),
        )
        .order_by(message.c.seq)
    )


def read_runs(connection: Connection, query: RunQuery) -> tuple[RunView, ...]:
    """See `Requests.runs`."""
    before = _cursor(connection, query, query.before)
    after = _cursor(connection, query, query.after)
    found = chain(
        map(_view, _begun(connection, query, before, after)),
        map(_waiting_view, _not_begun(connection, query, before, after)),
    )
    in_order = sorted(
        found, key=lambda run: (run.created_at, run.turn_id), reverse=not query.ascending
    )
    return tuple(in_order[: query.limit])


def _cursor(connection: Connection, query: RunQuery, turn_id: TurnId | None) -> RunView | None:
    """A run to list from, which may be any that the list could hold."""
    if turn_id is None:
        return None
    run = read_run(connection, turn_id)
    if query.agent_id not in {None, run.agent_id}:
        raise no_run(turn_id)
    return run


def _begun(
    connection: Connection, query: RunQuery, before: RunView | None, after: RunView | None
) -> Sequence[AnyRow]:
    turn = t.turn
    wanted = _with_thread(turn, _turn_columns()).where(
        *_within(turn.c.asked_at, turn.c.turn_id, before, after)
    )
    if query.states and query.states <= _UNFINISHED:  # few, which the leases know
        lease = t.agent_lease
        held = sa.and_(lease.c.agent_id == turn.c.agent_id, lease.c.open_turn == turn.c.number)
        wanted = wanted.join(lease, held).where(lease.c.ready_at.is_not(None))
    # An agent's turns are numbered as they were asked for, and its key knows the numbers.
    order: sa.ColumnElement[Any] = turn.c.asked_at
    if query.agent_id is not None:
        wanted, order = wanted.where(turn.c.agent_id == query.agent_id), turn.c.number
    if query.states:
        wanted = wanted.where(turn.c.state.in_(query.states))
    if query.background is not None:
        wanted = wanted.where(turn.c.background.is_(query.background))
    if query.stop_reason is not None:
        wanted = wanted.where(turn.c.stop_reason == query.stop_reason)
    if query.thread is not None:
        wanted = wanted.where(t.thread.c.thread_id == query.thread)
    sort = (order, turn.c.turn_id)
    ordered = wanted.order_by(*(each if query.ascending else each.desc() for each in sort))
    return connection.execute(ordered.limit(query.limit)).all()


def _not_begun(
    connection: Connection, query: RunQuery, before: RunView | None, after: RunView | None
) -> Sequence[AnyRow]:
    box = t.inbox
    wanted = _waiting_rows().where(*_within(box.c.received_at, box.c.run_id, before, after))
    if query.agent_id is not None:
        wanted = wanted.where(box.c.agent_id == query.agent_id)
    if query.states:
        closed = {"created": box.c.closed_at.is_(None), "cancelled": box.c.closed_at.is_not(None)}
        asked_for = [each for state, each in closed.items() if state in query.states]
        wanted = wanted.where(sa.or_(sa.false(), *asked_for))
    if query.background is not None:
        wanted = wanted.where(box.c.background.is_(query.background))
    if query.stop_reason is not None:
        called_off = query.stop_reason is StopReason.CANCELLED
        wanted = wanted.where(box.c.closed_at.is_not(None) if called_off else sa.false())
    if query.thread is not None:
        wanted = wanted.where(t.thread.c.thread_id == query.thread)
    sort = (box.c.received_at, box.c.run_id)
    ordered = wanted.order_by(*(each if query.ascending else each.desc() for each in sort))
    return connection.execute(ordered.limit(query.limit)).all()


def _within(
    moment: sa.Column[Any], run_id: sa.Column[Any], before: RunView | None, after: RunView | None
) -> list[sa.ColumnElement[bool]]:
    """Older than the one run, newer than the other."""
    place = sa.tuple_(moment, run_id)
    bounds: list[sa.ColumnElement[bool]] = []
    if before is not None:
        bounds.append(place < sa.tuple_(sa.literal(before.created_at), _literal(before.turn_id)))
    if after is not None:
        bounds.append(place > sa.tuple_(sa.literal(after.created_at), _literal(after.turn_id)))
    return bounds


def _literal(turn_id: TurnId) -> sa.ColumnElement[Any]:
    return sa.literal(turn_id, PublicId("run"))


def cancel(
    connection: Connection, agent_id: AgentId, turns: Sequence[TurnId] | None, now: Micros
) -> Mapping[TurnId, RunState]:
    """See `Requests.cancel`."""
    hold(connection, agent_id)
    called_off = _call_off(connection, agent_id, turns, now)
    stopped = _ask_to_stop(connection, agent_id, turns)
    return {**called_off, **stopped}


def _call_off(
    connection: Connection, agent_id: AgentId, turns: Sequence[TurnId] | None, now: Micros
) -> Mapping[TurnId, RunState]:
    """What waits is never begun."""
    box, lease = t.inbox, t.agent_lease
    theirs = sa.and_(
        box.c.agent_id == agent_id,
        box.c.run_id.is_not(None),
        waits(),
        sa.true() if turns is None else box.c.run_id.in_(turns),
    )
    closed = connection.execute(
        sa.update(box).where(theirs).values(closed_at=now).returning(box.c.run_id, box.c.size)
    ).all()
    if closed:
        connection.execute(
            sa.update(lease)
            .where(lease.c.agent_id == agent_id)
            .values(
                pending=lease.c.pending - len(closed),
                pending_bytes=lease.c.pending_bytes - sum(row.size for row in closed),
            )
        )
    return {TurnId(row.run_id): "cancelled" for row in closed}


def _ask_to_stop(
    connection: Connection, agent_id: AgentId, turns: Sequence[TurnId] | None
) -> Mapping[TurnId, RunState]:
    turn = t.turn
    asked = connection.execute(
        sa.update(turn)
        .where(
            turn.c.agent_id == agent_id,
            turn.c.number == open_turn_of(agent_id),
            turn.c.state == "running",
            sa.true() if turns is None else turn.c.turn_id.in_(turns),
        )
        .values(cancel_requested=True)
        .returning(turn.c.turn_id)
    )
    return {TurnId(each): "running" for each in asked.scalars()}
