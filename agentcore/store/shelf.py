"""Memory blocks as such: made without an agent, found, changed, attached and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.records import Actor, AgentId, Block, BlockId, BlockPatch, BlockQuery


class Shelf(Protocol):
    """Every change of a block is a version of it, with a revision; agents that hold it are told of
    it in their next turn. Whoever reads blocks of people's agents, is seen doing it.
    """

    async def add(self, block: Block) -> Block:
        """A new block that belongs to no single agent."""
        ...

    async def block(self, block_id: BlockId, actor: Actor) -> Block:
        """Raises NotFound."""
        ...

    async def blocks(self, query: BlockQuery, actor: Actor) -> Sequence[Block]: ...

    async def count(self) -> int:
        """How many there are, of all agents."""
        ...

    async def change(self, block_id: BlockId, patch: BlockPatch, actor: Actor) -> Block:
        """Change a block for all that hold it.

        Raises:
            NotFound: there is no such block.
            TooLong: its value would be longer than its limit; it is unchanged.
            Conflict: an agent that holds it has another block with that label.
        """
        ...

    async def change_of(
        self,
        agent_id: AgentId,
        label: str,
        patch: BlockPatch,
        actor: Actor,
        *,
        as_agent: bool = False,
    ) -> Block:
        """As `change`, for the block that an agent holds under this label. `as_agent`: whoever asks
        may do no more than the agent itself.

        Raises:
            Conflict: besides, the block is read-only for who asks.
        """
        ...

    async def delete(self, block_id: BlockId) -> None:
        """Take a block away, from all agents too, with its history.

        Raises:
            NotFound: there is no such block.
        """
        ...

    async def attach(self, agent_id: AgentId, block_id: BlockId) -> None:
        """An agent holds the block from its next turn on. One that was another agent's own belongs
        to both from then on. Nothing happens if the agent holds it already.

        Raises:
            NotFound: there is no such agent or block.
            Conflict: the agent has another block with that label.
        """
        ...

    async def detach(self, agent_id: AgentId, block_id: BlockId) -> None:
        """The agent doesn't hold it from its next turn on. The block stays.

        Raises:
            NotFound: there is no such agent.
        """
        ...
