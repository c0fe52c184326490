"""The parts of a message, each with where its words came from. Pure."""

from __future__ import annotations

from telegram import (
    Message,
    MessageOrigin,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    User,
)

from adapters.base import InboundPart, Origin
from adapters.push.quoting import (
    THEIR_OWN_WORDS,
    YOUR_WORDS,
    anothers_words,
    in_answer_to,
    quoted,
    set_off,
)
from adapters.telegram.contents import in_words, text_file
from adapters.telegram.groups import Heard, starts_topic
from adapters.telegram.texts import Marked, name_of


def words_of(message: Message) -> Marked:
    """Its text, or the caption of what it carries."""
    if message.text is not None:
        return Marked(message.text, message.entities)
    if message.caption is not None:
        return Marked(message.caption, message.caption_entities)
    return Marked(in_words(message), ())


def parts_of(message: Message, told: Heard, me: User) -> tuple[InboundPart, ...]:
    """What was said, after what it was said about. A command is one part alone; where nothing was
    said, and no file says anything either, there are none.
    """
    text = told.text.spelled_out()
    if text and (whose := _not_own(message)) is not None:
        said = [InboundPart(f"[{whose}]\n{text}", "forwarded")]
    elif text:
        said = [InboundPart(text)]
    else:
        said = []
    if told.command or not (said or text_file(message)):
        return tuple(said)
    about = _about(message, me)
    return (*([] if about is None else [about]), *said)


def _not_own(message: Message) -> str | None:
    """Whose words a message repeats; None: the sender's own."""
    if message.forward_origin is not None:
        return f"Forwarded from {_author(message.forward_origin)}"
    if message.via_bot is not None:
        return f"From the bot {quoted(message.via_bot.username or message.via_bot.first_name)}"
    return None


def _author(origin: MessageOrigin) -> str:
    match origin:
        case MessageOriginUser(sender_user=user):
            return quoted(name_of(user))
        case MessageOriginHiddenUser(sender_user_name=name):
            return quoted(name)
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            return quoted(chat.title or chat.username or "")
        case _:
            return "somebody"


def _about(message: Message, me: User) -> InboundPart | None:
    """The words that a message answers."""
    quote = message.quote.text if message.quote is not None else ""
    if message.external_reply is not None:
        if not quote:
            return None
        whose = _author(message.external_reply.origin)
        return InboundPart(set_off(f"Quoted from another chat, by {whose}", quote), "forwarded")
    replied = message.reply_to_message
    if replied is None or starts_topic(replied):
        return None
    text = quote or words_of(replied).spelled_out()
    if not text:
        return None
    whose, origin = _whose(message, replied, me)
    return in_answer_to(whose, text, origin)


def _whose(message: Message, replied: Message, me: User) -> tuple[str, Origin]:
    writer = replied.from_user
    if writer is not None and writer.id == me.id:
        return YOUR_WORDS, "owner"
    if replied.forward_origin is not None:
        return f"what was forwarded from {_author(replied.forward_origin)}", "forwarded"
    if replied.sender_chat is not None or writer is None:
        title = "" if replied.sender_chat is None else replied.sender_chat.title
        return anothers_words(title or ""), "other_person"
    if message.from_user is not None and writer.id == message.from_user.id:
        return THEIR_OWN_WORDS, "owner"
    return anothers_words(name_of(writer)), "other_person"
