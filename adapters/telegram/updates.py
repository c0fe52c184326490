"""From an update to what it means. Pure: what must be asked for or fetched is left to `intake`.

Nothing in an update is trusted to be of the form that Telegram promises: whatever breaks the
library's parsing or ours is `Malformed`, and texts are texts when they leave this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from telegram import CallbackQuery, Chat, Message, MessageReactionUpdated, Update, User

from adapters.addresses import ChatAddress
from adapters.base import Inbound, Sender
from adapters.events import ChatEvent
from adapters.telegram.contents import text_file, unreadable
from adapters.telegram.groups import heard
from adapters.telegram.meaning import (
    Ignored,
    Malformed,
    Meaning,
    Pressed,
    Reacted,
    Said,
)
from adapters.telegram.membership import moved, own_place
from adapters.telegram.parts import parts_of, words_of
from adapters.telegram.settings import PLATFORM
from adapters.telegram.texts import name_of
from adapters.wording import Audience

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
)
"""The kinds that we want; Telegram keeps the others for itself."""

_GROUPS = frozenset({"group", "supergroup"})
_LONGEST_NAME = 200
"""Characters; Telegram's numbers, languages and buttons have less than half of that."""
_MICROSECONDS = 1_000_000


class Reader:
    """Reads the updates of the bot `me`."""

    def __init__(self, me: User) -> None:
        self._me = me
        self._account = str(me.id)
        self._kinds: Mapping[str, Callable[[Update], Meaning]] = {
            "message": self._message,
            "edited_message": self._edit,
            "callback_query": self._press,
            "my_chat_member": self._own_place,
            "message_reaction": self._reaction,
        }

    def read(self, raw: Mapping[str, Any]) -> Meaning:
        """What an update means.

        Raises:
            Malformed: it isn't one.
        """
        kind = next((each for each in self._kinds if each in raw), None)
        if kind is None:
            return Ignored("a kind of update that nobody asked for")
        try:
            update = Update.de_json(dict(raw))
            return _checked(self._kinds[kind](update))
        except Exception as error:  # foreign data through foreign code: anything may break
            msg = f"a {kind} that can't be read: {type(error).__name__}"
            raise Malformed(msg) from error

    def address(self, chat_id: int, topic: int | None = None) -> ChatAddress:
        return ChatAddress(
            PLATFORM, self._account, str(chat_id), None if topic is None else str(topic)
        )

    # Messages

    def _message(self, update: Update) -> Meaning:
        message = _present(update.message)
        if (event := moved(message, self.address)) is not None:
            return event
        return self._said(update.update_id, message, edited=False)

    def _edit(self, update: Update) -> Meaning:
        message = _present(update.edited_message)
        if message.location is not None:
            return Ignored("a live location moves on")
        return self._said(update.update_id, message, edited=True)

    def _said(self, update_id: int, message: Message, *, edited: bool) -> Meaning:
        if why := self._not_for_us(message):
            return Ignored(why)
        audience = _audience(message.chat)
        told = heard(message, words_of(message), self._me)
        file, lost = text_file(message), unreadable(message)
        parts = parts_of(message, told, self._me)
        if not parts and file is None and lost is None:
            return Ignored("a message that says nothing, such as one of Telegram's own")
        when = message.edit_date if edited and message.edit_date else message.date
        inbound = Inbound(
            update_id=str(update_id),
            address=self._place(message),
            sender=_sender(_present(message.from_user)),
            parts=parts,
            audience=audience,
            message_id=str(message.message_id),
            edited=edited,
            addressed=told.addressed,
            unreadable=lost,
            sent_at=int(when.timestamp()) * _MICROSECONDS,
        )
        asks = told.command and audience == "chat"
        return Said(inbound, () if file is None else (file,), asks_admin=asks)

    def _not_for_us(self, message: Message) -> str:
        """Why nobody of ours wrote it; empty if somebody did."""
        if message.chat.type not in {"private", *_GROUPS}:
            return "a channel"
        if message.business_connection_id is not None:
            return "somebody's business with others"
        if message.from_user is None or message.sender_chat is not None:
            return "said in the name of a chat"
        if message.from_user.is_bot:
            return "said by a bot"
        if message.via_bot is not None and message.via_bot.id == self._me.id:
            return "our own words"
        return ""

    def _place(self, message: Message) -> ChatAddress:
        topic = message.message_thread_id if message.is_topic_message else None
        return self.address(message.chat.id, topic)

    # Everything else

    def _press(self, update: Update) -> Meaning:
        query = _present(update.callback_query)
        place = self._pressed_at(query)
        if place is None or query.data is None or query.from_user.is_bot:
            return Pressed(query.id, None, "")
        address, chat, message_id = place
        inbound = Inbound(
            update_id=str(update.update_id),
            address=address,
            sender=_sender(query.from_user),
            parts=(),
            audience=_audience(chat),
            pressed=query.data,
        )
        return Pressed(query.id, inbound, message_id)

    def _pressed_at(self, query: CallbackQuery) -> tuple[ChatAddress, Chat, str] | None:
        """Where: of a message that is too old, Telegram tells the chat alone."""
        match query.message:
            case None:
                return None
            case Message() as message:
                return self._place(message), message.chat, str(message.message_id)
            case old:
                return self.address(old.chat.id), old.chat, str(old.message_id)

    def _own_place(self, update: Update) -> Meaning:
        change = _present(update.my_chat_member)
        return own_place(str(update.update_id), change, self._me, self.address(change.chat.id))

    def _reaction(self, update: Update) -> Meaning:
        change = _present(update.message_reaction)
        if change.user is None:
            return Ignored("a reaction in the name of a chat")
        old, new = _emoji(change, "old_reaction"), _emoji(change, "new_reaction")
        return Reacted(
            self.address(change.chat.id),
            str(change.message_id),
            str(change.user.id),
            tuple(each for each in new if each not in old),
            tuple(each for each in old if each not in new),
        )


