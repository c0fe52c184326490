"""Booking what a turn has used, for its agent and its person."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from agentcore.clock import Micros, day_of
from agentcore.records import AgentId, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert_in

_ADDED = ("spent", "unknown", "prompt_tokens", "completion_tokens")


def charge(
    connection: Connection, agent_id: AgentId, turn: int, user: UserId | None, now: Micros
) -> None:
    """Book what the whole turn has used, earlier attempts at it included."""
    given = {"of_agent": agent_id, "of_turn": turn, "today": day_of(now), "for_agent": agent_id}
    if user is not None:
        given["for_user"] = user
    connection.execute(_booking(connection.dialect.name, with_user=user is not None), given)


@cache
def _booking(dialect: str, *, with_user: bool) -> sqlite.Insert | postgresql.Insert:
    usage = t.usage
    scopes = ("agent", "user") if with_user else ("agent",)
    statement = insert_in(dialect, usage).from_select(
        ["scope", "id", "day", *_ADDED], sa.union_all(*map(_used, scopes))
    )
    return statement.on_conflict_do_update(
        index_elements=["scope", "id", "day"],
        set_={name: usage.c[name] + statement.excluded[name] for name in _ADDED},
    )


def _used(scope: str) -> sa.Select[Any]:
    """What the steps of the turn come to, as a row for the agent or the person."""
    step = t.step.c
    return (
        sa.select(
            sa.literal_column(f"'{scope}'"),
            sa.bindparam(f"for_{scope}", type_=sa.Text),
            sa.bindparam("today", type_=sa.Integer),
            sa.func.coalesce(sa.func.sum(step.cost), 0),
            sa.func.count() - sa.func.count(step.cost),
            sa.func.sum(step.prompt_tokens),
            sa.func.sum(step.completion_tokens),
        )
        .where(
            step.agent_id == sa.bindparam("of_agent", type_=step.agent_id.type),
            step.turn == sa.bindparam("of_turn", type_=sa.BigInteger),
        )
        .having(sa.func.count() > 0)
    )
