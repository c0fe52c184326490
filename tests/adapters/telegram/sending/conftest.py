"""A post office over a Telegram server whose time stands still, and who is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from adapters.telegram.sending import Sending
from tests.adapters.telegram.sending.post_office import PostOffice
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import SteppedTimeline


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[TelegramServer, None]:
    async with TelegramServer(timeline=time) as server:
        yield server


@pytest.fixture
def office(server: TelegramServer, time: SteppedTimeline) -> PostOffice:
    return PostOffice(server, time)


@pytest.fixture
async def sending(office: PostOffice) -> AsyncGenerator[Sending, None]:
    async with office.opened() as sending:
        yield sending


@pytest.fixture
def ada(server: TelegramServer) -> Person:
    ada = server.person("Ada")
    ada.starts()
    return ada


@pytest.fixture
def group(server: TelegramServer, ada: Person) -> Chat:
    return server.group("Us", ada)
