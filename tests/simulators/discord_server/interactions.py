"""One use of a command, button, select, menu or modal, from the press to the last follow-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from agentcore.clock import SECOND, Micros
from tests.simulators.discord_server.channels import Channel, Kind, Record, Shown, parts
from tests.simulators.discord_server.permissions import ALL
from tests.simulators.discord_server.refusals import JSON

if TYPE_CHECKING:
    from tests.simulators.discord_server.people import Person
    from tests.simulators.discord_server.world import World

ANSWER_SECONDS = 3
TOKEN_SECONDS = 15 * 60
MOST_FOLLOW_UPS_OUTSIDE = 5
"""How many follow-ups there may be where the bot is only by a person's own installation."""


class InteractionKind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(slots=True)
class Interaction:
    """What a person did, and what became of it."""

    world: World
    id: int
    token: str
    kind: InteractionKind
    person: Person
    channel: Channel
    data: JSON
    at: Micros
    message: Record | None = None
    """What the button, select or modal belongs to."""
    answered: int | None = None
    """The type of the first answer."""
    modal: JSON | None = None
    choices: list[JSON] | None = None
    original: Record | None = None
    follow_ups: list[Record] = field(default_factory=list)

    @property
    def outside(self) -> bool:
        """Whether the bot isn't there itself."""
        guild = self.channel.guild
        return self.channel.kind is Kind.GROUP if guild is None else not guild.has_bot

    @property
    def context(self) -> int:
        """A guild, the DM with the bot, or a chat of people with each other."""
        if self.channel.guild is not None:
            return 0
        return 2 if self.channel.kind is Kind.GROUP else 1

    @property
    def late(self) -> bool:
        """Whether it is too late for a first answer."""
        return self.world.timeline.now() - self.at > ANSWER_SECONDS * SECOND

    @property
    def over(self) -> bool:
        """Whether its token is no longer good."""
        return self.world.timeline.now() - self.at > TOKEN_SECONDS * SECOND

    @property
    def failed(self) -> bool:
        """Whether the person was told that the application did not respond."""
        return self.answered is None and self.late

    async def is_answered(self, *, within: float = 5.0) -> Interaction:
        """Wait for the first answer."""
        await self.world.bell.until(lambda: self.answered is not None, within=within)
        return self

    @property
    def answer(self) -> Shown | None:
        """The message that answers it, as it is now."""
        return None if self.original is None else self.original.shown()

    @property
    def fields(self) -> list[JSON]:
        """The fields of the modal that was opened."""
        opened = parts((self.modal or {}).get("components", []))
        return [each for each in opened if "custom_id" in each]

    @property
    def owners(self) -> dict[str, str]:
        """By whose installation the bot is there: the guild's, or the person's own."""
        owners: dict[str, str] = {}
        guild = self.channel.guild
        if not self.outside:
            owners["0"] = "0" if guild is None else str(guild.id)
        if self.person.installed:
            owners["1"] = str(self.person.id)
        return owners

    @property
    def metadata(self) -> JSON:
        """What a message that answers it tells of it."""
        body: JSON = {
            "id": str(self.id),
            "type": int(self.kind),
            "user": self.person.user,
            "authorizing_integration_owners": self.owners,
        }
        if self.kind is InteractionKind.COMMAND:
            body |= {"name": self.data["name"], "command_type": self.data["type"]}
        if self.message is not None:
            body["interacted_message_id"] = str(self.message.id)
        return body

    @property
    def json(self) -> JSON:
        """The event that the bot gets."""
        world, channel, guild = self.world, self.channel, self.channel.guild
        body: JSON = {
            "id": str(self.id),
            "application_id": str(world.bot.id),
            "type": int(self.kind),
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": str(channel.id),
            "channel": channel.json,
            "locale": self.person.locale,
            "entitlements": [],
            "attachment_size_limit": 10 * 1024 * 1024,
            "authorizing_integration_owners": self.owners,
            "context": self.context,
            "app_permissions": str(int(ALL if guild is None else world.bot_may(channel))),
        }
        if guild is None:
            body["user"] = self.person.user
        else:
            held = guild.permissions(self.person.id, channel)
            body |= {
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": "en-US", "features": []},
                "guild_locale": "en-US",
                "member": guild.members[self.person.id].json | {"permissions": str(int(held))},
            }
            body["channel"]["permissions"] = str(int(held))
        if self.message is not None:
            body["message"] = world.message_json(channel, self.message)
        return body

    def owned(self, told: str) -> Record | None:
        """The answer or follow-up of that id, or `@original`."""
        mine = [each for each in (self.original, *self.follow_ups) if each is not None]
        if told == "@original":
            mine, told = mine[:1] if self.original else [], str(self.original and self.original.id)
        found: list[Any] = [each for each in mine if str(each.id) == told and not each.deleted]
        return found[0] if found else None
