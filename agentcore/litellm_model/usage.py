"""Tokens and what they cost, from the provider's own count and litellm's price table.

Invariant: a price that isn't known is None, never 0.
"""

from __future__ import annotations

import math
from typing import Any

from agentcore.litellm_model.catalog import is_free, is_priced, provider_of
from agentcore.litellm_model.config import LitellmConfig
from agentcore.litellm_model.library import library
from agentcore.model import Usage


def usage_of(reported: Any, config: LitellmConfig) -> Usage:
    """The usage of one call; all zero with an unknown cost if the provider reported none."""
    if reported is None:
        return Usage()
    prompt = _count(reported, "prompt_tokens")
    completion = _count(reported, "completion_tokens")
    details = getattr(reported, "prompt_tokens_details", None)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=min(_count(details, "cached_tokens"), prompt),
        cost=_cost(reported, prompt, completion, config),
    )


def _count(holder: Any, key: str) -> int:
    value = getattr(holder, key, None)
    return value if isinstance(value, int) and value > 0 else 0


def _cost(reported: Any, prompt: int, completion: int, config: LitellmConfig) -> int | None:
    """Millionths of a dollar, rounded up so that what costs something is never 0."""
    if config.price is not None:
        return config.price.of(prompt, completion)
    if provider_of(config.name) == "openrouter":
        # It resells thousands of models, and states in every answer what was charged.
        billed = getattr(reported, "cost", None)
        return math.ceil(billed * 1e6) if isinstance(billed, int | float) and billed > 0 else None
    if is_free(config.name):
        return 0
    return _table_cost(reported, config.name) if is_priced(config.name) else None


def _table_cost(reported: Any, name: str) -> int | None:
    try:
        parts = library().cost_per_token(model=name, usage_object=reported)
    except Exception:  # noqa: BLE001 -- no error of a price table may cost a finished answer
        return None
    dollars = sum(parts)
    return math.ceil(dollars * 1e6) if dollars > 0 else None
