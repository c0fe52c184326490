"""A provider's errors as ours.

Invariant: no message holds any text of the error itself, which may quote the prompt or the key;
only its status, and a code if it is one plain word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)

_OVERFLOW = re.compile(
    r"context[ _](length|window)|maximum context|too many (input )?tokens|prompt is too long",
    re.IGNORECASE,
)
_TOOLS = re.compile(r"\btools?\b|function[ _]call", re.IGNORECASE)
_UNREADABLE = re.compile(
    r"\(char \d+\)|JSONDecodeError|invalid response|provider returned 'choices'",
    re.IGNORECASE,
)


def failure_of(error: Exception, model: str, *, sent_tools: bool) -> ModelError:
    """The error of our tree that says what `error`, raised by litellm, means."""
    if isinstance(error, ModelError):
        return error
    status = _status(error)
    text = str(error)
    if _is_overflow(error, text, status):
        return ContextOverflow(f"the request is larger than the window of {model}")
    if _is_broke(error, status):
        return ModelRefused(f"the account behind {model} has no credit left: top it up")
    if status in {400, 401, 403, 404, 405, 413, 422}:
        return ModelRefused(_refusal(status, model, text, sent_tools=sent_tools))
    if _headers(error) is None and _UNREADABLE.search(text):
        return MalformedAnswer(f"{model} sent something that is no chat completion")
    return ModelUnavailable(_outage(error, status, model), retry_after=_retry_after(error))


def _status(error: Exception) -> int | None:
    """The HTTP status; litellm gives 500 to failures that have none."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _code(error: Exception) -> str:
    body = getattr(error, "body", None)
    return str(body.get("code") or body.get("type") or "") if isinstance(body, Mapping) else ""


def _headers(error: Exception) -> Mapping[str, str] | None:
    """The headers of the error answer; None if there was none, as with a broken connection."""
    headers = getattr(error, "litellm_response_headers", None)
    return headers if isinstance(headers, Mapping) else None


def _names(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _is_overflow(error: Exception, text: str, status: int | None) -> bool:
    if "ContextWindowExceededError" in _names(error) or _code(error) == "context_length_exceeded":
        return True
    return status in {400, 413, 422} and bool(_OVERFLOW.search(text))


def _is_broke(error: Exception, status: int | None) -> bool:
    return status == 402 or _code(error) == "insufficient_quota"


def _refusal(status: int | None, model: str, text: str, *, sent_tools: bool) -> str:
    match status:
        case 401:
            return f"the provider of {model} refused the API key: check the key that is set for it"
        case 403:
            return (
                f"the API key has no access to {model}: allow it at the provider, or choose another"
            )
        case 404 | 405:
            return (
                f"the provider has no model {model}: check its name, and the base URL if one is set"
            )
        case _ if sent_tools and _TOOLS.search(text):
            return f"{model} refused the tools it was sent: declare it without tools, or choose another"
        case _:
            return f"the provider of {model} refused the request (status {status})"


def _outage(error: Exception, status: int | None, model: str) -> str:
    if status == 429:
        return f"the provider of {model} asks to slow down (status 429)"
    if status == 408 or "Timeout" in _names(error):
        return f"{model} did not answer in time"
    if status is not None and status != 500 and "MidStreamFallbackError" not in _names(error):
        return f"the provider of {model} is out of order (status {status})"
    return f"the connection to {model} failed, or its provider is out of order"


def _retry_after(error: Exception) -> float | None:
    """Retry-After in seconds, from a number or a date."""
    headers = _headers(error) or {}
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), None)
    return None if value is None else _seconds(value)


def _seconds(value: str) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds()) if at.tzinfo else None
