"""The gate: one transaction from an update to a row that will be answered.

Order matters. The receipt comes first, so that a redelivery stops there; the lease row is
locked before the inbox row is numbered, so that positions are in commit order per agent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, MINUTE
from agentcore.errors import StoreBusy
from agentcore.records import (
    Acceptance,
    Accepted,
    Admission,
    AgentId,
    AgentSeed,
    ConsentState,
    Duplicate,
    NoticeDraft,
    RefusalReason,
    Refused,
    Submission,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.access import pairing_code, set_consent
from agentcore.sqlstore.buckets import bucket_of
from agentcore.sqlstore.database import insert, lock_row
from agentcore.sqlstore.gate_scope import AcceptScope
from agentcore.sqlstore.outgoing import Occasion, add_notices, add_outbox
from agentcore.sqlstore.people import (
    Known,
    add_agent,
    add_person,
    add_thread,
    attach_agent,
    look_up,
    newcomers,
    note_address,
)
from agentcore.sqlstore.reach import mark_reachable
from agentcore.sqlstore.spending import gone_today
from agentcore.store import Composer, GateCommand

REFUSAL_WINDOWS: Mapping[RefusalReason, int] = {"daily": DAY, "budget": DAY}
"""How long each refusal isn't said again; a minute if it isn't named."""


def accept(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    seed: Callable[[], AgentSeed],
    composer: Composer,
    command: GateCommand | None,
) -> Acceptance:
    """See `Store.accept`."""
    if not first_sight(connection, submission):
        return Duplicate(_position_of(connection, submission))
    known = look_up(connection, submission)
    reason = _reason_to_refuse(connection, submission, admission, known, waits=command is None)
    if reason is not None:
        return _refuse(connection, submission, admission, reason, known, composer)
    if known is not None and known.unreachable:  # somebody who writes can be written to again
        mark_reachable(connection, submission.chat)
    first_contact = known is None or known.agent_id is None
    known, agent_id, thread = _settle_in(connection, submission, admission, seed, known)
    position, pending = _enqueue(connection, submission, known, agent_id, thread, command)
    if _consent(admission, known) in {"new", "outdated"}:
        _tell_terms(connection, submission, admission, known, composer, first=first_contact)
    if command is not None:
        scope = AcceptScope(
            connection, submission, agent_id, known.user_id, known.identity_id, thread
        )
        language = known.language
        occasion = Occasion(agent_id, user_id=known.user_id)
        now = submission.received_at
        add_notices(connection, command(scope), composer, language, now, occasion)
    return Accepted(
        agent_id=agent_id,
        identity_id=known.identity_id,
        user_id=known.user_id,
        thread=thread,
        position=position,
        pending=pending,
        first_contact=first_contact,
    )


def _tell_terms(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    known: Known,
    composer: Composer,
    *,
    first: bool,
) -> None:
    """Say once what is kept and who sees it; a group hears it when it meets its agent."""
    terms = admission.terms
    if terms is None or terms.required:
        return
    now = submission.received_at
    set_consent(connection, known.user_id, "noticed", terms.version, now)
    if first or submission.audience == "private":
        key = terms.key if known.consent == "new" else terms.changed_key
        notice = NoticeDraft(submission.address, key, terms.arguments)
        add_notices(
            connection, [notice], composer, known.language, now, Occasion(user_id=known.user_id)
        )


def first_sight(connection: Connection, submission: Submission) -> bool:
    """Leave the update's receipt. False: there is one."""
    added = connection.execute(
        insert(connection, t.receipt).on_conflict_do_nothing(),
        {
            "source": submission.source,
            "update_id": submission.update_id,
            "received_at": submission.received_at,
        },
    )
    return added.rowcount == 1


def _position_of(connection: Connection, submission: Submission) -> int:
    """Where an update seen before stands in the inbox of the agent at its address."""
    agents = sa.select(t.thread.c.agent_id).where(t.thread.c.address == submission.address)
    position = connection.execute(
        sa.select(t.inbox.c.seq).where(
            t.inbox.c.agent_id.in_(agents),
            t.inbox.c.source == submission.source,
            t.inbox.c.update_id == submission.update_id,
        )
    ).scalar()
    return position or 0


