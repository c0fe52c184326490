"""What may be fetched from outside, and what goes wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from agentcore.errors import BadInput, FamiliarError


class EgressRefused(BadInput):
    """This may not be fetched from here; the message says why."""


class EgressFailed(FamiliarError):
    """It could not be fetched: out of reach, too slow, or too large."""


@dataclass(frozen=True, slots=True)
class EgressRequest:
    """What to fetch. `seconds` is for all of it, redirects included; `max_bytes` for the body of the
    answer. `redirects` are followed at most; beyond those, and for all but GET, the redirect is
    the answer.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    max_bytes: int = 1024 * 1024
    seconds: float = 15.0
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status; `url` is where it was found in the end. Names of headers are
    in lower case.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Egress(Protocol):
    async def fetch(self, request: EgressRequest) -> Fetched:
        """Fetch it.

        Raises:
            EgressRefused: the URL, or one that it redirects to, isn't http or https, carries a
                password, or leads into a private network.
            EgressFailed: it was out of reach, too slow or too large.
        """
        ...

    async def require_allowed(self, url: str) -> None:
        """See that a URL is one that may be fetched, as far as that can be told now.

        Raises:
            EgressRefused: it may not.
        """
        ...
