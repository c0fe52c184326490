"""The terminal: one person at a keyboard, or lines from a pipe.

Reading order: `people` (who is writing, and as what it reaches the service), `conversation` (a
line goes in, its answer comes out), then the two faces: `pipe` (lines in, replies out) and
`screen` (a TTY), which read through `lines`; `client` chooses between them. Nothing here knows
whether the service is in this process or behind HTTP.
"""

from adapters.terminal.client import Console, chat
from adapters.terminal.people import TerminalAdapter, address_of, to_inbound

__all__ = [
    "Console",
    "TerminalAdapter",
    "address_of",
    "chat",
    "to_inbound",
]
