"""A model as the API shows it: under the names of its present and of its older fields alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.web.rest.seams.model_list import ListedEmbedder, ListedModel

_ENDPOINTS = {
    "gemini": "google_ai",
    "hosted_vllm": "vllm",
    "huggingface": "hugging-face",
    "lm_studio": "lmstudio",
    "ollama_chat": "ollama",
    "together_ai": "together",
    "vertex_ai": "google_vertex",
}
_SAME = frozenset(
    [
        "anthropic",
        "azure",
        "baseten",
        "bedrock",
        "cerebras",
        "deepseek",
        "groq",
        "minimax",
        "mistral",
        "moonshot",
        "ollama",
        "openrouter",
        "vllm",
        "xai",
        "zai",
    ]
)
_OURS = "letta"
"""What clients know a server's own models by."""


def provider_type(handle: str) -> str:
    """The provider of a model in the API's words; what it doesn't know speaks OpenAI's tongue."""
    provider, slash, _ = handle.partition("/")
    if not slash:
        return _OURS if handle == "offline" else "openai"
    return _ENDPOINTS.get(provider, provider if provider in _SAME else "openai")


def model_view(listed: ListedModel) -> Mapping[str, Any]:
    _, name = _parts(listed.handle)
    kind = provider_type(listed.handle)
    return {
        **_named(listed.handle, "llm"),
        "model": name,
        "provider_category": "base",
        "model_endpoint_type": "openai" if kind == _OURS else kind,
        "model_endpoint": None,
        "context_window": listed.window,
        "max_context_window": listed.max_window,
        "max_tokens": listed.max_output,
        "parallel_tool_calls": listed.parallel_tools,
        "put_inner_thoughts_in_kwargs": False,
        "tier": None,
    }


def embedder_view(listed: ListedEmbedder) -> Mapping[str, Any]:
    _, name = _parts(listed.handle)
    kind = provider_type(listed.handle)
    return {
        **_named(listed.handle, "embedding"),
        "embedding_model": name,
        "embedding_endpoint_type": kind,
        "embedding_endpoint": None,
        "embedding_dim": listed.dimensions,
        "embedding_chunk_size": None,
        "batch_size": 1,
    }


def _named(handle: str, model_type: str) -> Mapping[str, Any]:
    """What a model is called, and whose it is."""
    provider, name = _parts(handle)
    return {
        "handle": handle,
        "name": name,
        "display_name": name,
        "model_type": model_type,
        "provider_name": provider,
        "provider_type": _as_provider(provider_type(handle)),
    }


def _parts(handle: str) -> tuple[str, str]:
    """A handle's provider and the model's name there."""
    provider, slash, name = handle.partition("/")
    return (provider, name) if slash else (provider_type(handle), handle)


def _as_provider(kind: str) -> str:
    return "lmstudio_openai" if kind == "lmstudio" else kind