def _present(value: Any) -> Any:
    if value is None:
        msg = "a part that must be there is missing"
        raise Malformed(msg)
    return value


def _audience(chat: Chat) -> Audience:
    return "chat" if chat.type in _GROUPS else "private"


def _sender(user: User) -> Sender:
    return Sender(str(user.id), name_of(user), user.language_code)


def _emoji(change: MessageReactionUpdated, name: str) -> list[str]:
    return [each.emoji for each in getattr(change, name) if hasattr(each, "emoji")]


def _is_name(name: object) -> bool:
    """Whether it will do as a key: a short text that any database can hold."""
    return isinstance(name, str) and len(name) <= _LONGEST_NAME and name.isprintable()


def _checked(meaning: Meaning) -> Meaning:
    """What came from outside as text is text, and what is to be a key will do as one."""
    inbound = meaning.inbound if isinstance(meaning, Said | Pressed) else None
    if not all(each is None or _is_name(each) for each in _names(meaning, inbound)):
        msg = "a name that nothing can be kept under"
        raise Malformed(msg)
    if inbound is None:
        return meaning
    texts: list[object] = [part.text for part in inbound.parts]
    texts.append(inbound.sender.display_name)
    if isinstance(meaning, Said):
        texts += [text for file in meaning.files for text in (file.source, file.name)]
    if not all(text is None or isinstance(text, str) for text in texts):
        msg = "a text that is none"
        raise Malformed(msg)
    return meaning


def _names(meaning: Meaning, inbound: Inbound | None) -> tuple[object, ...]:
    if isinstance(meaning, ChatEvent):
        moved_to = None if meaning.moved_to is None else str(meaning.moved_to)
        return (str(meaning.address), meaning.update_id, meaning.language, moved_to)
    if inbound is None:
        return ()
    sender = inbound.sender
    return (
        str(inbound.address),
        sender.external_id,
        sender.language,
        inbound.message_id,
        inbound.pressed,
    )
