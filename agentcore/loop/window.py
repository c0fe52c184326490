"""How much of a thread fits into a request, and the epochs that make room.

Sizes are estimates in tokens, high rather than low: a request that is refused for its size
costs more than one that could have been a little longer.
"""

from __future__ import annotations

import json
import re
import string
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from agentcore.clock import MINUTE, Micros, as_datetime
from agentcore.loop.instructions import BASE, INCOGNITO
from agentcore.loop.prompt import AnyMessage, render_messages
from agentcore.memory.summary import Dates, RunningSummary
from agentcore.model import (
    AssistantPrompt,
    Prompt,
    SystemPrompt,
    ToolPrompt,
    ToolSchema,
    UserPrompt,
)
from agentcore.records import (
    Agent,
    Block,
    BlockId,
    Epoch,
    EpochReason,
    HeadBlock,
    Message,
    Role,
    Thread,
    ToolCall,
)

DEFAULT_WINDOW = 16_000
HIGH_WATER = 0.8
COLD_WATER = 0.65
"""Where room is made already after a pause in which the provider's cache has expired: each call
reads the whole prompt then. Lower, and the summaries would cost more than the prompts save.
"""
CACHE_LIFE = 10 * MINUTE
"""How long the common providers keep a prompt that isn't used."""
LOW_WATER = 0.5
SUMMARY_TOKENS = 800
"""What a running summary may take at most, and a tenth of the window in a small one."""
PER_PROMPT = 6
SMALLEST_CLIP = 200
"""Tokens that each message may take, however little room there is."""

# Where a tokenizer knows no words it falls back to bytes: in keys, hashes and base64, control
# characters, and whatever is outside the scripts of many readers, symbols and emoji among it.
_RUN = 25
_RUNS = re.compile(rf"[!-~]{{{_RUN},}}")
_RARE = re.compile(
    r"[^\x00-\x7f\u00a0-\u06ff\u0900-\u0e7f\u1e00-\u1eff\u2000-\u206f\u20a0-\u20bf"
    r"\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]+"
)
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r"))
_SIGNS = (string.digits + string.punctuation).encode()
"""Few of them share a token, and code and JSON are full of them."""


def estimate_text(text: str) -> int:
    """Tokens of a text: a third of its bytes, which prose stays under; two thirds for digits and
    punctuation; and all bytes of what isn't prose, more than which no tokenizer can make of it.
    Grows with the text.
    """
    data = text.encode("utf-8", "replace")
    long_words = (word for word in text.split() if len(word) >= _RUN)
    runs = "".join(run for word in long_words for run in _RUNS.findall(word)).encode()
    rare = "" if text.isascii() else "".join(_RARE.findall(text))
    dense = len(runs) + len(rare.encode("utf-8", "replace")) + _count(data, _CONTROLS)
    signs = _count(data, _SIGNS) - _count(runs, _SIGNS)
    return (len(data) + 2 * dense + signs) // 3 + 1


def _count(data: bytes, kinds: bytes) -> int:
    return len(data) - len(data.translate(None, kinds))


def estimate(prompts: Sequence[Prompt], tools: Sequence[ToolSchema] = ()) -> int:
    """Tokens of a whole request."""
    total = sum(PER_PROMPT + _size(prompt) for prompt in prompts)
    return total + sum(
        estimate_text(f"{tool.name}{tool.description}{tool.parameters}") for tool in tools
    )


def _size(prompt: Prompt) -> int:
    match prompt:
        case AssistantPrompt(text, calls):
            named = (f"{call.call_id} {call.name} {call.arguments}" for call in calls)
            return estimate_text(text) + sum(PER_PROMPT + estimate_text(each) for each in named)
        case ToolPrompt(call_id, _, text):
            return estimate_text(f"{call_id} {text}")
        case SystemPrompt(text) | UserPrompt(text):
            return estimate_text(text)
        case _:
            assert_never(prompt)


def clipped(prompts: Sequence[Prompt], *, most: int) -> tuple[Prompt, ...]:
    """The prompts with each text cut, in the request only, to `most` tokens."""
    most = max(SMALLEST_CLIP, most)
    return tuple(_clipped(prompt, most) for prompt in prompts)


def _clipped(prompt: Prompt, most: int) -> Prompt:
    if _is_over(prompt.text, most):
        prompt = replace(prompt, text=_clip(prompt.text, most))
    if isinstance(prompt, AssistantPrompt) and prompt.tool_calls:
        calls = tuple(_clipped_call(call, most) for call in prompt.tool_calls)
        if calls != prompt.tool_calls:
            prompt = replace(prompt, tool_calls=calls)
    return prompt


def _is_over(text: str, most: int) -> bool:
    # No character has more than four bytes, and no byte is more than a token.
    return len(text) * 4 >= most and estimate_text(text) > most


def _clip(text: str, most: int) -> str:
    mark = f"\n[… cut here: {len(text)} characters in all, the rest is stored]"
    return f"{beginning(text, most - estimate_text(mark) - 1)}{mark}"


def beginning(text: str, most: int) -> str:
    """As much of the start of a text as `most` tokens hold."""
    if not _is_over(text, most):
        return text
    fitting = bisect_right(range(min(len(text), 3 * most)), most, key=_prefix_size(text))
    return text[: max(0, fitting - 1)]


