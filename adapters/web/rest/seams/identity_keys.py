"""How clients name identities."""

from __future__ import annotations

from typing import Protocol

from agentcore.records import IdentityKey


class IdentityKeys(Protocol):
    """Identifier keys: `telegram:<bot id>:<user id>` for people on platforms, or a client's own."""

    def read(self, key: str) -> IdentityKey:
        """What a client means. While one bot of a platform runs, its id may be left out.

        Raises:
            BadInput: it names a platform, and not whom there.
        """
        ...

    def tell(self, key: IdentityKey) -> str:
        """The key in full: `read` takes it back."""
        ...
