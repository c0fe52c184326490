"""The first statement of every commit: proof that the agent is still held by who commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.sql.dml import ReturningUpdate

from agentcore.clock import Micros
from agentcore.errors import Fenced
from agentcore.records import Claim, StepCommit
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.queues.unanswered import waits
from agentcore.sqlstore.recall.postings import Drafted, Said, last_said, read_said

Rest = Literal["as it is", "on", "only kept on"]
"""What becomes of the moment at which the memory is next put in order."""


def pass_fence(
    connection: Connection,
    claim: Claim,
    added: StepCommit,
    drafts: Sequence[Drafted],
    sleep_at: Micros | None,
) -> tuple[int, list[Said]]:
    """Prove the hold, move the counters, and let go if the turn is over.

    Returns:
        The agent's newest message number, and what was said last before these messages.

    Raises:
        Fenced: somebody else holds the agent.
    """
    ends = added.end is not None
    if ends:
        hold(connection, claim.agent_id)  # or a message that is just being accepted goes unseen
    counted = added.counted is not None and added.counted != claim.counted
    rest: Rest = "as it is"
    if ends and sleep_at is not None:
        # What leaves no trace is nothing to put in order, but the person isn't away.
        rest = "on" if added.indexed else "only kept on"
    statement = _fence(
        ends=ends,
        counted=counted,
        version=added.epoch is not None or added.agent is not None,
        card=added.card_at is not None,
        rest=rest,
    )
    found = connection.execute(
        statement,
        {
            "of_agent": claim.agent_id,
            "under_fence": claim.fence,
            "in_turn": claim.turn,
            "said_by": claim.agent_id,
            "said_in": claim.thread,
            "new_count": asdict(added.counted) if added.counted is not None and counted else None,
            "shown_at": added.card_at,
            "rest_at": sleep_at,
            **_sums(claim, added, drafts),
        },
    ).one_or_none()
    if found is None:
        msg = f"{claim.agent_id} was taken over by another worker."
        raise Fenced(msg)
    return found[0], read_said(found[1])


def _sums(claim: Claim, added: StepCommit, drafts: Sequence[Drafted]) -> dict[str, int]:
    """By how much the counters move."""
    return {
        "messages": len(added.messages),
        "indexed": sum(1 for draft in drafts if draft.size),
        "words": sum(draft.size for draft in drafts),
        "done": len(claim.items),
        "done_bytes": sum(item.size for item in claim.items),
    }


@cache
def _fence(
    *, ends: bool, counted: bool, version: bool, card: bool, rest: Rest
) -> ReturningUpdate[Any]:
    lease = t.agent_lease
    changes: dict[str, object] = {
        "message_seq": lease.c.message_seq + _given("messages"),
        "indexed_messages": lease.c.indexed_messages + _given("indexed"),
        "indexed_words": lease.c.indexed_words + _given("words"),
    }
    if counted:
        changes["counted"] = sa.bindparam("new_count", type_=lease.c.counted.type)
    if version:
        changes["version"] = lease.c.version + 1
    if card:
        changes |= {"cards": lease.c.cards + 1, "card_at": _given("shown_at")}
    if ends:
        changes |= {
            "pending": lease.c.pending - _given("done"),
            "pending_bytes": lease.c.pending_bytes - _given("done_bytes"),
            "ready_at": _next_due(),
            "open_turn": None,
            "lease_until": None,
            "holder": None,
        }
    if rest != "as it is":
        none = lease.c.sleepless if rest == "on" else lease.c.sleep_at.is_(None)
        changes["sleep_at"] = sa.case((none, None), else_=_given("rest_at"))
    return (
        sa.update(lease)
        .where(
            lease.c.agent_id == _agent(),
            lease.c.fence == _given("under_fence"),
            lease.c.open_turn == _given("in_turn"),
            lease.c.holder.is_not(None),
        )
        .values(**changes)
        .returning(lease.c.message_seq, last_said())
    )


def _next_due() -> sa.ScalarSelect[int]:
    """When the next row that waits is due."""
    box = t.inbox
    return (
        sa.select(sa.func.min(box.c.due_at))
        .where(box.c.agent_id == _agent(), waits())
        .scalar_subquery()
    )


def _given(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.BigInteger)


def _agent() -> sa.BindParameter[Any]:
    return sa.bindparam("of_agent", type_=t.agent_lease.c.agent_id.type)
