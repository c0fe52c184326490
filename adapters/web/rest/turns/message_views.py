"""One message of ours as the messages of the Letta API: pure.

What a model said at once (thoughts, a text, calls) is one message here and several there. They
have its id in common and are told apart by their `otid`: the id's UUID with its last seven bits
replaced by a number, which is the same each time that the message is shown.
"""

from __future__ import annotations

import json
import uuid
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from adapters.web.rest.http.answers import second
from agentcore.records import (
    AgentId,
    Message,
    MessageId,
    ReasoningPart,
    Role,
    StepRecord,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
)

View = dict[str, Any]

MessageType = Literal[
    "system_message",
    "user_message",
    "assistant_message",
    "reasoning_message",
    "hidden_reasoning_message",
    "tool_call_message",
    "tool_return_message",
    "approval_request_message",
    "approval_response_message",
    "summary_message",
    "event_message",
]
ALL_TYPES: frozenset[str] = frozenset(get_args(MessageType))

TEXT, THOUGHTS, FIRST_CALL = 0, 1, 2
"""Which `otid` is whose. A text has the first one, since most messages are nothing else, and since
its pieces are shown before it is known what else there will be."""
_SLOTS = 0x7F


@dataclass(frozen=True, slots=True)
class Shape:
    """How a client wants messages. `types`: only these. Not `assistant_messages`: what the agent
    says comes as a call of a tool of this name, with the text in this argument.
    """

    types: frozenset[str] = ALL_TYPES
    assistant_messages: bool = True
    tool_name: str = "send_message"
    tool_argument: str = "message"


PLAIN = Shape()


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known around a message."""

    run_id: str | None = None
    step_id: str | None = None


NOWHERE = Setting()


def message_views(message: Message, setting: Setting = NOWHERE, shape: Shape = PLAIN) -> list[View]:
    """The message as the API shows it, in the order in which its parts came to be; empty if the
    client wants none of it.
    """
    return [view for view in _views(message, setting, shape) if view["message_type"] in shape.types]


def otid(message_id: str, slot: int) -> str:
    """What tells one part of a message from another."""
    number = int(message_id.rpartition("message-")[2].replace("-", ""), 16)
    return str(uuid.UUID(int=(number & ~_SLOTS) | (slot & _SLOTS)))


def step_of(message: Message, steps: Sequence[StepRecord]) -> str | None:
    """Which of a turn's steps, in order, a message was committed with."""
    begun = [step for step in steps if step.first_message is not None]
    at = bisect_right(begun, message.seq, key=lambda step: step.first_message or 0)
    return begun[at - 1].step_id if at else None


def _views(message: Message, setting: Setting, shape: Shape) -> Iterator[View]:
    match message.role:
        case Role.USER:
            own = message.otid or otid(message.message_id, TEXT)
            named = message.meta.speaker if message.meta is not None else None
            view = _base(message, setting, "user_message", TEXT)
            yield {
                **view,
                "content": message.text,
                "otid": own,
                "name": named,
                "sender_id": message.author,
            }
        case Role.ASSISTANT:
            yield from _said(message, setting, shape)
        case Role.TOOL:
            yield from _returned(message, setting)
        case Role.SUMMARY:
            view = _base(message, setting, "summary_message", TEXT)
            yield {**view, "summary": message.text, "compaction_stats": None}
        case Role.SYSTEM | Role.NOTE:
            yield {
                **_base(message, setting, "system_message", TEXT),
                "content": message.text,
            }


def _base(
    message: Message, setting: Setting, kind: MessageType, slot: int, name: str | None = None
) -> View:
    return {
        "id": message.message_id,
        "date": second(message.created_at),
        "name": name,
        "message_type": kind,
        "otid": otid(message.message_id, slot),
        "sender_id": None,
        "step_id": setting.step_id,
        "is_err": None,
        "seq_id": None,
        "run_id": setting.run_id,
    }


def _said(message: Message, setting: Setting, shape: Shape) -> Iterator[View]:
    thoughts = "\n".join(each.text for each in message.parts if isinstance(each, ReasoningPart))
    if thoughts:
        yield {
            **_base(message, setting, "reasoning_message", THOUGHTS),
            "source": "reasoner_model",
            "reasoning": thoughts,
            "signature": None,
        }
    if message.text:
        yield said_view(message, message.text, setting, shape)
    parts = [part for part in message.parts if isinstance(part, ToolCallPart)]
    for at, part in enumerate(parts):
        if not part.gated:
            view = _base(message, setting, "tool_call_message", FIRST_CALL + at)
            yield {**view, **_called([part.call])}
    if gated := [part.call for part in parts if part.gated]:
        view = _base(message, setting, "approval_request_message", FIRST_CALL + len(parts))
        yield {**view, **_called(gated)}


def said_view(message: Message, text: str, setting: Setting, shape: Shape) -> View:
    """What an agent said, or some of it: the text alone."""
    if shape.assistant_messages:
        return {**_base(message, setting, "assistant_message", TEXT), "content": text}
    arguments = json.dumps({shape.tool_argument: text}, ensure_ascii=False)
    call = ToolCall(f"call-{otid(message.message_id, TEXT)}", shape.tool_name, arguments)
    return {**_base(message, setting, "tool_call_message", TEXT), **_called([call])}


def _called(calls: Sequence[ToolCall]) -> View:
    told = [
        {"name": call.name, "arguments": call.arguments, "tool_call_id": call.call_id}
        for call in calls
    ]
    return {"tool_call": told[0], "tool_calls": told}


def _returned(message: Message, setting: Setting) -> Iterator[View]:
    returns = [part for part in message.parts if isinstance(part, ToolReturnPart)]
    for at, part in enumerate(returns):
        told = {
            "tool_return": part.text,
            "status": part.status,
            "tool_call_id": part.call_id,
            "stdout": None,
            "stderr": None,
        }
        view = _base(message, setting, "tool_return_message", at, part.name)
        yield {**view, **told, "tool_returns": [{"type": "tool", **told}]}


def compaction_view(step: StepRecord, run_id: str | None) -> View:
    """A step in which room was made, as an event that is in no prompt."""
    message_id = MessageId(f"message-{step.step_id.removeprefix('step-')}")
    return {
        "id": message_id,
        "date": second(step.finished_at),
        "name": None,
        "message_type": "event_message",
        "otid": otid(message_id, TEXT),
        "sender_id": None,
        "step_id": step.step_id,
        "is_err": None,
        "seq_id": None,
        "run_id": run_id,
        "event_type": "compaction",
        "event_data": {"model": step.model},
    }


_INSTRUCTIONS = uuid.UUID("0f4f2a52-6d0f-4ef5-93a0-5d6e3b1f7c11")


def instructions_id(agent_id: AgentId) -> MessageId:
    """The id of the message that every history begins with: the agent's instructions."""
    return MessageId(f"message-{uuid.uuid5(_INSTRUCTIONS, agent_id)}")


def instructions_view(agent_id: AgentId, text: str, created: str) -> View:
    """An agent's instructions as the first message of its history."""
    message_id = instructions_id(agent_id)
    return {
        "id": message_id,
        "date": created,
        "name": None,
        "message_type": "system_message",
        "otid": otid(message_id, TEXT),
        "sender_id": None,
        "step_id": None,
        "is_err": None,
        "seq_id": None,
        "run_id": None,
        "content": text,
    }
