"""Our records to OpenAI's chat messages, and an answer out of its parts. Knows no network."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from agentcore.errors import MalformedAnswer
from agentcore.model import (
    AssistantPrompt,
    FinishReason,
    ModelAnswer,
    ModelRequest,
    Prompt,
    SystemPrompt,
    ToolCall,
    ToolPrompt,
    ToolSchema,
    Usage,
    UserPrompt,
)

ChatMessage = dict[str, Any]

_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def chat_messages(request: ModelRequest, *, with_tools: bool) -> list[ChatMessage]:
    """The prompt in the form of OpenAI's chat messages.

    Without tools, earlier calls and their returns become plain text: providers refuse both in a
    request that declares no tools.
    """
    spell = _message if with_tools else _plain_message
    return [spell(prompt) for prompt in request.prompt]


def _message(prompt: Prompt) -> ChatMessage:
    match prompt:
        case AssistantPrompt(text=text, tool_calls=calls) if calls:
            content = text or None
            return {
                "role": "assistant",
                "content": content,
                "tool_calls": [_call(c) for c in calls],
            }
        case ToolPrompt(call_id=call_id, text=text):
            return {"role": "tool", "tool_call_id": call_id, "content": text}
        case SystemPrompt() | UserPrompt() | AssistantPrompt():
            return {"role": prompt.role, "content": prompt.text}


def _plain_message(prompt: Prompt) -> ChatMessage:
    match prompt:
        case AssistantPrompt(text=text, tool_calls=calls) if calls:
            lines = [text, *(f"[called {c.name} with {c.arguments}]" for c in calls)]
            return {"role": "assistant", "content": "\n".join(line for line in lines if line)}
        case ToolPrompt(name=name, text=text):
            return {"role": "user", "content": f"[{name} returned]\n{text}"}
        case _:
            return _message(prompt)


def _call(call: ToolCall) -> ChatMessage:
    function = {"name": call.name, "arguments": _readable(call.arguments)}
    return {"id": call.call_id, "type": "function", "function": function}


def _readable(arguments: str) -> str:
    """Arguments as a JSON object.

    Some providers' clients parse them, so what a model once wrote wrongly would make every later
    request fail.
    """
    try:
        parsed = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        return arguments or "{}"
    return json.dumps({"unreadable_arguments": arguments}, ensure_ascii=False)


def tool_definitions(tools: Sequence[ToolSchema]) -> list[dict[str, Any]]:
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


def answer(
    model: str,
    *,
    text: str,
    calls: Sequence[ToolCall],
    finish: str | None,
    usage: Usage,
    reasoning: str,
) -> ModelAnswer:
    """An answer with its calls named and told apart.

    Raises:
        MalformedAnswer: a call without a name, which could never be sent back.
    """
    if any(not call.name for call in calls):
        raise MalformedAnswer(f"{model} called a tool without naming it")
    reason = _FINISH.get(finish or "", "stop")
    return ModelAnswer(
        text=text,
        tool_calls=_told_apart(calls),
        finish="tool_calls" if calls and reason == "stop" else reason,
        usage=usage,
        model=model,
        reasoning=reasoning,
    )


def _told_apart(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """Every call with an id of its own: some providers leave ids out or use one for all."""
    seen: set[str] = set()
    apart = []
    for call in calls:
        call_id = call.call_id
        if not call_id or call_id in seen:
            call_id = f"call_{uuid.uuid4().hex[:24]}"
        seen.add(call_id)
        apart.append(ToolCall(call_id, call.name, call.arguments))
    return tuple(apart)
