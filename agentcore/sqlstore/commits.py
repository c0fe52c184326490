"""What a turn adds, as one transaction.

Invariant: the first statement updates the agent's lease under the claim's fence. If that finds
no row, somebody else holds the agent, and nothing may be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros, day_of
from agentcore.errors import Fenced, SummaryOutdated
from agentcore.records import (
    AgentId,
    Claim,
    Epoch,
    IdentityId,
    NewMessage,
    Role,
    SleepClaim,
    StepRecord,
    TurnEnd,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.agents import attach_missing, change_agent
from agentcore.sqlstore.archive import add_passages
from agentcore.sqlstore.blocks import Cause, apply_edits
from agentcore.sqlstore.database import insert
from agentcore.sqlstore.ephemeral import end_in_line
from agentcore.sqlstore.held import add_held, decide
from agentcore.sqlstore.holding import hold
from agentcore.sqlstore.outgoing import add_notices, add_outbox, turn_of
from agentcore.sqlstore.parking import answered_after_all, retry_parked
from agentcore.sqlstore.postings import Drafted, Said, append, drafted, last_said, read_said
from agentcore.store import ExternalCall, StepCommit

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
    newest, said = _pass_fence(connection, claim, added, drafts, sleep_at)
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
        _finish(connection, claim, added.end, now)
        _take_up(connection, claim, added.take_up, now)
        if added.ends_thread:
            end_in_line(connection, claim, now)
    add_outbox(connection, added.outbox, now, turn_of(claim))
    add_notices(connection, added.notices, None, None, now, turn_of(claim))
    return newest


def _pass_fence(
    connection: Connection,
    claim: Claim,
    added: StepCommit,
    drafts: Sequence[Drafted],
    sleep_at: Micros | None,
) -> tuple[int, list[Said]]:
    """Prove the hold, move the counters, and let go if the turn is over.

    Returns:
        The agent's newest message number, and what was said last before these messages.
    """
    lease = t.agent_lease
    if added.end is not None:
        hold(connection, claim.agent_id)  # or a message that is just being accepted goes unseen
    changes: dict[str, object] = {
        "message_seq": lease.c.message_seq + len(added.messages),
        "indexed_messages": lease.c.indexed_messages + sum(1 for draft in drafts if draft.size),
        "indexed_words": lease.c.indexed_words + sum(draft.size for draft in drafts),
    }
    if added.counted is not None and added.counted != claim.counted:
        changes["counted"] = asdict(added.counted)
    if added.epoch is not None or added.agent is not None:
        changes["version"] = lease.c.version + 1
    if added.card_at is not None:
        changes |= {"cards": lease.c.cards + 1, "card_at": added.card_at}
    if added.end is not None:
        changes |= _letting_go(claim, added, sleep_at)
    found = connection.execute(
        sa.update(lease)
        .where(
            lease.c.agent_id == claim.agent_id,
            lease.c.fence == claim.fence,
            lease.c.open_turn == claim.turn,
            lease.c.holder.is_not(None),
        )
        .values(**changes)
        .returning(lease.c.message_seq, last_said()),
        {"said_by": claim.agent_id, "said_in": claim.thread},
    ).one_or_none()
    if found is None:
        msg = f"{claim.agent_id} was taken over by another worker."
        raise Fenced(msg)
    return found[0], read_said(found[1])


def _letting_go(claim: Claim, added: StepCommit, sleep_at: Micros | None) -> Mapping[str, object]:
    """What changes in the lease when the turn is over."""
    lease = t.agent_lease
    changes: dict[str, object] = {
        "pending": lease.c.pending - len(claim.items),
        "pending_bytes": lease.c.pending_bytes - sum(item.size for item in claim.items),
        "ready_at": _next_due(claim),
        "open_turn": None,
        "lease_until": None,
        "holder": None,
    }
    if sleep_at is not None:
        # What leaves no trace is nothing to put in order, but the person isn't away.
        none = lease.c.sleepless if added.indexed else lease.c.sleep_at.is_(None)
        changes["sleep_at"] = sa.case((none, None), else_=sleep_at)
    return changes


def _next_due(claim: Claim) -> sa.ScalarSelect[int]:
    box = t.inbox
    return (
        sa.select(sa.func.min(box.c.due_at))
        .where(
            box.c.agent_id == claim.agent_id,
            box.c.turn.is_(None),
            box.c.closed_at.is_(None),
            box.c.parked_at.is_(None),
        )
        .scalar_subquery()
    )


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
    connection.execute(
        sa.insert(t.epoch),
        {
            "agent_id": claim.agent_id,
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
        .where(t.thread.c.agent_id == claim.agent_id, t.thread.c.number == epoch.thread)
        .values(epoch=epoch.number)
    )
    if claim.retries:
        answered_after_all(connection, claim.agent_id, epoch.left_out)


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
    connection.execute(sa.insert(t.step), rows)


def end_turn(
    connection: Connection,
    claim: Claim | SleepClaim,
    end: TurnEnd,
    user: UserId | None,
    now: Micros,
) -> None:
    """Write how a turn ended, and book what it has used for its agent and its person."""
    connection.execute(
        sa.update(t.turn)
        .where(t.turn.c.agent_id == claim.agent_id, t.turn.c.number == claim.turn)
        .values(state=end.state, stop_reason=end.reason, error=end.error, finished_at=now)
    )
    _charge(connection, claim.agent_id, claim.turn, user, now)


def _charge(
    connection: Connection, agent_id: AgentId, turn: int, user: UserId | None, now: Micros
) -> None:
    """Book what the whole turn has used, earlier attempts at it included."""
    step, usage = t.step.c, t.usage
    holders = [("agent", str(agent_id))]
    if user is not None:
        holders.append(("user", str(user)))
    used = [
        sa.select(
            sa.literal(scope),
            sa.literal(holder),
            sa.literal(day_of(now)),
            sa.func.coalesce(sa.func.sum(step.cost), 0),
            sa.func.count() - sa.func.count(step.cost),
            sa.func.sum(step.prompt_tokens),
            sa.func.sum(step.completion_tokens),
        )
        .where(step.agent_id == agent_id, step.turn == turn)
        .having(sa.func.count() > 0)
        for scope, holder in holders
    ]
    added = ("spent", "unknown", "prompt_tokens", "completion_tokens")
    statement = insert(connection, usage).from_select(
        ["scope", "id", "day", *added], sa.union_all(*used)
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["scope", "id", "day"],
            set_={name: usage.c[name] + statement.excluded[name] for name in added},
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


def _finish(connection: Connection, claim: Claim, end: TurnEnd, now: Micros) -> None:
    end_turn(connection, claim, end, claim.first.user, now)
    if end.parked:
        connection.execute(
            sa.update(t.inbox)
            .where(t.inbox.c.agent_id == claim.agent_id, t.inbox.c.turn == claim.turn)
            .values(parked_at=now, error=end.error)
        )
