"""People as a script: what they write, send, press and react with becomes the bot's updates.

Only what a real bot would get becomes an update: in a group with privacy mode, commands, mentions
and replies to the bot; reactions only where they may be seen. The chat shows all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from mimetypes import guess_type
from typing import Any, Literal

from tests.simulators.telegram_server.business import Businessperson
from tests.simulators.telegram_server.chats import Chat, Record
from tests.simulators.telegram_server.entities import Formatted, units
from tests.simulators.telegram_server.membership import GROUP_BOT
from tests.simulators.telegram_server.refusals import JSON
from tests.simulators.telegram_server.texts import cleaned
from tests.simulators.telegram_server.world import Query

Media = Literal["photo", "voice", "document", "video", "audio"]
_BODIES: dict[str, JSON] = {
    "photo": {"width": 1280, "height": 853},
    "voice": {"duration": 3, "mime_type": "audio/ogg"},
    "document": {},
    "video": {"width": 640, "height": 360, "duration": 5, "mime_type": "video/mp4"},
    "audio": {"duration": 61, "title": "Song", "mime_type": "audio/mpeg"},
}
_ENDINGS = {
    "photo": "photo.jpg",
    "voice": "voice.oga",
    "document": "file.pdf",
    "video": "video.mp4",
    "audio": "audio.mp3",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send. `size` stands for contents that nobody wants to hold in a test."""

    kind: Media
    content: bytes = b"content"
    name: str = ""
    size: int = 0


