"""What the API answers, as far as a client may rely on it; for the description alone, since views are
what is sent. There may be more fields than these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema


class Error(BaseModel):
    """What went wrong."""

    detail: str


class Health(BaseModel):
    """`version` is that of the API that is spoken."""

    version: str
    status: str


class Model(BaseModel):
    """A model that an agent may use: `handle` is what its `model` is set to. Of `max_context_window`
    tokens, `context_window` are used unless the agent sets its own.
    """

    handle: str
    name: str
    provider_name: str
    provider_type: str
    context_window: int
    max_context_window: int
    max_tokens: int | None


class EmbeddingModel(BaseModel):
    """A model that makes messages findable by their meaning. `embedding_dim` 0: it isn't known."""

    handle: str
    name: str
    provider_name: str
    provider_type: str
    embedding_dim: int


_SHAPES: Mapping[str, Any] = {
    "GET /v1/health": Health,
    "GET /v1/ready": Health,
    "GET /v1/models": list[Model],
    "GET /v1/models/embedding": list[EmbeddingModel],
}

_PLACE = "#/components/schemas/{model}"
_ADAPTERS = {name: TypeAdapter(shape) for name, shape in _SHAPES.items()}
_NAMES, _DEFINITIONS = GenerateJsonSchema(ref_template=_PLACE).generate_definitions(
    [(name, "serialization", adapter.core_schema) for name, adapter in _ADAPTERS.items()]
    + [("", "serialization", TypeAdapter(Error).core_schema)]
)

ANSWERS: Mapping[str, Mapping[str, Any]] = {
    name: schema for (name, _mode), schema in _NAMES.items() if name
}
"""The schema of what an operation answers, by `METHOD path`."""


def schemas() -> Mapping[str, Any]:
    """The schemas that those are made of."""
    return {str(name): schema for name, schema in _DEFINITIONS.items()}
