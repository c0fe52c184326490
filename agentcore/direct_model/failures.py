"""What goes wrong with a request, as our errors. What a status means is told by `providers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpcore

from agentcore.direct_model.reading import Body, Unreadable, no_completion, parsed
from agentcore.errors import MalformedAnswer, ModelError, ModelRefused, ModelUnavailable
from agentcore.providers.failures import Trouble, outage_of, refusal_of

LONGEST_TEXT = 65_536
"""Bytes of an error answer that are read."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What an error answer says of itself."""

    code: str
    text: str
    status: int | None = None


def failure_of(error: Exception, model: str) -> ModelError:
    """The error of our tree that says what a failed attempt means."""
    match error:
        case ModelError():
            return error
        case Unreadable():
            return no_completion(model)
        case httpcore.UnsupportedProtocol():
            return ModelRefused(f"the address of {model} is none: check its base URL")
        case httpcore.NetworkError() | httpcore.ProtocolError() | httpcore.ProxyError() | OSError():
            return outage_of(Trouble(None), model)
        case _:
            return MalformedAnswer(f"{model} sent something that can't be read")


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that isn't a success, with the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def refused(answer: Refused, model: str, *, sent_tools: bool) -> ModelError:
    """The error for an answer that isn't a success."""
    told = _told(answer.content)
    trouble = Trouble(answer.status, told.code, told.text, answer.headers, sent_tools)
    if refusal := refusal_of(trouble, model):
        return refusal
    if 300 <= answer.status < 400:
        return ModelRefused(f"the address of {model} has moved: check its base URL")
    return outage_of(trouble, model)


def broken_off(chunk: Body, model: str, *, sent_tools: bool) -> ModelError | None:
    """The error that a stream tells of in its midst; None if this chunk tells of none."""
    held = chunk.get("error")
    if not held:
        return None
    told = _held(held)
    trouble = Trouble(told.status, told.code, told.text, None, sent_tools)
    return refusal_of(trouble, model) or outage_of(trouble, model)


def unsendable_key(model: str) -> ModelRefused:
    return ModelRefused(f"the key of {model} can't be sent: check the key that is set for it")


def cut(model: str) -> ModelUnavailable:
    return ModelUnavailable(f"the answer of {model} broke off")


def _told(content: bytes) -> _Told:
    """OpenAI's error object, or any text."""
    try:
        body = parsed(content)
    except Unreadable:
        return _Told("", content.decode("utf-8", "replace"))
    return _held(body.get("error", body))


def _held(held: Any) -> _Told:
    if not isinstance(held, dict):
        return _Told("", str(held))
    code = held.get("code")
    status = code if isinstance(code, int) else None
    return _Told(str(code or held.get("type") or ""), str(held), status)