class Person(Businessperson):
    def starts(self, payload: str = "") -> int:
        """Presses Start, maybe behind a deep link; unblocks the bot by that."""
        if self.chat.bot_status == "kicked":
            self.unblocks_bot()
        return self.writes(f"/start {payload}".rstrip())

    def writes(
        self,
        text: str,
        *,
        chat: Chat | None = None,
        topic: int | None = None,
        reply_to: int | None = None,
        quote: str = "",
        anonymously: bool = False,
    ) -> int:
        """Write to the bot, or into a chat; the message's id."""
        formatted = cleaned(text, [])
        fields = _text_fields(formatted)
        return self._says(
            fields, chat, topic=topic, reply_to=reply_to, quote=quote, anonymously=anonymously
        )

    def sends(
        self,
        attachment: Attachment,
        *,
        caption: str = "",
        chat: Chat | None = None,
        topic: int | None = None,
        reply_to: int | None = None,
    ) -> int:
        fields = self._media(attachment, caption)
        return self._says(fields, chat, topic=topic, reply_to=reply_to)

    def sends_album(
        self, *attachments: Attachment, caption: str = "", chat: Chat | None = None
    ) -> list[int]:
        """One message each, of one media group; the caption is on the first."""
        group = str(13_900_000_000_000_000 + next(self.world.numbers))
        return [
            self._says(self._media(each, "" if at else caption) | {"media_group_id": group}, chat)
            for at, each in enumerate(attachments)
        ]

    def sends_sticker(self, emoji: str = "👍", *, chat: Chat | None = None) -> int:
        size = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
        body = {**size, "type": "regular", "emoji": emoji, "set_name": "Hands"}
        stored = self.world.store_file("sticker", b"RIFF", body, name="sticker.webp")
        return self._says({"sticker": stored.body}, chat)

    def sends_location(self, latitude: float, longitude: float, *, chat: Chat | None = None) -> int:
        return self._says({"location": {"latitude": latitude, "longitude": longitude}}, chat)

    def sends_contact(self, name: str, number: str, *, chat: Chat | None = None) -> int:
        return self._says({"contact": {"phone_number": number, "first_name": name}}, chat)

    def forwards(self, text: str, *, of: Person | Chat | str, chat: Chat | None = None) -> int:
        """Forward what another wrote: a person, one who hides (by name), a group or channel."""
        date = self.world.seconds() - 3600
        origin: JSON
        match of:
            case Person():
                origin = {"type": "user", "date": date, "sender_user": of.user}
            case str():
                origin = {"type": "hidden_user", "date": date, "sender_user_name": of}
            case Chat():
                origin = {"type": "chat", "date": date, "sender_chat": of.json}
        fields = _text_fields(cleaned(text, [])) | {"forward_origin": origin}
        return self._says(fields, chat)

    def edits(self, message_id: int, text: str, *, chat: Chat | None = None) -> None:
        """Change one of the own messages."""
        chat = chat or self.chat
        record = chat.records[message_id]
        if record.message["from"]["id"] != self.id:
            raise ValueError("people edit only what they wrote themselves")
        record.versions.append(record.message.get("text", ""))
        kept = {name: value for name, value in record.message.items() if name != "entities"}
        record.message = (
            kept | _text_fields(cleaned(text, [])) | {"edit_date": self.world.seconds()}
        )
        chat.happened("edit", text, message_id, by_bot=False)
        if self._heard(chat, record.message):
            self.world.updates.push("edited_message", record.message, chat.id)

    def deletes(self, message_id: int, *, chat: Chat | None = None) -> None:
        """The bot is told nothing."""
        (chat or self.chat).records[message_id].deleted = True
        (chat or self.chat).happened("delete", message_id=message_id, by_bot=False)

    def presses(self, button: str, *, chat: Chat | None = None, message_id: int = 0) -> str:
        """Press a button by its text, on the newest message that has it; the query's id."""
        chat = chat or self.chat
        for record in sorted(chat.records.values(), key=lambda each: -each.id):
            if record.deleted or message_id not in {0, record.id}:
                continue
            for each in _buttons(record.message):
                if each["text"] == button and "callback_data" in each:
                    return self._pressed(chat, record, each["callback_data"])
        raise AssertionError(f"no button {button!r} to press in {chat.shown}")

    def presses_data(self, chat: Chat, message_id: int, data: str) -> str:
        """Send any data for a message, as a changed client may."""
        return self._pressed(chat, chat.records[message_id], data)

    def reacts(self, message_id: int, *emoji: str, chat: Chat | None = None) -> None:
        """Set the own reactions on a message; none takes them away."""
        chat = chat or self.chat
        place = (chat.id, message_id)
        old = self._reactions.get(place, [])
        new = [{"type": "emoji", "emoji": each} for each in emoji]
        self._reactions[place] = new
        chat.happened("reaction", "".join(emoji), message_id, by_bot=False)
        if chat.kind != "private" and chat.bot_status != "administrator":
            return
        update = {
            "chat": chat.json,
            "message_id": message_id,
            "user": self.user,
            "date": self.world.seconds(),
            "old_reaction": old,
            "new_reaction": new,
        }
        self.world.updates.push("message_reaction", update, chat.id)

    def answer_to(self, query_id: str) -> JSON | None:
        """What the bot answered to a press: `text` and `show_alert`."""
        return self.world.queries[query_id].answer

    async def gets_answer_to(self, query_id: str, *, within: float = 5.0) -> JSON:
        """Wait for that answer."""
        query = self.world.queries[query_id]
        await self.world.bell.until(lambda: query.answer is not None, within=within)
        return query.answer or {}

    # How it becomes a message

    def _media(self, attachment: Attachment, caption: str) -> JSON:
        kind = attachment.kind
        name = attachment.name or _ENDINGS[kind]
        named = {"file_name": name} if kind in {"document", "video", "audio"} else {}
        body = _BODIES[kind] | named
        if kind == "document":
            body |= {"mime_type": guess_type(name)[0] or "application/octet-stream"}
        stored = self.world.store_file(
            kind, attachment.content, body, size=attachment.size, name=name
        )
        fields: JSON = {kind: [stored.body] if kind == "photo" else stored.body}
        if caption:
            said = cleaned(caption, [])
            fields["caption"] = said.text
            if said.entities:
                fields["caption_entities"] = said.json_entities
        return fields

    def _says(
        self,
        fields: JSON,
        chat: Chat | None,
        *,
        topic: int | None = None,
        reply_to: int | None = None,
        quote: str = "",
        anonymously: bool = False,
    ) -> int:
        chat = chat or self.chat
        if chat.kind == "private" and chat.bot_status == "kicked":
            raise ValueError(f"{self.name} blocked the bot: unblock it, or start it anew")
        if self.id not in chat.members:
            raise ValueError(f"{self.name} isn't in {chat.title}")
        chat.started = True
        message: JSON = {
            "message_id": self.world.message_id(chat),
            "from": GROUP_BOT if anonymously else self.user,
            "chat": chat.json,
            "date": self.world.seconds(),
            **fields,
        }
        if anonymously:
            message["sender_chat"] = chat.json
        if topic is not None:
            if topic not in chat.topics:
                raise ValueError("no such topic: opens_topic gives its id")
            message |= {"message_thread_id": topic, "is_topic_message": True}
        if reply_to is not None:
            message |= _reply(chat, reply_to, quote)
        chat.put(Record(message, self.world.timeline.now(), by_bot=False))
        if self._heard(chat, message):
            self.world.updates.push("message", message, chat.id)
        number: int = message["message_id"]
        return number

    def _heard(self, chat: Chat, message: JSON) -> bool:
        """Whether the bot gets a message."""
        bot = self.world.bot
        if chat.bot_status in {"left", "kicked"}:
            return False
        if chat.kind == "private" or not bot.privacy or chat.bot_status == "administrator":
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == bot.id:
            return True
        return any(
            word.lower() == f"@{bot.username}".lower() if kind == "mention" else _for(bot, word)
            for kind, word in _words(message)
        )

    def _pressed(self, chat: Chat, record: Record, data: str) -> str:
        number = str(4_300_000_000_000_000 + next(self.world.numbers))
        self.world.queries[number] = Query(self.world.timeline.now(), self.id)
        query: JSON = {
            "id": number,
            "from": self.user,
            "chat_instance": str(-(chat.id * 7919)),
            "data": data,
            "message": record.message,
        }
        if record.deleted:
            gone = {"chat": chat.json, "message_id": record.id, "date": 0}
            query["message"] = gone
        self.world.updates.push("callback_query", query, chat.id)
        return number


