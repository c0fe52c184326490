"""One message in the two tongues: ours, and an agent file's plain fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentcore.agentfile.form import ContentForm, MessageForm
from agentcore.records import (
    Origin,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    text_of,
)

_ROLES = {
    "user": Role.USER,
    "system": Role.SYSTEM,
    "assistant": Role.ASSISTANT,
    "tool": Role.TOOL,
    "function": Role.TOOL,
    "summary": Role.SUMMARY,
}
_OF_A_ROLE = {
    Role.USER: Origin.OWNER,
    Role.ASSISTANT: Origin.AGENT,
    Role.TOOL: Origin.TOOL,
}
"""Whose words they are, where the file doesn't say. What tools returned came from anywhere."""
_EVENTS = frozenset({"heartbeat", "login", "system_alert"})
"""What the server itself said to its agents, in user role and as JSON."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A message without what a file doesn't tell of it."""

    role: Role
    parts: tuple[Part, ...]


def read_plain(message: MessageForm, names: Mapping[str, str]) -> Plain | None:
    """What the plain fields tell. `names`: the tool of each call so far. None: it is of no kind that
    is kept, such as what was asked and decided about a call.
    """
    role = _ROLES.get(message.role)
    if role is None:
        return None
    if role is Role.TOOL:
        return Plain(role, _returns(message, names))
    origin = _OF_A_ROLE.get(role, Origin.OPERATOR)
    parts: list[Part] = []
    for text, kind in _texts(message.content):
        parts.append(ReasoningPart(text) if kind == "reasoning" else TextPart(text, origin))
    if role is Role.USER and len(parts) == 1 and (event := _unpacked(text_of(tuple(parts)))):
        kind, text = event
        role = Role.SYSTEM if kind in _EVENTS else role
        parts = [TextPart(text, Origin.OPERATOR if role is Role.SYSTEM else origin)]
    for call in message.tool_calls or ():
        made = ToolCall(call.id, call.function.name, call.function.arguments)
        parts.append(ToolCallPart(made))
    return Plain(role, tuple(parts))


def _texts(content: str | Sequence[ContentForm] | None) -> list[tuple[str, str]]:
    """Each with its kind: what is neither text nor thought is passed over."""
    if content is None:
        return []
    if isinstance(content, str):
        return [(content, "text")]
    found = []
    for part in content:
        if part.type == "text" and part.text is not None:
            found.append((part.text, "text"))
        elif part.type == "reasoning" and part.reasoning is not None:
            found.append((part.reasoning, "reasoning"))
    return found


def _unpacked(text: str) -> tuple[str, str] | None:
    """What older servers wrapped in JSON before a model read it: its kind and its text."""
    found = _object(text)
    if found is None:
        return None
    kind, said = found.get("type"), found.get("message")
    if isinstance(said, str) and kind in {"user_message", *_EVENTS}:
        return str(kind), said
    return None


def _object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{") or len(text) > 1_000_000:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _returns(message: MessageForm, names: Mapping[str, str]) -> tuple[Part, ...]:
    text = "\n".join(text for text, kind in _texts(message.content) if kind == "text")
    if message.tool_returns:
        return tuple(
            ToolReturnPart(
                call_id=(call_id := each.tool_call_id or message.tool_call_id or ""),
                name=names.get(call_id, message.name or ""),
                text=each.func_response if each.func_response is not None else text,
                status=each.status,
                origin=Origin.TOOL,
            )
            for each in message.tool_returns
        )
    call_id = message.tool_call_id or ""
    found = _object(text)
    failed = False
    if found is not None and found.get("status") in {"OK", "Failed"}:
        failed = found["status"] == "Failed"
        text = str(found.get("message", ""))
    name = names.get(call_id, message.name or "")
    status: Any = "error" if failed else "success"
    return (ToolReturnPart(call_id, name, text, status, Origin.TOOL),)


def write_plain(role: Role, parts: Sequence[Part]) -> dict[str, Any]:
    """The plain fields of a message, as far as they can tell it."""
    calls = [part.call for part in parts if isinstance(part, ToolCallPart)]
    returns = [part for part in parts if isinstance(part, ToolReturnPart)]
    content: list[dict[str, Any]] = []
    for part in parts:
        match part:
            case TextPart(text, _):
                content.append({"type": "text", "text": text})
            case ReasoningPart(text, _):
                content.append({"type": "reasoning", "reasoning": text, "is_native": True})
            case ToolReturnPart(text=text) if len(returns) == 1:
                content.append({"type": "text", "text": text})
            case _:
                pass
    return {
        "type": "message",
        "role": role if role in _ROLES and role is not Role.SUMMARY else "system",
        "content": content,
        "tool_calls": [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in calls
        ]
        or None,
        "tool_call_id": returns[0].call_id if returns else None,
        "tool_returns": [
            {
                "tool_call_id": each.call_id,
                "status": each.status,
                "stdout": None,
                "stderr": None,
                "func_response": each.text,
            }
            for each in returns
        ],
        "name": returns[0].name if returns else None,
    }
