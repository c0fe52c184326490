"""What turns texts into vectors: of two texts that mean the same, they lie close together.

Knows nothing of HTTP, providers or the store. One call is one attempt: who asks in a person's
time gives up soon, who asks in the background tries again later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agentcore.model.base import Price, Usage

Vector = Sequence[float]
"""Of any length greater than zero; all of one model have as many numbers."""


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector for each text, in their order."""

    vectors: tuple[Vector, ...]
    usage: Usage = field(default_factory=Usage)


class Embedder(Protocol):
    """One embedding model at one provider."""

    @property
    def name(self) -> str:
        """Vectors of different names are never compared."""
        ...

    @property
    def price(self) -> Price | None:
        """None: it isn't known."""
        ...

    async def embed(self, texts: Sequence[str], *, within: float) -> Embeddings:
        """The vectors of these texts, of which there is at least one, and none is blank.

        `within` is in seconds and bounds all of it. Raises `ModelUnavailable` (try later),
        `ModelRefused`, `ContextOverflow` (a text is too long for the model) or
        `MalformedAnswer`, and nothing else but cancellation.
        """
        ...
