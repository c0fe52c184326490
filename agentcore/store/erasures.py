"""Erasing a person, as the service sees it.

What is said to them is the service's own: it hands in how (`Saying`, `Telling`), so that what a
push platform sends is queued by the same transaction that makes it true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import (
    Actor,
    Address,
    ErasureReceipt,
    ErasureReply,
    NoticeDraft,
    Submission,
    UserId,
)
from agentcore.store.gate import Composer

Saying = Callable[[Address, ErasureReply], NoticeDraft]
"""What somebody is told who asked to be erased."""
Telling = Callable[[Address, ErasureReceipt, str | None], NoticeDraft]
"""What somebody is told who was erased, in their language."""


class Erasures(Protocol):
    async def ask(
        self, submission: Submission, code: str, saying: Saying, composer: Composer
    ) -> ErasureReply | None:
        """Somebody asks for everything about them to be erased, with the code that confirms it or
        without (empty); in a group, for what they wrote there. Push platforms are told within
        the same transaction, once for each update, but of what has "begun": `finish` tells that.

        Returns:
            What to answer; None for who is blocked.
        """
        ...

    async def begin(self, user_id: UserId, by: Actor) -> str:
        """Erase a user, as `erase` does, but for what can take a while.

        Returns:
            The id with which to finish it.

        Raises:
            NotFound: no such user.
        """
        ...

    async def finish(
        self, erasure_id: str, telling: Telling | None = None, composer: Composer | None = None
    ) -> ErasureReceipt | None:
        """Delete what is left, see that the database's files hold nothing of it, and queue the
        receipt where it has to be sent. None if it was finished already.
        """
        ...

    async def erase(self, user_id: UserId, by: Actor) -> ErasureReceipt:
        """Erase everything of a user: their identities, what is theirs alone, and their words in
        what belongs to others. A turn that runs for them commits nothing more.

        Raises:
            NotFound: no such user.
        """
        ...

    async def finish_agents(self, *, before: Micros) -> int:
        """See that the database's files hold nothing of agents that were deleted before then, all
        of them at once. Returns how many.
        """
        ...

    async def unfinished(self, *, before: Micros) -> Sequence[str]:
        """What a process that died, or a database that failed, has left to finish of people."""
        ...
