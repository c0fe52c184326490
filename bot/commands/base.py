"""The two kinds of commands, and what each is given to work with."""

from __future__ import annotations

import operator
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zoneinfo import ZoneInfo

from agentcore.clock import Clock, Micros, as_datetime
from agentcore.records import (
    Address,
    Block,
    Claim,
    Listing,
    NoticeArguments,
    NoticeDraft,
    StepCommit,
    StopReason,
    TurnEnd,
)
from agentcore.store import AgentStore
from agentcore.store.gate import Composer, GateScope
from bot.offers import Offers
from bot.texts import text_of

_FORM = re.compile(r"/([a-z][a-z0-9_]{0,31})(?:@\w+)?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it was written: its name in lower case, and the rest."""

    name: str
    argument: str


def parsed(text: str) -> Asked | None:
    """The command in a text; None if the text isn't one (`/etc/hosts` isn't)."""
    match = _FORM.fullmatch(text.strip())
    return None if match is None else Asked(match[1].lower(), (match[2] or "").strip())


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the answer: in which language, and on which clock."""

    language: str | None
    zone: ZoneInfo

    def piece(self, key: str, arguments: NoticeArguments | None = None) -> str:
        """A text of ours that becomes part of another."""
        return text_of(key, arguments or {}, self.language)

    def date(self, at: Micros) -> str:
        return as_datetime(at, self.zone).date().isoformat()

    def time(self, at: Micros) -> str:
        return as_datetime(at, self.zone).strftime("%H:%M")


@dataclass(frozen=True, slots=True)
class Gate:
    """What a command at the gate works with, inside the accept transaction."""

    asked: Asked
    address: Address
    offers: Offers
    scope: GateScope

    def reader(self) -> Reader:
        user = self.scope.user()
        return Reader(user.language, zone_named(user.time_zone, self.offers.zone))

    def answer(self, key: str, arguments: NoticeArguments | None = None) -> Sequence[NoticeDraft]:
        return [NoticeDraft(self.address, key, arguments or {})]


@dataclass(frozen=True, slots=True)
class Line:
    """What a queued command works with."""

    claim: Claim
    door: AgentStore
    offers: Offers
    composer: Composer
    clock: Clock

    @property
    def reader(self) -> Reader:
        first = self.claim.first
        return Reader(first.language, zone_named(first.time_zone, self.offers.zone))

    async def blocks(self) -> Sequence[Block]:
        """The agent's memory, as far as it may be seen here."""
        return await self.door.blocks(thread=self.claim.thread)

    async def listing(self) -> Listing | None:
        """What the sender was shown last before they wrote this."""
        first = self.claim.first
        if first.user is None:
            return None
        return await self.door.provenance.listing(first.user, shown_by=first.received_at)

    def done(
        self,
        key: str,
        step: StepCommit | None = None,
        arguments: NoticeArguments | None = None,
    ) -> StepCommit:
        """The command's one commit: its effect, its answer, and the end of its turn."""
        notice = NoticeDraft(self.claim.address, key, arguments or {}, self.claim.agent_id)
        return replace(
            step or StepCommit(),
            end=TurnEnd(StopReason.END_TURN),
            notices=(notice,),
            outbox=tuple(self.composer.notice(notice, self.claim.first.language)),
        )


def zone_named(name: str | None, default: ZoneInfo) -> ZoneInfo:
    """A person's time zone; the default for none, and for one that this host doesn't know."""
    if name is None:
        return default
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return default


Woken = Literal["turns", "wiping", "sleep"]
"""Who works in the background: on answers, on wiping what is over, on memories."""
AfterPress = Literal["gone", "stay", "stay in chats"]
"""What becomes of the buttons of which one sent a command: they are gone unless it only shows
something, or each of a chat may say it for themselves.
"""


def _never(_argument: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class AtGate:
    """A command that is answered at once, in the transaction that takes it in. `wakes` is who looks
    at once at what it has changed; `interrupts` says after which arguments work on the agent's
    memory stops.
    """

    name: str
    run: Callable[[Gate], Sequence[NoticeDraft]]
    hidden: bool = False
    buttons: AfterPress = "gone"
    wakes: Woken | None = None
    interrupts: Callable[[str], bool] = _never


@dataclass(frozen=True, slots=True)
class InLine:
    """A command that waits for the messages before it. Where `run` gives back nothing to commit,
    the model answers. With `look`, the command only shows something when nothing follows its
    name, or what `shows` says yes to, and that is done at the gate.
    """

    name: str
    run: Callable[[Line], Awaitable[StepCommit | None]]
    hidden: bool = False
    buttons: AfterPress = "gone"
    look: Callable[[Gate], Sequence[NoticeDraft]] | None = None
    shows: Callable[[str], bool] = operator.not_


Command = AtGate | InLine
