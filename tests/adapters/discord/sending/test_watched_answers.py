"""Answers that are watched on a server of Discord's, as on every platform."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar

import anyio
import pytest

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Outbound
from adapters.discord.sending import Sending
from adapters.testing import MemoryState
from tests.adapters.discord.sending.post_office import PostOffice, happened
from tests.adapters.push.post_office import ServerTime
from tests.adapters.push.watched_answers import Watched, WatchedAnswers, shows, texts
from tests.simulators.discord_server.channels import Channel, Shown
from tests.simulators.discord_server.faults import Fault, server_error
from tests.simulators.discord_server.people import Person
from tests.simulators.faults import Held


@dataclass
class Room:
    office: PostOffice
    channel: Channel
    person: Person
    stumbles: ClassVar[Fault] = server_error(503)

    @property
    def clock(self) -> ServerTime:
        return self.office.clock

    @property
    def address(self) -> ChatAddress:
        return self.office.address(self.channel)

    def process(self, *, shown: bool = True) -> AbstractAsyncContextManager[Sending]:
        return self.office.opened("auto" if shown else "off")

    def keep_in(self, state: AdapterState) -> None:
        self.office.states = lambda _name: state

    def chunk(self, markdown: str, *, reply_to: int | None = None) -> Outbound:
        return self.office.chunk(self.channel, markdown, reply_to=reply_to)

    def befalls_post(self, *faults: Fault) -> None:
        self.office.server.faults.befall("POST /channels/{}/messages", *faults)

    def befalls_edit(self, *faults: Fault) -> None:
        self.office.server.faults.befall("PATCH /channels/{}/messages/{}", *faults)

    def asked(self) -> int:
        return self.person.writes("why?", channel=self.channel)

    @property
    def said(self) -> Sequence[Shown]:
        return self.channel.bots()

    @property
    def happened(self) -> list[tuple[str, str]]:
        return happened(self.channel)

    @property
    def files(self) -> Sequence[Sequence[str]]:
        return [list(each.files) for each in self.said]


class TestOnDiscord(WatchedAnswers):
    @pytest.fixture
    def place(self, office: PostOffice, general: Channel, ada: Person) -> Room:
        return Room(office, general, ada)

    async def test_a_preview_that_cannot_be_written_down_ends_nothing(self, place: Watched) -> None:
        """Here it is known before it is shown, and so isn't shown."""

        class Full(MemoryState):
            async def put(self, key: str, value: str) -> None:
                raise OSError("disk full")

        place.keep_in(Full())
        async with place.process() as sending:
            await shows(sending, place, "one", "one two")
            await sending.send(place.chunk("all"))

        assert place.happened == [("message", "all")]

    async def test_a_preview_is_found_by_its_nonce_after_a_kill(self, place: Watched) -> None:
        """The process died before it heard that the preview was there."""
        held = Held()
        place.befalls_post(held)
        async with anyio.create_task_group() as life:
            life.start_soon(self._shown_and_killed, place)
            await held.came.wait()
            life.cancel_scope.cancel()
        assert texts(place) == ["one"]

        async with place.process() as sending:
            await sending.send(place.chunk("all"))
        assert texts(place) == ["all"]

    async def _shown_and_killed(self, place: Watched) -> None:
        async with place.process() as sending:
            await shows(sending, place, "one")
