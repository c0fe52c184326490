"""The bot's account and application, and those of people."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulators.discord_server.intents import PRIVILEGED, Intent
from tests.simulators.discord_server.refusals import JSON

TOKEN = "MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gfamil.the-simulators-token-is-no-secret-0000"
_CONTENT_FLAG, _MEMBERS_FLAG, _PRESENCES_FLAG = 1 << 19, 1 << 15, 1 << 13


def user_json(user_id: int, name: str, *, bot: bool = False) -> JSON:
    return {
        "id": str(user_id),
        "username": name.lower(),
        "global_name": None if bot else name,
        "discriminator": "0",
        "avatar": None,
        "avatar_decoration_data": None,
        "public_flags": 0,
        "bot": bot,
    }


@dataclass(slots=True)
class Bot:
    """The one bot. `privileged` are the intents that its application was granted; `endpoint` is
    the address that its interactions go to instead of the gateway, as its owner set it.
    """

    id: int = 1_100_000_000_000_000_001
    name: str = "Familiar"
    token: str = TOKEN
    privileged: Intent = PRIVILEGED
    revoked: bool = False
    description: str = ""
    public: bool = True
    code_grant: bool = False
    endpoint: str | None = None
    for_people: bool = True

    def owns(self, token: str) -> bool:
        """Whether this is its token, and still good."""
        return token == self.token and not self.revoked

    @property
    def user(self) -> JSON:
        return user_json(self.id, self.name, bot=True)

    @property
    def flags(self) -> int:
        granted = {
            Intent.MESSAGE_CONTENT: _CONTENT_FLAG,
            Intent.GUILD_MEMBERS: _MEMBERS_FLAG,
            Intent.GUILD_PRESENCES: _PRESENCES_FLAG,
        }
        return sum(flag for intent, flag in granted.items() if intent in self.privileged)

    @property
    def application(self) -> JSON:
        owner = user_json(1_000_000_000_000_000_001, "Owner")
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "description": self.description,
            "bot_public": self.public,
            "bot_require_code_grant": self.code_grant,
            "verify_key": "0" * 64,
            "flags": self.flags,
            "owner": owner,
            "team": None,
            "bot": self.user,
            "interactions_endpoint_url": self.endpoint,
            "integration_types_config": {"0": {}, **({"1": {}} if self.for_people else {})},
        }
