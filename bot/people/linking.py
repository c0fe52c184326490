"""`/link` and `/unlink`: the service's side of one person becoming one user.

They are neither commands at the gate nor in the queue. The gate lets in only who is admitted, and
makes an agent for them; the queue stands still when an agent is stuck; and before two memories are
joined, a model is asked what of them is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import anyio
import structlog

from adapters.base import Receipt
from adapters.feed import written_out
from agentcore.clock import Clock
from agentcore.core import propose_joining
from agentcore.errors import stack_of
from agentcore.model import Model
from agentcore.records import (
    OWNER,
    Actor,
    Address,
    Admission,
    Agent,
    ConsentTerms,
    Duplicate,
    Joining,
    JoinProposal,
    LinkEffect,
    LinkReply,
    LinkRequest,
    NoticeDraft,
    Refused,
    Submission,
    UserId,
)
from agentcore.store import Store
from agentcore.store.gate import Composer
from agentcore.store.links import bare_code
from bot.people.link_wording import LinkWording
from bot.texts import text_of
from bot.waking.hints import Hints
from bot.wording.actions import actions_of
from config.settings import OFFLINE

_log = structlog.get_logger(__name__)

LONGEST = 30.0
"""Seconds after which a model isn't waited for, should its own time limit not hold."""
COMMANDS = frozenset({"link", "unlink"})
_CONFIRMED = re.compile(r"(?:yes|ja)[!.]?(?:\s+#?(\d{1,9}))?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"#?(\d{1,9})\b.*", re.ASCII | re.DOTALL)


def request_of(command: str, argument: str) -> LinkRequest:
    """What a command asks for."""
    if command == "unlink":
        number = _NUMBER.fullmatch(argument)
        if not argument:
            return LinkRequest("list")
        return LinkRequest("part", number=int(number[1]) if number else None)
    if not argument:
        return LinkRequest("code")
    confirmed = _CONFIRMED.fullmatch(argument)
    if confirmed:
        return LinkRequest("confirm", number=int(confirmed[1]) if confirmed[1] else None)
    code = bare_code(argument)
    return LinkRequest("how") if code is None else LinkRequest("use", code)


@dataclass(frozen=True, slots=True)
class Matching:
    """How memories are brought together: `model_of` picks the model that may see an agent's and the
    other's that comes to it, of people who have heard the terms; `zone` serves people who named
    none.
    """

    model_of: Callable[[Agent], Model]
    zone: ZoneInfo
    terms: ConsentTerms | None = None


class Linking:
    """Answers whoever wants to link or part."""

    def __init__(
        self,
        store: Store,
        composer: Composer,
        hints: Hints,
        clock: Clock,
        matching: Matching,
    ) -> None:
        self._store = store
        self._composer = composer
        self._hints = hints
        self._clock = clock
        self._matching = matching
        self._wording = LinkWording(matching.zone)

    async def answer(self, submission: Submission, admission: Admission) -> Refused | Receipt:
        """Answer it; a refusal is the gate's to tell."""
        request = request_of(submission.command or "", submission.text)
        reply = await self._ask(submission, request, admission)
        if isinstance(reply, LinkReply) and reply.outcome == "confirmed" and reply.joining:
            proposal = await self._proposed(reply.joining)
            reply = await self._ask(submission, request, admission, proposal)
        if isinstance(reply, Refused):
            return reply
        if isinstance(reply, Duplicate):
            return Receipt("duplicate", reply.position)
        self._hints.outbox.note(submission.address, submission.received_at)
        if reply.effect is not None:
            self._spread(reply.effect)
        self._told_at(reply.warned)
        said = self._wording.answer(submission.address, reply)
        texts = [_written(draft, reply.language) for draft in (*said.fleeting, *said.kept)]
        return Receipt("answered", text="\n\n".join(texts))

    async def join(self, first: UserId, second: UserId, by: Actor) -> LinkEffect | None:
        """Two users whom an operator joins; None if they are one already.

        Raises:
            NotFound: one of them isn't there.
            BadInput: one of them isn't let in.
        """
        joining = await self._store.links.pair(first, second, self._matching.terms)
        if joining is None:
            return None
        proposal = await self._proposed(joining)
        effect = await self._store.links.join_pair(
            joining, proposal, by, self._wording, self._composer
        )
        self._spread(effect)
        return effect

    async def _ask(
        self,
        submission: Submission,
        request: LinkRequest,
        admission: Admission,
        proposal: JoinProposal | None = None,
    ) -> LinkReply | Refused | Duplicate:
        return await self._store.links.ask(
            submission, request, admission, self._wording, self._composer, proposal
        )

    async def _proposed(self, joining: Joining) -> JoinProposal:
        """What a model makes of both memories, where one may be asked."""
        if not joining.by_model or joining.stays.agent_id is None:
            return JoinProposal()
        agent = await self._store.for_agent(joining.stays.agent_id, OWNER).agent()
        model = self._matching.model_of(agent)
        if model.name == OFFLINE:
            return JoinProposal()
        try:
            with anyio.move_on_after(LONGEST):
                return await propose_joining(joining, model, self._clock, self._matching.zone)
        except Exception as error:  # noqa: BLE001 (whatever it is, the lines are kept as they are)
            _log.error("a model failed to join memories", model=model.name, stack=stack_of(error))
        return JoinProposal()

    def _spread(self, effect: LinkEffect) -> None:
        """Whoever works on an agent that is no longer theirs looks again; everybody reads of it."""
        self._hints.stop_asked.ring()
        self._told_at(effect.told)
        if effect.agent_id is not None:
            self._hints.work_for(effect.agent_id, self._clock.now())
        _log.info(
            "two users were parted" if effect.parted else "two users were linked",
            agent=effect.agent_id,
        )

    def _told_at(self, places: Sequence[Address]) -> None:
        for address in places:
            self._hints.told_at(address, self._clock.now())


def _written(draft: NoticeDraft, language: str | None) -> str:
    """For where the answer is all there is: its commands stand below it."""
    actions = actions_of(draft.key, draft.arguments, language)
    return written_out(text_of(draft.key, draft.arguments, language), actions)