def _text_fields(formatted: Formatted) -> JSON:
    if not formatted.text:
        raise ValueError("nobody can send an empty message")
    if len(formatted.text) > 4096:
        raise ValueError("clients split texts of more than 4096 characters")
    entities = {"entities": formatted.json_entities} if formatted.entities else {}
    return {"text": formatted.text, **entities}


def _reply(chat: Chat, reply_to: int, quote: str) -> JSON:
    replied = chat.records[reply_to].message
    plain = {name: value for name, value in replied.items() if name != "reply_to_message"}
    fields: JSON = {"reply_to_message": plain}
    if quote:
        before, found, _ = str(replied.get("text", replied.get("caption", ""))).partition(quote)
        if not found:
            raise ValueError("a quote is a part of the message")
        fields["quote"] = {"text": quote, "position": units(before), "is_manual": True}
    return fields


def _buttons(message: JSON) -> list[Any]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def _words(message: JSON) -> list[tuple[str, str]]:
    """The mentions and commands in a message, as they are written."""
    text = str(message.get("text") or message.get("caption") or "").encode("utf-16-le")
    entities = message.get("entities") or message.get("caption_entities") or []
    return [
        (
            each["type"],
            text[2 * each["offset"] : 2 * (each["offset"] + each["length"])].decode("utf-16-le"),
        )
        for each in entities
        if each["type"] in {"mention", "bot_command"}
    ]


def _for(bot: Any, command: str) -> bool:
    """Whether a command is for this bot: by name, or for any."""
    _, _, name = command.partition("@")
    return name.lower() in {"", bot.username.lower()}
