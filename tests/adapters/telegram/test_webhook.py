"""The webhook: who may post, what is answered when, and how it is set."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

import anyio
import httpx
import pytest

from adapters.base import PlatformRefuses
from adapters.telegram.settings import TelegramSettings
from adapters.telegram.webhook import MOST_BYTES, SECRET_HEADER
from tests.adapters.telegram.bot_at_work import SECRET, BotAtWork, webhook_bot
from tests.house import PATIENCE
from tests.simulators.telegram_server.client import talking
from tests.simulators.telegram_server.people import Attachment
from tests.simulators.telegram_server.server import TelegramServer


@pytest.fixture
async def bot(server: TelegramServer) -> AsyncGenerator[BotAtWork, None]:
    async with webhook_bot(server) as bot:
        yield bot


async def post(bot: BotAtWork, content: bytes, secret: str | None = SECRET) -> tuple[int, bytes]:
    headers = [] if secret is None else [(SECRET_HEADER.encode(), secret.encode("latin-1"))]
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        url = f"{bot.webhook_url}/telegram/webhook"
        response = await client.post(url, content=content, headers=headers)
    return response.status_code, response.content


UPDATE = json.dumps({"update_id": 1, "poll": {}}).encode()


POSTS: tuple[tuple[bytes, str | None, int], ...] = (
    (UPDATE, SECRET, 200),
    (UPDATE, None, 401),
    (UPDATE, "", 403),
    (UPDATE, SECRET + "x", 403),
    (UPDATE, "\xe9", 403),
    (b"{", SECRET, 400),
    (b"[" * 100_000, SECRET, 400),
    (b"x" * (MOST_BYTES + 1), SECRET, 413),
    (b"[]", SECRET, 200),
    (b'{"message": {}}', SECRET, 200),
)


async def test_only_telegram_may_post_and_only_updates(bot: BotAtWork) -> None:
    async with bot.running():
        answers = [await post(bot, content, secret) for content, secret, _ in POSTS]

    assert answers == [(status, b"") for _, _, status in POSTS]
    assert bot.service.attempts == []


async def test_it_is_not_open_while_the_adapter_does_not_run(bot: BotAtWork) -> None:
    bot.adapter()

    assert await post(bot, UPDATE) == (503, b"")
    assert await post(bot, UPDATE, "wrong") == (403, b"")


async def test_a_chat_keeps_its_order_when_posts_come_at_once(
    server: TelegramServer, bot: BotAtWork
) -> None:
    ada = server.person("Ada")
    held = bot.address(ada.id)
    bot.service.close_gate(held)
    async with bot.running():
        ada.writes("one")
        await bot.service.until(lambda: len(bot.service.attempts) == 1)
        first = server.world.updates.pending[0].update
        later = {"update_id": 5, "message": first["message"] | {"text": "two"}}
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(post, bot, json.dumps(later).encode())
            tasks.start_soon(post, bot, json.dumps(first).encode())
            await anyio.wait_all_tasks_blocked()
            bot.service.open_gate(held)
        await server.bell.until(lambda: not server.world.updates.pending)

    assert bot.service.texts(held) == ["one", "two"]


async def test_it_is_set_once_and_what_waits_is_kept(
    server: TelegramServer, bot: BotAtWork
) -> None:
    server.person("Ada").writes("waiting")
    for _ in range(2):
        async with bot.running():
            await bot.accepted(1)

    (call,) = server.called("setWebhook")
    assert call["url"] == f"{bot.webhook_url}/telegram/webhook"
    assert call["secret_token"] == SECRET
    assert call.get("drop_pending_updates", "false").lower() == "false"
    assert "callback_query" in json.loads(call["allowed_updates"])


async def test_another_secret_is_told_to_telegram(server: TelegramServer, bot: BotAtWork) -> None:
    async with bot.running():
        pass
    bot.secret = "another"
    async with bot.running():
        server.person("Ada").writes("hello")
        await bot.accepted(1)

    told = [call["secret_token"] for call in server.called("setWebhook")]
    assert list(dict.fromkeys(told)) == [SECRET, "another"], "again only because it was too soon"


async def test_a_webhook_that_somebody_took_away_is_set_again(
    server: TelegramServer, bot: BotAtWork
) -> None:
    async with bot.running(), talking(server) as other:
        await other.delete_webhook()
        await server.bell.until(lambda: bool(server.webhook.settings.url))
        server.person("Ada").writes("hello")
        await bot.accepted(1)


async def test_the_operator_is_told_that_telegram_cannot_deliver(
    server: TelegramServer, bot: BotAtWork
) -> None:
    async with bot.running() as adapter:
        assert adapter.health() == "ok"
        bot.service.fail_accepts(OSError("disk full"))
        server.person("Ada").writes("hello")

        await until_told(adapter.health, "Telegram can't deliver: Wrong response from the webhook")
        await bot.accepted(1)
        await until_told(adapter.health, "ok")


async def until_told(health: Callable[[], str], what: str) -> None:
    with anyio.fail_after(PATIENCE):
        while what not in health():
            await anyio.lowlevel.checkpoint()


async def test_an_address_that_telegram_refuses_is_for_the_operator_to_mend(
    bot: BotAtWork,
) -> None:
    bot.webhook_url = "http://bot.example.org"

    with pytest.raises(PlatformRefuses, match=r"(?i)HTTPS URL must be provided"):
        await bot.adapter().run(lambda: None)


async def test_an_albums_parts_come_one_after_the_other(
    server: TelegramServer, bot: BotAtWork
) -> None:
    ada = server.person("Ada")
    photo, notes = Attachment("photo"), Attachment("document", b"Buy milk", "notes.txt")
    async with bot.running():
        ada.sends_album(photo, photo, caption="our trip")
        ada.sends_album(photo, photo)
        ada.sends_album(notes, notes, caption="read this")
        await server.bell.until(lambda: not server.world.updates.pending)

    said = [
        (" ".join(part.text for part in each.parts), each.unreadable)
        for each in bot.service.attempts
    ]
    assert said == [
        ("our trip", "photo"),
        ("", "photo"),
        ('read this [File "notes.txt"]\nBuy milk', None),
        ('[File "notes.txt"]\nBuy milk', None),
    ]


GOOD = TelegramSettings("1:abc", mode="webhook", webhook_url="https://a.org", webhook_secret="s")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"token": "1:not so good"}, "TELEGRAM_BOT_TOKEN"),
        ({"token": "abc"}, "TELEGRAM_BOT_TOKEN"),
        ({"webhook_url": None}, "TELEGRAM_WEBHOOK_URL"),
        ({"webhook_secret": "né"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"webhook_secret": None}, "TELEGRAM_WEBHOOK_SECRET"),
    ],
)
def test_settings_that_will_not_do_are_named_and_not_shown(
    change: dict[str, str | None], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        replace(GOOD, **change)  # type: ignore[arg-type]

    assert "not so good" not in str(refused.value)
    assert "abc" not in repr(GOOD)


def test_an_address_with_a_path_is_taken_as_it_is() -> None:
    behind = replace(GOOD, webhook_url="https://a.org/bots/hook")

    assert GOOD.webhook_address == "https://a.org/telegram/webhook"
    assert behind.webhook_address == "https://a.org/bots/hook"
