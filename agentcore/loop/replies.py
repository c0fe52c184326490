"""What the sender of a turn's messages gets to see at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentcore.loop.prompt import AnyMessage
from agentcore.records import Claim, HeldDraft, NoticeDraft, OutboxDraft, Role, StopReason
from agentcore.store import Composer

NOTICES = {
    StopReason.ERROR: "turn.error",
    StopReason.LLM_API_ERROR: "turn.model_refused",
    StopReason.INVALID_LLM_RESPONSE: "turn.no_answer",
    StopReason.MAX_STEPS: "turn.max_steps",
    StopReason.MAX_TOKENS_EXCEEDED: "turn.max_tokens",
    StopReason.CANCELLED: "turn.cancelled",
    StopReason.INSUFFICIENT_CREDITS: "turn.budget",
    StopReason.CONTEXT_OVERFLOW: "turn.too_large",
}
"""The sentence for each way to stop without a proper answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """For readers of the store, and for push platforms."""

    notices: tuple[NoticeDraft, ...]
    outbox: tuple[OutboxDraft, ...]


def reply_of(
    claim: Claim,
    said: Sequence[AnyMessage],
    reason: StopReason,
    composer: Composer,
    language: str | None,
) -> Reply:
    """All that the agent said in this turn as one text, then our sentence if it needs one."""
    texts = [m.text.strip() for m in said if m.role is Role.ASSISTANT and m.text.strip()]
    key = NOTICES.get(reason) if reason is not StopReason.END_TURN or texts else "turn.no_answer"
    notices = () if key is None else (NoticeDraft(claim.address, key, agent_id=claim.agent_id),)
    outbox = list(
        composer.reply(claim.address, "\n\n".join(texts), claim.items[-1].reply_to) if texts else ()
    )
    for notice in notices:
        outbox.extend(composer.notice(notice, language))
    return Reply(notices, tuple(outbox))


def held_card(
    claim: Claim, held: Sequence[HeldDraft], composer: Composer, language: str | None
) -> Reply:
    """What the person is asked about edits that wait for their word."""
    lines = "\n".join(f"• {line.strip()}" for draft in held for line in draft.lines or ("✗",))
    notice = NoticeDraft(claim.address, "turn.held", {"lines": lines}, claim.agent_id)
    return Reply((notice,), tuple(composer.notice(notice, language)))
