"""`Egress` over HTTP.

Invariant: a request goes to an address that was looked at, and to no other. A name is resolved once
for each request, all that it resolves to must be public, and the connection is made to one of those
addresses by number; what a redirect leads to is looked at in the same way. No proxy of the environment
is asked, and no connection is used for two names.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import SOCK_STREAM

import anyio
import httpx

from bot.egress.addresses import is_public
from bot.egress.seam import EgressFailed, EgressRefused, EgressRequest, Fetched

LONGEST_URL = 2_048
AGENT = "Familiar/1"
PORTS = {"http": 80, "https": 443}

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name. Raises OSError: it has none."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_ELSEWHERE = frozenset({"accept", "accept-language", "user-agent"})
"""Headers that a redirect to another host takes along."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine resolves it."""
    found = await anyio.getaddrinfo(host, port, type=SOCK_STREAM)
    return [each[4][0] for each in found]


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL that may be fetched, and the address that it is fetched from."""

    url: httpx.URL
    address: str

    @property
    def pinned(self) -> httpx.URL:
        return self.url.copy_with(host=self.address)


class HttpEgress:
    """`Egress`. `allowed` are hosts of the operator's own, `name` or `name:port`, that may be asked
    though they are private.
    """

    def __init__(
        self,
        allowed: Collection[str] = (),
        *,
        resolver: Resolver = resolved,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._allowed = frozenset(each.lower() for each in allowed)
        self._resolver = resolver
        self._transport = transport
        self._tls: ssl.SSLContext | None = None

    async def fetch(self, request: EgressRequest) -> Fetched:
        """See `Egress.fetch`."""
        try:
            with anyio.fail_after(request.seconds):
                return await self._followed(request)
        except TimeoutError as error:
            msg = f"There was no whole answer within {request.seconds:g} seconds."
            raise EgressFailed(msg) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            msg = f"It can't be reached: {type(error).__name__}."
            raise EgressFailed(msg) from error

    async def require_allowed(self, url: str) -> None:
        """See `Egress.require_allowed`."""
        parsed = _parsed(url)
        try:
            with anyio.fail_after(5.0):
                await self._target(parsed)
        except (EgressFailed, TimeoutError):
            return  # nobody knows that name now; whoever fetches it will see

    async def _followed(self, request: EgressRequest) -> Fetched:
        url, headers = _parsed(request.url), dict(request.headers)
        left = request.redirects if request.method == "GET" else 0
        while True:
            answer = await self._once(await self._target(url), request, headers)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or location is None or not left:
                return answer
            there = _parsed(str(url.join(location)))
            if (there.scheme, there.host, there.port) != (url.scheme, url.host, url.port):
                headers = {k: v for k, v in headers.items() if k.lower() in _KEPT_ELSEWHERE}
            url, left = there, left - 1

    async def _target(self, url: httpx.URL) -> _Target:
        """Raises EgressRefused, EgressFailed."""
        port = url.port or PORTS[url.scheme]
        host = url.host
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            msg = "The name of its host can't be resolved."
            raise EgressFailed(msg) from error
        if not addresses:
            msg = "The name of its host can't be resolved."
            raise EgressFailed(msg)
        own = {host.lower(), f"{host.lower()}:{port}"} & self._allowed
        if not own and not all(is_public(each) for each in addresses):
            msg = (
                "This URL leads into a private network, which isn't asked from here. An operator "
                "can name the host in FAMILIAR_EGRESS_ALLOW."
            )
            raise EgressRefused(msg)
        return _Target(url, addresses[0])

    async def _once(
        self, target: _Target, request: EgressRequest, headers: Mapping[str, str]
    ) -> Fetched:
        async with self._client() as client:
            sent = client.build_request(
                request.method,
                target.pinned,
                content=request.body or None,
                headers={
                    "User-Agent": AGENT,
                    "Accept": "*/*",
                    **headers,
                    "Host": target.url.netloc.decode(),
                    "Accept-Encoding": "identity",
                },
                extensions={"sni_hostname": target.url.host},
            )
            answer = await client.send(sent, stream=True)
            try:
                body = await _read(answer, request.max_bytes)
            finally:
                await answer.aclose()
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Fetched(str(target.url), answer.status_code, found, body)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        """For one request: a connection to an address is good for the name that it was made for."""
        if self._tls is None:
            self._tls = await anyio.to_thread.run_sync(ssl.create_default_context)
        async with httpx.AsyncClient(
            verify=self._tls,
            transport=self._transport,
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(10.0),
        ) as client:
            yield client


async def _read(answer: httpx.Response, most: int) -> bytes:
    """The body as it comes, which is never unpacked: a little of it may be very much.

    Raises:
        EgressFailed: there is more of it than may be, or it is packed.
    """
    if answer.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        msg = "The answer is packed, though that wasn't asked for."
        raise EgressFailed(msg)
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > most:
            msg = f"The answer is longer than {most} bytes."
            raise EgressFailed(msg)
    return bytes(body)


def _parsed(text: str) -> httpx.URL:
    """Raises EgressRefused."""
    if len(text) > LONGEST_URL:
        msg = f"The URL is longer than {LONGEST_URL} characters."
        raise EgressRefused(msg)
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError) as error:
        msg = "This is no URL that can be read."
        raise EgressRefused(msg) from error
    if url.scheme not in PORTS or not url.host or not 0 < (url.port or 1) < 65_536:
        msg = "Only http and https URLs with a host are fetched."
        raise EgressRefused(msg)
    if url.userinfo:
        msg = "A URL with a user name or password in it isn't fetched: send a header instead."
        raise EgressRefused(msg)
    return url.copy_with(fragment=None)
