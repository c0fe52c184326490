"""What a bot told about itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.simulators.telegram_server.refusals import JSON


@dataclass(slots=True)
class Profile:
    """What the bot told about itself; commands by scope (as JSON) and language."""

    commands: dict[tuple[str, str], list[JSON]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[int, JSON] = field(default_factory=dict)

    def shown_commands(self, chat_id: int, language: str, *, group: bool = False) -> list[JSON]:
        """The menu that a person of this language sees in a chat, by Telegram's precedence."""
        wide = "all_group_chats" if group else "all_private_chats"
        scopes: list[JSON] = [{"type": "chat", "chat_id": chat_id}, {"type": wide}]
        for scope in [*scopes, {"type": "default"}]:
            for each in (language, ""):
                if found := self.commands.get((scope_key(scope), each)):
                    return found
        return []


def scope_key(scope: JSON) -> str:
    return json.dumps(scope, sort_keys=True)
