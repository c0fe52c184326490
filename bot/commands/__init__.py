"""What a person can ask of the service itself with a slash.

Commands that only read, and `/stop`, run inside the accept transaction (`AtGate`). Those that
change what a queued turn will see wait their turn in the queue (`InLine`) and need no model.

Reading order: `base` (the two kinds), `registry` (all there are), one module per topic, `runner`
(how queued ones are carried out).
"""

from __future__ import annotations

from bot.commands.base import Asked, AtGate, Command, parsed
from bot.commands.registry import COMMANDS, at_the_gate, named
from bot.commands.runner import CommandRunner

__all__ = [
    "COMMANDS",
    "Asked",
    "AtGate",
    "Command",
    "CommandRunner",
    "at_the_gate",
    "named",
    "parsed",
]
