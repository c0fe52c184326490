"""The two kinds of commands, and what each is given to work with."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from agentcore.clock import Clock
from agentcore.records import (
    Address,
    Claim,
    NoticeArguments,
    NoticeDraft,
    StopReason,
    TurnEnd,
)
from agentcore.store import AgentStore, Composer, GateScope, StepCommit

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
class Gate:
    """What a command at the gate works with, inside the accept transaction."""

    asked: Asked
    address: Address
    scope: GateScope

    def answer(self, key: str, arguments: NoticeArguments | None = None) -> Sequence[NoticeDraft]:
        return [NoticeDraft(self.address, key, arguments or {})]


@dataclass(frozen=True, slots=True)
class Line:
    """What a queued command works with."""

    claim: Claim
    door: AgentStore
    composer: Composer
    clock: Clock

    def done(
        self,
        key: str,
        step: StepCommit | None = None,
        arguments: NoticeArguments | None = None,
    ) -> StepCommit:
        """The command's one commit: its effect, its answer, and the end of its turn."""
        step = step or StepCommit()
        notice = NoticeDraft(self.claim.address, key, arguments or {}, self.claim.agent_id)
        return StepCommit(
            messages=step.messages,
            edits=step.edits,
            epoch=step.epoch,
            end=TurnEnd(StopReason.END_TURN),
            notices=(notice,),
            outbox=tuple(self.composer.notice(notice, self.claim.first.language)),
        )


@dataclass(frozen=True, slots=True)
class AtGate:
    """A command that is answered at once, in the transaction that takes it in."""

    name: str
    run: Callable[[Gate], Sequence[NoticeDraft]]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class InLine:
    """A command that waits for the messages before it."""

    name: str
    run: Callable[[Line], Awaitable[StepCommit]]
    hidden: bool = False


Command = AtGate | InLine
