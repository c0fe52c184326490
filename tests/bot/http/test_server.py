from __future__ import annotations

import asyncio
import signal
import socket

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.http import heads
from bot.http.server import CannotListen, HttpServer, bind, running
from tests.house import PATIENCE


class SlowApp:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.asgi = Starlette(routes=[Route("/", self._answer)])

    async def _answer(self, _: Request) -> PlainTextResponse:
        self.asked.set()
        await self.may_answer.wait()
        return PlainTextResponse("done")


async def test_port_0_is_any_and_known_before_it_serves() -> None:
    app = SlowApp()
    app.may_answer.set()
    server = HttpServer(app.asgi, bind("127.0.0.1", 0))

    assert server.port > 0
    assert server.url == f"http://127.0.0.1:{server.port}"
    async with running(server), httpx.AsyncClient(timeout=PATIENCE) as http:
        assert (await http.get(server.url)).text == "done"


async def test_a_connection_rests_longer_than_clients_and_proxies_leave_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = SlowApp()
    app.may_answer.set()
    loop = asyncio.get_running_loop()
    server = HttpServer(app.asgi, bind("127.0.0.1", 0))
    async with running(server):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

        async def ask() -> bytes:
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return await reader.readuntil(b"done")

        assert b"200 OK" in await ask()
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 65)
        await anyio.sleep(0.001)  # whatever was due by now has happened
        assert b"200 OK" in await ask()
        writer.close()


async def test_a_stop_lets_a_running_request_finish_and_frees_the_port() -> None:
    app = SlowApp()
    server = HttpServer(app.asgi, bind("127.0.0.1", 0))
    answers: list[str] = []

    async def ask() -> None:
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            answers.append((await http.get(server.url)).text)

    async with anyio.create_task_group() as group, running(server):
        group.start_soon(ask)
        await app.asked.wait()
        server.stop()
        app.may_answer.set()

    assert answers == ["done"]
    bind("127.0.0.1", server.port).close()


async def test_cancelling_stops_it_as_cleanly() -> None:
    app, before = SlowApp(), asyncio.all_tasks()
    server = HttpServer(app.asgi, bind("127.0.0.1", 0))

    async with anyio.create_task_group() as group:
        ready = anyio.Event()
        group.start_soon(server.serve, ready.set)
        await ready.wait()
        group.cancel_scope.cancel()

    assert asyncio.all_tasks() == before
    bind("127.0.0.1", server.port).close()


async def test_signals_stay_with_whoever_owns_them() -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    async with running(HttpServer(SlowApp().asgi, bind("127.0.0.1", 0))):
        during = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    assert during == handlers


def test_a_taken_port_says_which_and_what_to_do() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=rf"port {port} .* taken .* PORT={port + 1}"):
            bind("127.0.0.1", port)


def test_a_host_that_is_not_ours_says_so() -> None:
    with pytest.raises(CannotListen, match="FAMILIAR_HOST"):
        bind("192.0.2.1", 0)
    with pytest.raises(CannotListen, match="FAMILIAR_HOST"):
        bind("not a host", 0)


def test_every_interface_is_reached_over_loopback() -> None:
    with socket.socket() as sock:
        sock.bind(("0.0.0.0", 0))  # noqa: S104 - nothing listens

        assert HttpServer(SlowApp().asgi, sock).url.startswith("http://127.0.0.1:")


WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize("before", [b"", WHOLE])
@pytest.mark.parametrize("sent", [b"G", WHOLE[:-2]])
async def test_whoever_does_not_finish_a_requests_head_is_left(
    before: bytes, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "PATIENCE", 0.05)
    app = SlowApp()
    app.may_answer.set()

    async with running(HttpServer(app.asgi, bind("127.0.0.1", 0))) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(before)
        if before:
            await reader.readuntil(b"done")
        writer.write(sent)
        with anyio.fail_after(PATIENCE):
            assert await reader.read() == b""
        writer.close()


async def test_an_answer_and_a_body_may_take_longer_than_a_head(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heads, "PATIENCE", 0.02)
    app = SlowApp()

    async with (
        running(HttpServer(app.asgi, bind("127.0.0.1", 0))) as server,
        httpx.AsyncClient(timeout=PATIENCE) as http,
        anyio.create_task_group() as group,
    ):
        group.start_soon(_lets_it_answer_later, app)
        assert (await http.get(server.url)).text == "done"


async def _lets_it_answer_later(app: SlowApp) -> None:
    """After the head's time is over."""
    await app.asked.wait()
    over = asyncio.Event()
    asyncio.get_running_loop().call_later(heads.PATIENCE * 2, over.set)
    await over.wait()
    app.may_answer.set()
