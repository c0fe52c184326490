"""The platforms that a service is on: how it finds them, runs them, and says how they fare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from adapters.base import PlatformRefuses
from adapters.testing import FakePullAdapter
from adapters.web.guard import Guard
from agentcore.testing import ScriptedModel
from bot.web_chat import own_hosts
from bot.work import Supervisor
from config.settings import Settings
from tests.house import house, replies, working
from tests.simulators.discord_server.accounts import Bot
from tests.simulators.loopback import unused_port

TOKEN = "7000000001:AAF4k-TestTestTestTestTestTestTest_0x"
DISCORD_BOT = Bot()


class Platform(FakePullAdapter):
    """Says how it fares as the test wants; `refusal` ends its run."""

    told = "ok"
    refusal = ""

    def health(self) -> str:
        return self.told

    async def run(self, ready: Callable[[], None]) -> None:
        if self.refusal:
            raise PlatformRefuses(self.refusal)
        await super().run(ready)


async def test_a_platform_that_is_away_or_refuses_us_is_told_of() -> None:
    away, refusing = Platform(), Platform()
    refusing.name = "fakepull:other"
    refusing.refusal = "get a new token"
    supervisor = Supervisor({each.name: each for each in (away, refusing)})

    async with anyio.create_task_group() as tasks:
        supervisor.start(tasks)
        await anyio.wait_all_tasks_blocked()
        assert supervisor.state == {
            "fakepull:test": "ok",
            "fakepull:other": "failed: get a new token",
        }
        away.told = "it doesn't answer"
        assert supervisor.state["fakepull:test"] == "it doesn't answer"
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        (
            "telegram:7000000001",
            {"telegram_bot_token": TOKEN, "telegram_api_base_url": "http://{}/bot"},
        ),
        (
            f"discord:{DISCORD_BOT.id}",
            {
                "discord_bot_token": DISCORD_BOT.token,
                "discord_api_base_url": "http://{}/api/v10",
                "discord_gateway_url": "ws://{}",
            },
        ),
    ],
)
async def test_a_service_works_while_a_platform_cannot_be_reached(
    tmp_path: Path, name: str, given: dict[str, Any]
) -> None:
    nobody = f"127.0.0.1:{unused_port()}"
    settings: dict[str, Any] = {field: value.format(nobody) for field, value in given.items()}
    async with house(tmp_path, ScriptedModel("Hello, Ada."), **settings) as home:
        assert name in home.parts.adapters
        async with working(home):
            receipt = await home.accept("ada", "Hi")
            heard = await home.heard("ada", until=receipt.position)

    assert replies(heard) == ["Hello, Ada."]


@pytest.mark.parametrize(
    ("host", "status"), [("bot.example.org", 200), ("elsewhere.example.org", 403)]
)
def test_telegram_may_call_the_address_that_it_was_given(host: str, status: int) -> None:
    settings = Settings.model_validate(
        {
            "telegram_bot_token": TOKEN,
            "telegram_mode": "webhook",
            "telegram_webhook_url": "https://bot.example.org/telegram/webhook",
            "telegram_webhook_secret": "secret",
        }
    )

    async def hook(_request: Request) -> Response:
        return Response()

    app = Guard(
        Starlette(routes=[Route("/telegram/webhook", hook, methods=["POST"])]),
        own_hosts(settings),
    )
    client = TestClient(app, base_url=f"https://{host}")

    assert client.post("/telegram/webhook", json={}).status_code == status
