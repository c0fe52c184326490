"""All commands there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import assert_never

from agentcore.records import Address, NoticeDraft
from agentcore.store.gate import GateCommand
from bot.commands import (
    account,
    cards,
    choices,
    consent,
    conversation,
    forget,
    held,
    help,  # noqa: A004 (named after the command)
    listen,
    memory,
    share,
    sleep,
    undo,
)
from bot.commands.base import Asked, AtGate, Command, Gate, InLine
from bot.offers import Offers

_TOPICS = (
    help,
    memory,
    undo,
    forget,
    share,
    cards,
    sleep,
    held,
    choices,
    conversation,
    listen,
    account,
    consent,
)

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {command.name: command for topic in _TOPICS for command in topic.COMMANDS}
)


def named(name: str) -> Command:
    """The command of that name; for a name that none has, one that says so."""
    return COMMANDS.get(name, _UNKNOWN)


def at_the_gate(
    command: Command, asked: Asked, address: Address, offers: Offers
) -> GateCommand | None:
    """What runs at once; None for commands that wait their turn."""
    match command:
        case AtGate(run=run):
            return lambda scope: run(Gate(asked, address, offers, scope))
        case InLine(look=look, shows=shows):
            if look is None or not shows(asked.argument):
                return None
            return lambda scope: look(Gate(asked, address, offers, scope))
        case other:
            assert_never(other)


def _unknown(gate: Gate) -> Sequence[NoticeDraft]:
    return gate.answer("reply.unknown_command", {"command": gate.asked.name})


_UNKNOWN = AtGate("", _unknown)
