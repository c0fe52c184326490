"""Which key a model needs: providers' own names for their keys, by the prefix of a model's name.

The table holds the providers people start with. Any other prefix `x/` is taken to use `X_API_KEY`,
but is never reported as missing: some providers need no key at all.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

# The first name is the one to recommend; the others are accepted as well.
_KEY_NAMES: Mapping[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "openrouter": ("OPENROUTER_API_KEY", "OR_API_KEY"),
    "groq": ("GROQ_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "xai": ("XAI_API_KEY",),
    "cohere": ("COHERE_API_KEY",),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY"),
    "cerebras": ("CEREBRAS_API_KEY",),
}
_BARE_NAMES: Mapping[str, str] = {"gpt-": "openai", "chatgpt-": "openai", "claude-": "anthropic"}


def provider_of(model: str) -> str | None:
    """The provider a litellm model name belongs to; None for one that gives no hint."""
    provider, slash, _ = model.partition("/")
    if slash:
        return provider.lower()
    return next((p for start, p in _BARE_NAMES.items() if model.startswith(start)), None)


def provider_key(model: str, keys: Mapping[str, SecretStr]) -> SecretStr | None:
    """The key in `keys` that serves `model`, if there is one."""
    provider = provider_of(model)
    if provider is None:
        return None
    names = _KEY_NAMES.get(provider, (f"{provider.upper()}_API_KEY",))
    return next((keys[name] for name in names if name in keys), None)


def missing_key(model: str, keys: Mapping[str, SecretStr]) -> str | None:
    """The name of the key that `model` surely needs and `keys` lacks; None if all is well."""
    names = _KEY_NAMES.get(provider_of(model) or "")
    if names is None or any(name in keys for name in names):
        return None
    return names[0]


def key_name(model: str) -> str | None:
    """The variable to put the key for `model` into; None when its name gives no hint."""
    provider = provider_of(model)
    if provider is None:
        return None
    return _KEY_NAMES.get(provider, (f"{provider.upper()}_API_KEY",))[0]
