"""A turn that this process carries out now: how it is stopped, shown and measured."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio

from agentcore.clock import Micros
from agentcore.core import TurnControl
from agentcore.model import TextDelta
from agentcore.records import Claim, StepRecord
from bot.measures import TurnTally
from bot.platforms.previews import Preview


@dataclass(slots=True)
class RunningTurn:
    """`scope` is cancelled when it isn't ours any more; `preview` is what its people are shown."""

    claim: Claim
    control: TurnControl
    tally: TurnTally
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    preview: Preview = field(default_factory=Preview)

    def request_cancel(self) -> None:
        """Ask it to stop; what there is of its answer is committed next."""
        self.control.request_cancel()
        self.preview.pause()

    def show(self, piece: TextDelta, now: Micros) -> None:
        """A piece of the answer."""
        self.tally.shown(now)
        self.preview.add(piece.text, begins=piece.begins)

    def stepped(self, record: StepRecord) -> None:
        """A call of a model is over, and is committed next."""
        self.preview.pause()
        self.tally.stepped(record)
