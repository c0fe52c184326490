"""Answers that are watched on a server of Discord's, as on every platform."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar

import pytest

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Outbound
from adapters.discord.sending import Sending
from tests.adapters.discord.sending.post_office import PostOffice, happened
from tests.adapters.push.post_office import ServerTime
from tests.adapters.push.watched_answers import WatchedAnswers
from tests.simulators.discord_server.channels import Channel, Shown
from tests.simulators.discord_server.faults import Fault, server_error
from tests.simulators.discord_server.people import Person


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
