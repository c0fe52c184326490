"""What a request will count, told from what the provider counted of the one before.

The prompt only grows at its end, so the last count holds for all of the next prompt but what was
added; only that is estimated. A count is believed for exactly the prompts that it was made of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from agentcore.loop.window import PER_PROMPT, estimate
from agentcore.model import (
    AssistantPrompt,
    ModelRequest,
    Prompt,
    SystemPrompt,
    ToolPrompt,
    ToolSchema,
    Usage,
    UserPrompt,
)
from agentcore.records import TokenCount


def count_of(
    request: ModelRequest, model: str, usage: Usage, *, foreseen: int
) -> TokenCount | None:
    """What is to be kept of a provider's count. None: it isn't to be believed.

    Some servers count nothing, or only what they hadn't cached. What we have foreseen is high, but
    not twice as high.
    """
    if 2 * usage.prompt_tokens < foreseen:
        return None
    return TokenCount(
        model=model,
        prompts=len(request.prompt),
        digest=_digest(request.prompt, request.tools),
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
    )


def expected(
    prompts: Sequence[Prompt],
    tools: Sequence[ToolSchema],
    *,
    model: str,
    last: TokenCount | None,
) -> int:
    """Tokens of a whole request to a model."""
    if last is None or last.model != model or last.prompts > len(prompts):
        return estimate(prompts, tools)
    if _digest(prompts[: last.prompts], tools) != last.digest:
        return estimate(prompts, tools)
    added = prompts[last.prompts :]
    if added and isinstance(added[0], AssistantPrompt):
        return last.prompt_tokens + _answer(added[0], last) + estimate(added[1:])
    return last.prompt_tokens + estimate(added)


def _answer(answer: AssistantPrompt, last: TokenCount) -> int:
    """The answer to the request that was counted. What a model thought before it isn't sent back."""
    guessed = estimate([answer])
    return min(last.completion_tokens + PER_PROMPT, guessed) if last.completion_tokens else guessed


def _digest(prompts: Sequence[Prompt], tools: Sequence[ToolSchema]) -> str:
    spelt = "".join(map(_spelt, prompts)) + repr([*tools])
    return hashlib.blake2b(spelt.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _spelt(prompt: Prompt) -> str:
    """A prompt that reads like no other: what is in it stands behind its length."""
    match prompt:
        case AssistantPrompt(text=text, tool_calls=calls):
            return f"a{len(text)}:{text}{calls!r}"
        case ToolPrompt(call_id=call_id, name=name, text=text):
            return f"t{len(text)}:{text}{call_id!r}{name!r}"
        case SystemPrompt() | UserPrompt():
            return f"{prompt.role}{len(prompt.text)}:{prompt.text}"
