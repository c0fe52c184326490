"""Where sleep-time runs get what they read, and leave what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import (
    AgentId,
    ConsentTerms,
    NoSleep,
    SleepClaim,
    SleepEnd,
    SleepMaterial,
    SleepResult,
    SleepRun,
)


class Sleep(Protocol):
    """One agent's runs, for one actor."""

    async def material(self, terms: ConsentTerms | None) -> SleepMaterial | NoSleep:
        """What a run would start from now, or why none may begin. `terms` are those that people
        must have heard, or agreed to.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def begin(
        self, material: SleepMaterial, read: Sequence[int], *, again_at: Micros
    ) -> SleepClaim | None:
        """Begin a run over these messages. Should it never be heard of again, the next one is due
        at `again_at`. None: the agent isn't any more as the material tells.
        """
        ...

    async def commit(self, claim: SleepClaim, result: SleepResult) -> None:
        """Add it all in one transaction: these messages are read then.

        Raises:
            Fenced: the agent has work, or was changed since; nothing was written.
            BlockConflict: a block has changed; nothing was written.
            SummaryOutdated: a message that was read is forgotten; nothing was written.
        """
        ...

    async def end(self, claim: SleepClaim, how: SleepEnd) -> None:
        """Leave the record of a run that came to nothing."""
        ...

    async def pass_over(self) -> None:
        """What was due is not, until something new is said."""
        ...

    async def runs(self, *, limit: int) -> Sequence[SleepRun]:
        """Newest first."""
        ...


class SleepTimes(Protocol):
    """Whose memory is due to be put in order, over all agents."""

    async def due(self, *, limit: int) -> Sequence[AgentId]:
        """Agents that have been quiet for long enough and have no work, longest waiting first."""
        ...

    async def next_due(self) -> Micros | None:
        """When the first of them is due; None: nobody."""
        ...
