"""`Egress` for tests: what is asked is kept, and answered by a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.egress.seam import EgressFailed, EgressRefused, EgressRequest, Fetched


@dataclass
class ScriptedEgress:
    """Answers with what `script` says to each request; statuses alone are enough."""

    script: Callable[[EgressRequest], Fetched | int] = lambda _request: 200
    refused: frozenset[str] = frozenset()
    asked: list[EgressRequest] = field(default_factory=list)

    async def fetch(self, request: EgressRequest) -> Fetched:
        """See `Egress.fetch`; a status of 0 is an address out of reach."""
        await self.require_allowed(request.url)
        self.asked.append(request)
        answer = self.script(request)
        if answer == 0:
            msg = "It can't be reached: ConnectError."
            raise EgressFailed(msg)
        return Fetched(request.url, answer, {}, b"") if isinstance(answer, int) else answer

    async def require_allowed(self, url: str) -> None:
        """See `Egress.require_allowed`."""
        if url in self.refused:
            msg = "This URL leads into a private network."
            raise EgressRefused(msg)
