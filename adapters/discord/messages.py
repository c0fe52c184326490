"""From a message to what it means. Pure: what must be asked for or fetched is left to `intake`.

Nothing in a message is trusted to be of the form that Discord promises. Without the right to read
what isn't said to the bot, messages that don't mention it come without contents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import ValidationError

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Origin, Sender, Unreadable
from adapters.discord.addresses import Addresses
from adapters.discord.contents import in_words, text_files, unreadable
from adapters.discord.meaning import Ignored, Malformed, Meaning, Said, Unplaced
from adapters.discord.payloads import MESSAGE, REPLY, Contents, Deletion, Message, User
from adapters.discord.rooms import Rooms
from adapters.discord.texts import after_call, names, spelled_out
from adapters.push.quoting import THEIR_OWN_WORDS, YOUR_WORDS, anothers_words, in_answer_to
from adapters.push.text_files import TextFile

_EPOCH = 1_420_070_400_000
"""The first millisecond of 2015, in milliseconds since 1970."""


def micros_of(snowflake: int) -> int:
    """When an id was given out, in microseconds UTC."""
    return ((snowflake >> 22) + _EPOCH) * 1_000


def snowflake_at(micros: int) -> int:
    """The first id of that moment; 0 before there were any."""
    return max(0, micros // 1_000 - _EPOCH) << 22


def name_of(user: User) -> str:
    """How somebody is called, where they wrote or were mentioned."""
    nick = user.member.nick if user.member is not None else None
    return nick or user.global_name or user.username


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was said in a place, as the bot hears it."""

    message: Message
    address: ChatAddress
    private: bool
    addressed: bool
    text: str


