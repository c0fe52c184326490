"""What of what is said is said to the bot, where people also talk to each other. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from telegram import Message, MessageEntity, User

from adapters.splitting import length
from adapters.telegram.texts import Marked

_AFTER_NAME = re.compile(r"\s*[,:]\s*")


@dataclass(frozen=True, slots=True)
class Heard:
    """A text as the bot hears it: without its own name before it. `command`: it is one for us."""

    text: Marked
    addressed: bool
    command: bool


def heard(message: Message, text: Marked, me: User) -> Heard:
    """Whether a message is for us, and what it says then. In a private chat, all is."""
    private = message.chat.type == "private"
    if message.forward_origin is not None:  # whoever it was for, they said it elsewhere
        return Heard(text, private or _answers(message, me), command=False)
    first = text.marks[0] if text.marks else None
    if first is not None and first.type == MessageEntity.BOT_COMMAND and first.offset == 0:
        found = _command(text, first, me)
        return replace(found, addressed=True) if private else found
    if private:
        return Heard(text, addressed=True, command=False)
    addressed = _answers(message, me)
    while (start := _call(text, me)) is not None:
        addressed = True
        rest = _without_blanks(text.after(start))
        if not rest.text:
            break
        text = rest
    addressed = addressed or any(_names(text, mark, me) for mark in text.marks)
    return Heard(text, addressed, command=addressed and text.text.startswith("/"))


def _command(text: Marked, mark: MessageEntity, me: User) -> Heard:
    """`/memory@our_name 3` is `/memory 3`; what is for another bot stays as it is."""
    name, at, whose = text.words(mark).partition("@")
    if not at:
        return Heard(text, addressed=True, command=True)
    if whose.lower() != (me.username or "").lower():
        return Heard(text, addressed=False, command=False)
    start = len(name)  # a command is ASCII
    ours = MessageEntity(MessageEntity.BOLD, start, mark.length - start)
    rest = Marked(text.text, [each for each in text.marks if each is not mark])
    return Heard(rest.without(ours), addressed=True, command=True)


def _answers(message: Message, me: User) -> bool:
    replied = message.reply_to_message
    return (
        replied is not None
        and replied.from_user is not None
        and replied.from_user.id == me.id
        and not starts_topic(replied)
    )


def starts_topic(message: Message) -> bool:
    """Whether it is the service message at the top of a topic, which all there refer to."""
    return message.forum_topic_created is not None


def _call(text: Marked, me: User) -> int | None:
    """Where, in units, what is said begins, after our name at the start; None for no name."""
    if text.marks and text.marks[0].offset == 0 and _names(text, text.marks[0], me):
        end = text.marks[0].length
        rest = text.after(end).text
        gap = _AFTER_NAME.match(rest)
        return end + (length(gap.group(), "utf16") if gap else 0)
    name = me.first_name
    if name and text.text[: len(name)].casefold() == name.casefold():
        gap = _AFTER_NAME.match(text.text, len(name))
        return length(text.text[: gap.end()], "utf16") if gap else None
    return None


def _names(text: Marked, mark: MessageEntity, me: User) -> bool:
    match mark.type:
        case MessageEntity.MENTION:
            return text.words(mark).lower() == f"@{me.username or ''}".lower()
        case MessageEntity.TEXT_MENTION:
            return mark.user is not None and mark.user.id == me.id
        case _:
            return False


def _without_blanks(text: Marked) -> Marked:
    blanks = len(text.text) - len(text.text.lstrip())
    return text.after(length(text.text[:blanks], "utf16"))
