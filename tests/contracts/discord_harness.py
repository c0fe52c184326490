"""The Discord adapter before its stand-in, as the conformance suite plays it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from adapters.addresses import ChatAddress
from adapters.delivery import (
    DeliveryError,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
)
from adapters.discord.acquaintances import Acquaintances
from adapters.discord.adapter import DiscordAdapter
from adapters.discord.addresses import Addresses
from adapters.discord.receiving import WATERMARK
from adapters.discord.settings import DiscordSettings
from adapters.testing import FakeService, MemoryState, fake_context
from tests.adapters.discord.pace import QUICK
from tests.adapters.push.leaving import until_noticed
from tests.simulators.discord_server.channels import Shown, parts
from tests.simulators.discord_server.faults import Fault, rate_limited, server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut, Held

_SEND = "POST /channels/{}/messages"
_KNOWN = ("1", "2")
"""Chats of people who have written before: of a stranger, nobody knows that something was missed."""


class _State(MemoryState):
    """Whoever waits at the server looks again when a value is put."""

    def __init__(self, server: DiscordServer) -> None:
        super().__init__()
        self.kept: dict[str, str] = {}
        self._server = server

    async def put(self, key: str, value: str) -> None:
        await super().put(key, value)
        self.kept[key] = value
        self._server.bell.ring()


class _QuietAdapter(DiscordAdapter):
    """Ends when the stand-in has noticed too: then its tasks are over as well."""

    server: DiscordServer

    async def run(self, ready: Callable[[], None]) -> None:
        await until_noticed(super().run(ready), self.server)


class DiscordHarness:
    """Each chat of the tests is the private chat of a person. Discord keeps nothing for a bot: what
    isn't taken in yet is what is newer than the watermark.
    """

    # Who is out of reach stays so until they write: that has tests of its own.
    failures = frozenset({TemporaryFailure, RateLimited, OutcomeUnknown})

    def __init__(self, server: DiscordServer) -> None:
        self.service = FakeService()
        self._server = server
        self._state = _State(server)
        self._home = server.guild("Home", server.person("Owner"))
        self._people: dict[str, Person] = {}
        self._held: dict[str, Held] = {}

    async def met_before(self) -> DiscordHarness:
        """As an earlier life of the adapter left it, in which the first people wrote."""
        addresses = Addresses(str(self._server.bot.id))
        acquaintances = Acquaintances(self._state, addresses, lambda _person, _channel: None)
        for chat in _KNOWN:
            person = self._person(chat)
            await acquaintances.met(person.dm.id, person.id)
        await self._state.put(WATERMARK, str(self._server.world.ids.new()))
        return self

    def _person(self, chat: str) -> Person:
        if chat not in self._people:
            self._people[chat] = self._server.person("Ada")
            self._people[chat].joins(self._home)
        return self._people[chat]

    def adapter(self) -> DiscordAdapter:
        settings = DiscordSettings(
            self._server.token, self._server.api_url, self._server.gateway_url
        )
        context = replace(fake_context(self.service), state_for=lambda _: self._state)
        adapter = _QuietAdapter(context, settings, QUICK)
        adapter.server = self._server
        return adapter

    def address(self, chat: str) -> ChatAddress:
        return Addresses(str(self._server.bot.id)).of_person(self._person(chat).id)

    async def write(self, chat: str, text: str, *, name: str = "Ada") -> None:
        person = self._person(chat)
        person.user["global_name"] = name
        with suppress(ValueError):  # no client sends nothing, or more than fits
            person.writes(text)

    def unacknowledged(self) -> int:
        newest = int(self._state.kept[WATERMARK])
        written = (each for person in self._people.values() for each in person.dm.records.values())
        return sum(each.id > newest for each in written if not each.by_bot)

    def seen(self, chat: str) -> Sequence[str]:
        return [each.text or next(iter(each.files)) for each in self._shown(chat)]

    def _shown(self, chat: str) -> Sequence[Shown]:
        person = self._person(chat)
        return person.dm.bots(person.id)

    def fail(self, chat: str, error: type[DeliveryError]) -> None:
        faults: dict[type[DeliveryError], Fault] = {
            TemporaryFailure: server_error(503),
            RateLimited: rate_limited(40),
            OutcomeUnknown: ConnectionCut(carried_out=True),
        }
        self._server.faults.befall(_SEND, faults[error], of=self._person(chat).dm.id)

    def hold(self, chat: str) -> None:
        self._held[chat] = Held(before=True)
        self._server.faults.befall(_SEND, self._held[chat], of=self._person(chat).dm.id)

    def release(self, chat: str) -> None:
        self._held.pop(chat).go.set()

    def buttons(self, chat: str) -> Sequence[str]:
        offered = (list(_labels(each)) for each in reversed(self._shown(chat)))
        return next((each for each in offered if each), [])

    async def press(self, chat: str, label: str) -> None:
        person = self._person(chat)
        try:
            person.presses(label)
        except AssertionError:
            person.selects(label)

    def told(self, chat: str) -> Sequence[str]:
        return [each.text for each in self._shown(chat) if each.ephemeral]

    async def until(self, holds: Callable[[], bool]) -> None:
        await self._server.bell.until(holds, within=10)


def _labels(shown: Shown) -> Iterator[str]:
    components: list[Any] = list(shown.components)
    for part in parts(components):
        if part["type"] == 2:
            yield str(part.get("label"))
        yield from (str(each["label"]) for each in part.get("options", ()))
