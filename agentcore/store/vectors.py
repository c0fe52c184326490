"""Keeping the vectors of what was said and kept up to date with the embedding model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from agentcore.records import AgentId, ConsentTerms


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A text without a vector, or with one of another model. `seq` is a message's number or a
    passage's.
    """

    agent_id: AgentId
    kind: Literal["message", "passage"]
    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class NewVector:
    """What a model made of a text."""

    of: Unembedded
    vector: Sequence[float]


class VectorIndex(Protocol):
    async def agents(self, *, after: AgentId | None, limit: int) -> Sequence[AgentId]:
        """Agents in the order of their ids, those behind `after` (None: from the first on)."""
        ...

    async def unembedded(
        self, agents: Sequence[AgentId], model: str, terms: ConsentTerms | None, *, limit: int
    ) -> Sequence[Unembedded]:
        """Texts of these agents that the model has made no vector of, newest first. None of an
        agent with somebody who hasn't heard the terms, or (where that is required) hasn't agreed
        to them: they say who reads the texts. `terms` None: nobody asks.
        """
        ...

    async def keep(self, model: str, made: Sequence[NewVector]) -> int:
        """Keep vectors of what is still there and not forgotten. Returns how many."""
        ...
