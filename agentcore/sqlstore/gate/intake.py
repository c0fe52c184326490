"""The gate: one transaction from an update to a row that will be answered.

Order matters. The receipt comes first, so that a redelivery stops there; the lease row is
locked before the inbox row is numbered, so that positions are in commit order per agent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import StoreBusy
from agentcore.records import (
    Acceptance,
    Accepted,
    Admission,
    AgentId,
    AgentSeed,
    Duplicate,
    Ignored,
    NoticeDraft,
    Submission,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.agents import add_agent
from agentcore.sqlstore.delivery.edited import Earlier, anew, change_in_place, find_earlier
from agentcore.sqlstore.engine.database import adding, lock_row
from agentcore.sqlstore.gate.scope import AcceptScope
from agentcore.sqlstore.people.access import set_consent
from agentcore.sqlstore.people.arriving import arrived
from agentcore.sqlstore.people.invitations import brought_along, let_in
from agentcore.sqlstore.people.refusing import consent_of, reason_to_refuse, refuse
from agentcore.sqlstore.people.senders import (
    Known,
    add_person,
    attach_agent,
    learn_language,
    look_up,
)
from agentcore.sqlstore.people.threads import add_thread
from agentcore.sqlstore.queues.buckets import bucket_of
from agentcore.sqlstore.queues.outgoing import Awaited, Occasion, add_notices
from agentcore.sqlstore.queues.positions import Position, take_position_of_one_that_answers
from agentcore.sqlstore.queues.reach import mark_reachable
from agentcore.sqlstore.queues.receipts import first_sight
from agentcore.store.gate import Composer, GateCommand


@dataclass(frozen=True, slots=True)
class Door:
    """The limits at the gate, what newcomers' agents are made from, and how answers are sent."""

    admission: Admission
    seed: Callable[[], AgentSeed]
    composer: Composer


def accept(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    seed: Callable[[], AgentSeed],
    composer: Composer,
    command: GateCommand | None,
) -> Acceptance:
    """See `Store.accept`."""
    earlier = find_earlier(connection, submission) if submission.edited else None
    if (dismissed := _dismissed(connection, submission, earlier)) is not None:
        return dismissed
    known = look_up(connection, submission)
    if known is not None:
        known = learn_language(connection, known, submission)
        known = arrived(connection, submission, admission, known)
    admission, known, invited = brought_along(connection, submission, admission, known)
    waits = command is None and (earlier is None or not earlier.waits)
    reason = reason_to_refuse(connection, submission, admission, known, waits=waits)
    if reason is not None:
        return refuse(connection, submission, admission, reason, known, composer)
    if earlier is not None and known is not None:
        if earlier.waits and command is None:
            return _changed(connection, submission, known, earlier)
        submission = anew(connection, earlier, submission, known.thread)
    door = Door(admission, seed, composer)
    accepted = _taken_in(connection, submission, door, command, known)
    if invited:
        let_in(connection, submission, accepted.user_id)
    return accepted


def _dismissed(
    connection: Connection, submission: Submission, earlier: Earlier | None
) -> Duplicate | Ignored | None:
    """What brings nothing new, or is for others. Leaves the receipt of all else."""
    if earlier is None and (submission.wordless_edit or not submission.addressed):
        return Ignored()
    if earlier is not None and earlier.reads_as(submission):
        return Duplicate(earlier.seq)
    if not first_sight(connection, submission):
        return Duplicate(_position_of(connection, submission))
    return None


def _changed(
    connection: Connection, submission: Submission, known: Known, earlier: Earlier
) -> Accepted:
    """A message that still waits reads otherwise from now on."""
    return Accepted(
        agent_id=earlier.agent_id,
        identity_id=known.identity_id,
        user_id=known.user_id,
        thread=earlier.thread,
        position=earlier.seq,
        pending=change_in_place(connection, earlier, submission),
        first_contact=False,
    )


def _taken_in(
    connection: Connection,
    submission: Submission,
    door: Door,
    command: GateCommand | None,
    known: Known | None,
) -> Accepted:
    """It waits for its turn from now on, or was answered at the gate."""
    if known is not None and known.unreachable:  # somebody who writes can be written to again
        mark_reachable(connection, submission.chat)
    known, agent_id, thread, first_contact = _settle_in(connection, submission, door, known)
    position, pending = _enqueue(connection, submission, known, agent_id, thread, command)
    _tell_terms(connection, submission, door, known, first=first_contact)
    if command is not None:
        scope = AcceptScope(
            connection, submission, agent_id, known.user_id, known.identity_id, thread
        )
        language = known.language
        occasion = Occasion(agent_id, user_id=known.user_id, awaited=Awaited.of(submission))
        now = submission.received_at
        add_notices(connection, command(scope), door.composer, language, now, occasion)
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
    connection: Connection, submission: Submission, door: Door, known: Known, *, first: bool
) -> None:
    """Say what is kept and who sees it: to everybody when they first write alone, and to a group
    when it meets its agent, whoever of it writes later.
    """
    terms = door.admission.terms
    if terms is None or terms.required:
        return
    now, unheard = submission.received_at, consent_of(door.admission, known) in {"new", "outdated"}
    if unheard:
        set_consent(connection, known.user_id, "noticed", terms.version, now)
    if first or (unheard and submission.audience == "private"):
        key = terms.key if first or known.consent == "new" else terms.changed_key
        notice = NoticeDraft(submission.address, key, terms.arguments)
        # What a group is told is for all of it, whoever of them waits for an answer.
        awaited = Awaited.of(submission) if submission.audience == "private" else None
        occasion = Occasion(user_id=known.user_id, awaited=awaited)
        add_notices(connection, [notice], door.composer, known.language, now, occasion)


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


def _settle_in(
    connection: Connection,
    submission: Submission,
    door: Door,
    known: Known | None,
) -> tuple[Known, AgentId, int, bool]:
    """Make what is missing of user, agent and thread. The last of what it gives back tells whether
    the agent was.
    """
    now, admission, seed = submission.received_at, door.admission, door.seed
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
        thread = add_thread(connection, agent_id, submission.address, submission.audience, now)
    return known, agent_id, thread, known.agent_id is None


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
    seen = known.version
    position, pending = _take_position(connection, submission, agent_id, seen, waits=waits)
    connection.execute(
        adding(t.inbox),
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
            "answer_via": submission.answer_via,
            "unreadable": submission.unreadable,
            "earlier": submission.earlier,
            "otid": submission.otid,
            "received_at": submission.received_at,
            "due_at": submission.due_at,
            "closed_at": None if waits else submission.received_at,
        },
    )
    return position, pending


def _take_position(
    connection: Connection,
    submission: Submission,
    agent_id: AgentId,
    seen: int | None,
    *,
    waits: bool,
) -> Position:
    """The row's place in the agent's inbox, and how many wait there now.

    Raises:
        StoreBusy: while this waited for the agent, it was erased, became one with another or parted
            from one, or became another version than was `seen` in some other way; a second try goes
            to whoever answers there now.
    """
    taken = take_position_of_one_that_answers(
        connection,
        agent_id,
        size=submission.size,
        due=submission.due_at,
        waits=waits,
        seen=seen,
    )
    if taken is None:
        msg = "The agent was changed at this very moment. Send it again."
        raise StoreBusy(msg)
    return taken
