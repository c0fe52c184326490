"""People on a platform that pushes and has buttons, in private chats and in groups; no platform is
behind it: what is sent is kept here.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, Capabilities, Inbound, InboundPart, Receipt, Sender
from adapters.delivery import ChatUnreachable, Outbound, Piece, Sent
from adapters.events import ChatEvent
from adapters.testing.signals import Changes
from agentcore.model import Model
from bot.app import Replacements
from tests.house import FAST, House, house, working

SOURCE = "pushed:bot"
GROUP = "group"


@dataclass
class PushedAdapter:
    """Keeps what it is given. `blocked`: chats that nothing can be sent to; `moved`: where chats
    turn out to be now.
    """

    context: AdapterContext
    sent: list[Outbound] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    name = SOURCE
    capabilities = Capabilities(delivery="push", max_text=4_000, buttons=True, forms=True)

    async def run(self, ready: Callable[[], None]) -> None:
        ready()
        await anyio.sleep_forever()

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return [Piece(text)] if text.strip() else []

    async def send(self, chunk: Outbound) -> Sent:
        if chunk.address.chat in self.blocked:
            raise ChatUnreachable("blocked")
        if (now := self.moved.get(chunk.address.chat)) is not None:
            at = replace(chunk.address, chat=now)
            event = ChatEvent(f"moved:{now}", chunk.address.home, "moved", moved_to=at.home)
            await self.context.events.note(event)
            chunk = replace(chunk, address=at)
        self.sent.append(chunk)
        self.changes.tell()
        return Sent(str(len(self.sent)))


@dataclass
class Town:
    """The service, and who writes to it."""

    home: House
    adapter: PushedAdapter
    updates: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def inbound(
        self, who: str, text: str = "", *, at: str | None = None, **changes: Any
    ) -> Inbound:
        """Something that `who` wrote: in the group `at`, or in private."""
        chat, _, topic = (at or who).partition("/")
        plain = Inbound(
            update_id=str(next(self.updates)),
            address=ChatAddress("pushed", "bot", chat, topic or None),
            sender=Sender(who, who.title(), admin=changes.pop("admin", False)),
            parts=(InboundPart(text),) if text else (),
            audience="private" if at is None else "chat",
        )
        return replace(plain, **changes)

    async def write(self, who: str, text: str = "", **changes: Any) -> Receipt:
        return await self.home.parts.gateway.accept(self.inbound(who, text, **changes))

    def seen(self, chat: str) -> list[str]:
        """What was sent to a chat and its topics, in order."""
        return [each.text for each in self.adapter.sent if each.address.chat == chat]

    async def until(self, chat: str, count: int) -> list[str]:
        """What was sent there, once it is so much."""
        await self.adapter.changes.until(lambda: len(self.seen(chat)) >= count)
        return self.seen(chat)

    async def answers(self, handle: str, count: int) -> list[str]:
        """What was sent in answer to what waits for just that, once it is so much."""

        def those() -> list[str]:
            return [each.text for each in self.adapter.sent if each.answer_via == handle]

        await self.adapter.changes.until(lambda: len(those()) >= count)
        return those()

    def buttons(self, chat: str) -> Mapping[str, str]:
        """The buttons below what was sent there last that has some: token by label."""
        found = [e.buttons for e in self.adapter.sent if e.address.chat == chat and e.buttons]
        return {button.label: button.token for button in found[-1]}


@asynccontextmanager
async def town(
    folder: Path, *models: Model, at_work: bool = True, **settings: Any
) -> AsyncIterator[Town]:
    """A service with the one adapter, of the kind `adapter`, at work."""
    made: list[PushedAdapter] = []
    kind = settings.pop("adapter", PushedAdapter)

    def adapters(context: AdapterContext) -> Sequence[PushedAdapter]:
        made.append(kind(context))
        return made

    first_contact = settings.pop("first_contact", False)
    clock = settings.pop("clock", None)
    given = Replacements(limits=settings.pop("limits", FAST), adapters=adapters)
    given = given if clock is None else replace(given, clock=clock)
    chosen = {"access": "open", **settings}
    async with house(
        folder, *models, replacements=given, first_contact=first_contact, **chosen
    ) as home:
        if not at_work:
            yield Town(home, made[0])
            return
        async with working(home):
            yield Town(home, made[0])
