"""Answers that are watched in a group on Telegram, as on every platform."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar

import pytest

from adapters.addresses import ChatAddress
from adapters.base import AdapterState
from adapters.delivery import Outbound
from adapters.telegram.sending import Sending
from tests.adapters.push.post_office import ServerTime
from tests.adapters.push.watched_answers import WatchedAnswers
from tests.adapters.telegram.sending.post_office import PostOffice, happened
from tests.simulators.telegram_server.chats import Chat, Shown
from tests.simulators.telegram_server.faults import Fault, server_error
from tests.simulators.telegram_server.people import Person


@dataclass
class Group:
    office: PostOffice
    chat: Chat
    person: Person
    stumbles: ClassVar[Fault] = server_error()

    @property
    def clock(self) -> ServerTime:
        return self.office.clock

    @property
    def address(self) -> ChatAddress:
        return self.office.address(self.chat)

    def process(self, *, shown: bool = True) -> AbstractAsyncContextManager[Sending]:
        return self.office.opened("auto" if shown else "off")

    def keep_in(self, state: AdapterState) -> None:
        self.office.states = lambda _name: state

    def chunk(self, markdown: str, *, reply_to: int | None = None) -> Outbound:
        return self.office.chunk(self.address, markdown, reply_to=reply_to)

    def befalls_post(self, *faults: Fault) -> None:
        self.office.server.faults.befall("sendMessage", *faults)

    def befalls_edit(self, *faults: Fault) -> None:
        self.office.server.faults.befall("editMessageText", *faults)

    def asked(self) -> int:
        return self.person.writes("why?", chat=self.chat)

    @property
    def said(self) -> Sequence[Shown]:
        return self.chat.from_bot

    @property
    def happened(self) -> list[tuple[str, str]]:
        return happened(self.chat)

    @property
    def files(self) -> Sequence[Sequence[str]]:
        return [[each.file_name] if each.file_name else [] for each in self.said]


class TestOnTelegram(WatchedAnswers):
    @pytest.fixture
    def place(self, office: PostOffice, group: Chat, ada: Person) -> Group:
        return Group(office, group, ada)
