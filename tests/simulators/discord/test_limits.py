"""What the Discord simulator does when too much is asked of it, and when a test breaks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import aiohttp
import discord
import pytest

from tests.simulators.discord_server.channels import Channel
from tests.simulators.discord_server.client import Listener, call, connected, pointed_at
from tests.simulators.discord_server.faults import banned, rate_limited, refusing, server_error
from tests.simulators.discord_server.limits import Limits, Window
from tests.simulators.discord_server.refusals import MISSING_PERMISSIONS, NotSimulated, Refused
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.faults import ConnectionCut, Held, Slow
from tests.simulators.timeline import SteppedTimeline

SEND = "POST /channels/{}/messages"


@pytest.fixture
async def server(time: SteppedTimeline) -> AsyncGenerator[DiscordServer, None]:
    async with DiscordServer(timeline=time, limits=Limits()) as server:
        yield server


@pytest.fixture
def general(server: DiscordServer) -> Channel:
    return server.guild("Team", server.person("Ada")).channel("general")


@pytest.fixture
async def client(server: DiscordServer, general: Channel) -> AsyncGenerator[Listener, None]:
    async with connected(server, max_ratelimit_timeout=30) as client:
        assert client.get_channel(general.id) is not None
        yield client


def place(client: Listener, channel: Channel) -> discord.PartialMessageable:
    return client.get_partial_messageable(channel.id)


async def test_every_answer_tells_of_its_bucket(
    server: DiscordServer, general: Channel, time: SteppedTimeline
) -> None:
    path = f"/channels/{general.id}/messages"
    first = await call(server, "POST", path, {"content": "x"})
    assert first.headers["X-RateLimit-Limit"] == "5"
    assert first.headers["X-RateLimit-Remaining"] == "4"
    assert first.headers["X-RateLimit-Reset-After"] == "5.000"
    missing = await call(server, "GET", f"{path}/1")
    assert missing.headers["X-RateLimit-Bucket"] != first.headers["X-RateLimit-Bucket"]
    time.advance(1)
    for _ in range(4):
        await call(server, "POST", path, {"content": "x"})
    over = await call(server, "POST", path, {"content": "x"})
    assert (over.status, over.body) == (
        429,
        {"message": "You are being rate limited.", "retry_after": 4.0, "global": False},
    )
    assert over.headers["X-RateLimit-Scope"] == "user"
    assert over.headers["X-RateLimit-Remaining"] == "0"
    assert over.headers["Via"] == "1.1 google"
    assert over.headers["Retry-After"]
    time.advance(4)
    assert (await call(server, "POST", path, {"content": "x"})).status == 200


async def test_channels_have_buckets_of_their_own(server: DiscordServer, general: Channel) -> None:
    assert general.guild is not None
    other = general.guild.channel("other")
    for channel, count in ((general, 5), (other, 5)):
        for _ in range(count):
            path = f"/channels/{channel.id}/messages"
            assert (await call(server, "POST", path, {"content": "x"})).status == 200


async def test_interactions_have_buckets_of_their_own(server: DiscordServer) -> None:
    route = f"/webhooks/{server.bot.id}"
    for token, remaining in (("one", "9"), ("one", "8"), ("two", "9")):
        said = await call(server, "POST", f"{route}/{token}", {"content": "x"})
        assert said.body == {"message": "Unknown Webhook", "code": 10015}
        assert said.headers["X-RateLimit-Remaining"] == remaining


async def test_fifty_calls_a_second_are_all(time: SteppedTimeline) -> None:
    limits = Limits(others=Window(1000, 1.0))
    async with DiscordServer(timeline=time, limits=limits) as server:
        for _ in range(50):
            assert (await call(server, "GET", "/users/@me")).status == 200
        over = await call(server, "GET", "/gateway/bot")
        assert (over.status, over.body["global"]) == (429, True)
        assert over.headers["X-RateLimit-Global"] == "true"
        assert over.headers["X-RateLimit-Scope"] == "global"
        callback = await call(server, "POST", "/interactions/1/x/callback", {"type": 4})
        assert callback.status == 404, "answers to interactions don't count"


async def test_who_will_not_listen_is_banned(time: SteppedTimeline) -> None:
    limits = Limits(invalid=Window(3, 600.0))
    async with DiscordServer(timeline=time, limits=limits) as server:
        server.faults.befall("GET /users/@me", rate_limited(1, "shared"))
        await call(server, "GET", "/users/@me")
        for _ in range(3):
            assert (await call(server, "GET", "/users/@me", token="wrong")).status == 401
        assert server.limits.invalid == 3
        page = await call(server, "GET", "/users/@me")
        assert (page.status, page.headers["Content-Type"]) == (429, "text/html")
        assert "Via" not in page.headers
        with pointed_at(server):
            async with discord.Client(intents=discord.Intents.none()) as client:
                with pytest.raises(discord.HTTPException) as caught:
                    await client.login(server.token)
                assert caught.value.status == 429
        time.advance(600)
        assert (await call(server, "GET", "/users/@me")).status == 200


async def test_the_library_waits_out_what_it_is_told_to(
    client: Listener, server: DiscordServer, general: Channel
) -> None:
    server.faults.befall(
        SEND,
        rate_limited(0.01),
        rate_limited(0.01, "shared"),
        rate_limited(0.01, "global"),
        rate_limited(0.01, code=20028),
    )
    await place(client, general).send("at last")
    await general.sees("at last")
    assert len(server.called(SEND)) == 5
    server.faults.befall(SEND, rate_limited(31))
    with pytest.raises(discord.RateLimited):
        await place(client, general).send("too long a wait")


@pytest.mark.parametrize("fault", [rate_limited(0.01, via=False), banned()])
async def test_a_limit_without_via_is_a_ban_to_the_library(
    client: Listener, server: DiscordServer, general: Channel, fault: object
) -> None:
    server.faults.befall(SEND, fault)  # type: ignore[arg-type]
    with pytest.raises(discord.HTTPException) as caught:
        await place(client, general).send("hello")
    assert caught.value.status == 429
    assert len(server.called(SEND)) == 1


async def test_a_server_error_is_tried_again_and_may_have_been_carried_out(
    client: Listener, server: DiscordServer, general: Channel
) -> None:
    server.faults.befall(SEND, server_error(502, carried_out=True))
    await place(client, general).send("hello", nonce="n-1")
    assert len(server.called(SEND)) == 2
    assert len(general.shown) == 1, "the nonce kept it from being sent twice"
    server.faults.befall(SEND, server_error(503))
    with pytest.raises(discord.DiscordServerError):
        await place(client, general).send("unavailable")
    assert len(server.called(SEND)) == 3, "503 isn't tried again"


async def test_a_broken_connection_says_nothing_of_what_became_of_it(
    client: Listener, server: DiscordServer, general: Channel
) -> None:
    server.faults.befall(SEND, ConnectionCut(), ConnectionCut(carried_out=True))
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await place(client, general).send("hello")
    assert len(general.shown) == 1
    server.faults.befall(SEND, refusing(Refused(*MISSING_PERMISSIONS)))
    with pytest.raises(discord.Forbidden):
        await place(client, general).send("hello")


async def test_answers_may_be_held_or_late(
    client: Listener, server: DiscordServer, general: Channel, time: SteppedTimeline
) -> None:
    after, before = Held(), Held(before=True)
    server.faults.befall(SEND, after, before, Slow(30))
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(place(client, general).send("one"))
        await after.came.wait()
        assert [each.text for each in general.shown] == ["one"]
        assert not sending.done()
        after.go.set()
        await sending
        sending = tasks.create_task(place(client, general).send("two"))
        await before.came.wait()
        assert [each.text for each in general.shown] == ["one"]
        before.go.set()
        await sending
        sending = tasks.create_task(place(client, general).send("three"))
        await general.sees("three")
        assert not sending.done()
        time.advance(30)
        await sending


async def test_what_is_not_simulated_fails_the_test(time: SteppedTimeline) -> None:
    async def bans_somebody() -> None:
        async with DiscordServer(timeline=time) as server:
            await call(server, "PUT", "/guilds/1/bans/2")

    with pytest.raises(NotSimulated, match="PUT /guilds/1/bans/2"):
        await bans_somebody()


async def test_a_body_that_nobody_thought_of_fails_the_test(time: SteppedTimeline) -> None:
    async def sends() -> None:
        async with DiscordServer(timeline=time, limits=None) as server:
            general = server.guild("Team", server.person("Ada")).channel("general")
            await call(server, "POST", f"/channels/{general.id}/messages", body)

    body: dict[str, object] = {"content": "x", "flags": "many"}
    with pytest.raises(NotSimulated, match="asked for like this"):
        await sends()
    body = {"content": "x", "poll": {"question": {"text": "x"}}}
    with pytest.raises(NotSimulated, match="poll"):
        await sends()


async def test_all_connections_may_break_at_once(
    client: Listener, server: DiscordServer, general: Channel
) -> None:
    held = Held()
    server.faults.befall(SEND, held)
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(_cut(place(client, general)))
        await held.came.wait()
        server.cut_connections()
        await sending
    await client.hears("resumed")
    await place(client, general).send("again")
    await general.sees("again")


async def _cut(channel: discord.PartialMessageable) -> None:
    with pytest.raises(aiohttp.ClientError):
        await channel.send("hello")


async def test_shards_are_told_where_and_how_often_to_begin(
    server: DiscordServer, client: Listener
) -> None:
    said = await call(server, "GET", "/gateway/bot")
    assert said.body["url"] == server.gateway_url
    assert said.body["shards"] == 1
    limit = said.body["session_start_limit"]
    assert (limit["total"], limit["remaining"], limit["max_concurrency"]) == (1000, 999, 1)
    assert client.is_ready()
