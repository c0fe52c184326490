"""Turns that clients of the API ask for: taken in, followed, called off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from agentcore.records import (
    Admission,
    AgentId,
    Requested,
    RunProgress,
    RunQuery,
    RunState,
    RunView,
    ThreadId,
    TurnId,
    TurnRequest,
)


class Requests(Protocol):
    """Requests to an agent by its id, and what became of them. Each is a turn of its own, in the one
    queue of its agent.
    """

    async def submit(self, request: TurnRequest, admission: Admission) -> Requested:
        """Take a request in, once: when this returns, it is durable and will be answered.

        Raises:
            NotFound: there is no such agent or thread.
            Conflict: it answers calls that don't wait for an answer, or doesn't answer those that
                do; or its key was used for another body.
            TooMany: the agent's queue is full, or the day's budget is spent.
        """
        ...

    async def open_conversation(self, agent_id: AgentId) -> ThreadId:
        """Begin a conversation with an agent, with nothing in view yet. It shares the agent's memory,
        and what was said in others is found by search.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def run(self, turn_id: TurnId) -> RunView:
        """Raises NotFound."""
        ...

    async def progress(self, turn_id: TurnId, *, after: int = 0) -> RunProgress:
        """How a turn stands, with its committed messages numbered above `after`, oldest first.

        Raises:
            NotFound: there is no such turn.
        """
        ...

    async def runs(self, query: RunQuery) -> Sequence[RunView]:
        """Without their steps."""
        ...

    async def cancel(
        self, agent_id: AgentId, turns: Sequence[TurnId] | None = None
    ) -> Mapping[TurnId, RunState]:
        """Call off turns of an agent that wait or run (None: all of them).

        Returns:
            Those that were, and how each stands now: one that runs ends by itself, soon.
        """
        ...