def _reason_to_refuse(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    known: Known | None,
    *,
    waits: bool,
) -> RefusalReason | None:
    """The first limit that the submission breaks."""
    if known is not None and known.access == "blocked":
        return "blocked"
    if (unusable := _unusable(submission, admission)) is not None:
        return unusable
    if known is None and newcomers(connection, submission) >= admission.newcomers_per_hour:
        return "crowded"
    access = admission.new_user_access if known is None else known.access
    if access != "admitted":
        return "pairing" if admission.pairing else "not_admitted"
    if waits and _lacks_consent(admission, known):
        return "consent"
    own = None if known is None else _over_the_caps(submission, admission, known, waits=waits)
    return own or _over_budget(connection, submission, admission, known, waits=waits)


def _consent(admission: Admission, known: Known | None) -> ConsentState | Literal["outdated"]:
    """What the person has said to the terms; "outdated" if those were other terms."""
    if known is None:
        return "new"
    terms, heard = admission.terms, known.consent in {"noticed", "consented"}
    return (
        "outdated" if heard and terms and terms.version != known.consent_version else known.consent
    )


def _lacks_consent(admission: Admission, known: Known | None) -> bool:
    """Whether the person has yet to agree, or has said no."""
    consent = _consent(admission, known)
    required = admission.terms is not None and admission.terms.required
    return consent == "declined" or (required and consent != "consented")


def _unusable(submission: Submission, admission: Admission) -> RefusalReason | None:
    if submission.size > admission.max_text_bytes:
        return "too_long"
    if submission.kind == "message" and not submission.text.strip():
        return "empty"
    return None


def _over_the_caps(
    submission: Submission, admission: Admission, known: Known, *, waits: bool
) -> RefusalReason | None:
    """`/stop` passes: it must work just when too much is waiting."""
    if submission.command == "stop":
        return None
    if known.recent >= admission.max_per_minute:
        return "rate"
    if not waits:
        return None
    if admission.max_per_day is not None and known.today >= admission.max_per_day:
        return "daily"
    too_many = known.pending >= admission.max_pending
    too_much = known.pending_bytes + submission.size > admission.max_pending_bytes
    return "pending_full" if too_many or too_much else None


def _over_budget(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    known: Known | None,
    *,
    waits: bool,
) -> RefusalReason | None:
    """Nobody who asks the service's own models would be answered today. Whoever chose another
    model is let through: it may be free.
    """
    if admission.max_spend is None or not waits or submission.kind != "message":
        return None
    if gone_today(connection, submission.received_at) <= admission.max_spend:
        return None
    agent_id = None if known is None else known.agent_id
    own_model = sa.select(t.agent.c.model).where(t.agent.c.agent_id == agent_id)
    return None if connection.execute(own_model).scalar() else "budget"


def _refuse(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    reason: RefusalReason,
    known: Known | None,
    composer: Composer,
) -> Refused:
    """Say it once per window; the receipt stays, so that a redelivery is refused as silently."""
    if known is None and reason in {"not_admitted", "pairing"}:
        known = add_person(connection, submission, admission.new_user_access)
    if known is not None:
        note_address(connection, known, submission)
    added = connection.execute(
        insert(connection, t.refusal).on_conflict_do_nothing(),
        {
            "address": submission.address,
            "reason": reason,
            "window": submission.received_at // REFUSAL_WINDOWS.get(reason, MINUTE),
            "created_at": submission.received_at,
        },
    )
    arguments: dict[str, str | int] = {
        "size": submission.size,
        "max_size": admission.max_text_bytes,
        "max_pending": admission.max_pending,
        "max_per_minute": admission.max_per_minute,
        "max_per_day": admission.max_per_day or 0,
        **(admission.terms.arguments if admission.terms is not None else {}),
    }
    if reason == "pairing" and known is not None:
        code = pairing_code(connection, known.user_id, submission.address, submission.received_at)
        arguments["code"] = code
    announced = reason != "blocked" and added.rowcount == 1  # a blocked person gets silence
    if announced and not submission.pressed:
        notice = NoticeDraft(submission.address, f"refused.{reason}", arguments)
        language = submission.language if known is None else known.language
        # A pull client is told in the answer itself, and has nobody to wait for.
        chunks = composer.notice(notice, language)
        occasion = Occasion(user_id=None if known is None else known.user_id)
        add_outbox(connection, chunks, submission.received_at, occasion)
    return Refused(reason, announced=announced, arguments=arguments)


