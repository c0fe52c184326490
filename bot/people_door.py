"""`users.access`: who is let in is told so where they asked, in their platform's own chunks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentcore.records import AccessState
from bot.app import Parts
from bot.door_commands import OPERATOR, Arguments, person_view


async def users_access(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """Let somebody in, or keep them out."""
    access: AccessState = "admitted" if arguments["allow"] else "blocked"
    who, composer = str(arguments["who"]), parts.dispatcher.crew.composer
    person = await parts.store.set_access(who, access, by=OPERATOR.name, composer=composer)
    parts.hints.outbox.look()
    return person_view(person)
