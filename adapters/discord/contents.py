"""What a message holds besides its text, as words, or as what can't be passed on. Pure."""

from __future__ import annotations

from adapters.base import Unreadable
from adapters.discord.payloads import VOICE, Attachment, Contents
from adapters.push.quoting import poll, quoted
from adapters.push.text_files import TextFile, is_text

MOST_DOWNLOAD = 8 * 1024 * 1024
"""Bytes: in a larger file is more than a conversation can bear."""

_KINDS: tuple[tuple[str, Unreadable], ...] = (
    ("image/", "photo"),
    ("video/", "video"),
    ("audio/", "audio"),
)


def in_words(contents: Contents) -> str:
    """Its stickers and its poll, as far as words can say them; empty for none."""
    stickers = [f"[Sticker: {quoted(each.name)}]" for each in contents.sticker_items]
    polls = []
    if contents.poll is not None:
        answers = (each.poll_media.text or "" for each in contents.poll.answers)
        polls = [poll(contents.poll.question.text or "", answers)]
    return "\n".join((*stickers, *polls))


def text_files(contents: Contents) -> tuple[TextFile, ...]:
    """The files that hold text and aren't too large."""
    return tuple(
        TextFile(each.url, each.filename) for each in contents.attachments if _is_readable(each)
    )


def unreadable(contents: Contents) -> Unreadable | None:
    """What of it can't be passed on, if anything."""
    lost = [each for each in contents.attachments if not _is_readable(each)]
    if not lost:
        return None
    if contents.flags & VOICE:
        return "voice"
    kind = (lost[0].content_type or "").lower()
    return next((told for start, told in _KINDS if kind.startswith(start)), "document")


def _is_readable(file: Attachment) -> bool:
    return file.size <= MOST_DOWNLOAD and is_text(file.content_type or "", file.filename)
