"""Marks that tell a provider how far the next prompts will be the same. Knows no network.

Some providers keep what they have read of a prompt only up to a mark (`cache_control`), charge a
quarter more for keeping it and a tenth for reading it again. Others keep prompts unasked, or
would make something else of a mark: they get none.
"""

from __future__ import annotations

from typing import Any

from agentcore.providers.catalog import entry_of, provider_of

_KNOW_MARKS = frozenset({"", "anthropic", "azure_ai", "bedrock", "openrouter", "vertex_ai"})
"""Where litellm passes marks on for Claude; a bare name is Anthropic's own."""
_MARK = {"type": "ephemeral"}


def knows_marks(name: str) -> bool:
    """Whether a model's provider keeps prompts up to a mark."""
    if provider_of(name) not in _KNOW_MARKS or "claude" not in name.lower():
        return False
    entry = entry_of(name)
    return entry is None or bool(entry.get("supports_prompt_caching"))


def marked(messages: list[dict[str, Any]], *, stable: int | None) -> list[dict[str, Any]]:
    """The chat messages with marks behind the instructions, whose prefix holds the tools too, and
    behind the last message that later prompts will have as well: `stable` are the first so many,
    None all of them.
    """
    last = len(messages) if stable is None else min(stable, len(messages))
    if not last:
        return messages
    places = {last - 1}
    if messages[0]["role"] == "system":
        places.add(0)
    return [
        {**message, "cache_control": _MARK} if at in places and message.get("content") else message
        for at, message in enumerate(messages)
    ]
