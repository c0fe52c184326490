"""New heads for an agent's threads after something was forgotten, or came back.

No summary outlives a forgetting: it may tell what is gone. Messages that it was made from come
back into view instead, so that the next one is made from what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros, as_datetime
from agentcore.memory.summary import Dates, RunningSummary
from agentcore.records import AgentId, EpochReason, Origin, Role
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import read_blocks

BACK_IN_VIEW = 200
"""Messages that come back with a summary that is gone: enough for a new one."""


def start_epochs(
    connection: Connection, agent_id: AgentId, now: Micros, *, instead_of: Micros | None = None
) -> None:
    """A new head for every lasting thread, from the blocks as they are now. `instead_of`: the
    moment of a forgetting that is taken back; its threads go on from what was before it.
    """
    thread, epoch = t.thread, t.epoch
    versions = {each.block_id: each.version for each in read_blocks(connection, agent_id)}
    current = connection.execute(
        sa.select(epoch)
        .join(
            thread,
            sa.and_(
                thread.c.agent_id == epoch.c.agent_id,
                thread.c.number == epoch.c.thread,
                thread.c.epoch == epoch.c.number,
            ),
        )
        .where(thread.c.agent_id == agent_id, thread.c.ephemeral.is_(False))
    ).mappings()
    for row in current.all():
        if instead_of is None:
            view = _without_summary(connection, row)
        else:
            view = _before(connection, row, instead_of)
        number = row["number"] + 1
        shown = {block: versions[block] for block in row["block_versions"] if block in versions}
        connection.execute(
            sa.insert(epoch).values(
                {
                    **row,
                    **view,
                    "number": number,
                    "reason": EpochReason.FORGETTING,
                    "block_versions": shown,
                    "created_at": now,
                }
            )
        )
        connection.execute(
            sa.update(thread)
            .where(thread.c.agent_id == agent_id, thread.c.number == row["thread"])
            .values(epoch=number)
        )


def _before(connection: Connection, row: sa.RowMapping, forgotten_at: Micros) -> Mapping[Any, Any]:
    """What a thread had in view before a forgetting."""
    epoch, then = t.epoch, t.epoch.alias("then")
    started = (
        sa.select(sa.func.max(then.c.number))
        .where(
            then.c.agent_id == row["agent_id"],
            then.c.thread == row["thread"],
            then.c.reason == EpochReason.FORGETTING,
            then.c.created_at == forgotten_at,
        )
        .scalar_subquery()
    )
    earlier = connection.execute(
        sa.select(
            epoch.c.summary, epoch.c.summary_origin, epoch.c.first_message, epoch.c.left_out
        ).where(
            epoch.c.agent_id == row["agent_id"],
            epoch.c.thread == row["thread"],
            epoch.c.number == started - 1,
        )
    ).mappings()
    return earlier.one_or_none() or {}


def _without_summary(connection: Connection, row: sa.RowMapping) -> Mapping[Any, Any]:
    """An epoch without its summary, and with messages back in view that it was made from: as many
    as a new one needs, none from before the conversation began anew.
    """
    if not row["summary"]:
        return {}
    epoch, message = t.epoch, t.message
    begun = (
        sa.select(sa.func.max(epoch.c.first_message))
        .where(
            epoch.c.agent_id == row["agent_id"],
            epoch.c.thread == row["thread"],
            epoch.c.reason.in_([EpochReason.FIRST, EpochReason.NEW]),
        )
        .scalar_subquery()
    )
    earlier = sa.and_(
        message.c.agent_id == row["agent_id"],
        message.c.thread == row["thread"],
        message.c.forgotten_at.is_(None),
        message.c.seq >= begun,
    )
    back = connection.execute(
        sa.select(message.c.seq, message.c.role)
        .where(earlier, message.c.seq < row["first_message"])
        .order_by(message.c.seq.desc())
        .limit(BACK_IN_VIEW)
    ).all()
    asked = [each.seq for each in back if each.role == Role.USER]
    first = min(asked, default=row["first_message"])
    out_of_sight = connection.execute(
        sa.select(sa.func.min(message.c.created_at), sa.func.max(message.c.created_at)).where(
            earlier, message.c.seq < first
        )
    ).one()
    dates = None if out_of_sight[0] is None else Dates(*map(_date, out_of_sight))
    return {
        "first_message": first,
        "summary": RunningSummary(out_of_sight=dates).stored,
        "summary_origin": Origin.OWNER,
    }


def _date(moment: Micros) -> str:
    return as_datetime(moment).date().isoformat()
