"""Where agents move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.moving_in.move import KEY, Move
from tests.house import house
from tests.simulators.letta_server import LettaServer


@pytest.fixture
async def move(tmp_path: Path) -> AsyncIterator[Move]:
    server = LettaServer(KEY)
    async with server.running() as url, house(tmp_path) as home:
        yield Move(server, url, home)
