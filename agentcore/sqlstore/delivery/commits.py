"""What a turn adds, as one transaction.

Invariant: the first statement updates the agent's lease under the claim's fence. If that finds
no row, somebody else holds the agent, and nothing may be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.errors import SummaryOutdated
from agentcore.records import (
    AgentId,
    Claim,
    Epoch,
    ExternalCall,
    IdentityId,
    NewMessage,
    Role,
    SleepClaim,
    StepCommit,
    StepRecord,
    TurnEnd,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.agents import attach_missing, change_agent
from agentcore.sqlstore.content.blocks import Cause, apply_edits
from agentcore.sqlstore.content.held import add_held, decide
from agentcore.sqlstore.delivery.charging import charge
from agentcore.sqlstore.delivery.ephemeral import end_in_line
from agentcore.sqlstore.delivery.fences import pass_fence
from agentcore.sqlstore.engine.database import adding
from agentcore.sqlstore.queues.outgoing import add_said
from agentcore.sqlstore.queues.parking import answered_after_all, retry_parked
from agentcore.sqlstore.recall.archive import add_passages
from agentcore.sqlstore.recall.postings import append, drafted

Numbered = Sequence[tuple[int, NewMessage]]


def commit(
    connection: Connection,
    claim: Claim,
    added: StepCommit,
    *,
    now: Micros,
    quiet: Micros | None = None,
) -> int:
    """See `AgentStore.commit`. `quiet`: how long after the turn's end its agent's memory is put in
    order, if nothing is said until then.
    """
    drafts = [drafted(message) for message in added.messages] if added.indexed else []
    sleep_at = None if quiet is None else Micros(now + quiet)
    newest, said = pass_fence(connection, claim, added, drafts, sleep_at)
    first = newest - len(added.messages) + 1
    numbered = list(enumerate(added.messages, start=first))
    if added.agent is not None:
        change_agent(connection, claim.agent_id, added.agent, now=now)
    if added.blocks:
        attach_missing(connection, claim.agent_id, added.blocks, now)
    if added.epoch is not None:
        check_sources(connection, claim.agent_id, added.summarised)
        _add_epoch(connection, claim, added.epoch)
    append(connection, claim, numbered, drafts, said)
    if added.edits or added.held or added.passages:
        cause = _cause(connection, claim, numbered)
        apply_edits(connection, added.edits, cause, now)
        if added.held:
            add_held(connection, added.held, cause, claim.turn, newest, now)
        if added.passages:
            add_passages(connection, added.passages, cause, now)
    decide(connection, claim.agent_id, added.decided, now)
    steps = added.summaries if added.step is None else (*added.summaries, added.step)
    add_steps(connection, claim.agent_id, claim.turn, steps, added.step, numbered)
    if added.calls:
        _add_calls(connection, claim, added.calls, newest, now)
    if added.end is not None:
        _finish(connection, claim, added.end, newest, now)
        _take_up(connection, claim, added.take_up, now)
        if added.ends_thread:
            end_in_line(connection, claim, now)
    add_said(connection, claim, added.notices, added.outbox, now)
    return newest


def _cause(connection: Connection, claim: Claim, numbered: Numbered) -> Cause:
    """The last thing that the person said in this turn; in a retry, what it answers."""
    said: tuple[int, IdentityId | None] | None = None
    for seq, new in numbered:
        if new.role is Role.USER:
            said = (seq, new.author)
    if said is None:
        row = connection.execute(
            sa.select(t.message.c.seq, t.message.c.author_id)
            .where(
                t.message.c.agent_id == claim.agent_id,
                t.message.c.thread == claim.thread,
                sa.true() if claim.retries else t.message.c.turn == claim.turn,
                t.message.c.role == Role.USER,
            )
            .order_by(t.message.c.seq.desc())
            .limit(1)
        ).one_or_none()
        said = None if row is None else (row.seq, row.author_id)
    message, author = said or (None, claim.first.identity)
    return Cause(claim.agent_id, author, claim.turn, message)


def check_sources(connection: Connection, agent_id: AgentId, seqs: Sequence[int]) -> None:
    """Nothing that was made something of may have been forgotten since it was read.

    Raises:
        SummaryOutdated: something was.
    """
    if not seqs:
        return
    message = t.message
    there = connection.execute(
        sa.select(sa.func.count()).where(
            message.c.agent_id == agent_id,
            message.c.seq.in_(seqs),
            message.c.forgotten_at.is_(None),
        )
    ).scalar()
    if there != len(seqs):
        msg = f"{agent_id} has forgotten what this was made from."
        raise SummaryOutdated(msg)


def _add_epoch(connection: Connection, claim: Claim, epoch: Epoch) -> None:
    insert_epoch(connection, claim.agent_id, epoch)
    if claim.retries:
        answered_after_all(connection, claim.agent_id, epoch.left_out)


def insert_epoch(connection: Connection, agent_id: AgentId, epoch: Epoch) -> None:
    """A thread's next epoch. Whoever does so outside a commit raises the lease's version."""
    connection.execute(
        sa.insert(t.epoch),
        {
            "agent_id": agent_id,
            "thread": epoch.thread,
            "number": epoch.number,
            "reason": epoch.reason,
            "system": epoch.system,
            "template": epoch.template,
            "block_versions": dict(epoch.block_versions),
            "summary": epoch.summary,
            "summary_origin": epoch.summary_origin,
            "left_out": list(epoch.left_out),
            "first_message": epoch.first_message,
            "last_note": epoch.last_note,
            "created_at": epoch.created_at,
        },
    )
    connection.execute(
        sa.update(t.thread)
        .where(t.thread.c.agent_id == agent_id, t.thread.c.number == epoch.thread)
        .values(epoch=epoch.number)
    )


def add_steps(
    connection: Connection,
    agent_id: AgentId,
    turn: int,
    steps: Sequence[StepRecord],
    answering: StepRecord | None = None,
    numbered: Numbered = (),
) -> None:
    """All in one statement. The messages belong to the one that answered."""
    if not steps:
        return
    rows = []
    for step in steps:
        said = numbered if step is answering else ()
        rows.append(
            {
                "agent_id": agent_id,
                "turn": turn,
                "number": step.number,
                "step_id": step.step_id,
                "model": step.model,
                "outcome": step.outcome,
                "detail": step.detail,
                "prompt_tokens": step.prompt_tokens,
                "completion_tokens": step.completion_tokens,
                "cached_tokens": step.cached_tokens,
                "cost": step.cost,
                "first_message": said[0][0] if said else None,
                "last_message": said[-1][0] if said else None,
                "started_at": step.started_at,
                "finished_at": step.finished_at,
            }
        )
    connection.execute(adding(t.step), rows)


def end_turn(
    connection: Connection,
    claim: Claim | SleepClaim,
    end: TurnEnd,
    user: UserId | None,
    now: Micros,
    *,
    newest: int | None = None,
) -> None:
    """Write how a turn ended, and book what it has used for its agent and its person. `newest` is
    the last message that may be its own.
    """
    given = {"of_agent": claim.agent_id, "in_turn": claim.turn, "newest": newest}
    how = {"end_state": end.state, "reason": end.reason, "trouble": end.error, "ended_at": now}
    connection.execute(_ending(), given | how | {"failed_by": end.failure})
    charge(connection, claim.agent_id, claim.turn, user, now)


@cache
def _ending() -> sa.Update:
    turn = t.turn
    return (
        sa.update(turn)
        .where(
            turn.c.agent_id == sa.bindparam("of_agent", type_=turn.c.agent_id.type),
            turn.c.number == sa.bindparam("in_turn", type_=sa.BigInteger),
        )
        .values(
            state=sa.bindparam("end_state", type_=sa.Text),
            stop_reason=sa.bindparam("reason", type_=sa.Text),
            error=sa.bindparam("trouble", type_=sa.Text),
            failure=sa.bindparam("failed_by", type_=sa.Text),
            last_message=sa.bindparam("newest", type_=sa.BigInteger),
            finished_at=sa.bindparam("ended_at", type_=turn.c.finished_at.type),
        )
    )


def _add_calls(
    connection: Connection, claim: Claim, calls: Sequence[ExternalCall], newest: int, now: Micros
) -> None:
    """Calls that start get their row; those that have finished get their end."""
    started = [call for call in calls if not call.finished]
    if started:
        connection.execute(
            sa.insert(t.tool_call),
            [
                {
                    "agent_id": claim.agent_id,
                    "turn": claim.turn,
                    "call_id": call.call_id,
                    "name": call.name,
                    "effect": "external",
                    "idempotency_key": call.idempotency_key,
                    "idempotent": call.idempotent,
                    "state": "started",
                    "message": newest,
                    "started_at": now,
                }
                for call in started
            ],
        )
    for call in calls:
        if call.finished:
            connection.execute(
                sa.update(t.tool_call)
                .where(
                    t.tool_call.c.agent_id == claim.agent_id,
                    t.tool_call.c.turn == claim.turn,
                    t.tool_call.c.call_id == call.call_id,
                )
                .values(state="finished", finished_at=now)
            )


def _take_up(connection: Connection, claim: Claim, seqs: Sequence[int], now: Micros) -> None:
    for seq in seqs:
        retry_parked(connection, claim.agent_id, seq, now=now)


def _finish(connection: Connection, claim: Claim, end: TurnEnd, newest: int, now: Micros) -> None:
    end_turn(connection, claim, end, claim.first.user, now, newest=newest)
    if end.parked:
        connection.execute(
            sa.update(t.inbox)
            .where(t.inbox.c.agent_id == claim.agent_id, t.inbox.c.turn == claim.turn)
            .values(parked_at=now, error=end.error)
        )
