"""What a message holds besides its text, as words, or as what can't be passed on. Pure."""

from __future__ import annotations

from telegram import Contact, Document, Message, Poll, Venue
from telegram.constants import MessageType

from adapters.base import Unreadable
from adapters.push.quoting import one_line, poll, quoted
from adapters.push.text_files import TextFile, is_text

MOST_DOWNLOAD = 20 * 1024 * 1024
"""Bytes: larger files aren't given out."""

_UNREADABLE: tuple[tuple[str, Unreadable], ...] = (
    ("photo", "photo"),
    ("voice", "voice"),
    ("audio", "audio"),
    ("video", "video"),
    ("video_note", "video"),
    ("animation", "video"),
    ("sticker", "sticker"),
    ("document", "document"),
    ("game", "other"),
    ("story", "other"),
    ("invoice", "other"),
    ("paid_media", "other"),
    ("giveaway", "other"),
    ("checklist", "other"),
)


def in_words(message: Message) -> str:
    """A sticker, place, contact, poll or die, as far as words can say it; empty for none."""
    if message.sticker and message.sticker.emoji:
        return f"[Sticker: {one_line(message.sticker.emoji)}]"
    if message.venue:
        return _venue(message.venue)
    if message.location:
        return f"[Location: {message.location.latitude}, {message.location.longitude}]"
    if message.contact:
        return _contact(message.contact)
    if message.poll:
        return _poll(message.poll)
    return f"[{one_line(message.dice.emoji)} {message.dice.value}]" if message.dice else ""


def _contact(contact: Contact) -> str:
    name = " ".join(filter(None, (contact.first_name, contact.last_name)))
    return f"[Contact: {quoted(name)}, {one_line(contact.phone_number)}]"


def _venue(venue: Venue) -> str:
    where = f"{venue.location.latitude}, {venue.location.longitude}"
    return f"[Place: {quoted(venue.title)}, {quoted(venue.address)}, {where}]"


def _poll(told: Poll) -> str:
    return poll(told.question, (option.text for option in told.options))


def unreadable(message: Message) -> Unreadable | None:
    """What of it can't be passed on, if anything; files that can be read don't count."""
    if in_words(message) or text_file(message) is not None:
        return None
    known = next((kind for name, kind in _UNREADABLE if getattr(message, name)), None)
    return "other" if known is None and _is_unknown(message) else known


def _is_unknown(message: Message) -> bool:
    """Whether it holds only what is newer than the library; in a group, that is nobody's concern."""
    fields = message.api_kwargs if message.chat.type == "private" else {}
    return bool(fields) and not any(getattr(message, kind, None) for kind in MessageType)


def text_file(message: Message) -> TextFile | None:
    """The file that comes with it, if it holds text and isn't too large."""
    document = message.document
    if document is None or message.animation is not None or not _is_text(document):
        return None
    if (document.file_size or 0) > MOST_DOWNLOAD:
        return None
    return TextFile(document.file_id, document.file_name or "")


def _is_text(document: Document) -> bool:
    return is_text(document.mime_type or "", document.file_name or "")