class Reader:
    """Reads the messages that the bot gets."""

    def __init__(self, addresses: Addresses, rooms: Rooms) -> None:
        self._addresses = addresses
        self._rooms = rooms
        self._me = int(addresses.account)

    def message(self, raw: Mapping[str, Any]) -> Message:
        """A message, checked.

        Raises:
            Malformed: it isn't one.
        """
        try:
            return Message.model_validate(raw)
        except ValidationError as error:
            raise Malformed(_where(error)) from None

    def deletion(self, raw: Mapping[str, Any]) -> Deletion:
        """What was deleted.

        Raises:
            Malformed: it isn't of that kind.
        """
        try:
            return Deletion.model_validate(raw)
        except ValidationError as error:
            raise Malformed(_where(error)) from None

    def said(self, message: Message) -> Meaning:
        """What a message means that is new.

        Raises:
            Unplaced: its channel isn't known.
            Malformed: it is of no form that anybody thought of.
        """
        return self._read(message, str(message.id), micros_of(message.id), edited=False)

    def edited(self, message: Message) -> Meaning:
        """What a message means that has changed.

        Raises:
            Unplaced: its channel isn't known.
            Malformed: it is of no form that anybody thought of.
        """
        if message.edited_timestamp is None:
            return Ignored("a preview of what a link leads to")
        at = _micros(message.edited_timestamp)
        return self._read(message, f"{message.id}:{at}", at, edited=True)

    def address(self, message: Message) -> ChatAddress:
        """Where it was said.

        Raises:
            Unplaced: the channel isn't known.
        """
        if message.guild_id is None:
            return self._addresses.of_person(message.author.id)
        room = self._rooms.room(message.channel_id)
        if room is None:
            raise Unplaced(message.channel_id)
        return room.address

    def _read(self, message: Message, update_id: str, at: int, *, edited: bool) -> Meaning:
        try:
            return self._meaning(message, update_id, at, edited=edited)
        except Unplaced:
            raise
        except Exception as error:  # one that broke it would come again with every history
            msg = f"a message that can't be read: {type(error).__name__}"
            raise Malformed(msg) from error

    def _meaning(self, message: Message, update_id: str, at: int, *, edited: bool) -> Meaning:
        if why := self._not_for_us(message):
            return Ignored(why)
        heard = self._heard(message, self.address(message))
        parts, files, lost = self._parts(heard), _files(message), _lost(message)
        if not parts and not files and lost is None:
            if not heard.private:
                return Ignored("a message whose contents we may not read")
            lost = "other"
        inbound = Inbound(
            update_id=update_id,
            address=heard.address,
            sender=self._sender(message),
            parts=parts,
            audience="private" if heard.private else "chat",
            message_id=str(message.id),
            edited=edited,
            addressed=heard.addressed,
            unreadable=lost,
            sent_at=at,
        )
        return Said(inbound, files)

    def _not_for_us(self, message: Message) -> str:
        """Why nobody of ours wrote it; empty if somebody did."""
        if message.author.id == self._me:
            return "our own words"
        if message.webhook_id is not None:
            return "said by a webhook"
        if message.author.bot or message.author.system:
            return "said by a bot"
        if message.type not in {MESSAGE, REPLY}:
            return "a message of Discord's own"
        return ""

    def _sender(self, message: Message) -> Sender:
        author, member = message.author, message.member
        nick = None if member is None else member.nick
        roles = () if member is None else member.roles
        return Sender(
            str(author.id),
            nick or name_of(author),
            admin=message.guild_id is not None
            and self._rooms.has_say(message.guild_id, author.id, roles),
        )

    # Whether it is for us

    def _heard(self, message: Message, address: ChatAddress) -> _Heard:
        private = message.guild_id is None
        text = message.content if private else after_call(message.content, self._me)
        addressed = private or self._is_mentioned(message) or self._is_answered(message)
        return _Heard(message, address, private, addressed, self._spelled(message, text, message))

    def _is_mentioned(self, message: Message) -> bool:
        """By its name: an answer that makes a sound for the bot lists it, too."""
        return names(message.content, self._me)

    def _is_answered(self, message: Message) -> bool:
        replied = message.referenced_message
        return replied is not None and replied.author.id == self._me

    # What it says

    def _parts(self, heard: _Heard) -> tuple[InboundPart, ...]:
        """What was said, after what it was said about. A command is one part alone."""
        said = "\n".join(filter(None, (heard.text.strip(), in_words(heard.message))))
        own = [InboundPart(said)] if said else []
        if own and heard.addressed and said.startswith("/"):
            return tuple(own)
        forwarded = self._forwarded(heard.message)
        if not (own or forwarded or _files(heard.message)):
            return ()
        return (*self._about(heard.message), *own, *forwarded)

    def _forwarded(self, message: Message) -> list[InboundPart]:
        found = []
        for each in message.message_snapshots:
            text = self._spelled(message, each.message.content, each.message)
            if said := "\n".join(filter(None, (text.strip(), in_words(each.message)))):
                found.append(InboundPart(f"[Forwarded]\n{said}", "forwarded"))
        return found

    def _about(self, message: Message) -> list[InboundPart]:
        """The words that a message answers."""
        replied = message.referenced_message
        if replied is None or message.type != REPLY:
            return []
        text = self._spelled(message, replied.content, replied).strip() or in_words(replied)
        whose, origin = self._whose(message, replied)
        if not text and replied.message_snapshots:
            snapshot = replied.message_snapshots[0].message
            text = self._spelled(message, snapshot.content, snapshot).strip()
            whose, origin = "what was forwarded", "forwarded"
        if not text:
            return []
        return [in_answer_to(whose, text, origin)]

    def _whose(self, message: Message, replied: Message) -> tuple[str, Origin]:
        if replied.author.id == self._me:
            return YOUR_WORDS, "owner"
        if replied.author.id == message.author.id and replied.webhook_id is None:
            return THEIR_OWN_WORDS, "owner"
        return anothers_words(name_of(replied.author)), "other_person"

    def _spelled(self, message: Message, text: str, contents: Contents) -> str:
        people = {each.id: name_of(each) for each in contents.mentions}
        guild_id = message.guild_id
        roles = (lambda _: None) if guild_id is None else partial(self._rooms.role, guild_id)
        return spelled_out(text, people, roles, self._channel)

    def _channel(self, channel_id: int) -> str | None:
        room = self._rooms.room(channel_id)
        return None if room is None else room.name


def _files(message: Message) -> tuple[TextFile, ...]:
    forwarded = (file for each in message.message_snapshots for file in text_files(each.message))
    return (*text_files(message), *forwarded)


def _lost(message: Message) -> Unreadable | None:
    contents: tuple[Contents, ...] = (message, *(e.message for e in message.message_snapshots))
    return next((kind for each in contents if (kind := unreadable(each)) is not None), None)


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _where(error: ValidationError) -> str:
    """Which fields are wrong, and how; not what is in them."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = (f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in found[:3])
    return ", ".join(told)
