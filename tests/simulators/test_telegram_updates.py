"""How the Telegram simulator hands out updates: long polls, the webhook, and what goes wrong."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram import Bot, ReactionTypeEmoji
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter

from tests.simulators.faults import ConnectionCut, Held
from tests.simulators.loopback import serving
from tests.simulators.telegram_server.faults import bad_gateway, server_error
from tests.simulators.telegram_server.server import TelegramServer
from tests.simulators.timeline import SteppedTimeline

ALL = ["message", "message_reaction", "my_chat_member", "callback_query"]


async def texts(bot: Bot, offset: int | None = None, limit: int | None = None) -> list[str]:
    updates = await bot.get_updates(offset=offset, limit=limit)
    return [update.message.text or "" for update in updates if update.message]


async def test_updates_come_again_until_an_offset_confirms_them(
    server: TelegramServer, bot: Bot
) -> None:
    ada = server.person("Ada")
    for number in range(120):
        ada.writes(f"line {number}")

    first = await bot.get_updates()
    assert len(first) == 100
    assert [each.update_id for each in first] == sorted(each.update_id for each in first)
    assert await texts(bot, limit=3) == ["line 0"], "the same at once: one only"
    assert await texts(bot, first[-1].update_id + 1, 3) == ["line 100", "line 101", "line 102"]
    assert await texts(bot, -1) == ["line 119"]

    server.world.updates.again(first[5].update_id)
    repeated, last = await bot.get_updates(offset=first[-1].update_id + 20)
    assert repeated == first[5]
    assert await bot.get_updates(offset=last.update_id + 1) == ()
    await server.until_confirmed()


async def test_a_long_poll_waits_and_whoever_repeats_itself_waits_three_seconds(
    server: TelegramServer, bot: Bot, time: SteppedTimeline
) -> None:
    ada = server.person("Ada")
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(bot.get_updates(timeout=999))
        await server.until_polled()
        ada.writes("Hello")
        first = (await poll)[0]
        assert server.world.updates.polls[-1]["timeout"] == 50

        again = tasks.create_task(bot.get_updates(offset=first.update_id + 1))
        assert await again == ()
        impatient = tasks.create_task(bot.get_updates(offset=first.update_id + 1))
        await server.until_polled()
        time.advance(2.9)
        assert server.world.updates.polled
        time.advance(0.2)
        assert await impatient == ()

        cut = tasks.create_task(_broken(bot, first.update_id + 1))
        await server.until_polled()
        server.cut_connections()
        await cut


async def _broken(bot: Bot, offset: int) -> None:
    with pytest.raises(NetworkError):
        await bot.get_updates(offset=offset, timeout=30)


async def test_the_older_of_two_polls_is_told_of_the_conflict_and_a_repeat_of_it_waits(
    server: TelegramServer, bot: Bot, time: SteppedTimeline
) -> None:
    async with asyncio.TaskGroup() as tasks:
        polls = []
        for _ in range(3):
            seen = len(server.world.updates.polls)
            polls.append(tasks.create_task(_conflict(bot)))
            await server.until_polled(after=seen)
        assert "terminated by other getupdates request" in (await polls[0]).lower()
        assert not polls[1].done()
        time.advance(3)
        assert "terminated by other getupdates" in (await polls[1]).lower()
        await bot.set_webhook("http://127.0.0.1:9/none")
        time.advance(3)
        assert "terminated by setwebhook" in (await polls[2]).lower()
    assert "can't use getupdates method while webhook is active" in (await _conflict(bot)).lower()


async def _conflict(bot: Bot) -> str:
    with pytest.raises(Conflict) as conflict:
        await bot.get_updates(timeout=30)
    return conflict.value.message


async def test_wanted_kinds_are_kept_and_reactions_come_only_when_asked_for(
    server: TelegramServer, bot: Bot, time: SteppedTimeline
) -> None:
    ada = server.person("Ada")
    sent = ada.writes("Hello")
    ada.reacts(sent, "👍")
    assert [update.message_reaction for update in await bot.get_updates()] == [None]

    await bot.get_updates(offset=-1, allowed_updates=ALL)
    ada.reacts(sent, "👎")
    time.advance(1)
    update = (await bot.get_updates(offset=-1))[0]
    assert update.message_reaction
    assert update.message_reaction.new_reaction == (ReactionTypeEmoji("👎"),)

    await bot.get_updates(allowed_updates=[])
    ada.reacts(sent)
    assert len(server.world.updates.pending) == 1


async def test_whoever_leaves_a_poll_is_no_longer_there_and_a_malformed_update_comes_as_it_is(
    server: TelegramServer, bot: Bot, time: SteppedTimeline
) -> None:
    ada = server.person("Ada")
    async with asyncio.TaskGroup() as tasks:
        poll = tasks.create_task(bot.get_updates(timeout=30))
        await server.until_polled()
        poll.cancel()
        await server.bell.until(lambda: not server.world.updates.polled)
    server.world.updates.push_raw({"message": {"message_id": 1, "date": "yesterday"}})
    ada.writes("Hello")
    time.advance(1)
    with pytest.raises(TypeError):
        await bot.get_updates()
    assert await texts(bot, server.world.updates.pending[1].update["update_id"]) == ["Hello"]
    time.advance(24 * 3600)
    assert await bot.get_updates() == ()


async def test_an_answer_can_be_held_back(server: TelegramServer, bot: Bot) -> None:
    ada = server.person("Ada")
    ada.starts()
    held = Held()
    server.faults.befall("sendMessage", held)
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(bot.send_message(ada.id, "slowly"))
        await held.came.wait()
        await ada.chat.sees("slowly")
        assert not sending.done()
        held.go.set()
    assert sending.result().text == "slowly"


async def test_faults_befall_the_next_call(server: TelegramServer, bot: Bot) -> None:
    ada = server.person("Ada")
    ada.starts()
    server.faults.befall("getUpdates", bad_gateway())
    server.faults.befall(
        "sendMessage", server_error(), ConnectionCut(), ConnectionCut(carried_out=True)
    )

    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.get_updates()
    with pytest.raises(NetworkError, match="Internal Server Error"):
        await bot.send_message(ada.id, "one")
    with pytest.raises(NetworkError):
        await bot.send_message(ada.id, "two")
    with pytest.raises(NetworkError):
        await bot.send_message(ada.id, "three")
    await bot.send_message(ada.id, "four")

    assert [each.text for each in ada.chat.from_bot] == ["three", "four"]
    assert [call["text"] for call in server.called("sendMessage")] == [
        "one",
        "two",
        "three",
        "four",
    ]


class Endpoint:
    """What a webhook points to; it answers from a script, and 200 afterwards."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.script: dict[str, list[Response]] = {}
        self.gate: dict[str, asyncio.Event] = {}
        self.bodies: list[str] = []
        self.app = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        if request.headers.get("x-telegram-bot-api-secret-token", "") != self.secret:
            return Response(status_code=403)
        text: str = (await request.json())["message"]["text"]
        self.bodies.append(text)
        if gate := self.gate.get(text):
            await gate.wait()
        if self.script.get(text):
            return self.script[text].pop(0)
        return Response(status_code=200)


