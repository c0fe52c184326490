"""What the doctor says of a Telegram bot, asked over the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from typer.testing import CliRunner

from bot.cli import app
from tests.simulators.loopback import unused_port
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.telegram_server.world import TOKEN

SECRET = "a-Secret_0"


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    """In a thread of its own: the command has an event loop of its own too."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(TelegramServer()) as server,
    ):
        yield server


def said(url: str, *, well: bool = True, token: str = TOKEN, **settings: str) -> str:
    """All that the doctor says of Telegram; `well`: whether it finds nothing wrong."""
    given = {"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_BASE_URL": url, **settings}
    result = CliRunner().invoke(app, ["doctor", "--json", "--no-model"], env=given)
    found = [each for each in json.loads(result.stdout) if each["subject"] == "telegram"]
    assert all(each["ok"] for each in found) is well, found
    assert result.exit_code == (0 if well else 1)
    told = "\n".join(f"{each['text']} {each['fix']}" for each in found)
    assert token.partition(":")[2] not in result.output
    return told


def test_it_says_who_the_bot_is_and_what_it_is_shown_in_groups(server: TelegramServer) -> None:
    private = said(server.base_url)
    assert "@familiar_test_bot (Familiar)" in private
    assert "group privacy is on" in private
    assert "/setprivacy" in private

    server.bot.privacy = False
    assert "shows it all that is said" in said(server.base_url)
    assert "no part in groups" in said(server.base_url, FAMILIAR_GROUPS="off")
    assert {method for method, _ in server.calls} == {"getme", "getwebhookinfo"}


def test_a_wrong_token_is_one_sentence(server: TelegramServer) -> None:
    wrong = said(server.base_url, well=False, token=f"{TOKEN[:-1]}X")

    assert wrong.strip() == ("Telegram refuses TELEGRAM_BOT_TOKEN: get a new one from @BotFather.")


def test_a_server_that_cannot_be_reached_is_named() -> None:
    told = said(f"http://127.0.0.1:{unused_port()}/bot", well=False)

    assert "127.0.0.1 can't be reached" in told
    assert "TELEGRAM_API_BASE_URL" in told


def test_a_webhook_that_stands_in_the_way_is_named(server: TelegramServer) -> None:
    webhook: Mapping[str, Any] = {
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_URL": "https://bot.example.org",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
    }
    assert "no webhook is set yet" in said(server.base_url, **webhook)

    server.webhook.settings.url = "https://bot.example.org/telegram/webhook"
    assert "webhook" not in said(server.base_url, **webhook)
    polling = said(server.base_url, well=False)
    assert "sent to bot.example.org, but TELEGRAM_MODE is polling" in polling

    server.webhook.settings.last_error = (1_795_000_000, "Connection refused")
    assert "Connection refused" in said(server.base_url, well=False, **webhook)
    server.webhook.settings.url = "https://other.example.org/a-secret-path"
    other = said(server.base_url, well=False, **webhook)
    assert "an address at other.example.org" in other
    assert "a-secret-path" not in other
