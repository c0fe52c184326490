"""What an operator decides about people, who are told so in their platforms' own chunks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentcore.clock import as_datetime
from agentcore.errors import BadInput
from agentcore.records import AccessState, UserId
from bot.app import Parts
from bot.door.commands import OPERATOR, Arguments, person_view


async def users_access(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """Let somebody in, or keep them out."""
    access: AccessState = "admitted" if arguments["allow"] else "blocked"
    who, composer = str(arguments["who"]), parts.dispatcher.crew.composer
    person = await parts.store.set_access(who, access, by=OPERATOR.name, composer=composer)
    parts.hints.outbox.look()
    return person_view(person)


async def users_link(parts: Parts, arguments: Arguments) -> Mapping[str, Any]:
    """Make two users one; both are told."""
    first, second = (UserId(str(arguments[name])) for name in ("first", "second"))
    effect = await parts.linking.join(first, second, OPERATOR)
    if effect is None:
        msg = f"{first} and {second} are one user already."
        raise BadInput(msg)
    return {
        "user_id": effect.user_id,
        "agent_id": effect.agent_id,
        "platforms": [*dict.fromkeys((*effect.stays, *effect.link.platforms))],
        "undo_until": as_datetime(effect.link.undo_until).isoformat(timespec="seconds"),
    }
