"""A pull platform: an adapter that only knows limits, and the client that does the work."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from contextlib import aclosing

import anyio

from adapters.addresses import ChatAddress
from adapters.base import Capabilities, Inbound, InboundPart, Receipt, Sender, Service
from adapters.delivery import MessageRejected, Outbound, Piece, Sent
from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedMessage, FeedNotice, FeedPreview
from adapters.splitting import split

PLATFORM = "fakepull"
ACCOUNT = "test"
MAX_TEXT = 2_000


class FakePullAdapter:
    """Receives nothing by itself: its clients call the service."""

    capabilities = Capabilities(delivery="pull", max_text=MAX_TEXT)
    name = f"{PLATFORM}:{ACCOUNT}"

    async def run(self, ready: Callable[[], None]) -> None:
        ready()
        await anyio.sleep_forever()

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return [Piece(each) for each in split(text, MAX_TEXT)]

    async def send(self, chunk: Outbound) -> Sent:
        msg = f"{self.name} is a pull platform: its clients read the feed"
        raise MessageRejected(msg)


class PullClient:
    """One person's client. `cursor` is what it would keep over a restart."""

    def __init__(self, service: Service, chat: str, *, cursor: Cursor | None = None) -> None:
        self.address = ChatAddress(PLATFORM, ACCOUNT, chat)
        self.cursor = cursor or Cursor()
        self.events: list[FeedEvent] = []
        self._service = service

    async def say(self, text: str, *, update_id: str = "", name: str = "Ada") -> Receipt:
        """Hand a message in; the same `update_id` makes it the same message."""
        return await self._service.accept(
            Inbound(
                update_id=update_id or uuid.uuid4().hex,
                address=self.address,
                sender=Sender(self.address.chat, name),
                parts=(InboundPart(text),),
            )
        )

    async def read(self, until: int) -> list[str]:
        """The replies after the cursor, read until position `until` is answered."""
        replies: list[str] = []
        async with aclosing(self._service.watch(self.address, self.cursor)) as feed:
            async for event in feed:
                self.events.append(event)
                match event:
                    case FeedMessage(cursor=cursor, role=role, text=text):
                        self.cursor = cursor
                        replies += [text] if role == "assistant" else []
                    case FeedNotice(cursor=cursor):
                        self.cursor = cursor
                    case FeedAnswered(position=position) if position >= until:
                        break
                    case FeedAnswered() | FeedPreview():
                        pass
        return replies

    async def ask(self, text: str) -> list[str]:
        """Say it and read the replies."""
        receipt = await self.say(text)
        return await self.read(receipt.position)
