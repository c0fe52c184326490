"""The models that agents may use, as the API tells of them; the service carries it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ListedModel:
    """`handle` is what an agent's `model` is set to. `window` is what is used of `max_window`
    unless an agent sets its own; all in tokens.
    """

    handle: str
    window: int
    max_window: int
    max_output: int | None
    parallel_tools: bool


@dataclass(frozen=True, slots=True)
class ListedEmbedder:
    """`dimensions`: how many numbers a vector has; 0 where that isn't known."""

    handle: str
    dimensions: int


class ModelList(Protocol):
    async def models(self) -> Sequence[ListedModel]:
        """All on the allow-list, that of new agents first."""
        ...

    async def embedders(self) -> Sequence[ListedEmbedder]: ...
