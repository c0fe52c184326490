"""`Pages` over a `Database`: an agent's history and that of what it has absorbed, page by page."""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import NotFound
from agentcore.records import AgentId, MessageId, StepId, TurnId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import message_columns, read_message
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.recall.past import ends_before
from agentcore.store.pages import PagedMessage, PageQuery


class SqlPages:
    """`Pages`: every query is bound to `agent_id`."""

    def __init__(
        self, database: Database, agent_id: AgentId, audit: Callable[[str], Awaitable[None]]
    ) -> None:
        self._database = database
        self._agent_id = agent_id
        self._audit = audit

    async def messages(self, query: PageQuery) -> Sequence[PagedMessage]:
        await self._audit("read messages")
        return await self._database.read(partial(read_page, agent_id=self._agent_id, query=query))

    async def message(self, message_id: MessageId) -> PagedMessage:
        await self._audit("read messages")
        return await self._database.read(
            partial(read_one, agent_id=self._agent_id, message_id=message_id)
        )

    async def these(self, message_ids: Sequence[MessageId]) -> Sequence[PagedMessage]:
        await self._audit("read messages")
        return await self._database.read(
            partial(read_these, agent_id=self._agent_id, message_ids=message_ids)
        )


@dataclass(frozen=True, slots=True)
class _Span:
    """The messages of one turn, or of one of its steps."""

    turn: int
    first: int | None = None
    end: int | None = None


Bounds = Mapping[AgentId, int]


def read_page(
    connection: Connection, agent_id: AgentId, query: PageQuery
) -> tuple[PagedMessage, ...]:
    """See `Pages.messages`."""
    lived = lives(connection, agent_id)
    ends = _ends(connection, lived, query.before)
    starts = _starts(connection, lived, query.after)
    span = _span(connection, lived, query)
    found = []
    for life in lived if span is None else [span[0]]:
        rows = _rows(life, query).limit(query.limit)
        if life in ends:
            rows = rows.where(t.message.c.seq < ends[life])
        if life in starts:
            rows = rows.where(t.message.c.seq >= starts[life])
        if span is not None:
            rows = rows.where(*_within(span[1]))
        found.append([_paged(life, row) for row in connection.execute(rows)])
    merged = heapq.merge(
        *found, key=lambda each: each.message.created_at, reverse=not query.ascending
    )
    page = tuple(islice(merged, query.limit))
    return page if query.ascending else page[::-1]


def read_one(connection: Connection, agent_id: AgentId, message_id: MessageId) -> PagedMessage:
    """See `Pages.message`."""
    found = read_these(connection, agent_id, [message_id])
    if not found:
        raise no_message(message_id)
    return found[0]


def read_these(
    connection: Connection, agent_id: AgentId, message_ids: Sequence[MessageId]
) -> tuple[PagedMessage, ...]:
    """See `Pages.these`."""
    known = [each for each in message_ids if is_public_id(each, "message")]
    found = [
        _paged(life, row)
        for life in lives(connection, agent_id)
        for row in connection.execute(
            _rows(life, PageQuery(ascending=True)).where(t.message.c.message_id.in_(known))
        )
    ]
    return tuple(sorted(found, key=lambda each: each.message.created_at))


def no_message(message_id: str) -> NotFound:
    return NotFound(f"There is no message {message_id}.")


def _rows(life: AgentId, query: PageQuery) -> sa.Select[Any]:
    message, thread, turn = t.message, t.thread, t.turn
    rows = (
        sa.select(*message_columns(), thread.c.thread_id, turn.c.turn_id, _step_of_message())
        .join(
            thread,
            sa.and_(thread.c.agent_id == message.c.agent_id, thread.c.number == message.c.thread),
        )
        .outerjoin(
            turn, sa.and_(turn.c.agent_id == message.c.agent_id, turn.c.number == message.c.turn)
        )
        .where(
            message.c.agent_id == life,
            message.c.forgotten_at.is_(None),
            thread.c.ephemeral.is_(False),
        )
        .order_by(message.c.seq if query.ascending else message.c.seq.desc())
    )
    if query.thread is not None:
        if not is_public_id(query.thread, "conv"):
            raise NotFound(f"There is no conversation {query.thread}.")
        rows = rows.where(thread.c.thread_id == query.thread)
    if query.roles is not None:
        rows = rows.where(message.c.role.in_(query.roles))
    return rows


