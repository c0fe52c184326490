"""Who there is, and who is let in: what an operator decides about people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from agentcore.records import AccessState, InvitationUse, PersonView, UserId
from agentcore.store.gate import Composer


class Directory(Protocol):
    """The people of this service. Nothing here shows what anybody said."""

    async def people(self, *, waiting: bool = False, limit: int = 100) -> Sequence[PersonView]:
        """Newest first; with `waiting` only those who have a code to be let in by."""
        ...

    async def person(self, user_id: UserId) -> PersonView:
        """Raises NotFound."""
        ...

    async def set_access(
        self, who: str, access: AccessState, *, by: str, composer: Composer
    ) -> PersonView:
        """Let somebody in or keep them out, by their id or their pairing code. Whoever waited is
        told that they may write, in the composer's chunks.

        Raises:
            NotFound: there is nobody of that id, and no such code that is still good.
        """
        ...

    async def invite(self) -> str:
        """A new invitation: the token by which one person is let in within seven days; at most 32
        ASCII letters, digits, `_` and `-`.
        """
        ...

    async def use_invitation(self, invite: str) -> InvitationUse:
        """Whether the token lets its bearer in; it doesn't a second time."""
        ...
