"""Somebody links or parts: the dialogue, as one transaction each.

Whoever isn't let in yet gets no further than a code that is good, and is let in by becoming one with
the person who gave it to them. Until then nothing of theirs is answered, or reaches a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    OWNER,
    Address,
    Admission,
    AgentId,
    Duplicate,
    JoinProposal,
    LinkEffect,
    LinkReply,
    LinkRequest,
    NoticeDraft,
    Refused,
    Submission,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.linking import codes
from agentcore.sqlstore.linking.joining import homes, join
from agentcore.sqlstore.linking.offers import (
    Offer,
    drop_offer,
    in_incognito,
    make_offer,
    read_offer,
)
from agentcore.sqlstore.linking.parting import links_of, part, read_link
from agentcore.sqlstore.people.arriving import arrived
from agentcore.sqlstore.people.refusing import reason_to_refuse, refuse
from agentcore.sqlstore.people.senders import Known, add_person, look_up, note_address
from agentcore.sqlstore.people.users import lock_users
from agentcore.sqlstore.queues.outgoing import Awaited, Occasion, add_notices, add_outbox
from agentcore.sqlstore.queues.receipts import first_sight
from agentcore.store.gate import Composer
from agentcore.store.links import Saying

_LET_THROUGH = frozenset({"pairing", "not_admitted", "crowded"})
"""Why somebody isn't let in who may still bring a code."""
_BRINGS = frozenset({"use", "confirm"})


@dataclass(frozen=True, slots=True)
class Speech:
    """How answers read, and what platforms are sent."""

    saying: Saying
    composer: Composer


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who asks, in this transaction. `known` None: a stranger."""

    connection: Connection
    submission: Submission
    admission: Admission
    known: Known | None

    @property
    def now(self) -> Micros:
        return self.submission.received_at

    @property
    def user_id(self) -> UserId | None:
        return None if self.known is None else self.known.user_id

    def met(self) -> UserId:
        """Their user, made if there is none, with where they can be told what comes of it."""
        known = self.known
        if known is None:
            access = self.admission.new_user_access
            return add_person(self.connection, self.submission, access).user_id
        note_address(self.connection, known, self.submission)
        return known.user_id

    def offer(self) -> Offer | None:
        """What they were shown and can still confirm."""
        user_id, terms = self.user_id, self.admission.terms
        if user_id is None or self.submission.audience != "private":
            return None
        return read_offer(self.connection, user_id, terms, self.now)


def answer(
    connection: Connection,
    submission: Submission,
    request: LinkRequest,
    admission: Admission,
    speech: Speech,
    proposal: JoinProposal | None,
) -> LinkReply | Refused | Duplicate:
    """See `Links.ask`."""
    known = arrived(connection, submission, admission, look_up(connection, submission))
    asking = _Asking(connection, submission, admission, known)
    if request.kind == "confirm" and proposal is None:
        offer = asking.offer()
        if offer is not None and _stands(offer, request):
            return LinkReply("confirmed", joining=offer.joining)
    if not first_sight(connection, submission):
        return Duplicate(0)
    reason = reason_to_refuse(connection, submission, admission, known, waits=False)
    brings = request.kind in _BRINGS and submission.audience == "private"
    if reason is not None and not (brings and reason in _LET_THROUGH):
        return refuse(connection, submission, admission, reason, known, speech.composer)
    reply = _in_words(asking, _answered(asking, request, proposal))
    _say(asking, reply, speech)
    return reply


def _answered(asking: _Asking, request: LinkRequest, proposal: JoinProposal | None) -> LinkReply:
    if asking.submission.audience != "private":
        return LinkReply("private_only")
    match request.kind:
        case "how":
            reply = LinkReply("how")
        case "list":
            reply = _listed(asking)
        case "part":
            reply = _parted(asking, request.number)
        case "code":
            reply = _code(asking)
        case "use":
            reply = _brought(asking, request.code)
        case "confirm":
            reply = _confirmed(asking, request, proposal or JoinProposal())
        case other:
            assert_never(other)
    return reply


def _code(asking: _Asking) -> LinkReply:
    address = asking.submission.address
    code = codes.new_code(asking.connection, asking.met(), address, asking.now)
    return LinkReply("code", code=code)


def _brought(asking: _Asking, code: str) -> LinkReply:
    """Somebody brings a code: what it is good for is shown to them, and whoever gave it hears so."""
    connection, submission, now = asking.connection, asking.submission, asking.now
    if codes.too_many_guesses(connection, submission.key, now):
        return LinkReply("too_many")
    state, giver = codes.look_up_code(connection, code, asking.user_id, now)
    if giver is not None and giver == asking.user_id:
        return LinkReply("own_code")
    match state:
        case "unknown":
            codes.count_guess(connection, submission.key, submission.address, now)
            return LinkReply("wrong_code")
        case "used":
            return LinkReply("used_code")
        case "expired":
            return LinkReply("expired_code")
        case "fresh":
            return LinkReply("wrong_code") if giver is None else _shown(asking, giver, code)
        case other:
            assert_never(other)


def _shown(asking: _Asking, giver: UserId, code: str) -> LinkReply:
    connection, user_id = asking.connection, asking.met()
    offer = make_offer(connection, user_id, giver, asking.admission.terms, asking.now)
    if offer is None:
        return LinkReply("wrong_code")
    if in_incognito(connection, offer.joining):
        drop_offer(connection, user_id)
        return LinkReply("incognito")
    first = codes.mark_used(connection, code, user_id, asking.now)
    return LinkReply(
        "preview",
        number=offer.number,
        here=_side(offer, user_id),
        joining=offer.joining,
        warned=homes(connection, giver) if first else (),
    )


def _side(offer: Offer, user_id: UserId) -> Literal["stays", "goes"]:
    return "stays" if offer.joining.stays.user_id == user_id else "goes"


def _stands(offer: Offer, request: LinkRequest) -> bool:
    return offer.same and request.number in {None, offer.number}


def _confirmed(asking: _Asking, request: LinkRequest, proposal: JoinProposal) -> LinkReply:
    """Join the two, if what was shown is what there is."""
    connection, user_id, offer = asking.connection, asking.user_id, asking.offer()
    if offer is None or user_id is None:
        return LinkReply("already" if _is_linked(asking) else "gone")
    if in_incognito(connection, offer.joining):
        return LinkReply("incognito")
    here = _side(offer, user_id)
    if not _stands(offer, request):
        terms, now = asking.admission.terms, asking.now
        anew = make_offer(connection, user_id, offer.giver, terms, now) or offer
        return LinkReply("changed", number=anew.number, here=here, joining=anew.joining)
    drop_offer(connection, user_id)
    effect = join(connection, offer.joining, proposal, OWNER, asking.now)
    return LinkReply("joined", here=here, effect=effect)


def _is_linked(asking: _Asking) -> bool:
    """Whether somebody has become one with another, be it while this waited for them."""
    known = look_up(asking.connection, asking.submission)
    return known is not None and bool(links_of(asking.connection, known.user_id, asking.now))


def _listed(asking: _Asking) -> LinkReply:
    user_id = asking.user_id
    found = () if user_id is None else links_of(asking.connection, user_id, asking.now)
    return LinkReply("links", links=found)


def _parted(asking: _Asking, number: int | None) -> LinkReply:
    """Take one link back."""
    connection, user_id, now = asking.connection, asking.user_id, asking.now
    if user_id is None or number is None:
        return LinkReply("no_link")
    found = read_link(connection, user_id, number)
    if found is None:
        return LinkReply("no_link")
    lock_users(connection, user_id, found.absorbed_user)
    row = read_link(connection, user_id, number)
    if row is None:
        return LinkReply("no_link")
    if now >= row.undo_until:
        final = (each for each in links_of(connection, user_id, now) if each.number == number)
        return LinkReply("final", links=tuple(final))
    return LinkReply("parted", effect=part(connection, row, OWNER, now))


def _in_words(asking: _Asking, reply: LinkReply) -> LinkReply:
    """With the language and the time zone that the sender reads in."""
    identity = t.identity
    row = None
    if asking.known is not None:
        row = asking.connection.execute(
            sa.select(t.user.c.language, t.user.c.time_zone)
            .join(identity, identity.c.user_id == t.user.c.user_id)
            .where(identity.c.identity_id == asking.known.identity_id)
        ).one()
    if row is None:
        return replace(reply, language=asking.submission.language)
    return replace(reply, language=row.language or asking.submission.language, zone=row.time_zone)


def _shown_of(reply: LinkReply) -> AgentId | None:
    """Whose memory is shown beside the asker's own. What shows it goes with that agent, sent or not."""
    if reply.joining is None:
        return None
    return (reply.joining.goes if reply.here == "stays" else reply.joining.stays).agent_id


