"""Who is not let in, and what they are told: each reason once per window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, HOUR, MINUTE, Micros
from agentcore.records import (
    Address,
    Admission,
    ConsentState,
    NoticeDraft,
    RefusalReason,
    Refused,
    Submission,
    Unreadable,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert
from agentcore.sqlstore.people.access import pairing_code
from agentcore.sqlstore.people.senders import Known, add_person, newcomers, note_address
from agentcore.sqlstore.queues.outgoing import Awaited, Occasion, add_outbox
from agentcore.sqlstore.service.spending import gone_today
from agentcore.store.gate import Composer

REFUSAL_WINDOWS: Mapping[RefusalReason, int] = {
    "daily": HOUR,
    "budget": HOUR,
    "groups_off": DAY,
}
"""How long each refusal isn't said again; a minute if it isn't named."""

_UNREADABLE: Mapping[Unreadable, RefusalReason] = {
    "photo": "unreadable_photo",
    "voice": "unreadable_voice",
    "audio": "unreadable_audio",
    "video": "unreadable_video",
    "document": "unreadable_document",
    "sticker": "unreadable_sticker",
    "other": "unreadable_other",
}


def reason_to_refuse(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    known: Known | None,
    *,
    waits: bool,
) -> RefusalReason | None:
    """The first limit that the submission breaks."""
    if (unwanted := _unwanted(submission, admission, known)) is not None:
        return unwanted
    if known is None and newcomers(connection, submission) >= admission.newcomers_per_hour:
        return "crowded"
    access = admission.new_user_access if known is None else known.access
    if access != "admitted":
        return "pairing" if admission.pairing else "not_admitted"
    if waits and _lacks_consent(admission, known):
        return "consent"
    own = None if known is None else _over_the_caps(submission, admission, known, waits=waits)
    return own or _over_budget(connection, submission, admission, known, waits=waits)


def consent_of(admission: Admission, known: Known | None) -> ConsentState | Literal["outdated"]:
    """What the person has said to the terms; "outdated" if those were other terms."""
    if known is None:
        return "new"
    terms, heard = admission.terms, known.consent in {"noticed", "consented"}
    return (
        "outdated" if heard and terms and terms.version != known.consent_version else known.consent
    )


def _lacks_consent(admission: Admission, known: Known | None) -> bool:
    """Whether the person has yet to agree, or has said no."""
    consent = consent_of(admission, known)
    required = admission.terms is not None and admission.terms.required
    return consent == "declined" or (required and consent != "consented")


def _unwanted(
    submission: Submission, admission: Admission, known: Known | None
) -> RefusalReason | None:
    """Why it is not let in, however little else there is to do."""
    if known is not None and known.access == "blocked":
        return "blocked"
    if admission.groups_off and submission.audience == "chat":
        return "groups_off"
    if submission.size > admission.max_text_bytes:
        return "too_long"
    if submission.kind == "message" and not submission.text.strip():
        return "empty" if submission.unreadable is None else _UNREADABLE[submission.unreadable]
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


def first_this_window(
    connection: Connection, address: Address, reason: RefusalReason, now: Micros
) -> bool:
    """Whether this hasn't been said there yet; it counts as said from now on."""
    added = connection.execute(
        insert(connection, t.refusal).on_conflict_do_nothing(),
        {
            "address": address,
            "reason": reason,
            "window": now // REFUSAL_WINDOWS.get(reason, MINUTE),
            "created_at": now,
        },
    )
    return added.rowcount == 1


def refuse(
    connection: Connection,
    submission: Submission,
    admission: Admission,
    reason: RefusalReason,
    known: Known | None,
    composer: Composer,
) -> Refused:
    """Say it once per window, or to who waits for it; the receipt stays, so that a redelivery is refused as silently."""
    if known is None and reason in {"not_admitted", "pairing"}:
        known = add_person(connection, submission, admission.new_user_access)
    if known is not None:
        note_address(connection, known, submission)
    address = submission.chat if reason == "groups_off" else submission.address
    awaited = Awaited.of(submission)
    # Who waits for just this answer is told each time, and maybe nobody else sees it.
    first = awaited is not None or first_this_window(
        connection, address, reason, submission.received_at
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
    announced = reason != "blocked" and first  # a blocked person gets silence
    if announced and not submission.pressed:
        notice = NoticeDraft(submission.address, f"refused.{reason}", arguments)
        language = submission.language if known is None else known.language
        # A pull client is told in the answer itself, and has nobody to wait for.
        chunks = composer.notice(notice, language)
        occasion = Occasion(user_id=None if known is None else known.user_id, awaited=awaited)
        add_outbox(connection, chunks, submission.received_at, occasion)
    return Refused(reason, announced=announced, arguments=arguments)
