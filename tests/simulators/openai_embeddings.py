"""The embeddings endpoint of `OpenAIServer`: what it refuses, and how an answer looks on the wire.

As strict as the real one where clients go wrong: unknown parameters, no input, blank texts, too
many or too long ones. A text's vector counts its words.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping
from typing import Any

from agentcore.testing import counted_words
from tests.simulators.openai_rules import Refusal

PATH = "/v1/embeddings"
PARAMETERS = frozenset({"model", "input", "encoding_format", "dimensions", "user"})
MOST_TEXTS = 2_048
MOST_WORDS = 8_192


def refusal_of_embedding(body: Mapping[str, Any]) -> Refusal | None:
    """The first thing that is wrong with a request, as the real endpoint would say it."""
    if unknown := sorted(set(body) - PARAMETERS):
        return Refusal(400, f"Unrecognized request argument supplied: {unknown[0]}")
    if not isinstance(body.get("model"), str):
        return Refusal(400, "you must provide a model parameter")
    if body.get("encoding_format", "float") not in {"float", "base64"}:
        return Refusal(400, "encoding_format must be float or base64", param="encoding_format")
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= MOST_TEXTS:
        return Refusal(400, "'$.input' is invalid.", param="input")
    if not all(isinstance(text, str) and text for text in texts):
        return Refusal(400, "'$.input' is invalid: a text is empty.", param="input")
    return _too_long(max(len(text.split()) for text in texts))


def _too_long(longest: int) -> Refusal | None:
    if longest <= MOST_WORDS:
        return None
    message = (
        f"This model's maximum context length is {MOST_WORDS} tokens, however you requested "
        f"{longest} tokens. Please reduce your prompt; or completion length."
    )
    return Refusal(400, message, "context_length_exceeded", "input")


def embedded(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a good answer."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    tokens = sum(len(text.split()) for text in texts)
    rows = [
        {"object": "embedding", "index": at, "embedding": _shown(counted_words(text), body)}
        for at, text in enumerate(texts)
    ]
    return {
        "object": "list",
        "data": rows,
        "model": body["model"],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _shown(vector: list[float], body: Mapping[str, Any]) -> list[float] | str:
    if body.get("encoding_format") == "base64":
        return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
    return vector
