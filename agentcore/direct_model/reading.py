"""A provider's JSON as our records. Whatever has another shape than it should is malformed.

Invariant: no text of the provider's gets into an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agentcore.errors import MalformedAnswer
from agentcore.model import ModelAnswer, ToolCall, Usage
from agentcore.providers.fragments import CallPiece, Piece
from agentcore.providers.usage import Counted
from agentcore.providers.wire import answer

Body = Mapping[str, Any]


class Unreadable(Exception):
    """What came is no part of a chat completion."""


def parsed(content: bytes) -> Body:
    """A JSON object.

    Raises:
        Unreadable: it is none.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unreadable
    return found


def answer_of(body: Body, model: str, usage: Usage) -> ModelAnswer:
    """The answer in a whole body.

    Raises:
        Unreadable: there is no choice with a message in it.
        MalformedAnswer: a tool call without a name.
    """
    choice = _choice(body)
    if choice is None:
        raise Unreadable
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Unreadable
    calls = [_call(each) for each in _list(message, "tool_calls")]
    return answer(
        model,
        text=_text(message, "content"),
        calls=[ToolCall(call.call_id, call.name, call.arguments) for call in calls],
        finish=_text(choice, "finish_reason"),
        usage=usage,
        reasoning=_reasoning(message),
    )


def piece_of(chunk: Body) -> Piece:
    """What one chunk of a stream adds; nothing, where it only counts.

    Raises:
        Unreadable: it is no chunk.
    """
    choice = _choice(chunk)
    if choice is None:
        return Piece()
    delta = choice.get("delta") or {}
    if not isinstance(delta, dict):
        raise Unreadable
    calls = delta.get("tool_calls")
    return Piece(
        text=_text(delta, "content"),
        reasoning=_reasoning(delta),
        calls=tuple(map(_call, _list(delta, "tool_calls"))) if calls else (),
        finish=_text(choice, "finish_reason") or None,
    )


def counted_in(body: Body) -> Counted | None:
    """The tokens that a body or a chunk reports; None if it reports none."""
    usage = body.get("usage")
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    parts = details if isinstance(details, dict) else {}
    cached = parts.get("cached_tokens", usage.get("prompt_cache_hit_tokens"))
    return Counted(
        prompt=usage.get("prompt_tokens"),
        completion=usage.get("completion_tokens"),
        cached=cached,
        written=parts.get("cache_write_tokens"),
        billed=usage.get("cost"),
    )


def _choice(body: Body) -> Body | None:
    choices = _list(body, "choices")
    if not choices:
        return None
    if not isinstance(choices[0], dict):
        raise Unreadable
    return choices[0]


def _call(held: Any) -> CallPiece:
    if not isinstance(held, dict):
        raise Unreadable
    function, index = held.get("function") or {}, held.get("index")
    if not isinstance(function, dict):
        raise Unreadable
    return CallPiece(
        index=index if isinstance(index, int) else None,
        call_id=_text(held, "id"),
        name=_text(function, "name"),
        arguments=_text(function, "arguments"),
    )


def _reasoning(message: Body) -> str:
    """What the model thought aloud; two names for it are in use."""
    for key in ("reasoning_content", "reasoning"):
        if isinstance(found := message.get(key), str) and found:
            return found
    return ""


def _text(holder: Body, key: str) -> str:
    value = holder.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable
    return value


def _list(holder: Body, key: str) -> list[Any]:
    value = holder.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable
    return value


def no_completion(model: str) -> MalformedAnswer:
    return MalformedAnswer(f"{model} sent something that is no chat completion")
