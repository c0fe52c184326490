"""A line goes in, its answer comes out: what both faces of the terminal share."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import aclosing
from typing import Protocol, assert_never

import anyio

from adapters.base import Service
from adapters.feed import FeedAnswered, FeedMessage, FeedNotice, FeedPreview, written_out
from adapters.terminal.people import address_of, to_inbound

STOP = "/stop"


class Face(Protocol):
    """Where a conversation is shown. Texts are as the service gave them; see `printable`."""

    def reply(self, text: str) -> None:
        """Something that the person asked for: an answer, or a command's output."""
        ...

    def remark(self, text: str) -> None:
        """Something that they didn't ask for: a refusal, an error, the first greeting."""
        ...

    def preview(self, event: FeedPreview) -> None:
        """A piece of an answer in the making."""
        ...

    def settle(self) -> None:
        """Everything that was said is answered: a preview that came to nothing may go."""
        ...


class Conversation:
    """One user's chat. `follow` runs beside `say`, which waits for what it reads. `forget` is
    called when all that was said has been erased.
    """

    def __init__(
        self, service: Service, user: str, face: Face, forget: Callable[[], None] = lambda: None
    ) -> None:
        self._service = service
        self._forget = forget
        self._user = user
        self._face = face
        self._answered = -1
        self._failed = False
        self._news = anyio.Event()

    async def follow(self) -> None:
        """Show what comes, without end. Nothing that was said before is shown."""
        async with aclosing(self._service.watch(address_of(self._user), None)) as feed:
            async for event in feed:
                match event:
                    case FeedMessage(role="assistant"):
                        self._face.reply(event.text)
                    case FeedMessage():
                        pass  # the person's own words
                    case FeedNotice():
                        show = self._face.reply if event.asked_for else self._face.remark
                        show(written_out(event.text, event.actions))
                    case FeedPreview():
                        self._face.preview(event)
                    case FeedAnswered():
                        self._note(event)
                    case _:
                        assert_never(event)

    async def begin(self) -> None:
        """Return when the feed is being followed: from then on no answer is missed."""
        await self._until(0)

    async def say(self, text: str) -> bool:
        """Hand a line in and wait for its answer; False if it was refused or came to nothing.

        Raises:
            ServiceGone: the service can't be reached any more.
        """
        # An update of unknown place was accepted before: it is the next one to be answered.
        following, news = self._answered + 1, self._news
        receipt = await self._service.accept(to_inbound(self._user, text))
        if receipt.outcome == "answered":
            self._face.reply(receipt.text)
            return True
        if receipt.text:
            self._face.remark(receipt.text)
        if receipt.outcome == "refused":
            return False
        counted_anew = receipt.outcome == "accepted" and receipt.position < following
        if counted_anew and news is self._news:  # another agent answers here since
            self._answered = receipt.position - 1
        await self._until(receipt.position or following)
        self._face.settle()
        return not self._failed

    async def stop(self) -> None:
        """Ask for the running turn to be stopped, as the command does."""
        await self._service.accept(to_inbound(self._user, STOP))

    async def _until(self, position: int) -> None:
        while self._answered < position:
            await self._news.wait()

    def _note(self, event: FeedAnswered) -> None:
        if event.position == 0 < self._answered:
            self._forget()
            self._answered = 0
        self._answered = event.position
        self._failed = event.failed
        news, self._news = self._news, anyio.Event()
        news.set()


def printable(text: str) -> str:
    """The text without what could steer a terminal.

    Control characters go, but line breaks and tabs; marks that turn the direction of all that
    follows go too.
    """
    text = text.replace("\r\n", "\n")
    return "".join(char for char in text if char in "\n\t" or not _steers(char))


def _steers(char: str) -> bool:
    if "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069":
        return True
    return unicodedata.category(char) in {"Cc", "Cs"}
