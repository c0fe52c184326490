"""What litellm's table knows of a model: its window, its abilities, what it costs.

The table is read from the file that litellm brings, without importing litellm: what a model can do
must be known before its first call, the import takes seconds, and not every model needs it.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentcore.model import Capabilities, Price
from agentcore.providers.config import ProviderConfig

UNKNOWN_MODEL = Capabilities(window=8_192)
"""For models that the table doesn't list, mostly local ones and new ones: the smallest window
that is common among them, and tools, without which nothing would be remembered. An operator who
knows better sets the window or the capabilities."""

# A zero in the table means free only where nobody sends a bill. Elsewhere it stands for a trial,
# a subscription, an hourly rate or a price that nobody had filled in.
_OWN_MACHINE = frozenset({"hosted_vllm", "lemonade", "llamafile", "lm_studio", "ollama"})
_SAME_TABLE = {"ollama_chat": "ollama"}
_TABLE_FILE = "model_prices_and_context_window_backup.json"


def provider_of(name: str) -> str:
    """`openai` of `openai/gpt-4o-mini`; empty for a bare name."""
    provider, slash, _ = name.partition("/")
    return _SAME_TABLE.get(provider, provider) if slash else ""


@functools.cache
def entry_of(name: str) -> Mapping[str, Any] | None:
    """The table's row for a model, or None if it has none. Reads 2 MB once per name."""
    table = _read_table()
    provider = provider_of(name)
    bare = name.partition("/")[2] if provider else name
    for key in (name, f"{provider}/{bare}"):
        if isinstance(table.get(key), dict):
            return dict(table[key])
    entry = table.get(bare)
    if isinstance(entry, dict) and str(entry.get("litellm_provider", "")).startswith(provider):
        return dict(entry)
    return None


def _read_table() -> dict[str, Any]:
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        return {}
    try:
        table = json.loads((Path(spec.origin).parent / _TABLE_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def is_listed(name: str) -> bool:
    """Whether the table has a row for a model."""
    return entry_of(name) is not None


def capabilities_of(name: str) -> Capabilities:
    """What the table says of a model; `UNKNOWN_MODEL` where it says nothing."""
    entry = entry_of(name)
    if entry is None:
        return UNKNOWN_MODEL
    window = _count(entry, "max_input_tokens") or _count(entry, "max_tokens")
    return Capabilities(
        window=window or UNKNOWN_MODEL.window,
        tools="native" if entry.get("supports_function_calling") else "none",
        parallel_tools=bool(entry.get("supports_parallel_function_calling")),
        images=bool(entry.get("supports_vision")),
        max_output=_count(entry, "max_output_tokens"),
        price=_price(name, entry),
    )


def _price(name: str, entry: Mapping[str, Any]) -> Price | None:
    if is_free(name):
        return Price(0, 0)
    if not is_priced(name):
        return None
    return Price(entry["input_cost_per_token"] * 1e6, entry["output_cost_per_token"] * 1e6)


def embedding_price(name: str) -> Price | None:
    """What an embedding model costs, which only reads; None if that isn't known."""
    entry = entry_of(name) or {}
    cost = entry.get("input_cost_per_token")
    if isinstance(cost, int | float) and cost > 0:
        return Price(cost * 1e6, 0)
    return Price(0, 0) if is_free(name) else None


def vector_length(name: str) -> int | None:
    """How many numbers the vectors of an embedding model have, as far as the table knows."""
    return _count(entry_of(name) or {}, "output_vector_size")


def _count(entry: Mapping[str, Any], key: str) -> int | None:
    value = entry.get(key)
    return value if isinstance(value, int) and value > 0 else None


def is_free(name: str) -> bool:
    """Whether the table says, in so many words, that a model on one's own machine costs nothing."""
    entry = entry_of(name)
    return (
        entry is not None
        and provider_of(name) in _OWN_MACHINE
        and entry.get("input_cost_per_token") == 0
        and entry.get("output_cost_per_token") == 0
    )


def is_priced(name: str) -> bool:
    """Whether the table has a price for both directions."""
    entry = entry_of(name)
    return entry is not None and all(
        isinstance(entry.get(key), int | float) and entry[key] > 0
        for key in ("input_cost_per_token", "output_cost_per_token")
    )


def capabilities_for(config: ProviderConfig) -> Capabilities:
    """What the configuration says a model can do, else what the table says."""
    known = config.capabilities or capabilities_of(config.name)
    assumed = config.unlisted_window if not is_listed(config.name) else None
    window = config.window or assumed or known.window
    return replace(known, window=window, price=config.price or known.price)
