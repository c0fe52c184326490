"""What somebody says by using a command. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.base import InboundPart, Unreadable
from adapters.discord.menus import ASK
from adapters.quoting import quoted, set_off

Raw = Mapping[str, Any]

_KINDS: Mapping[str, Unreadable] = {"image": "photo", "audio": "audio", "video": "video"}


def words_of(data: Raw) -> str:
    """What a person would have written instead of using the command."""
    told = " ".join(str(each.get("value", "")) for each in data.get("options") or ())
    return told if data["name"] == ASK else f"/{data['name']} {told}".rstrip()


def chosen_message(data: Raw) -> Raw:
    """The message whose menu a command was chosen from."""
    message: Raw = data["resolved"]["messages"][data["target_id"]]
    return message


def noted(message: Raw, reader_id: int) -> InboundPart | None:
    """The words of a message, for somebody who wants them kept; None if it has none. What isn't
    theirs is shown with whose it is.
    """
    forwarded = message.get("message_snapshots") or ()
    told = "\n".join([_content(message), *(_content(each["message"]) for each in forwarded)])
    text = told.strip()
    if not text:
        return None
    author = message["author"]
    if forwarded:
        return InboundPart(set_off("Forwarded", text), "forwarded")
    if int(author["id"]) == reader_id:
        return InboundPart(text)
    name = quoted(author.get("global_name") or author["username"])
    return InboundPart(set_off(f"The words of {name}", text), "other_person")


def _content(message: Raw) -> str:
    """With people by their names."""
    text = str(message.get("content") or "")
    for each in message.get("mentions") or ():
        name = "@" + (each.get("global_name") or each["username"])
        text = text.replace(f"<@{each['id']}>", name).replace(f"<@!{each['id']}>", name)
    return text


def unreadable(message: Raw) -> Unreadable | None:
    """What comes with its words that can't be passed on."""
    for each in message.get("attachments") or ():
        kind = str(each.get("content_type") or "").partition("/")[0]
        return _KINDS.get(kind, "document")
    return None
