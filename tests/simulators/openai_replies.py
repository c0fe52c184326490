"""What the scripted server can be told to answer, and how an answer looks on the wire."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.simulators.openai_rules import Refusal

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call in an answer. `arguments` is the raw text, valid or not."""

    name: str
    arguments: str
    call_id: str = "call_1"


@dataclass(frozen=True, slots=True)
class Tokens:
    prompt: int = 20
    completion: int = 10
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer. Streamed, its texts and arguments come in pieces of `fragment` characters.

    `ids` tells how often a streamed call says its id: with its first piece as OpenAI does, with
    every piece, or never. `indexes` "none" leaves out the calls' numbers; "zero" numbers all 0.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    tokens: Tokens | None = field(default_factory=Tokens)
    fragment: int = 5
    ids: Literal["once", "repeated", "never"] = "once"
    indexes: Literal["counted", "zero"] = "counted"
    finish: str | None = None

    @property
    def finish_reason(self) -> str:
        return self.finish or ("tool_calls" if self.calls else "stop")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error answer, with headers such as Retry-After."""

    refusal: Refusal
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raw:
    """Any bytes with status 200: what a broken proxy sends."""

    content: bytes
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer at all until the client goes away."""


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection closes before a byte of the answer."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A stream that ends after `events` of its events.

    `abruptly` closes the connection within the body; else the body ends in good order, only
    without the rest of the answer. `hang` keeps it open instead, until the client goes away.
    """

    answer: Answer
    events: int
    abruptly: bool = True
    hang: bool = False


Reply = Answer | Failure | Raw | Hang | Drop | Cut
Brain = Callable[[Body], Reply | Awaitable[Reply]]


def completion(answer: Answer, model: str) -> dict[str, Any]:
    """The body of an unstreamed answer."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": None}
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in answer.calls
        ]
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": answer.finish_reason,
    }
    body = _envelope("chat.completion", model) | {"choices": [choice]}
    if answer.tokens is not None:
        body["usage"] = _usage(answer.tokens)
    return body


def events(answer: Answer, model: str, *, usage: bool) -> Iterator[bytes]:
    """The server-sent events of a streamed answer, `[DONE]` included."""
    yield _event(model, {"role": "assistant", "content": "", "refusal": None})
    for piece in _pieces(answer.text, answer.fragment):
        yield _event(model, {"content": piece})
    for place, call in enumerate(answer.calls):
        for delta in _call_deltas(answer, place, call):
            yield _event(model, {"tool_calls": [delta]})
    yield _event(model, {}, answer.finish_reason)
    if usage and answer.tokens is not None:
        chunk = _envelope("chat.completion.chunk", model)
        yield _data(json.dumps(chunk | {"choices": [], "usage": _usage(answer.tokens)}))
    yield _data("[DONE]")


def _call_deltas(answer: Answer, place: int, call: Call) -> Iterator[dict[str, Any]]:
    index = 0 if answer.indexes == "zero" else place
    named = {} if answer.ids == "never" else {"id": call.call_id}
    repeated = named if answer.ids == "repeated" else {}
    first = {"name": call.name, "arguments": ""}
    yield {"index": index, **named, "type": "function", "function": first}
    for piece in _pieces(call.arguments, answer.fragment):
        yield {"index": index, **repeated, "function": {"arguments": piece}}


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _event(model: str, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _data(json.dumps(_envelope("chat.completion.chunk", model) | {"choices": [choice]}))


def _data(text: str) -> bytes:
    return f"data: {text}\n\n".encode()


def _envelope(kind: str, model: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": kind,
        "created": 1_790_000_000,
        "model": model,
        "system_fingerprint": "fp_1",
    }


def _usage(tokens: Tokens) -> dict[str, Any]:
    return {
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "prompt_tokens_details": {"cached_tokens": tokens.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
