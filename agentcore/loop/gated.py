"""Calls that wait for an answer from outside: tools that a client carries out itself, and those
that somebody has to agree to first. Pure.

An answer of a model with such a call ends its turn, and none of its calls is begun. The turn that
brings the answers begins with the returns of all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from agentcore.clock import Micros
from agentcore.loop.prompt import AnyMessage
from agentcore.model import ToolSchema
from agentcore.records import (
    Agent,
    AskedTurn,
    CallAnswer,
    CallDecision,
    ClientReturn,
    Message,
    NewMessage,
    Origin,
    Role,
    StopReason,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    TurnEnd,
    new_message_id,
    storable,
)
from agentcore.tools.base import ToolResult
from agentcore.tools.toolbox import Toolbox

NOT_APPROVED = "Not approved, and not carried out."
NOTHING_WAITS = TurnEnd(
    StopReason.ERROR,
    "The tool calls that this answers don't wait for an answer any more.",
    failure="nothing_waits",
)
CALLS_WAIT = TurnEnd(
    StopReason.ERROR,
    "The agent is waiting for approval on a tool call. Approve or deny it before sending a message.",
    failure="calls_wait",
)


def needing_a_yes(agent: Agent, toolbox: Toolbox) -> frozenset[str]:
    """Which of the agent's tools wait for one before each call."""
    by_rule = agent.asks_first
    return frozenset(
        name for name in agent.tools if name in by_rule or toolbox.needs_approval(name, agent.tools)
    )


def can_be_asked(asked: AskedTurn | None) -> bool:
    """Whether whoever this turn answers can be asked for a yes to a call."""
    return asked is not None and asked.options.approvals


def offered(
    asked: AskedTurn | None, tools: Sequence[str], need_a_yes: Collection[str]
) -> Sequence[str]:
    """The agent's tools in this turn. In a chat nobody is asked for a yes: there it goes without
    those that need one. What the client brings under the same name, it carries out itself.
    """
    if asked is None or not can_be_asked(asked):
        return tuple(name for name in tools if name not in need_a_yes)
    brought = {tool.name for tool in asked.options.client_tools}
    return tuple(name for name in tools if name not in brought)


def brought_by(asked: AskedTurn | None) -> tuple[ToolSchema, ...]:
    """The client's own tools, as the model is told of them."""
    tools = () if asked is None else asked.options.client_tools
    return tuple(ToolSchema(each.name, each.description, each.parameters) for each in tools)


def gated_in(
    calls: Sequence[ToolCall], asked: AskedTurn | None, need_a_yes: Collection[str]
) -> frozenset[str]:
    """The ids of those calls that wait for an answer; in a chat, none does."""
    if asked is None or not can_be_asked(asked):
        return frozenset()
    brought = {schema.name for schema in brought_by(asked)}
    return frozenset(
        call.call_id for call in calls if call.name in brought or call.name in need_a_yes
    )


def waiting_in(messages: Sequence[AnyMessage]) -> Message | None:
    """The agent's answer whose calls wait now, if any do: nothing came after it."""
    last = messages[-1] if messages else None
    return last if isinstance(last, Message) and last.waits else None


def answered_in(messages: Sequence[AnyMessage], turn: int) -> int | None:
    """The turn that made the calls that this turn brings the answers to."""
    asking = (
        message.turn
        for message in reversed(messages)
        if isinstance(message, Message) and message.turn != turn and message.waits
    )
    return next(asking, None)


def results_of(waiting: Message, answers: Sequence[CallAnswer]) -> Mapping[str, ToolResult]:
    """What is known already of what the waiting calls have come to: all but those that are to be
    carried out now. What nobody has answered wasn't approved.
    """
    by_call = {answer.call_id: answer for answer in answers}
    known: dict[str, ToolResult] = {}
    for part in waiting.parts:
        if not isinstance(part, ToolCallPart) or not part.gated:
            continue
        match by_call.get(part.call.call_id):
            case ClientReturn() as given:
                text = storable(given.text)
                known[given.call_id] = ToolResult(text, given.status, Origin.TOOL)
            case CallDecision(approve=True):
                continue
            case CallDecision() as denied:
                known[denied.call_id] = _not_approved(storable(denied.reason))
            case None:
                known[part.call.call_id] = _not_approved("")
    return known


def _not_approved(reason: str) -> ToolResult:
    text = f"{NOT_APPROVED} The reason given: {reason}" if reason else NOT_APPROVED
    return ToolResult(text, "error", Origin.OWNER if reason else Origin.OPERATOR)


def refusals(waiting: Message, now: Micros) -> NewMessage:
    """No for all of them, since something else was said instead."""
    no = _not_approved("")
    parts = tuple(
        ToolReturnPart(call.call_id, call.name, no.text, no.status, no.origin)
        for call in waiting.tool_calls
    )
    return NewMessage(new_message_id(), Role.TOOL, parts, now)
