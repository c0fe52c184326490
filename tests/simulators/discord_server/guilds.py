"""Guilds: members, roles, channels, and what each may do there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentcore.clock import Micros
from tests.simulators.discord_server.channels import Channel, Kind
from tests.simulators.discord_server.permissions import ALL, EVERYONE, Permission
from tests.simulators.discord_server.refusals import JSON
from tests.simulators.discord_server.timeline import iso

if TYPE_CHECKING:
    from tests.simulators.discord_server.people import Person
    from tests.simulators.discord_server.world import World


NOTHING = Permission(0)


@dataclass(slots=True)
class Member:
    user: JSON
    joined: Micros
    nick: str | None = None
    roles: list[int] = field(default_factory=list)

    @property
    def json(self) -> JSON:
        return {
            "user": self.user,
            "nick": self.nick,
            "avatar": None,
            "roles": [str(each) for each in self.roles],
            "joined_at": iso(self.joined),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }


@dataclass(slots=True)
class Role:
    id: int
    name: str
    permissions: Permission
    position: int
    managed: bool = False
    mentionable: bool = False

    @property
    def json(self) -> JSON:
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "managed": self.managed,
            "mentionable": self.mentionable,
            "flags": 0,
        }


class Guild:
    """One guild, with the bot in it or not."""

    def __init__(self, world: World, name: str, owner: Person) -> None:
        self.world = world
        self.id = world.ids.new()
        self.name = name
        self.owner_id = owner.id
        self.available = True
        self.preferred_locale = "en-US"
        self.system_channel_id: int | None = None
        """Where its news go, if anywhere."""
        self.members: dict[int, Member] = {}
        self.roles: dict[int, Role] = {self.id: Role(self.id, "@everyone", EVERYONE, 0)}
        self.channels: dict[int, Channel] = {}
        self.bot_role = self._role(world.bot.name, NOTHING, managed=True)

    @property
    def has_bot(self) -> bool:
        return self.world.bot.id in self.members

    # What a test arranges

    def channel(self, name: str, kind: Kind = Kind.TEXT) -> Channel:
        """A new channel that everybody may see."""
        channel = self.world.new_channel(kind, name=name)
        channel.guild = self
        self.channels[channel.id] = channel
        self.tell("CHANNEL_CREATE", channel.json, channel)
        return channel

    def forum(self, name: str) -> Channel:
        return self.channel(name, Kind.FORUM)

    def role(self, name: str, *people: Person, permissions: Permission = NOTHING) -> Role:
        """A new role, which these people have."""
        role = self._role(name, permissions)
        self.tell("GUILD_ROLE_CREATE", {"guild_id": str(self.id), "role": role.json})
        for each in people:
            self.members[each.id].roles.append(role.id)
            self.tell_member(each.id)
        return role

    def grants_bot(self, *granted: Permission) -> None:
        """The bot's own role has this on top of what everybody has."""
        for each in granted:
            self.bot_role.permissions |= each
        self._role_changed(self.bot_role)

    def denies_everyone(self, *denied: Permission) -> None:
        """Nobody has this any more, but for the owner and by other roles."""
        everyone = self.roles[self.id]
        for each in denied:
            everyone.permissions &= ~each
        self._role_changed(everyone)

    def denies_bot(self, channel: Channel, *denied: Permission) -> None:
        """The bot hasn't this in that channel; without any, it has again what it had."""
        bits = sum(denied, start=Permission(0))
        channel.overwrites[self.world.bot.id] = (0, int(bits))
        self.tell("CHANNEL_UPDATE", channel.json)

    def deletes_channel(self, channel: Channel) -> None:
        body = channel.json
        gone = [channel, *(each for each in self.channels.values() if each.parent is channel)]
        for each in gone:
            del self.channels[each.id]
            del self.world.channels[each.id]
        self.tell("THREAD_DELETE" if channel.thread else "CHANNEL_DELETE", body)

    def adds_bot(self) -> None:
        bot = self.world.bot
        self.members[bot.id] = Member(bot.user, self.world.timeline.now(), None, [self.bot_role.id])
        body = {name: value for name, value in self.created_json.items() if name != "unavailable"}
        self.world.gateway.dispatch("GUILD_CREATE", body, guild_id=self.id)

    def removes_bot(self) -> None:
        """The bot is told nothing more from here."""
        self.world.gateway.dispatch("GUILD_DELETE", {"id": str(self.id)}, guild_id=self.id)
        del self.members[self.world.bot.id]

    def goes_away(self) -> None:
        """An outage: the guild is there, but cannot be reached."""
        self.available = False
        body = {"id": str(self.id), "unavailable": True}
        self.world.gateway.dispatch("GUILD_DELETE", body, guild_id=self.id)

    def comes_back(self) -> None:
        self.available = True
        self.world.gateway.dispatch("GUILD_CREATE", self.created_json, guild_id=self.id)

    # Who may do what

    def permissions(self, who: int, channel: Channel | None = None) -> Permission:
        """All that a member may do, in a channel or everywhere."""
        if who == self.owner_id:
            return ALL
        member = self.members.get(who)
        if member is None:
            return NOTHING
        held = self.roles[self.id].permissions
        for each in member.roles:
            held |= self.roles[each].permissions
        if Permission.ADMINISTRATOR in held:
            return ALL
        if channel is None:
            return held
        held = self._overwritten(held, channel.home, [self.id])
        held = self._overwritten(held, channel.home, member.roles)
        held = self._overwritten(held, channel.home, [who])
        return held & ~Permission.VIEW_CHANNEL if self._shut(who, held, channel) else held

    @staticmethod
    def _overwritten(held: Permission, channel: Channel, whose: list[int]) -> Permission:
        told = [channel.overwrites.get(each, (0, 0)) for each in whose]
        for _, denied in told:
            held &= ~Permission(denied)
        for allowed, _ in told:
            held |= Permission(allowed)
        return held

    @staticmethod
    def _shut(who: int, held: Permission, channel: Channel) -> bool:
        """Whether this is a private thread of others."""
        if channel.kind is not Kind.PRIVATE_THREAD or channel.thread is None:
            return False
        return who not in channel.thread.members and Permission.MANAGE_THREADS not in held

    # What the bot is told

    def tell(self, event: str, body: JSON, channel: Channel | None = None) -> None:
        """An event of this guild; of what the bot cannot see, it hears nothing."""
        if not self.has_bot or not self.available:
            return
        if channel is not None:
            held = self.permissions(self.world.bot.id, channel)
            if Permission.VIEW_CHANNEL not in held:
                return
        self.world.gateway.dispatch(event, body, guild_id=self.id)

    def tell_member(self, who: int) -> None:
        self.tell("GUILD_MEMBER_UPDATE", self.members[who].json | {"guild_id": str(self.id)})

    def _role(self, name: str, permissions: Permission, *, managed: bool = False) -> Role:
        role = Role(self.world.ids.new(), name, permissions, len(self.roles), managed)
        self.roles[role.id] = role
        return role

    def _role_changed(self, role: Role) -> None:
        self.tell("GUILD_ROLE_UPDATE", {"guild_id": str(self.id), "role": role.json})

    @property
    def json(self) -> JSON:
        """The guild as a call for it gives it."""
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "owner_id": str(self.owner_id),
            "roles": [each.json for each in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": self.preferred_locale,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": self.system_channel_id and str(self.system_channel_id),
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "application_id": None,
            "vanity_url_code": None,
            "widget_enabled": False,
        }

    @property
    def created_json(self) -> JSON:
        """The guild as the gateway gives it: with what the bot may see, and itself as a member."""
        bot = self.world.bot.id
        visible = [
            each
            for each in self.channels.values()
            if each.thread is None or Permission.VIEW_CHANNEL in self.permissions(bot, each)
        ]
        threads = [each for each in visible if each.thread and not each.thread.archived]
        return self.json | {
            "joined_at": iso(self.members[bot].joined),
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "members": [self.members[bot].json],
            "channels": [each.json for each in visible if each.thread is None],
            "threads": [self.world.thread_json(each) for each in threads],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
