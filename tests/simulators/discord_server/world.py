"""All that is there: the bot, people, guilds, channels, messages, files and interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulators.discord_server.accounts import Bot
from tests.simulators.discord_server.channels import THREADS, Channel, Kind, Record, ThreadState
from tests.simulators.discord_server.files import Files
from tests.simulators.discord_server.gateway import Gateway
from tests.simulators.discord_server.intents import Intent, readable
from tests.simulators.discord_server.permissions import IN_DM, Permission, need
from tests.simulators.discord_server.refusals import (
    JSON,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MESSAGE,
    Refused,
)
from tests.simulators.discord_server.registry import Registry
from tests.simulators.discord_server.timeline import Bell, Snowflakes, Timeline, iso

if TYPE_CHECKING:
    from tests.simulators.discord_server.guilds import Guild
    from tests.simulators.discord_server.interactions import Interaction
    from tests.simulators.discord_server.people import Person


class World:
    def __init__(self, bot: Bot, timeline: Timeline, bell: Bell, gateway: Gateway) -> None:
        self.bot = bot
        self.timeline = timeline
        self.bell = bell
        self.gateway = gateway
        self.ids = Snowflakes(timeline)
        self.files = Files(timeline)
        self.registry = Registry(timeline, self.ids, bot)
        self.people: dict[int, Person] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.interactions: dict[str, Interaction] = {}
        self.nonces: dict[tuple[int, str], Record] = {}
        gateway.guilds = self._guilds
        gateway.members = self._chunk

    # Places

    def new_channel(self, kind: Kind, *, name: str = "", person: JSON | None = None) -> Channel:
        channel = Channel(self.ids.new(), kind, self.timeline, self.bell, name=name)
        channel.person = person
        self.channels[channel.id] = channel
        return channel

    def new_thread(
        self, parent: Channel, name: str, owner_id: int, kind: Kind, *, thread_id: int = 0
    ) -> Channel:
        """A thread with its owner in it; one of a message has that message's id."""
        thread = self.new_channel(kind, name=name)
        if thread_id:
            del self.channels[thread.id]
            thread.id = thread_id
            self.channels[thread.id] = thread
        thread.parent, thread.guild = parent, parent.guild
        thread.thread = ThreadState(owner_id, archived_at=self.timeline.now())
        thread.thread.members.add(owner_id)
        if parent.guild is not None:
            parent.guild.channels[thread.id] = thread
        return thread

    def thread_json(self, thread: Channel) -> JSON:
        """With the bot's own membership, if it has one."""
        body = thread.json
        if thread.thread is not None and self.bot.id in thread.thread.members:
            body["member"] = self.thread_member(thread, self.bot.id)
        return body

    def thread_member(self, thread: Channel, who: int) -> JSON:
        return {
            "id": str(thread.id),
            "user_id": str(who),
            "join_timestamp": iso(self.timeline.now()),
            "flags": 0,
        }

    def bot_may(self, channel: Channel) -> Permission:
        if channel.guild is None:
            return IN_DM
        return channel.guild.permissions(self.bot.id, channel)

    def seen_channel(self, told: str, *wanted: Permission) -> Channel:
        """The channel of that id, where the bot has these permissions.

        Raises:
            Refused: There is none such, or the bot may not.
        """
        channel = self.channels.get(int(told)) if told.isdigit() else None
        away = channel is not None and (
            channel.kind is Kind.GROUP or bool(channel.guild and not channel.guild.has_bot)
        )
        if channel is None or away:
            known = channel is not None
            raise Refused(403, 50001, "Missing Access") if known else Refused(*UNKNOWN_CHANNEL)
        need(self.bot_may(channel), *wanted)
        return channel

    def seen_guild(self, told: str) -> Guild:
        """The guild of that id, with the bot in it.

        Raises:
            Refused: There is none such.
        """
        guild = self.guilds.get(int(told)) if told.isdigit() else None
        if guild is None or not guild.has_bot:
            raise Refused(*UNKNOWN_GUILD)
        return guild

    def user(self, user_id: int) -> JSON:
        return self.bot.user if user_id == self.bot.id else self.people[user_id].user

    def mutual(self, person_id: int) -> bool:
        """Whether the bot shares a guild with a person."""
        return any(person_id in guild.members and guild.has_bot for guild in self.guilds.values())

    # Messages

    def new_message(self, channel: Channel, author: JSON, fields: JSON, *, kind: int = 0) -> JSON:
        message: JSON = {
            "id": str(self.ids.new()),
            "type": kind,
            "channel_id": str(channel.id),
            "author": author,
            "content": "",
            "timestamp": iso(self.timeline.now()),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
        }
        return message | fields

    def put(self, channel: Channel, record: Record) -> Record:
        """A new message: people see it, and the bot hears of it."""
        channel.put(record)
        channel.last_by[record.author_id] = self.timeline.now()
        self.announce("MESSAGE_CREATE", channel, record)
        return record

    def announce(self, event: str, channel: Channel, record: Record) -> None:
        """Tell the bot of a message, unless it is only for a person's eyes."""
        if record.only_for is not None:
            return
        body = self.message_json(channel, record)
        author = channel.guild and channel.guild.members.get(record.author_id)
        if author:
            body["member"] = {k: v for k, v in author.json.items() if k != "user"}
        self.tell(event, body, channel)

    def tell(self, event: str, body: JSON, channel: Channel) -> None:
        """An event of a channel."""
        if channel.kind is Kind.GROUP:
            return
        if channel.guild is not None:
            channel.guild.tell(event, body | {"guild_id": str(channel.guild.id)}, channel)
        else:
            self.gateway.dispatch(event, body)

    def message_json(self, channel: Channel, record: Record) -> JSON:
        """The message as it is now: with fresh addresses of its files, and reactions."""
        body = dict(record.message)
        body["attachments"] = [self.files.signed(each) for each in body["attachments"]]
        counted = [
            _reaction(emoji, people, self.bot.id)
            for emoji, people in record.reactions.items()
            if people
        ]
        if counted:
            body["reactions"] = counted
        reference = body.get("message_reference")
        if reference is not None and body["type"] == 19:
            replied = channel.records.get(int(reference["message_id"]))
            gone = replied is None or replied.deleted
            body["referenced_message"] = None
            if replied is not None and not gone:
                plain = {k: v for k, v in replied.message.items() if k != "message_reference"}
                body["referenced_message"] = plain
        thread = self.channels.get(record.id)
        if thread is not None and thread.kind in THREADS:
            body["thread"] = self.thread_json(thread)
        return body

    def read_json(self, channel: Channel, record: Record) -> JSON:
        """The message as a call gives it: without contents that the application may not read."""
        placed = {"guild_id": str(channel.guild.id)} if channel.guild else {}
        allowed = Intent.MESSAGE_CONTENT in self.bot.privileged
        body = readable(
            self.message_json(channel, record) | placed, content=allowed, bot_id=self.bot.id
        )
        return {name: value for name, value in body.items() if name != "guild_id"}

    def record(self, channel: Channel, told: str) -> Record:
        """The message of that id, which all may see.

        Raises:
            Refused: There is none such.
        """
        record = channel.records.get(int(told)) if told.isdigit() else None
        if record is None or record.deleted or record.only_for is not None:
            raise Refused(*UNKNOWN_MESSAGE)
        return record

    def remove(self, channel: Channel, record: Record) -> None:
        record.deleted = True
        channel.happened(
            "delete", message_id=record.id, by_bot=record.by_bot, ephemeral=bool(record.only_for)
        )
        if record.only_for is None:
            body = {"id": str(record.id), "channel_id": str(channel.id)}
            self.tell("MESSAGE_DELETE", body, channel)

    # What the gateway asks

    def _guilds(self) -> list[tuple[int, JSON | None]]:
        return [
            (each.id, each.created_json if each.available else None)
            for each in self.guilds.values()
            if each.has_bot
        ]

    def _chunk(self, asked: JSON, intents: Intent) -> JSON | None:
        guild = self.guilds.get(int(asked["guild_id"]))
        if guild is None or not guild.has_bot:
            return None
        wanted = asked.get("user_ids")
        if wanted is None and not asked.get("query") and Intent.GUILD_MEMBERS not in intents:
            return None
        ids = [int(each) for each in wanted] if isinstance(wanted, list) else list(guild.members)
        found = [guild.members[each].json for each in ids if each in guild.members]
        start = str(asked.get("query") or "").lower()
        found = [each for each in found if each["user"]["username"].startswith(start)]
        return {
            "guild_id": str(guild.id),
            "members": found[: asked.get("limit") or None],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [str(each) for each in ids if each not in guild.members],
            **({"nonce": asked["nonce"]} if "nonce" in asked else {}),
        }


def emoji_json(emoji: str) -> JSON:
    """Of one written as people see it, or as `name:id`."""
    name, _, number = emoji.partition(":")
    return {"id": number or None, "name": name}


def _reaction(emoji: str, people: set[int], bot_id: int) -> JSON:
    return {
        "emoji": emoji_json(emoji),
        "count": len(people),
        "count_details": {"burst": 0, "normal": len(people)},
        "me": bot_id in people,
        "me_burst": False,
        "burst_colors": [],
    }
