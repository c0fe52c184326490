# ruff: noqa: S101 - it is a test suite
"""What holds for what adapters keep."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.addresses import ChatAddress
from adapters.base import AdapterState


class StateConformance:
    """What holds for every implementation of `AdapterContext.state_for`."""

    pytestmark = pytest.mark.anyio

    async def test_a_value_is_there_for_the_next_process(
        self, reopen: Callable[[], Callable[[str], AdapterState]]
    ) -> None:
        """`reopen` gives `state_for` as a fresh process gets it."""
        value = "\u202eoffset 🇵🇹 " + "x" * 60_000
        await reopen()("telegram:1").put("offset", "1")
        await reopen()("telegram:1").put("offset", value)

        assert await reopen()("telegram:1").get("offset") == value

    async def test_what_is_kept_of_chats_is_there_for_the_next_process_the_newest_first(
        self, reopen: Callable[[], Callable[[str], AdapterState]]
    ) -> None:
        one, other = (ChatAddress("telegram", "1", chat) for chat in ("7", "@8"))
        for address, value in ((one, "a"), (other, "b"), (one, "c")):
            await reopen()("telegram:1").put_chat(address, value)

        assert list(await reopen()("telegram:1").chats()) == [(one, "c"), (other, "b")]
        assert await reopen()("telegram:2").chats() == []

    async def test_names_and_keys_are_apart(
        self, reopen: Callable[[], Callable[[str], AdapterState]]
    ) -> None:
        await reopen()("telegram:1").put("offset", "7")

        assert await reopen()("telegram:2").get("offset") is None
        assert await reopen()("telegram:1").get("watermark") is None
