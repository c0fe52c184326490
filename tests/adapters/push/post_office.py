"""What the post offices of all platforms are made of: the sending half of an adapter, between a
stand-in for its platform and the test's time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Button, Outbound, Piece
from adapters.testing import MemoryStates
from agentcore.clock import SECOND
from tests.simulators.timeline import Bell, SteppedTimeline, pause

_Server = TypeVar("_Server")


@dataclass
class ServerTime:
    """The stand-in's, as sending knows it."""

    timeline: SteppedTimeline
    bell: Bell = field(default_factory=Bell)
    asleep: int = 0

    def now(self) -> float:
        return self.timeline.now() / SECOND

    async def sleep(self, seconds: float) -> None:
        self.asleep += 1
        self.bell.ring()
        try:
            await pause(self.timeline, seconds)
        finally:
            self.asleep -= 1

    async def until_asleep(self) -> None:
        """Until something waits for its turn."""
        await self.bell.until(lambda: self.asleep > 0)


class LeapingTime(ServerTime):
    """Whoever waits is the only one: the time leaps to where they wait for."""

    async def sleep(self, seconds: float) -> None:
        self.timeline.advance(seconds)


@dataclass
class Office(Generic[_Server]):
    """What outlives a process."""

    server: _Server
    time: SteppedTimeline
    states: Callable[[str], AdapterState] = field(default_factory=MemoryStates)
    nonces: count[int] = field(default_factory=count)
    clock: ServerTime = field(init=False)

    def __post_init__(self) -> None:
        self.clock = ServerTime(self.time)

    def outbound(
        self,
        to: ChatAddress,
        piece: Piece,
        *,
        reply_to: int | None,
        buttons: tuple[Button, ...],
        nonce: str,
        via: str | None = None,
    ) -> Outbound:
        """The piece as a chunk of its own."""
        return Outbound(
            to,
            piece.text,
            1,
            1,
            nonce or f"{next(self.nonces):024}",
            format=piece.format,
            file=piece.file,
            reply_to=None if reply_to is None else str(reply_to),
            answer_via=via,
            buttons=buttons,
        )
