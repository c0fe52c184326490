"""`Places` over a `Database`: which agent a message, a conversation or a step is of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import NotFound
from agentcore.records import AgentId, MessageId, StepId, StepRecord, ThreadId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow, Database
from agentcore.sqlstore.engine.types import PublicId, is_public_id
from agentcore.sqlstore.recall.pages import no_message
from agentcore.store.pages import StepPlace, StepQuery, ThreadPlace, ThreadQuery


class SqlPlaces:
    """`Places` over any `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def agent_of_message(self, message_id: MessageId) -> AgentId:
        return await self._database.read(partial(agent_of_message, message_id=message_id))

    async def newest_messages(
        self,
        *,
        limit: int,
        before: MessageId | None = None,
        after: MessageId | None = None,
        ascending: bool = False,
    ) -> Sequence[tuple[AgentId, MessageId]]:
        return await self._database.read(
            partial(newest_messages, limit=limit, before=before, after=after, ascending=ascending)
        )

    async def thread(self, thread_id: ThreadId) -> ThreadPlace:
        return await self._database.read(partial(read_thread_place, thread_id=thread_id))

    async def threads(self, query: ThreadQuery) -> Sequence[ThreadPlace]:
        return await self._database.read(partial(read_threads, query=query))

    async def step(self, step_id: StepId) -> StepPlace:
        return await self._database.read(partial(read_step, step_id=step_id))

    async def steps(self, query: StepQuery) -> Sequence[StepPlace]:
        return await self._database.read(partial(read_steps, query=query))


def _open() -> sa.ColumnElement[bool]:
    """Of an agent that is there."""
    return sa.and_(t.agent.c.deleted_at.is_(None), t.agent.c.agent_id.is_not(None))


def _moment_of(connection: Connection, message_id: MessageId) -> tuple[int, AgentId, int]:
    message = t.message
    if is_public_id(message_id, "message"):
        row = connection.execute(
            sa.select(message.c.created_at, message.c.agent_id, message.c.seq).where(
                message.c.message_id == message_id
            )
        ).first()
        if row is not None:
            return row.created_at, row.agent_id, row.seq
    raise no_message(message_id)


def agent_of_message(connection: Connection, message_id: MessageId) -> AgentId:
    """See `Places.agent_of_message`."""
    return _moment_of(connection, message_id)[1]


def newest_messages(
    connection: Connection,
    *,
    limit: int,
    before: MessageId | None,
    after: MessageId | None,
    ascending: bool,
) -> tuple[tuple[AgentId, MessageId], ...]:
    """See `Places.newest_messages`."""
    message, thread = t.message, t.thread
    order = (message.c.created_at, message.c.agent_id, message.c.seq)
    place = sa.tuple_(*order)
    rows = (
        sa.select(message.c.agent_id, message.c.message_id)
        .join(
            thread,
            sa.and_(thread.c.agent_id == message.c.agent_id, thread.c.number == message.c.thread),
        )
        .join(t.agent, t.agent.c.agent_id == message.c.agent_id)
        .where(message.c.forgotten_at.is_(None), thread.c.ephemeral.is_(False), _open())
        .order_by(*(each if ascending else each.desc() for each in order))
        .limit(limit)
    )
    if before is not None:
        rows = rows.where(place < _tuple(*_moment_of(connection, before)))
    if after is not None:
        rows = rows.where(place > _tuple(*_moment_of(connection, after)))
    found = tuple((row.agent_id, row.message_id) for row in connection.execute(rows))
    return found if ascending else found[::-1]


def _tuple(at: int, agent_id: AgentId, seq: int) -> sa.ColumnElement[Any]:
    return sa.tuple_(sa.literal(at), sa.literal(agent_id, PublicId("agent")), sa.literal(seq))


def _threads() -> sa.Select[Any]:
    message, thread = t.message, t.thread
    last = (
        sa.select(sa.func.max(message.c.seq))
        .where(message.c.agent_id == thread.c.agent_id, message.c.thread == thread.c.number)
        .correlate(thread)
        .scalar_subquery()
    )
    newest = message.alias("newest")
    return (
        sa.select(
            thread.c.thread_id,
            thread.c.agent_id,
            thread.c.number,
            thread.c.epoch,
            thread.c.created_at,
            newest.c.created_at.label("last_message_at"),
        )
        .join(t.agent, t.agent.c.agent_id == thread.c.agent_id)
        .outerjoin(newest, sa.and_(newest.c.agent_id == thread.c.agent_id, newest.c.seq == last))
        .where(thread.c.ephemeral.is_(False), _open())
    )


def _no_thread(thread_id: ThreadId) -> NotFound:
    return NotFound(f"There is no conversation {thread_id}.")


def _thread_row(connection: Connection, thread_id: ThreadId) -> AnyRow:
    row = None
    if is_public_id(thread_id, "conv"):
        row = connection.execute(_threads().where(t.thread.c.thread_id == thread_id)).first()
    if row is None:
        raise _no_thread(thread_id)
    return row


def read_thread_place(connection: Connection, thread_id: ThreadId) -> ThreadPlace:
    """See `Places.thread`."""
    row = _thread_row(connection, thread_id)
    message, epoch = t.message, t.epoch
    first = (
        sa.select(epoch.c.first_message)
        .where(
            epoch.c.agent_id == row.agent_id,
            epoch.c.thread == row.number,
            epoch.c.number == row.epoch,
        )
        .scalar_subquery()
    )
    in_view = connection.execute(
        sa.select(message.c.message_id)
        .where(
            message.c.agent_id == row.agent_id,
            message.c.thread == row.number,
            message.c.seq >= first,
            message.c.forgotten_at.is_(None),
        )
        .order_by(message.c.seq)
    ).scalars()
    return _thread(row, tuple(in_view))


def _thread(row: AnyRow, in_view: tuple[MessageId, ...] = ()) -> ThreadPlace:
    return ThreadPlace(row.thread_id, row.agent_id, row.created_at, row.last_message_at, in_view)


def read_threads(connection: Connection, query: ThreadQuery) -> tuple[ThreadPlace, ...]:
    """See `Places.threads`."""
    thread = t.thread
    place = sa.tuple_(thread.c.created_at, thread.c.thread_id)
    rows = _threads()
    if query.agent_id is not None:
        rows = rows.where(thread.c.agent_id == query.agent_id)
    for bound, older in ((query.before, True), (query.after, False)):
        if bound is not None:
            row = _thread_row(connection, bound)
            if query.agent_id not in {None, row.agent_id}:
                raise _no_thread(bound)
            at = sa.tuple_(sa.literal(row.created_at), sa.literal(row.thread_id, PublicId("conv")))
            rows = rows.where(place < at if older else place > at)
    order = (thread.c.created_at, thread.c.thread_id)
    rows = rows.order_by(*(each if query.ascending else each.desc() for each in order))
    return tuple(_thread(row) for row in connection.execute(rows.limit(query.limit)))


def _steps() -> sa.Select[Any]:
    step, turn = t.step, t.turn
    return (
        sa.select(step, turn.c.turn_id)
        .join(turn, sa.and_(turn.c.agent_id == step.c.agent_id, turn.c.number == step.c.turn))
        .join(t.agent, t.agent.c.agent_id == step.c.agent_id)
        .where(_open())
    )


def _no_step(step_id: StepId) -> NotFound:
    return NotFound(f"There is no step {step_id}.")


def _step_row(connection: Connection, step_id: StepId) -> AnyRow:
    row = None
    if is_public_id(step_id, "step"):
        row = connection.execute(_steps().where(t.step.c.step_id == step_id)).first()
    if row is None:
        raise _no_step(step_id)
    return row


def _step(row: AnyRow) -> StepPlace:
    record = StepRecord(
        step_id=row.step_id,
        number=row.number,
        model=row.model,
        outcome=row.outcome,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        cached_tokens=row.cached_tokens,
        cost=row.cost,
        started_at=row.started_at,
        finished_at=row.finished_at,
        detail=row.detail,
        first_message=row.first_message,
    )
    return StepPlace(record, row.agent_id, row.turn_id)


def read_step(connection: Connection, step_id: StepId) -> StepPlace:
    """See `Places.step`."""
    return _step(_step_row(connection, step_id))


def read_steps(connection: Connection, query: StepQuery) -> tuple[StepPlace, ...]:
    """See `Places.steps`."""
    step = t.step
    place = sa.tuple_(step.c.started_at, step.c.step_id)
    rows = _steps()
    if query.agent_id is not None:
        rows = rows.where(step.c.agent_id == query.agent_id)
    if query.model is not None:
        rows = rows.where(step.c.model == query.model)
    if query.since is not None:
        rows = rows.where(step.c.started_at >= query.since)
    if query.until is not None:
        rows = rows.where(step.c.started_at <= query.until)
    for bound, older in ((query.before, True), (query.after, False)):
        if bound is not None:
            row = _step_row(connection, bound)
            if query.agent_id not in {None, row.agent_id}:
                raise _no_step(bound)
            at = sa.tuple_(sa.literal(row.started_at), sa.literal(row.step_id, PublicId("step")))
            rows = rows.where(place < at if older else place > at)
    order = (step.c.started_at, step.c.step_id)
    rows = rows.order_by(*(each if query.ascending else each.desc() for each in order))
    return tuple(_step(row) for row in connection.execute(rows.limit(query.limit)))
