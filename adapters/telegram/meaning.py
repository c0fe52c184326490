"""What an update can mean, before it is handed to the service."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.addresses import ChatAddress
from adapters.base import Inbound
from adapters.events import ChatEvent
from adapters.push.text_files import TextFile


class Malformed(Exception):
    """An update that isn't of the form that Telegram promises. Says where, never what was there."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `files` are yet to be read; with `asks_admin`, it matters whether the sender has
    a say over the chat.
    """

    inbound: Inbound
    files: tuple[TextFile, ...] = ()
    asks_admin: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press of a button below the message `message_id`, which waits for an answer. Without an
    `inbound` there is nothing of ours behind it.
    """

    query_id: str
    inbound: Inbound | None
    message_id: str


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody changed their reactions to a message; emoji alone are told apart."""

    address: ChatAddress
    message_id: str
    sender: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us, on purpose."""

    why: str


Meaning = Said | Pressed | Reacted | ChatEvent | Ignored
