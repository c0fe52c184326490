"""What somebody says by using a command. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.base import InboundPart, Unreadable
from adapters.discord.contents import in_words, unreadable
from adapters.discord.menus import ASK
from adapters.discord.messages import name_of
from adapters.discord.payloads import Contents, Message
from adapters.push.quoting import quoted, set_off

Raw = Mapping[str, Any]
Spelled = Callable[[Contents], str]
"""The text of a message, with names for all that it marks."""


def words_of(data: Raw) -> str:
    """What a person would have written instead of using the command."""
    told = " ".join(str(each.get("value", "")) for each in data.get("options") or ())
    return told if data["name"] == ASK else f"/{data['name']} {told}".rstrip()


def chosen_message(data: Raw) -> Message:
    """The message whose menu a command was chosen from.

    Raises:
        ValidationError: it isn't one.
    """
    return Message.model_validate(data["resolved"]["messages"][data["target_id"]])


def noted(message: Message, reader_id: int, spelled: Spelled) -> tuple[InboundPart, ...]:
    """The words of a message, for somebody who wants them kept; none if it has none. What isn't
    theirs is shown with whose it is.
    """
    said = _all_of(message, spelled)
    if message.author.id == reader_id and message.webhook_id is None:
        own = InboundPart(said)
    else:
        whose = f"The words of {quoted(name_of(message.author))}"
        own = InboundPart(set_off(whose, said), "other_person")
    forwarded = (_all_of(each.message, spelled) for each in message.message_snapshots)
    repeated = (InboundPart(f"[Forwarded]\n{each}", "forwarded") for each in forwarded if each)
    return (*((own,) if said else ()), *repeated)


def left_out(message: Message) -> Unreadable | None:
    """What comes with its words that isn't passed on."""
    for each in _contents(message):
        if each.attachments:
            return unreadable(each) or "document"
    return None


def _contents(message: Message) -> Iterator[Contents]:
    yield message
    yield from (each.message for each in message.message_snapshots)


def _all_of(contents: Contents, spelled: Spelled) -> str:
    return "\n".join(filter(None, (spelled(contents).strip(), in_words(contents))))
