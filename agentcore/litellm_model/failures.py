"""litellm's errors as ours. What a status or a code means is told by `providers.failures`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentcore.errors import ContextOverflow, MalformedAnswer, ModelError
from agentcore.providers.failures import Trouble, outage_of, refusal_of

_UNREADABLE = re.compile(
    r"\(char \d+\)|JSONDecodeError|invalid response|provider returned 'choices'",
    re.IGNORECASE,
)


def failure_of(error: Exception, model: str, *, sent_tools: bool) -> ModelError:
    """The error of our tree that says what `error`, raised by litellm, means."""
    if isinstance(error, ModelError):
        return error
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ContextWindowExceededError" in names:
        return ContextOverflow(f"the request is larger than the window of {model}")
    headers = _headers(error)
    trouble = Trouble(
        status=_status(error),
        code=_code(error),
        text=str(error),
        headers=headers,
        sent_tools=sent_tools,
        timed_out="Timeout" in names,
    )
    if refusal := refusal_of(trouble, model):
        return refusal
    if headers is None and _UNREADABLE.search(trouble.text):
        return MalformedAnswer(f"{model} sent something that is no chat completion")
    if "MidStreamFallbackError" in names and trouble.status not in {408, 429}:
        # Its status is of litellm's making.
        trouble = Trouble(None, headers=headers, timed_out=trouble.timed_out)
    return outage_of(trouble, model)


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
