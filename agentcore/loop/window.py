"""How much of a thread fits into a request, and the epochs that make room.

Sizes are estimates in tokens, high rather than low: a request that is refused for its size
costs more than one that could have been a little longer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentcore.clock import Micros, as_datetime
from agentcore.loop.instructions import BASE
from agentcore.loop.prompt import AnyMessage, render_messages
from agentcore.model import AssistantPrompt, Prompt, ToolSchema
from agentcore.records import (
    Agent,
    Block,
    BlockId,
    Epoch,
    EpochReason,
    HeadBlock,
    Role,
    Thread,
)

DEFAULT_WINDOW = 16_000
HIGH_WATER = 0.8
LOW_WATER = 0.5
ANSWER_ROOM = 1_024
"""Tokens kept free for the answer."""
PER_PROMPT = 6


def estimate_text(text: str) -> int:
    """Tokens of a text: at least a third of its bytes, which every common tokenizer stays under."""
    return len(text.encode("utf-8", "replace")) // 3 + 1


def estimate(prompts: Sequence[Prompt], tools: Sequence[ToolSchema] = ()) -> int:
    """Tokens of a whole request."""
    total = 0
    for prompt in prompts:
        total += PER_PROMPT + estimate_text(prompt.text)
        if isinstance(prompt, AssistantPrompt):
            total += sum(estimate_text(call.name + call.arguments) for call in prompt.tool_calls)
    return total + sum(
        estimate_text(f"{tool.name}{tool.description}{tool.parameters}") for tool in tools
    )


def window_of(agent: Agent, model_window: int) -> int:
    """The window to fill: the agent's own, else a modest one; never more than the model has."""
    return min(agent.context_window or DEFAULT_WINDOW, model_window)


def clipped(prompts: Sequence[Prompt], *, budget: int) -> tuple[Prompt, ...]:
    """The prompts with each text cut, in the request only, to what one message may take."""
    most = max(200, budget) * 3
    return tuple(
        prompt
        if len(prompt.text.encode("utf-8", "replace")) <= most
        else replace(prompt, text=_clip(prompt.text, most))
        for prompt in prompts
    )


def _clip(text: str, most: int) -> str:
    kept = text.encode("utf-8", "replace")[: most - 120].decode("utf-8", "ignore")
    return f"{kept}\n[… cut here: {len(text)} characters in all, the rest is stored]"


def first_epoch(
    agent: Agent, thread: Thread, blocks: Sequence[Block], *, next_message: int, now: Micros
) -> Epoch:
    """The first head of a thread, or the next one with an empty window."""
    return Epoch(
        thread=thread.number,
        number=thread.epoch + 1,
        reason=EpochReason.FIRST if thread.epoch == 0 else EpochReason.NEW,
        system=f"{BASE}\n{agent.system}",
        template=agent.template,
        block_versions=versions(blocks),
        summary="",
        first_message=next_message,
        last_note=0,
        created_at=now,
    )


def versions(blocks: Sequence[Block]) -> Mapping[BlockId, int]:
    return {block.block_id: block.version for block in blocks}


def as_head(blocks: Sequence[Block]) -> tuple[HeadBlock, ...]:
    """Blocks as an epoch that starts now would show them."""
    return tuple(
        HeadBlock(each.label, each.value, each.limit, each.description, each.read_only)
        for each in blocks
    )


def kept_from(messages: Sequence[AnyMessage], *, budget: int) -> int:
    """From which message on a thread fits the budget, cut only where a turn begins.

    The newest turn always stays, so the answer may not fit; 0 = nothing can be left out.
    """
    starts = turn_starts(messages)
    for at in starts[1:]:
        said = clipped(render_messages(messages[at:]), budget=budget // 2)
        if at == starts[-1] or estimate(said) <= budget:
            return at
    return 0


def compacted(
    epoch: Epoch,
    left_out: Sequence[AnyMessage],
    blocks: Sequence[Block],
    *,
    first_message: int,
    now: Micros,
) -> Epoch:
    """The epoch after one whose oldest messages are left out from now on.

    They stay stored and searchable; the summary names their dates.
    """
    return replace(
        epoch,
        reason=EpochReason.COMPACTION,
        block_versions=versions(blocks),
        summary=_left_out(epoch.summary, left_out),
        first_message=first_message,
        created_at=now,
    )


def turn_starts(messages: Sequence[AnyMessage]) -> list[int]:
    """Where a turn begins: a person's message or a note that follows something else."""
    opening = {Role.USER, Role.NOTE}
    return [
        at
        for at, message in enumerate(messages)
        if message.role in opening and (at == 0 or messages[at - 1].role not in opening)
    ]


_GAP = re.compile(r"Messages from (\S+) to \S+ are out of sight")


def _left_out(before: str, messages: Sequence[AnyMessage]) -> str:
    """What stands in for messages that left the window: when they were, and how to find them."""
    first, last = (as_datetime(messages[at].created_at).date().isoformat() for at in (0, -1))
    if earlier := _GAP.match(before):
        first = earlier[1]
    return f"Messages from {first} to {last} are out of sight here; conversation_search finds them."