async def test_a_webhook_gets_updates_in_order_by_chat_and_again_when_it_fails(
    server: TelegramServer, bot: Bot, time: SteppedTimeline
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    endpoint = Endpoint("s3cret")
    hook = server.webhook
    endpoint.script["one"] = [Response(status_code=500), Response(status_code=503)]
    endpoint.script["two"] = [Response(status_code=429, headers={"retry-after": "100"})]
    answer = {"method": "sendMessage", "chat_id": bob.id, "text": "by the way"}
    endpoint.script["hi"] = [JSONResponse(answer)]
    for text in ("one", "two"):
        ada.writes(text)
    async with serving(endpoint.app) as url:
        await bot.set_webhook(f"{url}/hook", secret_token="s3cret", max_connections=2)
        await server.bell.until(lambda: time.waiting == 1 and len(hook.attempts) == 1)
        bob.writes("hi")
        await bob.chat.sees("by the way")

        time.advance(1)
        await server.bell.until(lambda: len(endpoint.bodies) == 3 and time.waiting == 1)
        assert (await bot.get_webhook_info()).last_error_message == (
            "Wrong response from the webhook: 503 Service Unavailable"
        )
        time.advance(1.9)
        time.advance(0.1)
        await server.bell.until(lambda: len(endpoint.bodies) == 5 and time.waiting == 1)
        time.advance(100)
        await server.bell.until(lambda: not server.world.updates.pending)
    assert endpoint.bodies == ["one", "hi", "one", "one", "two", "two"]
    assert hook.attempts[0] == hook.attempts[2] == hook.attempts[3]


async def test_a_slow_endpoint_holds_up_its_own_chat_alone(
    server: TelegramServer, bot: Bot, time: SteppedTimeline
) -> None:
    ada, bob = server.person("Ada"), server.person("Bob")
    endpoint = Endpoint("")
    endpoint.gate["slow"] = asyncio.Event()
    async with serving(endpoint.app) as url:
        await bot.set_webhook(f"{url}/hook")
        with pytest.raises(RetryAfter):
            await bot.set_webhook(f"{url}/other")
        for person, text in ((ada, "slow"), (ada, "after"), (bob, "quick")):
            person.writes(text)
        await server.bell.until(lambda: len(server.webhook.delivered) == 1)
        assert sorted(endpoint.bodies) == ["quick", "slow"]

        time.advance(60)
        await server.bell.until(lambda: bool(server.webhook.settings.last_error))
        endpoint.gate["slow"].set()
        time.advance(1)
        await server.bell.until(lambda: not server.world.updates.pending)
    assert endpoint.bodies[-2:] == ["slow", "after"]
    time.advance(1)
    for url, said in (
        ("http://example.org/hook", "An HTTPS URL must be provided"),
        ("https://example.org:5000/hook", "only on ports 80, 88, 443 or 8443"),
    ):
        with pytest.raises(BadRequest, match=f"(?i){said}"):
            await bot.set_webhook(url)
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:9/", secret_token="not so good")
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).url == ""
