"""Taking in more than one transaction should hold: until the last of it is there, the agents are
hidden, and a row of `erasure` that falls due later sees to it that nothing stays of what was broken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import HOUR, Micros
from agentcore.errors import StoreError
from agentcore.records import AgentId, new_step_id
from agentcore.records.content import Content, PlainMessage
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.erasing.erasure import OF_AN_AGENT
from agentcore.sqlstore.portability.writing import PIECE, Target, add_messages_to, new_message

LONGEST = HOUR
"""How long it may take; what isn't there by then is erased again."""

Piece = tuple[Target, Sequence[tuple[int, PlainMessage]]]
"""Messages of one thread, under their numbers."""


def pieces_of(content: Content, agents: Sequence[AgentId]) -> Iterator[Piece]:
    """All messages, those of each thread in their order."""
    for agent_id, agent in zip(agents, content.agents, strict=True):
        numbered = list(enumerate(agent.messages, start=1))
        for place in range(max(1, len(agent.threads))):
            mine = [(seq, each) for seq, each in numbered if each.thread == place]
            for at in range(0, len(mine), PIECE):
                yield Target(agent_id, place + 1), mine[at : at + PIECE]


def add_piece(connection: Connection, piece: Piece) -> None:
    """Put the messages under the numbers that are kept for them."""
    to, numbered = piece
    add_messages_to(connection, to, [(seq, new_message(each)) for seq, each in numbered])


def hide(connection: Connection, agents: Sequence[AgentId], now: Micros) -> str:
    """Let nobody see these agents before `reveal`. Returns what that is to be given."""
    mine = t.agent.c.agent_id.in_(agents)
    connection.execute(sa.update(t.agent).where(mine).values(deleted_at=now))
    broken_off = f"{OF_AN_AGENT}{new_step_id()}"
    connection.execute(
        sa.insert(t.erasure).values(
            erasure_id=broken_off,
            agents=list(agents),
            deleted={},
            redacted={},
            platforms=[],
            actor_kind="owner",
            actor="",
            started_at=now + LONGEST,
        )
    )
    return broken_off


def reveal(connection: Connection, broken_off: str, agents: Sequence[AgentId]) -> None:
    """All of it is there.

    Raises:
        StoreError: it took too long, and is being erased.
    """
    erasure = t.erasure
    kept = connection.execute(sa.delete(erasure).where(erasure.c.erasure_id == broken_off))
    if kept.rowcount != 1:
        msg = "Taking it in took too long. Try again when there is less to do."
        raise StoreError(msg)
    mine = t.agent.c.agent_id.in_(agents)
    connection.execute(sa.update(t.agent).where(mine).values(deleted_at=None))
