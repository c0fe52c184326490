"""Where a model is reached, if it is reached by OpenAI's chat completions. Pure.

A name has the form that litellm gives it. Only those are served whose provider documents the very
same interface; of all others nothing is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agentcore.providers.catalog import entry_of, provider_of

OPENAI = "https://api.openai.com/v1"

_HOSTED: Mapping[str, str] = {
    "openai": OPENAI,
    "cerebras": "https://api.cerebras.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "groq": "https://api.groq.com/openai/v1",
    "together_ai": "https://api.together.xyz/v1",
    "xai": "https://api.x.ai/v1",
}
_OWN_SERVERS = frozenset({"hosted_vllm", "lm_studio", "openai"})
"""Prefixes of servers of one's own that speak it, when an address is given."""

_BARE = ("gpt-", "chatgpt-")
_THINKS_FIRST = re.compile(r"^(o\d|gpt-5)")
"""Models of OpenAI that refuse `max_tokens`, wherever they are."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is, its name there, and the field that bounds the length of an answer.

    `certain`: nobody has to say that this is right; it is the address that was set for the model,
    or OpenAI itself.
    """

    url: str
    model: str
    bound: str = "max_tokens"
    certain: bool = False


def endpoint_of(name: str, base_url: str | None) -> Endpoint | None:
    """The endpoint of a model; None where it isn't known to be one of chat completions.

    `base_url` is the address that was set for this very model, if one was.
    """
    provider, model = _parted(name)
    if not model:
        return None
    if base_url is not None:
        if provider not in _OWN_SERVERS:
            return None
        return Endpoint(_completions(base_url), model, _bound(model), certain=True)
    address = _HOSTED.get(provider)
    if address is None or not _is_chat(name):
        return None
    if provider == "openai":
        return Endpoint(_completions(address), model, "max_completion_tokens", certain=True)
    return Endpoint(_completions(address), model)


def _parted(name: str) -> tuple[str, str]:
    """The provider, and the model's name there."""
    if "/" not in name:
        return ("openai" if name.startswith(_BARE) else "", name)
    return provider_of(name), name.partition("/")[2]


def _is_chat(name: str) -> bool:
    """Whether a model takes chat completions: some of OpenAI's take its other interface alone."""
    entry = entry_of(name)
    return entry is None or entry.get("mode", "chat") == "chat"


def _bound(model: str) -> str:
    return "max_completion_tokens" if _THINKS_FIRST.match(model) else "max_tokens"


def _completions(base_url: str) -> str:
    return base_url.rstrip("/") + "/chat/completions"
