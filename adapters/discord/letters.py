"""One message as it is asked for, and what to ask for instead when Discord minds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import structlog

from adapters.delivery import Attachment, Outbound, Piece
from adapters.discord.components import Component, components_of
from adapters.discord.failures import (
    INVALID_FORM,
    NO_HISTORY,
    NO_PERMISSION,
    TOO_LARGE,
    code_of,
    says,
)
from adapters.discord.markup import escaped
from adapters.discord.pieces import MAX_TEXT, content_of
from adapters.splitting import has_visible, length, split

_log = structlog.get_logger(__name__)

LONGEST_NONCE = 25
SUPPRESS_EMBEDS, EPHEMERAL = 1 << 2, 1 << 6


@dataclass(frozen=True, slots=True)
class Letter:
    """`shown` is what people see of `content`. `patience` is how many seconds an answer is waited
    for.

    With a `nonce`, Discord makes no second message of a letter that is sent again within a few
    minutes, but answers with the first: so a try whose outcome nobody knows may be repeated. After
    that, a repeat may be seen twice.
    """

    content: str
    shown: str
    nonce: str = ""
    components: tuple[Component, ...] = ()
    file: Attachment | None = None
    reply_to: int | None = None
    ephemeral: bool = False
    patience: float = 45.0


def letter_of(chunk: Outbound, *, reply_to: int | None = None, ephemeral: bool = False) -> Letter:
    return Letter(
        content=content_of(chunk.text, chunk.format),
        shown=chunk.text,
        nonce=_short(chunk.nonce),
        components=tuple(components_of(chunk.buttons, chunk.address.chat)),
        file=chunk.file,
        reply_to=reply_to,
        ephemeral=ephemeral,
    )


def preview_letter(piece: Piece, *, nonce: str, reply_to: int | None) -> Letter:
    """What an answer in the making looks like."""
    content = content_of(piece.text, piece.format)
    return Letter(content, piece.text, _short(nonce), reply_to=reply_to)


def _short(nonce: str) -> str:
    """Discord takes 25 characters."""
    if len(nonce) <= LONGEST_NONCE:
        return nonce
    return hashlib.sha256(nonce.encode()).hexdigest()[: LONGEST_NONCE - 1]


def new_message(letter: Letter) -> dict[str, Any]:
    """What a call asks for that posts it."""
    asked = _asked(letter)
    if letter.ephemeral:
        asked["flags"] |= EPHEMERAL
    if letter.nonce:
        asked |= {"nonce": letter.nonce, "enforce_nonce": True}
    if letter.reply_to is not None:
        asked["message_reference"] = {
            "message_id": str(letter.reply_to),
            "fail_if_not_exists": False,
        }
    return asked


def follow_up(letter: Letter) -> dict[str, Any]:
    """What a call asks for that answers an interaction with it: there is no nonce there."""
    return new_message(replace(letter, nonce="", reply_to=None))


def changed_message(letter: Letter) -> dict[str, Any]:
    """What a call asks for that puts it in a message's place."""
    return _asked(letter)


def _asked(letter: Letter) -> dict[str, Any]:
    """Nobody is notified by what a model writes, and no link is looked up."""
    asked: dict[str, Any] = {
        "content": letter.content,
        "components": list(letter.components),
        "allowed_mentions": {"parse": [], "replied_user": False},
        "flags": SUPPRESS_EMBEDS,
    }
    if letter.file is not None:
        asked["attachments"] = [{"id": 0, "filename": letter.file.name}]
    return asked


def parts_of(asked: dict[str, Any], file: Attachment) -> list[dict[str, Any]]:
    """The same as a form with a file."""
    return [
        {"name": "payload_json", "value": json.dumps(asked)},
        {
            "name": "files[0]",
            "value": file.content.encode("utf-8", "replace"),
            "filename": file.name,
            "content_type": "application/octet-stream",
        },
    ]


def adjusted(letter: Letter, error: Exception) -> Letter | None:
    """What to ask for after this refusal; None if nothing else would do. Asking ends: each time
    there is less left to mind.
    """
    code = code_of(error)
    if letter.reply_to is not None and (code == NO_HISTORY or _names(error, "message_reference")):
        return replace(letter, reply_to=None)
    if letter.file is not None and code in {TOO_LARGE, NO_PERMISSION} and letter.content:
        _log.warning("a file stays behind", code=code)
        return replace(letter, file=None)
    if letter.components and _names(error, "components"):
        _log.warning("buttons stay behind", code=code)
        return replace(letter, components=())
    plain = _plain(letter.shown)
    if _names(error, "content") and letter.content != plain and has_visible(plain):
        return replace(letter, content=plain)
    return None


def _names(error: Exception, field: str) -> bool:
    return code_of(error) == INVALID_FORM and says(error, f"In {field}")


def _plain(text: str) -> str:
    """Its signs mean themselves, where there is room for that."""
    told = escaped(text)
    if length(told, "utf16") <= MAX_TEXT:
        return told
    return next(iter(split(text, MAX_TEXT, "utf16")), "")
