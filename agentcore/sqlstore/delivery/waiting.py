"""What agents have to do, as their claims read it: rows that wait, and turns that nobody finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, InboxItem
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import versions_of_blocks
from agentcore.sqlstore.delivery.picking import OpenTurn, Waiting
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.engine.types import PublicId
from agentcore.sqlstore.people.preferences import cards_of
from agentcore.sqlstore.queues.unanswered import waits


def waiting_for(
    connection: Connection, leases: Sequence[AnyRow]
) -> Mapping[AgentId, list[Waiting]]:
    """What each agent has to do: the rows of its open turn, or those that no turn has yet."""
    given = {"agents": [row.agent_id for row in leases]}
    open_turns = [(row.agent_id, row.open_turn) for row in leases if row.open_turn != row.fence]
    if open_turns:  # apart and sorted here: asked together, or in order, SQLite reads all rows
        box = t.inbox
        taken_up = _inbox_rows().where(
            sa.tuple_(box.c.agent_id, box.c.turn).in_(open_turns),
            box.c.agent_id.in_([agent_id for agent_id, _ in open_turns]),
            box.c.turn.in_([number for _, number in open_turns]),
        )
        rows = connection.execute(sa.union_all(_unclaimed(), taken_up), given).all()
    else:
        rows = connection.execute(_unclaimed(), given).all()
    in_order = sorted(rows, key=lambda row: (row.agent_id, row.seq))
    return {
        agent_id: [_waiting_row(row) for row in group]
        for agent_id, group in groupby(in_order, key=lambda row: AgentId(row.agent_id))
    }


@cache
def _unclaimed() -> sa.Select[Any]:
    """Rows of some agents that no turn has yet."""
    box = t.inbox
    return _inbox_rows().where(
        box.c.agent_id.in_(sa.bindparam("agents", type_=PublicId("agent"), expanding=True)),
        waits(),
    )


def _inbox_rows() -> sa.Select[Any]:
    box = t.inbox
    return sa.select(
        box.c.agent_id,
        box.c.seq,
        box.c.kind,
        box.c.command,
        box.c.platform,
        box.c.speaker,
        box.c.address,
        box.c.thread,
        box.c.author_id,
        box.c.user_id,
        box.c.parts,
        box.c.size,
        box.c.platform_message_id,
        box.c.answer_via,
        box.c.unreadable,
        box.c.earlier,
        box.c.otid,
        box.c.asked,
        box.c.run_id,
        box.c.received_at,
        box.c.due_at,
        box.c.called_off,
        box.c.turn,
        t.user.c.language,
        t.user.c.time_zone,
        t.user.c.preferences,
        versions_of_blocks(box.c.agent_id).label("memory"),
    ).outerjoin(t.user, t.user.c.user_id == box.c.user_id)


def _waiting_row(row: AnyRow) -> Waiting:
    item = InboxItem(
        seq=row.seq,
        kind=row.kind,
        command=row.command,
        platform=row.platform,
        speaker=row.speaker,
        address=row.address,
        thread=row.thread,
        identity=row.author_id,
        user=row.user_id,
        parts=row.parts,
        received_at=row.received_at,
        platform_message_id=row.platform_message_id,
        answer_via=row.answer_via,
        unreadable=row.unreadable,
        earlier=row.earlier,
        otid=row.otid,
        asked=row.asked,
        run_id=row.run_id,
        size=row.size,
        language=row.language,
        time_zone=row.time_zone,
        cards=cards_of(row.preferences),
    )
    return Waiting(item, row.due_at, row.turn, row.memory, called_off=row.called_off)


def open_turns_of(connection: Connection, leases: Sequence[AnyRow]) -> Mapping[AgentId, OpenTurn]:
    if not leases:
        return {}
    steps = (
        sa.select(sa.func.count())
        .where(t.step.c.agent_id == t.turn.c.agent_id, t.step.c.turn == t.turn.c.number)
        .scalar_subquery()
    )
    rows = connection.execute(
        sa.select(t.turn, steps.label("steps")).where(
            sa.tuple_(t.turn.c.agent_id, t.turn.c.number).in_(
                [(row.agent_id, row.open_turn) for row in leases]
            )
        )
    )
    return {
        row.agent_id: OpenTurn(
            row.turn_id,
            row.attempts + 1,
            row.steps,
            row.cancel_requested,
            row.error,
            row.trace_id,
        )
        for row in rows
    }
