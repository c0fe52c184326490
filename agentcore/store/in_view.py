"""What an agent's next prompt begins with, for those who look at it from outside or begin it anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentcore.records import Agent, Block, Epoch, HeadBlock, Message, Thread, ThreadId


@dataclass(frozen=True, slots=True)
class InView:
    """What a thread has in view: `thread` and `epoch` are None where nothing was said yet; `own`: it
    is the one for the API. `shown`
    are the blocks as the epoch shows them, `blocks` as they are now. `next_message` is the number
    that the agent's next message will have; `stored` counts its messages, `passages` its archive.
    """

    agent: Agent
    thread: Thread | None
    epoch: Epoch | None
    shown: tuple[HeadBlock, ...]
    blocks: Sequence[Block]
    messages: tuple[Message, ...]
    next_message: int
    stored: int
    passages: int
    own: bool = False


class Windows(Protocol):
    """One agent's threads, as far as their models see them."""

    async def in_view(self, thread: ThreadId | None = None) -> InView:
        """`thread` None: the one for the API; else, in an agent that has none, its newest.

        Raises:
            NotFound: there is no such agent or thread.
        """
        ...

    async def begin(self, epoch: Epoch) -> None:
        """Give a thread its next epoch.

        Raises:
            Conflict: a turn is open, or somebody else has begun one.
        """
        ...
