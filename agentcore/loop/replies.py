"""What the sender of a turn's messages gets to see at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from agentcore.loop.prompt import AnyMessage
from agentcore.records import (
    Address,
    Claim,
    HeldDraft,
    NoticeDraft,
    OutboxDraft,
    Role,
    StopReason,
)
from agentcore.store.gate import Composer

NO_ANSWER = "turn.no_answer"
NOTICES = {
    StopReason.ERROR: "turn.error",
    StopReason.LLM_API_ERROR: "turn.model_refused",
    StopReason.INVALID_LLM_RESPONSE: NO_ANSWER,
    StopReason.MAX_STEPS: "turn.max_steps",
    StopReason.MAX_TOKENS_EXCEEDED: "turn.max_tokens",
    StopReason.CANCELLED: "turn.cancelled",
    StopReason.INSUFFICIENT_CREDITS: "turn.budget",
    StopReason.CONTEXT_OVERFLOW: "turn.too_large",
}
"""The sentence for each way to stop without a proper answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A text of the agent's, and after it what the service has to say, in order. `awaited`: a push
    platform waits for just this.
    """

    address: Address
    text: str
    reply_to: str | None
    notices: tuple[NoticeDraft, ...]
    awaited: bool = False

    def outbox(self, composer: Composer, language: str | None) -> tuple[OutboxDraft, ...]:
        """What a push platform is sent of it."""
        said = composer.reply(self.address, self.text, self.reply_to) if self.text else ()
        notices = (composer.notice(notice, language) for notice in self.notices)
        chunks = tuple(chain(said, *notices))
        if not chunks and self.awaited:  # nothing of the text can be seen there
            nothing = NoticeDraft(self.address, NO_ANSWER)
            return tuple(composer.notice(nothing, language))
        return chunks


def reply_of(
    claim: Claim, said: Sequence[AnyMessage], reason: StopReason, card: NoticeDraft | None = None
) -> Reply:
    """All that the agent said in this turn as one text, then our sentence if it needs one, then the
    card.
    """
    texts = [m.text.strip() for m in said if m.role is Role.ASSISTANT and m.text.strip()]
    key = NOTICES.get(reason) if reason is not StopReason.END_TURN or texts else NO_ANSWER
    sentence = None if key is None else NoticeDraft(claim.address, key, agent_id=claim.agent_id)
    notices = tuple(notice for notice in (sentence, card) if notice is not None)
    last = claim.last
    awaited = last.answer_via is not None
    return Reply(
        claim.address, "\n\n".join(texts), last.platform_message_id, notices, awaited=awaited
    )


def held_card(claim: Claim, held: Sequence[HeldDraft]) -> NoticeDraft:
    """What the person is asked about edits that wait for their word."""
    lines = "\n".join(f"• {line.strip()}" for draft in held for line in draft.lines or ("✗",))
    arguments: dict[str, str | int] = {"lines": lines, "turn": claim.turn}
    return NoticeDraft(claim.address, "turn.held", arguments, claim.agent_id)
