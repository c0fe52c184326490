"""What a call costs, by the table of prices."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from agentcore.model import Usage
from agentcore.providers.catalog import entry_of
from agentcore.providers.config import ProviderConfig
from agentcore.providers.usage import Counted, count, in_millionths, usage_in

_ABOVE = re.compile(r"^input_cost_per_token_above_(\d+)k_tokens$")


def usage_of(counted: Counted | None, config: ProviderConfig) -> Usage:
    """The usage of one call; all zero with an unknown cost if the provider reported none."""
    if counted is None:
        return Usage()
    return usage_in(counted, config, lambda: _table_cost(counted, config.name))


def _table_cost(counted: Counted, name: str) -> int | None:
    """Millionths of a dollar; the part of the prompt that was cached or written at its own price."""
    entry = entry_of(name) or {}
    prompt, completion = count(counted.prompt), count(counted.completion)
    cached = min(count(counted.cached), prompt)
    written = min(count(counted.written), prompt - cached)
    suffix = _suffix(name, prompt)
    full = _price(entry, f"input_cost_per_token{suffix}", entry["input_cost_per_token"])
    dollars = (
        (prompt - cached - written) * full
        + cached * _price(entry, f"cache_read_input_token_cost{suffix}", full)
        + written * _price(entry, f"cache_creation_input_token_cost{suffix}", full)
        + completion
        * _price(entry, f"output_cost_per_token{suffix}", entry["output_cost_per_token"])
    )
    return in_millionths(dollars)


def _price(entry: Mapping[str, Any], key: str, otherwise: float) -> float:
    value = entry.get(key)
    return value if isinstance(value, int | float) else otherwise


def _suffix(name: str, prompt: int) -> str:
    """What the names of the prices end in for a prompt of this length: long ones may cost more."""
    passed = [bound for bound in _bounds(name) if prompt > bound * 1_000]
    return f"_above_{max(passed)}k_tokens" if passed else ""


@functools.cache
def _bounds(name: str) -> tuple[int, ...]:
    """Thousands of tokens above which another price holds."""
    found = map(_ABOVE.match, entry_of(name) or {})
    return tuple(int(match[1]) for match in found if match)
