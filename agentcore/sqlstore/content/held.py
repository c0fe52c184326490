"""Edits that wait for the person's word: nothing of them is in a block until it is given."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, Micros
from agentcore.records import AgentId, HeldDecision, HeldDraft, HeldEdit, Origin
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause

WAITS = 7 * DAY
"""How long: who hasn't answered after a week doesn't know any more what it was about."""


def add_held(
    connection: Connection,
    drafts: Sequence[HeldDraft],
    cause: Cause,
    turn: int,
    newest: int,
    now: Micros,
) -> None:
    """The agent's lease is held, so nobody else takes the same numbers. `newest` is the turn's
    newest message, for an edit without one that caused it.
    """
    held = t.held_edit
    last = connection.execute(
        sa.select(sa.func.max(held.c.number)).where(held.c.agent_id == cause.agent_id)
    ).scalar()
    connection.execute(
        sa.insert(held),
        [
            {
                "agent_id": cause.agent_id,
                "number": number,
                "block_id": draft.block_id,
                "tool": draft.tool,
                "arguments": dict(draft.arguments),
                "origin": draft.origin,
                "author_id": cause.author,
                "turn": turn,
                "message": newest if cause.message is None else cause.message,
                "created_at": now,
                "expires_at": now + WAITS,
            }
            for number, draft in enumerate(drafts, start=(last or 0) + 1)
        ],
    )


def read_held(connection: Connection, agent_id: AgentId, now: Micros) -> tuple[HeldEdit, ...]:
    """See `AgentStore.held_edits`."""
    held = t.held_edit
    rows = connection.execute(
        sa.select(held)
        .where(held.c.agent_id == agent_id, held.c.decision.is_(None), held.c.expires_at > now)
        .order_by(held.c.number)
    )
    return tuple(
        HeldEdit(
            row.number,
            row.block_id,
            row.tool,
            row.arguments,
            Origin(row.origin),
            row.message,
            row.turn,
            row.created_at,
        )
        for row in rows
    )


def decide(
    connection: Connection, agent_id: AgentId, decided: Mapping[int, HeldDecision], now: Micros
) -> None:
    """Note what the person said of them."""
    held = t.held_edit
    for number, decision in decided.items():
        connection.execute(
            sa.update(held)
            .where(held.c.agent_id == agent_id, held.c.number == number, held.c.decision.is_(None))
            .values(decision=decision, decided_at=now)
        )


def drop_giving(
    connection: Connection, agent_id: AgentId, lines: Collection[str], now: Micros
) -> None:
    """Those that were to be given one of these lines are dropped, and their texts with them."""
    held = t.held_edit
    forms = [json.dumps(line, ensure_ascii=False)[1:-1] for line in lines]
    rows = connection.execute(
        sa.select(held.c.number, held.c.arguments).where(held.c.agent_id == agent_id)
    ).all()
    giving = [
        row.number
        for row in rows
        if any(form in json.dumps(row.arguments, ensure_ascii=False) for form in forms)
    ]
    decide(connection, agent_id, dict.fromkeys(giving, "dropped"), now)
    connection.execute(
        sa.update(held)
        .where(held.c.agent_id == agent_id, held.c.number.in_(giving))
        .values(arguments={})
    )
