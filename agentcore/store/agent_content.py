"""All that agents are made of and know, read out and taken in at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agentcore.records import Actor, AgentId
from agentcore.records.content import Content, PlainMessage, PlainPassage


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a content: the agents in its order, and tools of its own that are there now.
    `kept_tools` are those whose names other tools have here: the agents are without them.
    """

    agents: tuple[AgentId, ...]
    new_tools: tuple[str, ...] = ()
    kept_tools: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What isn't as it was, each in a sentence."""
        return tuple(
            f"The tool {each}: another one has this name here." for each in self.kept_tools
        )


@dataclass(frozen=True, slots=True)
class More:
    """More of an agent's messages, for its first thread, and of its passages: in the order of their
    times. Those whose ids the agent has already are let be. `mark` says up to where somewhere
    else's were read, and is given back for going on there.
    """

    agent_id: AgentId
    messages: tuple[PlainMessage, ...] = ()
    passages: tuple[PlainPassage, ...] = ()
    mark: Mapping[str, str] | None = None
    in_view: bool = True
    """Whether these messages are; those that aren't come before all that are."""


class AgentContent(Protocol):
    """Agents with all that belongs to them, but for whom they talk with."""

    async def read(self, agents: Sequence[AgentId], actor: Actor) -> Content:
        """Agents with their own lives and those that they have taken in; nothing that was forgotten
        or leaves no trace.

        Raises:
            NotFound: one of them isn't there.
        """
        ...

    async def add(self, content: Content, *, replace_tools: bool = False) -> TakenIn:
        """Make agents of the API from it, all or none. Tools come switched off. Where another tool has
        the name already, that stays as it is, unless `replace_tools`.
        """
        ...

    async def append(self, more: More) -> int:
        """Returns how many messages and passages weren't there yet.

        Raises:
            NotFound: there is no such agent.
        """
        ...

    async def mark(self, agent_id: AgentId) -> Mapping[str, str] | None:
        """What `append` was last given for the agent, or it was made with; None: there is none of
        that id.
        """
        ...
