from __future__ import annotations

import pytest

from adapters.push.publishing import publish
from adapters.testing import MemoryState


class Platform:
    def __init__(self) -> None:
        self.told = 0

    async def tell(self) -> None:
        self.told += 1


class FullDisk(MemoryState):
    async def put(self, key: str, value: str) -> None:
        raise OSError("the disk is full")


async def test_what_could_not_be_kept_ends_nothing_and_is_told_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    platform, usable = Platform(), MemoryState()

    await publish("all of it", platform.tell, FullDisk())
    assert "menus not published" in capsys.readouterr().out

    await publish("all of it", platform.tell, usable)
    await publish("all of it", platform.tell, usable)
    assert platform.told == 2
