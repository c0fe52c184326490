"""Tokens and what they cost, from the provider's own count.

Invariant: a price that isn't known is None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from agentcore.model import Usage
from agentcore.providers.catalog import is_free, is_priced, provider_of
from agentcore.providers.config import ProviderConfig


@dataclass(frozen=True, slots=True)
class Counted:
    """What a provider reported, as it came: anything may stand in any place. `billed` is in US
    dollars, `written` the part of the prompt that its cache took in.
    """

    prompt: object = None
    completion: object = None
    cached: object = None
    written: object = None
    billed: object = None


def usage_in(
    counted: Counted, config: ProviderConfig, by_the_table: Callable[[], int | None]
) -> Usage:
    """The usage of one call. `by_the_table` tells what it costs by the table of prices, in
    millionths of a dollar, and is asked if the table has a price for the model.
    """
    prompt, completion = count(counted.prompt), count(counted.completion)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=min(count(counted.cached), prompt),
        cost=_cost(counted, (prompt, completion), config, by_the_table),
    )


def count(value: object) -> int:
    """A number of tokens, whatever was sent as one."""
    return value if isinstance(value, int) and value > 0 else 0


def in_millionths(dollars: float) -> int | None:
    """An amount, rounded up so that what costs something is never 0; None if it is nothing."""
    return math.ceil(dollars * 1e6) if dollars > 0 else None


def _cost(
    counted: Counted,
    tokens: tuple[int, int],
    config: ProviderConfig,
    by_the_table: Callable[[], int | None],
) -> int | None:
    if config.price is not None:
        return config.price.of(*tokens)
    if provider_of(config.name) == "openrouter":
        # It resells thousands of models, and states in every answer what was charged.
        billed = counted.billed
        return in_millionths(billed) if isinstance(billed, int | float) else None
    if is_free(config.name):
        return 0
    return by_the_table() if is_priced(config.name) else None
