"""What the command line may ask that takes more than the store: the models, the adapters, whatever
else a service consists of. The same whether one runs or not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from bot.app import Parts
from bot.door.commands import Arguments
from bot.door.content import (
    agents_export,
    agents_import,
    content_add,
    content_append,
    content_here,
    content_identity,
    content_mark,
)
from bot.door.people import users_access, users_link
from bot.door.sleep import agents_sleep

PartsCommand = Callable[[Parts, Arguments], Awaitable[Any]]

COMMANDS: Mapping[str, PartsCommand] = {
    "agents.export": agents_export,
    "agents.import": agents_import,
    "agents.sleep": agents_sleep,
    "content.add": content_add,
    "content.append": content_append,
    "content.here": content_here,
    "content.identity": content_identity,
    "content.mark": content_mark,
    "users.access": users_access,
    "users.link": users_link,
}


def parts_commands(parts: Parts) -> Mapping[str, Callable[[Arguments], Awaitable[Any]]]:
    """The commands over a service's parts, for the door."""
    return {name: partial(command, parts) for name, command in COMMANDS.items()}
