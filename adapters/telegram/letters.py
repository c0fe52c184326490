"""One message as it is asked for, and what to ask for instead when Telegram minds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, TelegramError

from adapters.addresses import ChatAddress
from adapters.delivery import Attachment, Outbound, Piece
from adapters.telegram.failures import is_about_entities, is_about_the_topic, is_as_it_was
from adapters.telegram.keyboards import keyboard_of
from adapters.telegram.spans import decode

_log = structlog.get_logger(__name__)

GENERAL_TOPIC = 1
"""A forum's topic that messages without one go to; the server refuses its number."""
_NO_LINK_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Letter:
    """`chat` is where it goes, which may be another than its chunk was for. `patience` is how many
    seconds an answer is waited for.
    """

    chat: str
    text: str
    topic: int | None = None
    entities: tuple[MessageEntity, ...] = ()
    file: Attachment | None = None
    keyboard: InlineKeyboardMarkup | None = None
    reply_to: int | None = None
    patience: float = 20.0


def is_group(chat: str) -> bool:
    """Whether people other than one and the bot are there."""
    return chat.startswith("-")


def topic_of(address: ChatAddress) -> int | None:
    """The topic's number, where it is to be named."""
    if address.topic is None or not address.topic.isdecimal():
        return None
    topic = int(address.topic)
    return None if topic == GENERAL_TOPIC and is_group(address.chat) else topic


def letter_of(chunk: Outbound, *, reply_to: int | None) -> Letter:
    return Letter(
        chat=chunk.address.chat,
        text=chunk.text,
        topic=topic_of(chunk.address),
        entities=_entities(chunk.format),
        file=chunk.file,
        keyboard=keyboard_of(chunk.buttons),
        reply_to=reply_to,
    )


def preview_letter(
    address: ChatAddress, piece: Piece, *, reply_to: int | None, patience: float
) -> Letter:
    """What an answer in the making looks like."""
    return Letter(
        address.chat,
        piece.text,
        topic_of(address),
        _entities(piece.format),
        reply_to=reply_to,
        patience=patience,
    )


def _entities(format_: str | None) -> tuple[MessageEntity, ...]:
    """A chunk may have been composed by another version of the program."""
    try:
        return tuple(decode(format_))
    except ValueError:
        _log.warning("the format of a chunk isn't ours: sent as plain text")
        return ()


def adjusted(letter: Letter, error: TelegramError) -> Letter | None:
    """What to ask for after this refusal; None if nothing else would do. Asking ends: each time
    there is less left to mind.
    """
    match error:
        case ChatMigrated(new_chat_id=number) if letter.chat != str(number):
            return replace(letter, chat=str(number), reply_to=None)
        case BadRequest() if letter.entities and is_about_entities(error):
            return replace(letter, entities=())
        case BadRequest() if letter.topic is not None and is_about_the_topic(error):
            return replace(letter, topic=None, reply_to=None)
        case _:
            return None


async def post(bot: Bot, letter: Letter) -> Message:
    """Send it.

    Raises:
        TelegramError: as the library says.
    """
    reply = (
        None
        if letter.reply_to is None
        else ReplyParameters(letter.reply_to, allow_sending_without_reply=True)
    )
    if letter.file is not None:
        return await bot.send_document(
            letter.chat,
            letter.file.content.encode("utf-8", "replace"),
            filename=letter.file.name,
            caption=letter.text,
            caption_entities=letter.entities,
            message_thread_id=letter.topic,
            reply_parameters=reply,
            reply_markup=letter.keyboard,
            read_timeout=letter.patience,
        )
    return await bot.send_message(
        letter.chat,
        letter.text,
        entities=letter.entities,
        message_thread_id=letter.topic,
        reply_parameters=reply,
        reply_markup=letter.keyboard,
        link_preview_options=_NO_LINK_PREVIEW,
        read_timeout=letter.patience,
    )


async def edit(bot: Bot, letter: Letter, message_id: int) -> None:
    """Put its text and keyboard in the place of a message's. May be repeated.

    Raises:
        TelegramError: as the library says.
    """
    try:
        await bot.edit_message_text(
            letter.text,
            letter.chat,
            message_id,
            entities=letter.entities,
            reply_markup=letter.keyboard,
            link_preview_options=_NO_LINK_PREVIEW,
            read_timeout=letter.patience,
        )
    except BadRequest as error:
        if not is_as_it_was(error):
            raise
