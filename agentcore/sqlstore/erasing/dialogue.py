"""Somebody asks to be erased, and confirms it: the dialogue, as one transaction each.

A code is bound to the person and to where it was asked for: in a private chat it stands for all
that there is of them, in a group for what they wrote in that group. Nothing of the dialogue
stays: its answers are fleeting rows of the outbox.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import MINUTE, Micros
from agentcore.records import OWNER, AgentId, ErasureReply, NoticeDraft, Submission, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.erasing.erasure import ReceiptTo, belongings_of, cut_off
from agentcore.sqlstore.forgetting.redaction import inside, redact
from agentcore.sqlstore.people import tickets
from agentcore.sqlstore.people.senders import is_identity
from agentcore.sqlstore.people.tickets import Ticket
from agentcore.sqlstore.queues.outgoing import Awaited, Occasion, add_outbox
from agentcore.sqlstore.queues.receipts import first_sight
from agentcore.sqlstore.queues.unanswered import in_hand
from agentcore.sqlstore.registry import RULES, Owner
from agentcore.store.erasures import Saying
from agentcore.store.gate import Composer

KIND = "erase"
LASTS = 10 * MINUTE
CALLED_OFF = "turn.cancelled"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks; in a group with the group's agent, in private with none."""

    user_id: UserId
    language: str | None
    agent_id: AgentId | None
    now: Micros

    @property
    def ticket_id(self) -> str:
        of = f"{KIND}:{self.user_id}"
        return of if self.agent_id is None else f"{of}:{self.agent_id}"


def answer(
    connection: Connection, submission: Submission, code: str, saying: Saying, composer: Composer
) -> ErasureReply | None:
    """See `Erasures.ask`."""
    first = first_sight(connection, submission)
    person = _person(connection, submission)
    if person is not None and person.access == "blocked":
        return None
    if person is None:
        reply = _of_a_stranger(connection, submission)
    elif submission.audience == "private":
        asker = Asker(person.user_id, person.language, None, submission.received_at)
        confirmed = first and code and _is_right(connection, asker, code)
        if confirmed:
            nothing = ErasureReply("nothing", asker.language)
            draft = saying(submission.address, nothing)
            pushed = bool(composer.notice(draft, asker.language))
            waiting = _waiting(connection, asker)
            begun = _begin(connection, submission, asker, pushed=pushed)
            _call_off(connection, waiting, asker, composer)
            return begun
        reply = _not_yet(connection, asker, code)
    else:
        reply = _in_a_group(connection, submission, person, code if first else "", composer)
    if first:
        chunks = composer.notice(saying(submission.address, reply), reply.language)
        now = submission.received_at
        occasion = Occasion(awaited=Awaited.of(submission), fleeting=True)
        add_outbox(connection, chunks, now, occasion)
    return reply


def _person(connection: Connection, submission: Submission) -> AnyRow | None:
    identity = t.identity
    language = sa.func.coalesce(t.user.c.language, submission.language).label("language")
    return connection.execute(
        sa.select(identity.c.user_id, t.user.c.access, language)
        .join(t.user, t.user.c.user_id == identity.c.user_id)
        .where(is_identity(submission.key))
    ).one_or_none()


def _of_a_stranger(connection: Connection, submission: Submission) -> ErasureReply:
    """All that there can be is what their chat was told when nobody was let in."""
    if submission.audience == "private":
        for rule in RULES:
            for owner, column in rule.holders:
                if owner is Owner.ADDRESS:
                    here = column.in_([submission.address, submission.chat])
                    connection.execute(sa.delete(rule.table).where(here))
    return ErasureReply("nothing", submission.language)


def _not_yet(connection: Connection, asker: Asker, code: str) -> ErasureReply:
    if code:
        return ErasureReply("wrong_code", asker.language)
    outcome: Literal["asked", "asked_here"] = "asked" if asker.agent_id is None else "asked_here"
    return ErasureReply(outcome, asker.language, _code(connection, asker))


def _begin(
    connection: Connection, submission: Submission, asker: Asker, *, pushed: bool
) -> ErasureReply:
    them = belongings_of(connection, asker.user_id, submission.address)
    if them is None:  # erased by somebody else, at this moment
        return ErasureReply("nothing", asker.language)
    to = ReceiptTo(submission.address, submission.answer_via, asker.language)
    begun = cut_off(connection, them, OWNER, now=asker.now, tell=to if pushed else None)
    return ErasureReply("begun", asker.language, erasure_id=begun)


def _waiting(connection: Connection, asker: Asker) -> list[Awaited]:
    """What waits for its answer, of what is about to be asked no more."""
    box, lease = t.inbox, t.agent_lease
    mine = sa.select(t.identity.c.identity_id).where(t.identity.c.user_id == asker.user_id)
    rows = connection.execute(
        sa.select(box.c.address, box.c.answer_via)
        .join(lease, lease.c.agent_id == box.c.agent_id)
        .where(
            box.c.author_id.in_(mine),
            sa.true() if asker.agent_id is None else box.c.agent_id == asker.agent_id,
            box.c.answer_via.is_not(None),
            in_hand(lease.c.open_turn),
        )
    )
    return [Awaited(row.address, row.answer_via) for row in rows]


def _call_off(
    connection: Connection, waiting: Sequence[Awaited], asker: Asker, composer: Composer
) -> None:
    """Tell those who wait that nothing comes."""
    for each in waiting:
        chunks = composer.notice(NoticeDraft(each.address, CALLED_OFF), asker.language)
        add_outbox(connection, chunks, asker.now, Occasion(awaited=each, fleeting=True))


def _in_a_group(
    connection: Connection, submission: Submission, person: AnyRow, code: str, composer: Composer
) -> ErasureReply:
    agent = t.agent
    agent_id = connection.execute(
        sa.select(agent.c.agent_id).where(
            agent.c.owner_address == submission.chat, agent.c.deleted_at.is_(None)
        )
    ).scalar()
    if agent_id is None:
        return ErasureReply("private_only", person.language)
    asker = Asker(person.user_id, person.language, agent_id, submission.received_at)
    if not code or not _is_right(connection, asker, code):
        return _not_yet(connection, asker, code)
    waiting = _waiting(connection, asker)
    mine = sa.select(t.identity.c.identity_id).where(t.identity.c.user_id == asker.user_id)
    redact(connection, list(connection.execute(mine).scalars()), inside(agent_id), asker.now)
    connection.execute(sa.delete(t.ticket).where(t.ticket.c.ticket_id == asker.ticket_id))
    _call_off(connection, waiting, asker, composer)
    return ErasureReply("done_here", asker.language)


def _code(connection: Connection, asker: Asker) -> str:
    """The code that is good now, or a new one."""
    found = _good_code(connection, asker)
    if found is not None:
        return found
    code = f"{secrets.randbelow(10_000):04}"
    good_until = Micros(asker.now + LASTS)
    tickets.keep(
        connection,
        Ticket(
            asker.ticket_id,
            KIND,
            {"code": code},
            asker.now,
            good_until,
            asker.agent_id,
            asker.user_id,
        ),
    )
    return code


def _is_right(connection: Connection, asker: Asker, code: str) -> bool:
    good = _good_code(connection, asker)
    return good is not None and hmac.compare_digest(good.encode(), code.encode())


def _good_code(connection: Connection, asker: Asker) -> str | None:
    ticket = tickets.read(connection, asker.ticket_id)
    return str(ticket.payload["code"]) if ticket and ticket.good_at(asker.now) else None
