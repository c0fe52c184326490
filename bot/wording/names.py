"""Names as people are shown them: those from outside, and those of models' providers."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from config.settings import Settings

MAX_NAME = 64
# Control, format (bidi marks among them), surrogate, private use, unassigned.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def display_name(text: str) -> str:
    """A name on one line, without control or direction marks, at most 64 characters."""
    shown = "".join(" " if unicodedata.category(each) in _UNSHOWN else each for each in text)
    return " ".join(shown.split())[:MAX_NAME].rstrip()


_PROVIDERS = {
    "anthropic": "Anthropic",
    "azure": "Microsoft Azure",
    "bedrock": "Amazon Bedrock",
    "deepseek": "DeepSeek",
    "gemini": "Google",
    "groq": "Groq",
    "mistral": "Mistral AI",
    "ollama": "Ollama",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "vertex_ai": "Google",
    "xai": "xAI",
}


def provider_of(model: str, settings: Settings) -> str:
    """Who reads what is sent to a model, for people: "OpenAI" for `openai/gpt-4o-mini`; on a
    server of the operator's own, the model's name and where that is.
    """
    prefix, slash, bare = model.partition("/")
    if model == settings.model and settings.model_base_url:
        return f"{bare or model} ({urlsplit(settings.model_base_url).hostname})"
    if model == settings.embedding_model and settings.embedding_base_url:
        return f"{bare or model} ({urlsplit(settings.embedding_base_url).hostname})"
    return _PROVIDERS.get(prefix, prefix) if slash else model


def search_provider_of(settings: Settings) -> str | None:
    """Who reads every message so that it is found by its meaning; None: nobody."""
    model = settings.embedding_model
    return None if model is None else provider_of(model, settings)
