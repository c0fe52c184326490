"""`Spending` over a `Database`: one row a day, which everybody's calls share."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, Clock, Micros, day_of
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import Database, insert
from agentcore.store.spending import Reservation


class SqlSpending:
    """`Spending` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def reserve(self, amount: int, *, cap: int) -> Reservation | None:
        day = day_of(self._clock.now())
        held = await self._database.write(partial(_reserve, day=day, amount=amount, cap=cap))
        return Reservation(day, amount) if held else None

    async def settle(self, reservation: Reservation, *, spent: int, kept: int = 0) -> None:
        await self._database.write(
            partial(_settle, reservation=reservation, spent=spent, kept=kept)
        )


def gone_today(connection: Connection, now: Micros) -> int:
    """What is spent or set aside today."""
    row = connection.execute(
        sa.select(t.usage.c.spent + t.usage.c.reserved).where(*_service(day_of(now)))
    ).scalar()
    return int(row or 0)


def _service(day: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (t.usage.c.scope == "service", t.usage.c.id == "", t.usage.c.day == day)


def _reserve(connection: Connection, day: int, amount: int, cap: int) -> bool:
    if not _held(connection, day, amount, cap):
        # Either the day has no row yet, or this would be too much. Only where there is none are
        # today's steps added up: that takes long.
        if connection.execute(sa.select(t.usage.c.day).where(*_service(day))).first():
            return False
        _begin(connection, day)
        return _held(connection, day, amount, cap)
    return True


def _held(connection: Connection, day: int, amount: int, cap: int) -> bool:
    usage = t.usage.c
    done: sa.CursorResult[Any] = connection.execute(
        sa.update(t.usage)
        .where(*_service(day), usage.spent + usage.reserved + amount <= cap)
        .values(reserved=usage.reserved + amount)
    )
    return done.rowcount == 1


def _begin(connection: Connection, day: int) -> None:
    """The day's row, with what has been spent since midnight without anybody reserving."""
    spent = (
        sa.select(sa.func.coalesce(sa.func.sum(t.step.c.cost), 0))
        .where(t.step.c.finished_at >= day * DAY)
        .scalar_subquery()
    )
    connection.execute(
        insert(connection, t.usage)
        .values(scope="service", id="", day=day, spent=spent)
        .on_conflict_do_nothing()
    )


def _settle(connection: Connection, reservation: Reservation, spent: int, kept: int) -> None:
    usage = t.usage.c
    connection.execute(
        sa.update(t.usage)
        .where(*_service(reservation.day))
        .values(
            reserved=usage.reserved - reservation.amount + kept,
            spent=usage.spent + spent,
            unknown=usage.unknown + (1 if kept else 0),
        )
    )
