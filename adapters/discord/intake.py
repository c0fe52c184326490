"""Taking in what came: read it, hand it to the service, and only then is it done.

What can't be stored is tried again in its place: its chat waits, the others go on.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from functools import partial

import discord
import structlog

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, Inbound
from adapters.discord.acquaintances import Acquaintances
from adapters.discord.downloads import fetched
from adapters.discord.meaning import Said
from adapters.discord.pace import Pace
from adapters.discord.payloads import Message
from adapters.events import ChatEvent
from adapters.push.backoff import Backoff
from adapters.push.downloads import Downloads

_MOST_TRIES = 20
"""After so many, what alone can't be stored is passed over: some minutes."""
_LONGEST_WAIT = 60.0

_log = structlog.get_logger(__name__)


class Intake:
    """Takes things in, one after the other of each chat: whoever calls has its place in the order.

    `heard` is told of each new message before it is handed on.
    """

    def __init__(
        self,
        context: AdapterContext,
        client: discord.Client,
        acquaintances: Acquaintances,
        heard: Callable[[ChatAddress, str], None],
        pace: Pace,
    ) -> None:
        self._context = context
        self._acquaintances = acquaintances
        self._heard = heard
        self._pace = pace
        self._downloads = Downloads(partial(fetched, client), pace.first_pause)
        self._taken = 0

    async def said(self, message: Message, said: Said) -> None:
        """A message. When this returns, it is stored for good, or can't be."""
        inbound = said.inbound
        if inbound.message_id is not None and not inbound.edited:
            self._heard(inbound.address, inbound.message_id)
        if said.files:
            inbound = await self._downloads.added(inbound, said.files)
        await self._stored(message.id, lambda: self._accepted(message, inbound))

    async def happened(self, event: ChatEvent) -> None:
        """What happened to a chat. When this returns, it is stored for good, or can't be."""
        await self._stored(event.update_id, lambda: self._context.events.note(event))

    async def _accepted(self, message: Message, inbound: Inbound) -> None:
        if message.guild_id is None:
            await self._acquaintances.met(message.channel_id, message.author.id)
        await self._context.service.accept(inbound)

    async def _stored(self, what: object, store: Callable[[], Awaitable[None]]) -> None:
        backoff = Backoff(self._pace.retry, _LONGEST_WAIT)
        others = self._taken
        for tries in itertools.count(1):
            try:
                await store()
            except Exception as error:  # noqa: BLE001 - whatever it was, it isn't stored
                _log.warning("not taken in", update=what, error=type(error).__name__, tries=tries)
                if tries >= _MOST_TRIES and self._taken > others:
                    _log.error("an update was passed over: nothing could store it", update=what)
                    return
                await backoff.wait()
            else:
                self._taken += 1
                return
