"""Telegram's updates, damaged in any way, on their way through the port into the database."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from adapters.base import AdapterContext
from adapters.conformance import running
from adapters.telegram.adapter import TelegramAdapter
from adapters.telegram.settings import TelegramSettings
from adapters.telegram.webhook import SECRET_HEADER
from bot.app import Replacements
from tests.adapters.damage import damaged
from tests.adapters.telegram.bot_at_work import QUICK, SECRET
from tests.apart import apart
from tests.fuzz.amounts import examples
from tests.fuzz.material import ANYTHING
from tests.fuzz.telegram_updates import sound_updates
from tests.house import house
from tests.simulators.loopback import serving
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import HastyTime, HastyTimeline

SOUND = sound_updates(TelegramServer(limits=None, timeline=HastyTimeline()))
KINDS = sorted({kind for each in SOUND for kind in each if kind != "update_id"})

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Port:
    """Where Telegram posts to, before a real service with its database."""

    http: httpx.AsyncClient

    async def post(self, content: bytes) -> int:
        answer = await self.http.post(
            "/telegram/webhook", content=content, headers={SECRET_HEADER: SECRET}
        )
        assert answer.content == b""
        return answer.status_code


@asynccontextmanager
async def _port(folder: Path) -> AsyncIterator[Port]:
    app = Starlette()
    made: list[TelegramAdapter] = []
    async with (
        TelegramServer(limits=None, timeline=HastyTimeline()) as telegram,
        serving(app) as url,
        httpx.AsyncClient(base_url=url, timeout=30) as http,
    ):
        settings = TelegramSettings(
            telegram.token,
            telegram.base_url,
            telegram.file_url,
            mode="webhook",
            webhook_url=url,
            webhook_secret=SECRET,
        )

        def adapters(context: AdapterContext) -> list[TelegramAdapter]:
            made.append(TelegramAdapter(context, settings, QUICK, HastyTime()))
            return made

        async with house(folder, replacements=Replacements(adapters=adapters)):
            app.router.routes.extend(made[0].routes())
            async with running(made[0]):
                yield Port(http)


@pytest.fixture(scope="module")
async def port(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Port]:
    async with apart(_port(tmp_path_factory.mktemp("telegram"))) as opened:
        yield opened


def _numbered(raw: dict[str, Any]) -> bytes:
    """As a new update each time; what would come again would be none."""
    return json.dumps({**raw, "update_id": next(_numbers)}).encode()


@examples(30)
@given(damaged(SOUND, ANYTHING))
async def test_a_damaged_update_is_taken_in_or_passed_over(port: Port, raw: dict[str, Any]) -> None:
    """Any other answer, and Telegram would send it again and again, and nothing after it."""
    assert await port.post(_numbered(raw)) == 200


@examples(15)
@given(st.dictionaries(st.sampled_from([*KINDS, "update_id", "poll"]), ANYTHING, max_size=3))
async def test_anything_at_all_is_taken_in_or_passed_over(port: Port, raw: dict[str, Any]) -> None:
    assert await port.post(json.dumps(raw).encode()) == 200


@examples(10)
@given(st.binary(max_size=200) | st.sampled_from([b"[" * 90_000, b"1" * 90_000, b'{"a":NaN}']))
async def test_any_bytes_are_answered(port: Port, content: bytes) -> None:
    assert await port.post(content) in {200, 400}


@examples(10)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    ["bold", "text_link", "mention", "bot_command", "custom_emoji", "pre"]
                ),
                "offset": st.integers(-10, 40) | st.just(2**40),
                "length": st.integers(-10, 40) | st.just(2**40),
                "url": st.just("https://example.org"),
            }
        ),
        max_size=6,
    ),
    st.text(max_size=20),
)
async def test_entities_may_lie_anywhere(port: Port, entities: list[Any], text: str) -> None:
    """Before the text, behind it, across each other, and between the halves of a sign."""
    message = SOUND[0]["message"] | {"text": "\U0001f3a9" + text, "entities": entities}
    assert await port.post(_numbered({"message": message})) == 200


@pytest.mark.parametrize("bad", ["\ud800", "a\x00b", "1" * 3_000])
@pytest.mark.parametrize("place", ["id", "language_code"])
async def test_what_nothing_can_be_kept_under_is_passed_over(
    port: Port, place: str, bad: str
) -> None:
    message = SOUND[0]["message"]
    sender = message["from"] | {place: bad}
    assert await port.post(_numbered({"message": message | {"from": sender}})) == 200
    group = {"id": bad, "type": "group", "title": "Club"}
    assert await port.post(_numbered({"message": message | {"chat": group}})) == 200
