"""Who sits at the terminal, and the adapter's entry in the registry."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Sequence

import anyio

from adapters.addresses import ChatAddress
from adapters.base import Capabilities, Inbound, InboundPart, Sender
from adapters.delivery import MessageRejected, Outbound, Piece, Sent
from adapters.splitting import split

PLATFORM = "terminal"
ACCOUNT = "local"
MAX_TEXT = 64_000
MAX_NAME = 64


class BadUserName(ValueError):
    """The name can't be a user's; the message says why."""


def user_name(text: str) -> str:
    """The name in its one form (NFC), 1 to 64 printable characters.

    Raises:
        BadUserName: it is empty, too long, or holds control or direction marks.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        msg = "a user needs a name: use --user NAME"
        raise BadUserName(msg)
    if len(name) > MAX_NAME:
        msg = f"a user's name has at most {MAX_NAME} characters, this one has {len(name)}"
        raise BadUserName(msg)
    for char in name:
        if not char.isprintable() or unicodedata.category(char) == "Cf":
            msg = f"a user's name holds only printable characters, not U+{ord(char):04X}"
            raise BadUserName(msg)
    return name


def address_of(user: str) -> ChatAddress:
    return ChatAddress(PLATFORM, ACCOUNT, user)


def to_inbound(user: str, text: str) -> Inbound:
    """A line of this user's. Every call makes another message: the id is random."""
    return Inbound(
        update_id=uuid.uuid4().hex,
        address=address_of(user),
        sender=Sender(user, user),
        parts=(InboundPart(text),),
    )


class TerminalAdapter:
    """Receives nothing by itself: `chat` calls the service."""

    capabilities = Capabilities(delivery="pull", max_text=MAX_TEXT)
    name = f"{PLATFORM}:{ACCOUNT}"

    async def run(self, ready: Callable[[], None]) -> None:
        ready()
        await anyio.sleep_forever()

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return [Piece(each) for each in split(text, MAX_TEXT)]

    async def send(self, chunk: Outbound) -> Sent:
        msg = "the terminal is sent nothing: it reads its feed"
        raise MessageRejected(msg)
