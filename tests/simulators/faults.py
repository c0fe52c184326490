"""What goes wrong with a call on any simulated platform, when a test says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ConnectionCut:
    """No answer. `carried_out`: the server did it before the connection broke."""

    carried_out: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The call is carried out at once, or if `before`, later: it waits until the test sets `go`."""

    before: bool = False

    go: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Slow:
    """The answer comes that many seconds late, in the server's time."""

    seconds: float
