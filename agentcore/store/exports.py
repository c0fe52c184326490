"""All that is kept about a person, for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agentcore.records import AgentId, IdentityKey, OutboxDraft, Submission, UserId


@dataclass(frozen=True, slots=True)
class PersonData:
    """What there is of a person. `agents` are theirs alone, without those that others of them have
    taken in. `tables`: the rows of each table that is theirs to have, by its name.
    """

    user_id: UserId
    agents: tuple[AgentId, ...]
    tables: Mapping[str, Sequence[Mapping[str, Any]]]


class Exports(Protocol):
    async def of(self, key: IdentityKey) -> PersonData | None:
        """Everything of whoever this is; None for a stranger. Nobody else's words are in it, nothing
        that was forgotten, and nothing of conversations that leave no trace.
        """
        ...

    async def answer(self, submission: Submission, chunks: Sequence[OutboxDraft]) -> None:
        """Queue what answers somebody who asked for it, once for each update. It isn't kept."""
        ...
