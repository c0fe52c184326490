"""Running the tool calls of one answer, and turning what they return into one message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from anyio import create_task_group

from agentcore.clock import Micros
from agentcore.errors import stack_of
from agentcore.loop.prompt import UNKNOWN_OUTCOME
from agentcore.records import (
    Message,
    NewMessage,
    Origin,
    Part,
    Role,
    ToolCall,
    ToolReturnPart,
    new_message_id,
)
from agentcore.tools.base import Effect, ToolContext, ToolResult
from agentcore.tools.toolbox import Toolbox

_log = structlog.get_logger(__name__)

ContextFor = Callable[[ToolCall], ToolContext]


@dataclass(frozen=True, slots=True)
class Actions:
    """An answer's calls, told apart by what they may change."""

    inside: tuple[ToolCall, ...]
    external: tuple[ToolCall, ...]


def sorted_out(calls: Sequence[ToolCall], toolbox: Toolbox, allowed: Sequence[str]) -> Actions:
    """Which calls must be recorded before they start."""
    external = tuple(c for c in calls if toolbox.effect(c.name, allowed) is Effect.EXTERNAL)
    return Actions(tuple(call for call in calls if call not in external), external)


async def run_in_order(
    calls: Sequence[ToolCall], toolbox: Toolbox, allowed: Sequence[str], context_for: ContextFor
) -> Mapping[str, ToolResult]:
    """One after the other: each memory edit sees the one before."""
    return {call.call_id: await _run(call, toolbox, allowed, context_for(call)) for call in calls}


async def run_together(
    calls: Sequence[ToolCall], toolbox: Toolbox, allowed: Sequence[str], context_for: ContextFor
) -> Mapping[str, ToolResult]:
    """At the same time: calls that reach outside don't wait for one another."""
    results: dict[str, ToolResult] = {}

    async def one(call: ToolCall) -> None:
        results[call.call_id] = await _run(call, toolbox, allowed, context_for(call))

    async with create_task_group() as tasks:
        for call in calls:
            tasks.start_soon(one, call)
    return results


async def _run(
    call: ToolCall, toolbox: Toolbox, allowed: Sequence[str], context: ToolContext
) -> ToolResult:
    try:
        return await toolbox.run(call, context, allowed)
    except Exception as error:  # noqa: BLE001 (a tool's bug must not end the turn)
        _log.error("tool failed", tool=call.name, stack=stack_of(error))
        text = f"The tool `{call.name}` failed inside. Try another way, or tell the person."
        return ToolResult(text, "error", Origin.OPERATOR)


def lost_call(call: ToolCall) -> ToolResult:
    """A call that was started before a crash and can't safely be repeated."""
    return ToolResult(f"{call.name}: {UNKNOWN_OUTCOME}", "error", Origin.OPERATOR)


def returns_message(
    calls: Sequence[ToolCall], results: Mapping[str, ToolResult], now: Micros
) -> NewMessage:
    """All returns of an answer as one message, in the order of its calls."""
    parts: tuple[Part, ...] = tuple(
        ToolReturnPart(call.call_id, call.name, result.text, result.status, result.origin)
        for call in calls
        if (result := results.get(call.call_id)) is not None
    )
    return NewMessage(new_message_id(), Role.TOOL, parts, now)


def least_trusted(messages: Sequence[Message | NewMessage]) -> Origin:
    """The first untrusted origin among the parts that a turn has seen, else the owner's."""
    for message in messages:
        for part in message.parts:
            if not part.origin.trusted:
                return part.origin
    return Origin.OWNER
