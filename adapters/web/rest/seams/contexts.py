"""What an agent's next prompt is made of, as the API shows it; the service carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agentcore.records import Agent, Message
from agentcore.store import AgentStore


@dataclass(frozen=True, slots=True)
class Overview:
    """The next prompt, part by part: the texts, and what each may count in tokens at most. `window`
    is what all may count; `stored` counts the messages of the history, `passages` the archive.
    """

    agent: Agent
    window: int
    system: str
    system_tokens: int
    memory: str
    memory_tokens: int
    summary: str
    summary_tokens: int
    messages: tuple[Message, ...]
    messages_tokens: int
    tools_tokens: int
    stored: int
    passages: int

    @property
    def tokens(self) -> int:
        """All of it."""
        parts = (self.memory_tokens, self.summary_tokens, self.messages_tokens, self.tools_tokens)
        return self.system_tokens + sum(parts)


class Contexts(Protocol):
    """Prompts as they stand, and new ones. Of an agent's own thread for the API, if it has one."""

    async def overview(self, door: AgentStore) -> Overview:
        """Raises NotFound."""
        ...

    async def recompiled(self, door: AgentStore, *, dry_run: bool) -> str:
        """What the prompt would begin with if it were made anew from the agent and its blocks as they
        are now; and, unless `dry_run`, does from here on.

        Raises:
            NotFound: there is no such agent.
            Conflict: a turn is open.
        """
        ...

    async def reset(self, door: AgentStore) -> None:
        """Begin with an empty window over the API; people's chats go on as they were. What was said
        stays in the history, and is found there.

        Raises:
            NotFound, Conflict: as above.
        """
        ...
