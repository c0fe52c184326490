from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.simulators.discord_server.server import DiscordServer


@pytest.fixture
async def server() -> AsyncGenerator[DiscordServer, None]:
    async with DiscordServer(limits=None) as server:
        yield server
