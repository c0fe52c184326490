"""People as a script: what they write, change, react with and press becomes the bot's events.

The gateway lets through what the bot's intents and permissions allow; the channel shows all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.simulators.discord_server.accounts import user_json
from tests.simulators.discord_server.channels import Channel, Kind, Record, Shown, ThreadState
from tests.simulators.discord_server.guilds import Guild, Member
from tests.simulators.discord_server.mentions import Mentioned, mentioned
from tests.simulators.discord_server.messages import add_reaction, take_reaction
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.pressing import Presser
from tests.simulators.discord_server.refusals import JSON
from tests.simulators.discord_server.timeline import iso
from tests.simulators.discord_server.world import World

VOICE_MESSAGE = 1 << 13
STARTED_THREAD = 18


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send. `size` stands for contents that nobody wants to hold in a test."""

    name: str = "file.pdf"
    content: bytes = b"content"
    size: int = 0
    voice: bool = False


class Person(Presser):
    """Somebody, with a DM channel with the bot."""

    def __init__(
        self, world: World, name: str, *, locale: str = "en-US", bot: bool = False
    ) -> None:
        self.world = world
        self.id = world.ids.new()
        self.name = name
        self.locale = locale
        self.user = user_json(self.id, name, bot=bot)
        self.blocks = False
        self.dms_open = True
        self.installed = False
        """Whether the person installed the bot for themselves."""
        world.people[self.id] = self
        self._dm: Channel | None = None

    @property
    def dm(self) -> Channel:
        if self._dm is None:
            self._dm = self.world.new_channel(Kind.DM, person=self.user)
        return self._dm

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def reachable(self) -> bool:
        """Whether the bot may write to this person."""
        wrote = self._dm is not None and self.id in self._dm.last_by
        known = self.world.mutual(self.id) or self.installed or wrote
        return known and self.dms_open and not self.blocks

    # What they write

    def writes(
        self,
        text: str,
        *,
        channel: Channel | None = None,
        reply_to: int | None = None,
        pings: bool = True,
    ) -> int:
        """Write to the bot, or into a channel; `<@bot>` mentions it. The message's id.

        `pings`: a reply notifies whom it answers.
        """
        if len(text) > 4000 or not text.strip():
            raise ValueError("nobody can send an empty message, or one of more than 4000 letters")
        return self._says({"content": text}, channel, reply_to=reply_to, pings=pings).id

    def attaches(self, *files: Attachment, text: str = "", channel: Channel | None = None) -> int:
        """Send files, maybe with a text; the message's id."""
        about = [self._stored(each, channel or self.dm) for each in files]
        flags = VOICE_MESSAGE if any(each.voice for each in files) else 0
        record = self._says({"content": text, "attachments": about, "flags": flags}, channel)
        record.files = {about[at]["filename"]: each.content for at, each in enumerate(files)}
        return record.id

    def uploads(self, file: Attachment, *, channel: Channel | None = None) -> int:
        """A file for an option of a command; its id."""
        return int(self._stored(file, channel or self.dm)["id"])

    def sends_sticker(self, name: str = "Wave", *, channel: Channel | None = None) -> int:
        sticker = {"id": str(self.world.ids.new()), "name": name, "format_type": 1}
        return self._says({"content": "", "sticker_items": [sticker]}, channel).id

    def forwards(self, text: str, *, channel: Channel | None = None) -> int:
        """Forward what was written elsewhere: the message itself has no text."""
        snapshot = {
            "type": 0,
            "content": text,
            "embeds": [],
            "attachments": [],
            "timestamp": iso(self.world.timeline.now()),
            "edited_timestamp": None,
            "flags": 0,
            "mentions": [],
            "mention_roles": [],
            "components": [],
        }
        reference = {"type": 1, "message_id": "1", "channel_id": "1"}
        fields = {"message_snapshots": [{"message": snapshot}], "message_reference": reference}
        return self._says({"content": "", "flags": 1 << 14, **fields}, channel).id

    def edits(self, message_id: int, text: str, *, channel: Channel | None = None) -> None:
        """Change one of the own messages."""
        where = channel or self.dm
        record = self._own(where, message_id)
        record.versions.append(record.message["content"])
        said = self._mentions(where, self._named(text))
        record.message = record.message | said.fields | {"content": self._named(text)}
        record.message["edited_timestamp"] = iso(self.world.timeline.now())
        where.happened("edit", text, message_id, by_bot=False)
        self.world.announce("MESSAGE_UPDATE", where, record)

    def gets_preview(
        self, message_id: int, title: str = "A page", *, channel: Channel | None = None
    ) -> None:
        """Discord adds what a link leads to: the bot hears of a change, though nobody edited."""
        where = channel or self.dm
        record = self._own(where, message_id)
        embed = {"type": "link", "url": "https://example.com/", "title": title}
        record.message = record.message | {"embeds": [embed]}
        self.world.announce("MESSAGE_UPDATE", where, record)

    def deletes(self, message_id: int, *, channel: Channel | None = None) -> None:
        where = channel or self.dm
        self.world.remove(where, self._own(where, message_id))

    def reacts(self, message_id: int, emoji: str, *, channel: Channel | None = None) -> None:
        where = channel or self.dm
        add_reaction(self.world, where, where.records[message_id], emoji, self.id)

    def takes_back(self, message_id: int, emoji: str, *, channel: Channel | None = None) -> None:
        """No longer reacts with this."""
        where = channel or self.dm
        take_reaction(self.world, where, where.records[message_id], emoji, self.id)

    def types(self, *, channel: Channel | None = None) -> None:
        where = channel or self.dm
        body: JSON = {
            "channel_id": str(where.id),
            "user_id": str(self.id),
            "timestamp": self.world.timeline.now() // 1_000_000,
        }
        if where.guild is not None:
            body["member"] = where.guild.members[self.id].json
        self.world.tell("TYPING_START", body, where)

    # Where they are

    def opens_post(self, forum: Channel, title: str, text: str) -> Channel:
        """A thread in a forum; its first message has its id."""
        thread = self.world.new_thread(forum, title, self.id, Kind.THREAD)
        body = self.world.thread_json(thread) | {"newly_created": True}
        self.world.tell("THREAD_CREATE", body, thread)
        self._says({"content": text, "id": str(thread.id)}, thread)
        return thread

    def opens_thread(
        self, parent: Channel, name: str, *, of: int | None = None, private: bool = False
    ) -> Channel:
        """A thread in a channel, maybe of a message."""
        kind = Kind.PRIVATE_THREAD if private else Kind.THREAD
        thread = self.world.new_thread(parent, name, self.id, kind, thread_id=of or 0)
        body = self.world.thread_json(thread) | {"newly_created": True}
        self.world.tell("THREAD_CREATE", body, thread)
        if of is None and parent.kind is Kind.TEXT and not private:
            message = self.world.new_message(
                parent, self.user, {"content": name}, kind=STARTED_THREAD
            )
            record = Record(message, self.world.timeline.now(), by_bot=False)
            self.world.put(parent, record)
        return thread

    def archives(self, thread: Channel, *, locked: bool = False) -> None:
        if thread.thread is None:
            raise ValueError("only threads can be archived")
        thread.thread.archived, thread.thread.locked = True, locked
        thread.thread.archived_at = self.world.timeline.now()
        self.world.tell("THREAD_UPDATE", self.world.thread_json(thread), thread)

    def adds_bot(self, thread: Channel) -> None:
        """The bot becomes a member of the thread, and hears of it if it is private."""
        if thread.thread is None:
            raise ValueError("the bot is added to threads; guilds have adds_bot of their own")
        bot_id = self.world.bot.id
        thread.thread.members.add(bot_id)
        self.world.tell("THREAD_CREATE", self.world.thread_json(thread), thread)
        member = self.world.thread_member(thread, bot_id)
        body = {"id": str(thread.id), "member_count": len(thread.thread.members)}
        self.world.tell("THREAD_MEMBERS_UPDATE", body | {"added_members": [member]}, thread)

    def joins(self, guild: Guild) -> None:
        member = Member(self.user, self.world.timeline.now())
        guild.members[self.id] = member
        guild.tell("GUILD_MEMBER_ADD", member.json | {"guild_id": str(guild.id)})

    def leaves(self, guild: Guild) -> None:
        del guild.members[self.id]
        guild.tell("GUILD_MEMBER_REMOVE", {"guild_id": str(guild.id), "user": self.user})

    def is_called(self, nick: str, guild: Guild) -> None:
        """Has another name in this guild."""
        guild.members[self.id].nick = nick
        guild.tell_member(self.id)

    def closes_dms(self) -> None:
        """Nobody from a common guild may write any more."""
        self.dms_open = False

    def opens_dms(self) -> None:
        self.dms_open = True

    def blocks_bot(self) -> None:
        self.blocks = True

    def unblocks_bot(self) -> None:
        self.blocks = False

    # What they see

    async def sees(
        self,
        wanted: str | Callable[[Shown], bool],
        *,
        channel: Channel | None = None,
        within: float = 5.0,
    ) -> Shown:
        """Wait until this person sees it, in the DM or a channel: what is only for them too."""
        return await (channel or self.dm).sees(wanted, by=self.id, within=within)

    def shown(self, channel: Channel | None = None) -> tuple[Shown, ...]:
        """All that this person sees there now."""
        return (channel or self.dm).seen_by(self.id)

    # How it becomes a message

    def _stored(self, file: Attachment, where: Channel) -> JSON:
        voice = {"duration_secs": 3.2, "waveform": "AAAA"} if file.voice else None
        name = "voice-message.ogg" if file.voice else file.name
        number = self.world.ids.new()
        return self.world.files.store(
            where.id, number, name, file.content, size=file.size, extra=voice
        )

    def _own(self, where: Channel, message_id: int) -> Record:
        record = where.records[message_id]
        if record.author_id != self.id:
            raise ValueError("people change only what they wrote themselves")
        return record

    def _named(self, text: str) -> str:
        return text.replace("<@bot>", f"<@{self.world.bot.id}>")

    def _mentions(
        self, where: Channel, text: str, replied: Record | None = None, *, pings: bool = True
    ) -> Mentioned:
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": pings}
        return mentioned(self.world, where, self.id, text, allowed=allowed, replied=replied)

    def _enters(self, thread: Channel, state: ThreadState) -> None:
        """Whoever writes into a thread is in it, and wakes it if it was archived."""
        state.members.add(self.id)
        if not state.archived:
            return
        held = thread.guild.permissions(self.id, thread) if thread.guild else Permission(0)
        if state.locked and Permission.MANAGE_THREADS not in held:
            raise ValueError("the thread is locked: nobody can write there")
        state.archived = False
        self.world.tell("THREAD_UPDATE", self.world.thread_json(thread), thread)

    def _says(
        self,
        fields: JSON,
        channel: Channel | None,
        *,
        reply_to: int | None = None,
        pings: bool = True,
    ) -> Record:
        where = channel or self.dm
        if where.guild is not None:
            held = where.guild.permissions(self.id, where)
            if Permission.VIEW_CHANNEL not in held:
                raise ValueError(f"{self.name} isn't in #{where.name}")
        elif self.blocks:
            raise ValueError(f"{self.name} blocked the bot: unblock it first")
        text = self._named(fields["content"])
        replied = where.records[reply_to] if reply_to is not None else None
        said = self._mentions(where, text, replied, pings=pings)
        fields = fields | {"content": text} | said.fields
        if replied is not None:
            placed = {"guild_id": str(where.guild.id)} if where.guild else {}
            reference = {"message_id": str(replied.id), "channel_id": str(where.id), **placed}
            fields["message_reference"] = {"type": 0, **reference}
        kind = 19 if replied is not None else 0
        if where.thread is not None:
            self._enters(where, where.thread)
        message = self.world.new_message(where, self.user, fields, kind=kind)
        record = Record(message, self.world.timeline.now(), by_bot=False, notified=said.notified)
        return self.world.put(where, record)
