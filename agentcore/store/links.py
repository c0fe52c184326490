"""Joining the users that one person is on several platforms, and parting them, as the service sees it.

What is said to them is the service's own: it hands in how (`Saying`), so that what a push platform
sends is queued by the same transaction that makes it true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentcore.records import (
    Actor,
    Address,
    Admission,
    ConsentTerms,
    Duplicate,
    Joining,
    JoinProposal,
    LinkEffect,
    LinkReply,
    LinkRequest,
    NoticeDraft,
    Refused,
    Submission,
    UserId,
)
from agentcore.store.gate import Composer

CODE_LENGTH = 8


def bare_code(written: str) -> str | None:
    """A code as it may be typed: in any case, with spaces or dashes; None for what can't be one."""
    code = "".join(each for each in written.upper() if each not in " -")
    return code if len(code) == CODE_LENGTH and code.isascii() and code.isalnum() else None


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody is told, on push platforms: what leaves no trace here, for it may hold words of
    theirs; then what is kept for a while, so that its buttons are known.
    """

    fleeting: Sequence[NoticeDraft] = ()
    kept: Sequence[NoticeDraft] = ()


class Saying(Protocol):
    """How answers read. Pure."""

    def answer(self, address: Address, reply: LinkReply) -> Said:
        """To whoever asked."""
        ...

    def told(
        self, address: Address, effect: LinkEffect, language: str | None, zone: str | None
    ) -> NoticeDraft:
        """To everybody else whom it concerns."""
        ...

    def shown(
        self, address: Address, platform: str, language: str | None, zone: str | None
    ) -> NoticeDraft:
        """To whoever gave a code: it was brought on this platform, and what is kept in mind here
        was shown there.
        """
        ...


class Links(Protocol):
    async def ask(
        self,
        submission: Submission,
        request: LinkRequest,
        admission: Admission,
        saying: Saying,
        composer: Composer,
        proposal: JoinProposal | None = None,
    ) -> LinkReply | Refused | Duplicate:
        """Answer somebody who wants to link or part, in one transaction, once for each update. A
        confirmation that holds good is carried out only with a proposal; without one it is answered
        with "confirmed", and nothing is written. Both sides are told what came of it.
        """
        ...

    async def pair(
        self, first: UserId, second: UserId, terms: ConsentTerms | None
    ) -> Joining | None:
        """Two users whom an operator wants to join, as they stand; None if they are one already.

        Raises:
            NotFound: there is no such user, or nobody comes in as them any more.
            BadInput: one of them isn't let in.
        """
        ...

    async def join_pair(
        self,
        joining: Joining,
        proposal: JoinProposal,
        by: Actor,
        saying: Saying,
        composer: Composer,
    ) -> LinkEffect:
        """Join the two; both are told. A proposal for memories that have changed since is passed
        over.

        Raises:
            NotFound: one of them is gone.
        """
        ...
