"""The Discord simulator's gateway, met by who may send anything: each wrong step has its code."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.simulators.discord_server.client import connected
from tests.simulators.discord_server.intents import Intent
from tests.simulators.discord_server.limits import Limits, Window
from tests.simulators.discord_server.refusals import NotSimulated
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.timeline import SteppedTimeline


class Raw:
    """A connection that may send anything."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def says(self, op: int, **body: Any) -> None:
        await self._socket.send_str(json.dumps({"op": op, "d": body}))

    async def says_raw(self, text: str) -> None:
        await self._socket.send_str(text)

    async def identifies(self, token: str, **body: Any) -> None:
        await self.says(2, **({"token": token, "intents": 0, "properties": {}} | body))

    async def hears(self) -> Any:
        return json.loads(await self._socket.receive_str())

    async def close_code(self) -> int | None:
        while not self._socket.closed:
            await self._socket.receive()
        return self._socket.close_code


async def _close_code(
    server: DiscordServer, *lines: str, query: str = "?v=10&encoding=json"
) -> Any:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url + query) as socket,
    ):
        for each in lines:
            await socket.send_str(each)
        return await Raw(socket).close_code()


def _line(op: int, **body: Any) -> str:
    return json.dumps({"op": op, "d": body})


async def test_each_wrong_step_has_its_code(server: DiscordServer) -> None:
    def identify(**more: Any) -> str:
        return _line(2, **({"token": server.token, "intents": 0} | more))

    assert await _close_code(server, query="?v=7&encoding=json") == 4012
    assert await _close_code(server, "no JSON") == 4002
    assert await _close_code(server, _line(3, status="x" * 5000)) == 4002
    assert await _close_code(server, _line(77)) == 4001
    assert await _close_code(server, _line(3)) == 4003
    assert await _close_code(server, identify(token="wrong")) == 4004
    assert await _close_code(server, identify(), identify()) == 4005
    assert await _close_code(server, identify(intents=1 << 40)) == 4013
    assert await _close_code(server, identify(shard=[2, 2])) == 4010
    server.bot.privileged = Intent(0)
    assert await _close_code(server, identify(intents=1 << 15)) == 4014


async def test_a_number_that_never_was_cannot_be_resumed_from(server: DiscordServer) -> None:
    async with connected(server):
        (session,) = server.gateway.sessions.values()
        line = _line(6, token=server.token, session_id=session.id, seq=999)
        assert await _close_code(server, line) == 4007


async def test_who_talks_too_much_or_begins_too_often_is_stopped(time: SteppedTimeline) -> None:
    limits = Limits(identifies=Window(2, 86_400.0))
    async with DiscordServer(timeline=time, limits=limits) as server:
        assert await _close_code(server, *['{"op":1,"d":null}'] * 121) == 4008
        async with aiohttp.ClientSession() as session:
            url = server.gateway_url + "?v=10&encoding=json"
            async with session.ws_connect(url) as one, session.ws_connect(url) as two:
                first, second = Raw(one), Raw(two)
                assert (await first.hears())["op"] == (await second.hears())["op"] == 10
                await first.identifies(server.token)
                assert (await first.hears())["t"] == "READY"
                await second.identifies(server.token)
                assert await second.hears() == {"op": 9, "d": False}, "one every five seconds"
                time.advance(5)
                await second.identifies(server.token)
                assert (await second.hears())["t"] == "READY"
        assert server.gateway.start_limit["remaining"] == 0
        time.advance(5)
        assert await _close_code(server, _line(2, token=server.token, intents=0)) == 4004
        assert server.bot.revoked


async def test_a_silent_client_is_left(time: SteppedTimeline) -> None:
    async with DiscordServer(timeline=time, limits=None, heartbeat=0.02) as server:
        assert await _close_code(server) == 4009


async def test_another_way_to_compress_is_not_simulated(time: SteppedTimeline) -> None:
    async def asks() -> None:
        async with DiscordServer(timeline=time) as server, aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(server.gateway_url + "?compress=zstd-stream")

    with pytest.raises(NotSimulated, match="zstd-stream"):
        await asks()


async def test_connections_may_be_turned_away(server: DiscordServer) -> None:
    server.gateway.turns_away()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(server.gateway_url)
        assert caught.value.status == 503
    assert await _close_code(server, "no JSON") == 4002