def _step_of_message() -> sa.ScalarSelect[StepId]:
    """The step that it was committed with, or after."""
    step = t.step
    return (
        sa.select(step.c.step_id)
        .where(
            step.c.agent_id == t.message.c.agent_id,
            step.c.turn == t.message.c.turn,
            step.c.first_message <= t.message.c.seq,
        )
        .order_by(step.c.number.desc())
        .limit(1)
        .correlate(t.message)
        .scalar_subquery()
    )


def _paged(life: AgentId, row: Any) -> PagedMessage:
    *columns, thread_id, turn_id, step_id = row
    return PagedMessage(read_message(tuple(columns)), life, thread_id, turn_id, step_id)


def _ends(connection: Connection, lived: Sequence[AgentId], before: MessageId | None) -> Bounds:
    """Of each life the first number that is too new."""
    if before is None:
        return {}
    return _around(connection, lived, before)[1]


def _starts(connection: Connection, lived: Sequence[AgentId], after: MessageId | None) -> Bounds:
    """Of each life the first number that is new enough."""
    if after is None:
        return {}
    whose, bounds = _around(connection, lived, after)
    return {**bounds, whose: bounds[whose] + 1}


def _around(
    connection: Connection, lived: Sequence[AgentId], message_id: MessageId
) -> tuple[AgentId, Bounds]:
    """Whose a message is, and of each life the first number that isn't before it."""
    message = t.message
    if is_public_id(message_id, "message"):
        row = connection.execute(
            sa.select(message.c.agent_id, message.c.seq).where(
                message.c.message_id == message_id, message.c.agent_id.in_(lived)
            )
        ).first()
        if row is not None:
            bounds = ends_before(connection, lived, row.agent_id, row.seq)
            if bounds is not None:
                return row.agent_id, bounds
    raise no_message(message_id)


def _span(
    connection: Connection, lived: Sequence[AgentId], query: PageQuery
) -> tuple[AgentId, _Span] | None:
    """Whose the turn or the step is that was asked for, and where its messages are."""
    if query.step is not None:
        return _span_of_step(connection, lived, query.step)
    if query.turn is not None:
        return _span_of_turn(connection, lived, query.turn)
    return None


def _span_of_step(
    connection: Connection, lived: Sequence[AgentId], step_id: StepId
) -> tuple[AgentId, _Span]:
    step, later = t.step, t.step.alias("later")
    end = (
        sa.select(sa.func.min(later.c.first_message))
        .where(
            later.c.agent_id == step.c.agent_id,
            later.c.turn == step.c.turn,
            later.c.number > step.c.number,
        )
        .correlate(step)
        .scalar_subquery()
    )
    row = None
    if is_public_id(step_id, "step"):
        row = connection.execute(
            sa.select(step.c.agent_id, step.c.turn, step.c.first_message, end.label("end")).where(
                step.c.step_id == step_id, step.c.agent_id.in_(lived)
            )
        ).first()
    if row is None:
        raise NotFound(f"There is no step {step_id}.")
    # A step that made room, or failed, has none.
    first = 0 if row.first_message is None else row.first_message
    return row.agent_id, _Span(row.turn, first, 0 if row.first_message is None else row.end)


def _span_of_turn(
    connection: Connection, lived: Sequence[AgentId], turn_id: TurnId
) -> tuple[AgentId, _Span]:
    turn, row = t.turn, None
    if is_public_id(turn_id, "run"):
        row = connection.execute(
            sa.select(turn.c.agent_id, turn.c.number).where(
                turn.c.turn_id == turn_id, turn.c.agent_id.in_(lived)
            )
        ).first()
    if row is None:
        raise NotFound(f"There is no run {turn_id}.")
    return row.agent_id, _Span(row.number)


def _within(span: _Span) -> list[sa.ColumnElement[bool]]:
    message = t.message
    bounds = [message.c.turn == span.turn]
    if span.first is not None:
        bounds.append(message.c.seq >= span.first)
    if span.end is not None:
        bounds.append(message.c.seq < span.end)
    return bounds
