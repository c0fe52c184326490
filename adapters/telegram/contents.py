"""What a message holds besides its text, as words, or as what can't be passed on. Pure."""

from __future__ import annotations

from telegram import Contact, Document, Message, Poll, Venue
from telegram.constants import MessageType

from adapters.base import Unreadable
from adapters.telegram.meaning import TextFile
from adapters.telegram.texts import one_line, quoted

MOST_DOWNLOAD = 20 * 1024 * 1024
"""Bytes: larger files aren't given out."""

_LONGEST_LINE = 300
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
_TEXT_TYPES = frozenset(
    {
        "application/json",
        "application/x-ndjson",
        "application/xml",
        "application/yaml",
        "application/x-yaml",
        "application/toml",
        "application/javascript",
        "application/sql",
        "application/x-sh",
        "application/x-python",
        "application/x-subrip",
    }
)
_TEXT_ENDINGS = (
    *(".txt", ".md", ".markdown", ".rst", ".tex", ".log", ".csv", ".tsv", ".diff", ".patch"),
    *(".json", ".jsonl", ".xml", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf"),
    *(".srt", ".vtt", ".ics", ".vcf", ".html", ".css", ".sql", ".sh", ".py", ".js", ".ts"),
    *(".tsx", ".jsx", ".java", ".c", ".h", ".cpp", ".hpp", ".cs", ".go", ".rs", ".rb", ".php"),
    *(".kt", ".swift", ".lua", ".r", ".pl"),
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


def _poll(poll: Poll) -> str:
    question = one_line(poll.question, _LONGEST_LINE)
    options = [f"- {one_line(option.text, _LONGEST_LINE)}" for option in poll.options]
    return "\n".join((f"[Poll: {question}]", *options))


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
    size = document.file_size or 0
    if size > MOST_DOWNLOAD:
        return None
    return TextFile(document.file_id, document.file_name or "", size)


def _is_text(document: Document) -> bool:
    kind, name = (document.mime_type or "").lower(), (document.file_name or "").lower()
    if kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith(("+json", "+xml")):
        return not kind.startswith("text/rtf")
    return kind in {"", "application/octet-stream"} and name.endswith(_TEXT_ENDINGS)