def _say(asking: _Asking, reply: LinkReply, speech: Speech) -> None:
    """Queue the answer, and tell everybody else whom it concerns."""
    connection, submission, now = asking.connection, asking.submission, asking.now
    said = speech.saying.answer(submission.address, reply)
    about = Occasion(_shown_of(reply), user_id=asking.user_id, awaited=Awaited.of(submission))
    for drafts, fleeting in ((said.fleeting, True), (said.kept, False)):
        for draft in drafts:
            chunks = speech.composer.notice(draft, reply.language)
            add_outbox(connection, chunks, now, replace(about, fleeting=fleeting))
    if reply.effect is not None:
        here = {submission.address, submission.chat}
        told = tuple(each for each in reply.effect.told if each not in here)
        tell(connection, replace(reply.effect, told=told), speech, now)
    if reply.warned:
        warning = partial(speech.saying.shown, platform=submission.key.platform)
        _tell_each(connection, reply.warned, warning, speech, now)


def tell(connection: Connection, effect: LinkEffect, speech: Speech, now: Micros) -> None:
    """Everybody to whom something has happened reads of it where they write."""
    draft = partial(speech.saying.told, effect=effect)
    _tell_each(connection, effect.told, draft, speech, now)


def _tell_each(
    connection: Connection,
    places: Sequence[Address],
    draft: Callable[..., NoticeDraft],
    speech: Speech,
    now: Micros,
) -> None:
    """In each place in the language of whoever writes there."""
    for address in places:
        reader = connection.execute(
            sa.select(t.user.c.language, t.user.c.time_zone)
            .join(t.identity, t.identity.c.user_id == t.user.c.user_id)
            .where(t.identity.c.address == address)
            .limit(1)
        ).one()
        notice = draft(address, language=reader.language, zone=reader.time_zone)
        add_notices(connection, [notice], speech.composer, reader.language, now)