def _prefix_size(text: str) -> Callable[[int], int]:
    return lambda length: estimate_text(text[:length])


def _clipped_call(call: ToolCall, most: int) -> ToolCall:
    """Cut arguments would be no JSON any more, and some providers refuse the whole prompt then."""
    if not _is_over(call.arguments, most):
        return call
    gone = json.dumps({"cut": f"{len(call.arguments)} characters, stored"})
    return replace(call, arguments=gone)


def first_epoch(
    agent: Agent, thread: Thread, blocks: Sequence[Block], *, next_message: int, now: Micros
) -> Epoch:
    """The first head of a thread, or the next one with an empty window."""
    return Epoch(
        thread=thread.number,
        number=thread.epoch + 1,
        reason=EpochReason.FIRST if thread.epoch == 0 else EpochReason.NEW,
        system=instructions(agent, thread),
        template=agent.head_mark,
        block_versions=versions(blocks),
        summary="",
        first_message=next_message,
        last_note=0,
        created_at=now,
    )


def instructions(agent: Agent, thread: Thread) -> str:
    """What stands before the blocks."""
    # Agents without a template are told what their maker wrote, and nothing else.
    text = f"{BASE}\n{agent.system}" if agent.template else agent.system
    return f"{text}\n\n{INCOGNITO}" if thread.ephemeral else text


def shown(thread: Thread, blocks: Sequence[Block]) -> Sequence[Block]:
    """The blocks that a thread's prompt shows; one that will be wiped knows nobody."""
    return [each for each in blocks if each.label == "persona"] if thread.ephemeral else blocks


def with_template(
    epoch: Epoch,
    agent: Agent,
    thread: Thread,
    blocks: Sequence[Block],
    *,
    now: Micros,
    reason: EpochReason = EpochReason.TEMPLATE,
) -> Epoch:
    """The epoch after one in which the agent was made from another template: the same messages
    in view, under the present instructions and blocks.
    """
    return replace(
        epoch,
        number=epoch.number + 1,
        reason=reason,
        system=instructions(agent, thread),
        template=agent.head_mark,
        block_versions=versions(blocks),
        created_at=now,
    )


def without_answers(epoch: Epoch, turns: Sequence[int], stored: Sequence[Message]) -> Epoch:
    """The epoch without what the agent said in these turns, and in those left out before that
    are still among the stored messages.
    """
    there = {message.turn for message in stored}
    before = tuple(turn for turn in epoch.left_out if turn in there and turn not in turns)
    return replace(epoch, reason=EpochReason.RETRY, left_out=(*before, *turns))


def versions(blocks: Sequence[Block]) -> Mapping[BlockId, int]:
    return {block.block_id: block.version for block in blocks}


def as_head(blocks: Sequence[Block]) -> tuple[HeadBlock, ...]:
    """Blocks as an epoch that starts now would show them."""
    return tuple(
        HeadBlock(each.label, each.value, each.limit, each.description, each.read_only)
        for each in blocks
    )


def kept_from(messages: Sequence[AnyMessage], *, budget: int, most: int) -> int:
    """From which message on a thread fits the budget, cut only where a turn begins; `most` is
    what a single message may take.

    At least one turn is left out, and the newest one always stays, so that the answer may not
    fit; 0 = nothing can be left out.
    """
    kept, end, used = 0, len(messages), 0
    for at in reversed(turn_starts(messages)):
        if at == 0:
            break
        used += estimate(clipped(render_messages(messages[at:end]), most=most))
        if kept and used > budget:
            break
        kept = end = at
    return kept


def compacted(
    epoch: Epoch,
    blocks: Sequence[Block],
    summary: RunningSummary,
    *,
    reason: EpochReason,
    first_message: int,
    now: Micros,
) -> Epoch:
    """The epoch after one whose oldest messages are left out from now on. They stay stored."""
    return replace(
        epoch,
        reason=reason,
        block_versions=versions(blocks),
        summary=summary.stored,
        first_message=first_message,
        created_at=now,
    )


def dates_of(messages: Sequence[AnyMessage]) -> Dates:
    """From when to when they were said, in UTC."""
    first, last = (as_datetime(messages[at].created_at).date().isoformat() for at in (0, -1))
    return Dates(first, last)


_OPENING = frozenset({Role.USER, Role.NOTE, Role.SYSTEM})


def turn_starts(messages: Sequence[AnyMessage]) -> list[int]:
    """Where a turn begins: something that came in, of another turn than what is before it.

    Turns that ended without a word of the agent count too. Where no turn is on record
    (imported messages), it is one that follows something else.
    """
    return [
        at
        for at, message in enumerate(messages)
        if _came_in(message) and (at == 0 or _begins(message, messages[at - 1]))
    ]


def _came_in(message: AnyMessage) -> bool:
    """Clients of the API may hand over what the agent is to have said: that bears how it came."""
    return message.role in _OPENING or message.meta is not None


def _begins(message: AnyMessage, before: AnyMessage) -> bool:
    here, there = _turn(message), _turn(before)
    return before.role not in _OPENING if here is there is None else here != there


def _turn(message: AnyMessage) -> int | None:
    """The turn's number; 0 for what the present one hasn't stored yet."""
    return message.turn if isinstance(message, Message) else 0
