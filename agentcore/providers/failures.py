"""What a provider refuses, as our errors.

Invariant: no message holds any text of the provider's, which may quote the prompt or the key;
only its status, and the model's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agentcore.errors import ContextOverflow, ModelError, ModelRefused, ModelUnavailable

_OVERFLOW = re.compile(
    r"context[ _](length|window|limit)|maximum context|too many (input )?tokens|prompt is too long"
    r"|input tokens exceed|available context size|maximum number of tokens allowed"
    r"|maximum input length is|current length is .* while limit is",
    re.IGNORECASE,
)
_TOOLS = re.compile(r"\btools?\b|function[ _]call", re.IGNORECASE)
LONGEST_WISH = 86_400.0
"""Seconds: who asks for more time than a day is asked again after a day."""
_REFUSED = frozenset({400, 401, 403, 404, 405, 413, 422})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is known of a failed call: the HTTP status if there was any answer, the code that the
    provider gave, what it said (which is looked into, and never repeated), its headers, and
    whether the call was sent tools.
    """

    status: int | None
    code: str = ""
    text: str = ""
    headers: Mapping[str, str] | None = None
    sent_tools: bool = False
    timed_out: bool = False


def refusal_of(trouble: Trouble, model: str) -> ModelError | None:
    """The error for what no second try can mend; None for all else."""
    if _is_overflow(trouble):
        return ContextOverflow(f"the request is larger than the window of {model}")
    if trouble.status == 402 or trouble.code == "insufficient_quota":
        return ModelRefused(f"the account behind {model} has no credit left: top it up")
    if trouble.status in _REFUSED:
        return ModelRefused(_refusal(trouble, model))
    return None


def outage_of(trouble: Trouble, model: str) -> ModelUnavailable:
    """The error for what may pass, with the time that the provider asks for."""
    return ModelUnavailable(_outage(trouble, model), retry_after=_retry_after(trouble.headers))


def _is_overflow(trouble: Trouble) -> bool:
    if trouble.code == "context_length_exceeded":
        return True
    return trouble.status in {400, 413, 422} and bool(_OVERFLOW.search(trouble.text))


def _refusal(trouble: Trouble, model: str) -> str:
    match trouble.status:
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
        case _ if trouble.sent_tools and _TOOLS.search(trouble.text):
            return f"{model} refused the tools it was sent: declare it without tools, or choose another"
        case status:
            return f"the provider of {model} refused the request (status {status})"


def _outage(trouble: Trouble, model: str) -> str:
    if trouble.status == 429:
        return f"the provider of {model} asks to slow down (status 429)"
    if trouble.status == 408 or trouble.timed_out:
        return f"{model} did not answer in time"
    if trouble.status is not None and trouble.status != 500:
        return f"the provider of {model} is out of order (status {trouble.status})"
    return f"the connection to {model} failed, or its provider is out of order"


def _retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Retry-After in seconds, from a number or a date."""
    value = next((v for k, v in (headers or {}).items() if k.lower() == "retry-after"), None)
    wish = None if value is None else _seconds(value)
    return None if wish is None else min(wish, LONGEST_WISH)


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
