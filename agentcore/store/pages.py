"""What was said, page by page, for clients that look through it; and of which agent something is.

Pages hold nothing that was forgotten, and nothing of conversations that leave no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import (
    AgentId,
    Message,
    MessageId,
    Role,
    StepId,
    StepRecord,
    ThreadId,
    TurnId,
)


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which messages: of a thread, a turn or a step; the newest of them, or `ascending`, the oldest;
    none from `before` on, none up to `after`.
    """

    limit: int = 50
    thread: ThreadId | None = None
    turn: TurnId | None = None
    step: StepId | None = None
    roles: frozenset[Role] | None = None
    before: MessageId | None = None
    after: MessageId | None = None
    ascending: bool = False


@dataclass(frozen=True, slots=True)
class PagedMessage:
    """A message, and what it was said in. `agent_id` is whose number it has: the agent's that was
    asked, or that of one that it has absorbed.
    """

    message: Message
    agent_id: AgentId
    thread_id: ThreadId
    turn_id: TurnId | None
    step_id: StepId | None


class Pages(Protocol):
    """One agent's history. What it has absorbed is its own as well."""

    async def messages(self, query: PageQuery) -> Sequence[PagedMessage]:
        """Oldest first, always.

        Raises:
            NotFound: there is no such message before or after which to look, or no such thread,
                turn or step.
        """
        ...

    async def message(self, message_id: MessageId) -> PagedMessage:
        """Raises NotFound."""
        ...

    async def these(self, message_ids: Sequence[MessageId]) -> Sequence[PagedMessage]:
        """Those of them that are here, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class ThreadPlace:
    """A conversation, without anything that was said in it. `in_view`: the messages that its next
    prompt begins with, where that was asked for.
    """

    thread_id: ThreadId
    agent_id: AgentId
    created_at: Micros
    last_message_at: Micros | None
    in_view: tuple[MessageId, ...] = ()


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A step, and whose it is."""

    step: StepRecord
    agent_id: AgentId
    turn_id: TurnId


@dataclass(frozen=True, slots=True)
class StepQuery:
    """Which steps: newest first, or `ascending`, oldest first. Times are inclusive."""

    limit: int = 50
    agent_id: AgentId | None = None
    model: str | None = None
    since: Micros | None = None
    until: Micros | None = None
    before: StepId | None = None
    after: StepId | None = None
    ascending: bool = False


@dataclass(frozen=True, slots=True)
class ThreadQuery:
    """Which conversations: newest first, or `ascending`, oldest first."""

    limit: int = 50
    agent_id: AgentId | None = None
    before: ThreadId | None = None
    after: ThreadId | None = None
    ascending: bool = False


class Places(Protocol):
    """Which agent something is of. Nothing here tells what was said."""

    async def agent_of_message(self, message_id: MessageId) -> AgentId:
        """Raises NotFound."""
        ...

    async def newest_messages(
        self,
        *,
        limit: int,
        before: MessageId | None = None,
        after: MessageId | None = None,
        ascending: bool = False,
    ) -> Sequence[tuple[AgentId, MessageId]]:
        """Of all agents, the newest, or `ascending`, the oldest; oldest first, always.

        Raises:
            NotFound: there is no such message before or after which to look.
        """
        ...

    async def thread(self, thread_id: ThreadId) -> ThreadPlace:
        """With what it has in view.

        Raises:
            NotFound: there is no such conversation.
        """
        ...

    async def threads(self, query: ThreadQuery) -> Sequence[ThreadPlace]:
        """Raises NotFound as above."""
        ...

    async def step(self, step_id: StepId) -> StepPlace:
        """Raises NotFound."""
        ...

    async def steps(self, query: StepQuery) -> Sequence[StepPlace]:
        """Raises NotFound as above."""
        ...
