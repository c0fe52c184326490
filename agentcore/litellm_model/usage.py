"""Tokens as litellm reports them, and what they cost by its price table."""

from __future__ import annotations

from typing import Any

from agentcore.litellm_model.library import library
from agentcore.model import Usage
from agentcore.providers.config import ProviderConfig
from agentcore.providers.usage import Counted, in_millionths, usage_in


def usage_of(reported: Any, config: ProviderConfig) -> Usage:
    """The usage of one call; all zero with an unknown cost if the provider reported none."""
    if reported is None:
        return Usage()
    details = getattr(reported, "prompt_tokens_details", None)
    counted = Counted(
        prompt=getattr(reported, "prompt_tokens", None),
        completion=getattr(reported, "completion_tokens", None),
        cached=getattr(details, "cached_tokens", None),
        billed=getattr(reported, "cost", None),
    )
    return usage_in(counted, config, lambda: _table_cost(reported, config.name))


def _table_cost(reported: Any, name: str) -> int | None:
    try:
        parts = library().cost_per_token(model=name, usage_object=reported)
    except Exception:  # noqa: BLE001 -- no error of a price table may cost a finished answer
        return None
    return in_millionths(sum(parts))
