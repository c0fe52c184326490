"""litellm's answers and chunks as our records. Knows no network."""

from __future__ import annotations

from typing import Any

from agentcore.errors import MalformedAnswer
from agentcore.model import ModelAnswer, ToolCall, Usage
from agentcore.providers.fragments import CallPiece, Piece
from agentcore.providers.wire import answer


def answer_of(response: Any, model: str, usage: Usage) -> ModelAnswer:
    """The answer in a whole, unstreamed response.

    Raises:
        MalformedAnswer: there is no message in it, or a tool call without a name.
    """
    choices = getattr(response, "choices", None) or []
    message = getattr(choices[0], "message", None) if choices else None
    if message is None:
        raise MalformedAnswer(f"{model} sent an answer without a message")
    written = [
        ToolCall(
            call_id=getattr(call, "id", None) or "",
            name=getattr(call.function, "name", None) or "",
            arguments=getattr(call.function, "arguments", None) or "",
        )
        for call in getattr(message, "tool_calls", None) or []
    ]
    return answer(
        model,
        text=getattr(message, "content", None) or "",
        calls=written,
        finish=getattr(choices[0], "finish_reason", None),
        usage=usage,
        reasoning=getattr(message, "reasoning_content", None) or "",
    )


def piece_of(chunk: Any) -> Piece:
    """What one chunk of a stream adds; nothing, where it only counts."""
    choices = getattr(chunk, "choices", None) or []
    if not choices:
        return Piece()
    delta = getattr(choices[0], "delta", None)
    return Piece(
        text=getattr(delta, "content", None) or "",
        reasoning=getattr(delta, "reasoning_content", None) or "",
        calls=tuple(_call(each) for each in getattr(delta, "tool_calls", None) or []),
        finish=getattr(choices[0], "finish_reason", None),
    )


def _call(fragment: Any) -> CallPiece:
    function = getattr(fragment, "function", None)
    return CallPiece(
        index=getattr(fragment, "index", None),
        call_id=getattr(fragment, "id", None) or "",
        name=getattr(function, "name", None) or "",
        arguments=getattr(function, "arguments", None) or "",
    )
