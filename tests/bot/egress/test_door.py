"""What the one door to the outside lets through, and what it doesn't, whoever names the URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.egress import EgressFailed, EgressRefused, EgressRequest, HttpEgress
from tests.simulators.loopback import serving

PUBLIC = "93.184.216.34"
Answer = tuple[int, Mapping[str, str]]


@dataclass
class Names:
    """A resolver: each name has answers, one after the other; the last stays."""

    answers: Mapping[str, Sequence[Sequence[str]]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        answers = self.answers[host]
        self.asked.append(host)
        return answers[min(self.asked.count(host), len(answers)) - 1]


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """Where requests really go; each is answered by `script`."""

    script: Callable[[httpx.Request], Answer] = lambda _request: (200, {})
    sent: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        status, headers = self.script(request)
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(b""))


def door(names: Names, wire: Wire, *allowed: str) -> HttpEgress:
    return HttpEgress(allowed, resolver=names, transport=wire)


async def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at() -> None:
    names = Names({"rebind.test": [[PUBLIC], ["127.0.0.1"]]})
    wire = Wire()
    await door(names, wire).fetch(EgressRequest("https://rebind.test:8443/a?b=c"))
    (sent,) = wire.sent
    assert str(sent.url) == f"https://{PUBLIC}:8443/a?b=c"
    assert sent.headers["host"] == "rebind.test:8443"
    assert sent.extensions["sni_hostname"] == "rebind.test"
    assert names.asked == ["rebind.test"]


async def test_a_name_with_one_private_address_among_others_is_refused() -> None:
    names, wire = Names({"mixed.test": [[PUBLIC, "10.0.0.1"]]}), Wire()
    with pytest.raises(EgressRefused, match="private network"):
        await door(names, wire).fetch(EgressRequest("http://mixed.test/"))
    assert not wire.sent


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
async def test_this_machine_and_its_network_arent_asked_however_they_are_written(url: str) -> None:
    wire = Wire()
    with pytest.raises((EgressRefused, EgressFailed)):
        await HttpEgress(transport=wire).fetch(EgressRequest(url))
    assert not wire.sent


@pytest.mark.parametrize(
    "url",
    [
        "http://public.test@127.0.0.1/",
        "http://127.0.0.1@public.test/",
        "http://user:password@public.test/",
        "file:///etc/passwd",
        "ftp://public.test/",
        "gopher://public.test/",
        "http:///nothing",
        "public.test",
        "javascript:alert(1)",
        "http://public.test:99999/",
        "http://[::1/",
        "http://public.test/" + "a" * 3_000,
        "",
    ],
)
async def test_what_is_no_plain_http_url_is_refused(url: str) -> None:
    names, wire = Names({"public.test": [[PUBLIC]]}), Wire()
    for refusing in (
        door(names, wire).fetch(EgressRequest(url)),
        door(names, wire).require_allowed(url),
    ):
        with pytest.raises(EgressRefused):
            await refusing
    assert not wire.sent


@pytest.mark.parametrize(
    "location",
    ["http://inside.test/", "http://[::1]/", "//inside.test/", "file:///etc/passwd", "http://a@b/"],
)
async def test_what_a_redirect_leads_to_is_looked_at_as_well(location: str) -> None:
    names = Names({"public.test": [[PUBLIC]], "inside.test": [["192.168.0.1"]], "::1": [["::1"]]})
    wire = Wire(lambda _request: (302, {"location": location}))
    with pytest.raises(EgressRefused):
        await door(names, wire).fetch(EgressRequest("http://public.test/"))
    assert len(wire.sent) == 1


async def test_a_redirect_to_the_same_name_is_resolved_and_looked_at_again() -> None:
    names = Names({"rebind.test": [[PUBLIC], ["127.0.0.1"]]})
    wire = Wire(lambda _request: (307, {"location": "/again"}))
    with pytest.raises(EgressRefused):
        await door(names, wire).fetch(EgressRequest("http://rebind.test/"))
    assert len(wire.sent) == 1


async def test_redirects_are_followed_so_far_and_no_further() -> None:
    names = Names({"public.test": [[PUBLIC]]})
    wire = Wire(lambda _request: (302, {"location": "/again"}))
    answer = await door(names, wire).fetch(EgressRequest("http://public.test/", redirects=2))
    assert (answer.status, len(wire.sent)) == (302, 3)


async def test_a_post_is_never_redirected() -> None:
    names = Names({"public.test": [[PUBLIC]]})
    wire = Wire(lambda _request: (307, {"location": "/again"}))
    asked = EgressRequest("http://public.test/", method="POST", body=b"words")
    assert (await door(names, wire).fetch(asked)).status == 307
    assert len(wire.sent) == 1


async def test_another_host_isnt_shown_the_headers_of_the_first() -> None:
    names = Names({"a.test": [[PUBLIC]], "b.test": [[PUBLIC]]})

    def script(request: httpx.Request) -> Answer:
        there = request.headers["host"] == "b.test"
        return (200, {}) if there else (302, {"location": "http://b.test/"})

    wire = Wire(script)
    headers = {"Authorization": "Bearer x", "Accept": "text/html"}
    answer = await door(names, wire).fetch(EgressRequest("http://a.test/", headers=headers))
    assert answer.url == "http://b.test/"
    assert "authorization" in wire.sent[0].headers
    assert "authorization" not in wire.sent[1].headers
    assert wire.sent[1].headers["accept"] == "text/html"


async def test_a_proxy_of_the_environment_isnt_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with outside() as (url, egress):
        assert (await egress.fetch(EgressRequest(f"{url}/small"))).body == b"small"


async def test_the_operator_names_hosts_of_their_own_with_or_without_a_port() -> None:
    async with outside() as (url, _):
        host = url.removeprefix("http://")
        for allowed in (host, host.partition(":")[0]):
            answer = await HttpEgress([allowed]).fetch(EgressRequest(f"{url}/small"))
            assert (answer.status, answer.body) == (200, b"small")
        with pytest.raises(EgressRefused):
            await HttpEgress(["127.0.0.1:1"]).fetch(EgressRequest(f"{url}/small"))


@pytest.mark.parametrize("path", ["huge", "endless", "packed"])
async def test_an_answer_is_read_so_far_and_never_unpacked(path: str) -> None:
    async with outside() as (url, egress):
        with pytest.raises(EgressFailed, match=r"longer|packed"):
            await egress.fetch(EgressRequest(f"{url}/{path}", max_bytes=10_000))


async def test_whoever_dawdles_is_left() -> None:
    async with outside() as (url, egress):
        with pytest.raises(EgressFailed, match="whole answer within"):
            await egress.fetch(EgressRequest(f"{url}/slow", seconds=0.2))


async def test_whoever_isnt_there_is_told_so() -> None:
    with pytest.raises(EgressFailed, match="can't be reached"):
        await HttpEgress(["127.0.0.1"]).fetch(EgressRequest("http://127.0.0.1:1/"))


async def test_a_name_that_nobody_knows_may_be_known_later() -> None:
    async def nobody(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    egress = HttpEgress(resolver=nobody)
    await egress.require_allowed("http://later.test/")
    with pytest.raises(EgressFailed, match="resolved"):
        await egress.fetch(EgressRequest("http://later.test/"))


@asynccontextmanager
async def outside() -> AsyncIterator[tuple[str, HttpEgress]]:
    """A server that misbehaves, and a door that may ask it."""
    async with serving(Starlette(routes=ROUTES)) as url:
        yield url, HttpEgress([url.removeprefix("http://")])


async def small(_request: Request) -> Response:
    return Response("small")


async def huge(_request: Request) -> Response:
    return Response(b"x" * 100_000)


async def endless(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1_000
            await anyio.lowlevel.checkpoint()

    return StreamingResponse(pieces())


async def packed(_request: Request) -> Response:
    return Response(b"x", headers={"Content-Encoding": "gzip"})


async def slow(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(600):
            yield b"x"
            await anyio.sleep(0.05)

    return StreamingResponse(pieces())


ROUTES = [Route(f"/{each.__name__}", each) for each in (small, huge, endless, packed, slow)]