def _settle_in(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    seed: Callable[[], AgentSeed],
    known: Known | None,
) -> tuple[Known, AgentId, int]:
    """Make what is missing of user, agent and thread."""
    now = submission.received_at
    if known is None:
        known = add_person(connection, submission, admission.new_user_access)
        if submission.to_the_chat:  # the chat's agent may be there already
            known = look_up(connection, submission) or known
    if known.thread is None:
        known = _alone(connection, submission, known)
    agent_id = known.agent_id
    if agent_id is None:
        if submission.to_the_chat:
            made = replace(seed(), owner_kind="chat")
            agent_id = add_agent(connection, made, now, owner_address=submission.chat)
        else:
            agent_id = add_agent(connection, seed(), now)
            attach_agent(connection, known.user_id, agent_id, now)
    thread = known.thread
    if thread is None:
        thread = add_thread(connection, agent_id, submission)
    return known, agent_id, thread


def _alone(connection: Connection, submission: Submission, known: Known) -> Known:
    """What is known when nobody else can be making this agent or thread.

    A stranger's identity and a chat's agent have unique keys: of two at once, one tries again.
    """
    if submission.to_the_chat:
        rows = sa.select(t.agent_lease.c.agent_id).where(t.agent_lease.c.agent_id == known.agent_id)
    else:
        rows = sa.select(t.user.c.user_id).where(t.user.c.user_id == known.user_id)
    return known if not lock_row(connection, rows) else look_up(connection, submission) or known


def _enqueue(
    connection: Connection,
    submission: Submission,
    known: Known,
    agent_id: AgentId,
    thread: int,
    command: GateCommand | None,
) -> tuple[int, int]:
    """Lock the lease row, take the next position, add the inbox row. A command that runs at the
    gate is closed at once and makes nobody ready.
    """
    waits = command is None
    position, pending = _take_position(connection, submission, agent_id, waits=waits)
    connection.execute(
        sa.insert(t.inbox),
        {
            "agent_id": agent_id,
            "seq": position,
            "bucket": bucket_of(agent_id),
            "source": submission.source,
            "update_id": submission.update_id,
            "address": submission.address,
            "thread": thread,
            "platform": submission.key.platform,
            "speaker": submission.speaker,
            "kind": submission.kind,
            "command": submission.command,
            "author_id": known.identity_id,
            "user_id": known.user_id,
            "parts": submission.parts,
            "size": submission.size,
            "platform_message_id": submission.platform_message_id,
            "otid": submission.otid,
            "received_at": submission.received_at,
            "due_at": submission.due_at,
            "closed_at": None if waits else submission.received_at,
        },
    )
    return position, pending


def _take_position(
    connection: Connection, submission: Submission, agent_id: AgentId, *, waits: bool
) -> tuple[int, int]:
    """The row's place in the agent's inbox, and how many wait there now.

    Raises:
        StoreBusy: the agent was erased while this waited for it; a second try is a stranger's.
    """
    lease = t.agent_lease
    changes = {}
    if waits:
        earlier = lease.c.ready_at < submission.due_at
        changes = {
            "pending": lease.c.pending + 1,
            "pending_bytes": lease.c.pending_bytes + submission.size,
            "ready_at": sa.case((earlier, lease.c.ready_at), else_=submission.due_at),
        }
    taken = connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(inbox_seq=lease.c.inbox_seq + 1, **changes)
        .returning(lease.c.inbox_seq, lease.c.pending)
    ).one_or_none()
    if taken is None:
        msg = "The agent was deleted at this very moment. Send it again."
        raise StoreBusy(msg)
    return taken.inbox_seq, taken.pending
