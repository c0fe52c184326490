"""`HttpService`: a running service, seen through its door.

It is an `adapters.base.Service`, so that a client need not know where the service runs. What
makes it safe: an update keeps its id however often it is handed in, and a feed goes on from the
cursor it had reached. A service that is restarted is found again by its lock file.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import anyio
import httpx

from adapters.addresses import ChatAddress
from adapters.base import Inbound, Receipt
from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedPreview, FeedStream
from bot.door.codec import KEY_HEADER, event_codec, inbound_codec, receipt_codec
from bot.door.errors import DoorClosed, DoorRefused
from bot.host.lockfile import RunningService

SILENCE = 45.0
"""Seconds without a byte after which a feed's connection counts as dead: three pings."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0

Locate = Callable[[], RunningService | None]


class HttpService:
    """The service behind a door. Use as an async context manager.

    Args:
        door: its URL and key, from the lock file.
        locate: reads the lock file again, to find a service that was restarted.
        patience: seconds to try for before `DoorClosed`.
    """

    def __init__(
        self, door: RunningService, *, locate: Locate | None = None, patience: float = 10.0
    ) -> None:
        self._door = door
        self._locate = locate or (lambda: door)
        self._patience = patience
        # The environment's proxies are not for our own machine.
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(30.0, connect=5.0), trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def accept(self, inbound: Inbound) -> Receipt:
        """See `Service.accept`. Tried again while the service is away or busy.

        Raises:
            DoorClosed: it stayed away, or busy.
            DoorRefused: it wouldn't; the message says why.
        """
        body, tries = inbound_codec.dump_json(inbound), _Tries(self)
        while True:
            try:
                response = await self._post("/door/accept", body)
                _raise_for_refusal(response)
                return receipt_codec.validate_json(response.content)
            except httpx.TransportError as error:
                await tries.failed(error)
            except DoorRefused as refused:
                if refused.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
                    return Receipt("refused", text=str(refused))
                if refused.status not in _PASSING:
                    raise
                await self._still_refused(refused, tries)

    async def _still_refused(self, refused: DoorRefused, tries: _Tries) -> None:
        """Wait a little. A service that is there but can't is refusing, not gone."""
        try:
            await tries.failed(refused)
        except DoorClosed:
            if refused.status == httpx.codes.SERVICE_UNAVAILABLE:
                raise refused from None
            raise

    def watch(self, address: ChatAddress, after: Cursor | None) -> FeedStream:
        """See `Service.watch`. A connection that drops is made again from the cursor."""
        return _Watch(self, address, after)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Have a command done, once; its result.

        Raises:
            DoorClosed: no answer came; it may or may not have been done.
            DoorRefused: it wasn't done, the message says why.
        """
        url = f"{self._door.url}/door/command/{name}"
        patience = httpx.Timeout(None, connect=5.0)
        try:
            response = await self._http.post(
                url, json=dict(arguments), headers=self._headers, timeout=patience
            )
        except httpx.TransportError as error:
            raise _closed(self._door, "didn't answer") from error
        _raise_for_refusal(response)
        return response.json()

    # For this module

    @property
    def _headers(self) -> dict[str, str]:
        return {KEY_HEADER: self._door.key}

    async def _post(self, path: str, body: bytes) -> httpx.Response:
        headers = {**self._headers, "Content-Type": "application/json"}
        return await self._http.post(self._door.url + path, content=body, headers=headers)

    async def open_feed(self, query: Mapping[str, str | int]) -> httpx.Response:
        """The answer to a watch, of which nothing has been read."""
        timeout = httpx.Timeout(SILENCE, connect=5.0)
        request = self._http.build_request(
            "GET",
            f"{self._door.url}/door/watch",
            params=query,
            headers=self._headers,
            timeout=timeout,
        )
        response = await self._http.send(request, stream=True)
        if response.is_error:
            await response.aread()
            _raise_for_refusal(response)
        return response

    def look_again(self) -> RunningService:
        """Where the service is now, if it was restarted."""
        found = self._locate()
        if found is not None and found.url:
            self._door = found
        return self._door

    @property
    def patience(self) -> float:
        return self._patience


_PASSING = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.SERVICE_UNAVAILABLE})
"""Refusals that may pass: a restarted service has a new key, a busy one is free again."""


def _raise_for_refusal(response: httpx.Response) -> None:
    if not response.is_error:
        return
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"the service answered with status {response.status_code}"
    raise DoorRefused(response.status_code, detail)


def _closed(door: RunningService, what: str) -> DoorClosed:
    return DoorClosed(f"the service at {door.url} {what}: is it running? (familiar doctor)")


class _Tries:
    """How long it has been failing, and when to try again."""

    def __init__(self, service: HttpService) -> None:
        self._service = service
        self._since: float | None = None
        self._pause = _FIRST_PAUSE

    def succeeded(self) -> None:
        self._since, self._pause = None, _FIRST_PAUSE

    async def failed(self, error: Exception) -> None:
        """Wait a little and look where the service is now.

        Raises:
            DoorClosed: it has been failing for longer than the patience.
        """
        now = anyio.current_time()
        self._since = now if self._since is None else self._since
        if now - self._since >= self._service.patience:
            if isinstance(error, DoorRefused):
                raise DoorClosed(str(error)) from error
            seconds = f"{self._service.patience:g}"
            door = self._service.look_again()
            raise _closed(door, f"hasn't answered for {seconds} seconds") from error
        await anyio.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        self._service.look_again()


@dataclass(slots=True)
class _Connection:
    response: httpx.Response
    lines: AsyncGenerator[str, None]


class _Watch:
    """A feed over as many connections as it takes.

    Not an async generator: it would yield while it holds the response open.
    """

    def __init__(self, service: HttpService, address: ChatAddress, after: Cursor | None) -> None:
        self._service = service
        self._address = str(address)
        self._cursor = after
        self._connection: _Connection | None = None
        self._tries = _Tries(service)
        self._in_the_middle = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> FeedEvent:
        while True:
            try:
                event = await self._next_event()
            except (httpx.TransportError, DoorRefused) as error:
                await self.aclose()
                if isinstance(error, DoorRefused) and error.status not in _PASSING:
                    raise DoorClosed(str(error)) from error
                self._in_the_middle = True
                await self._tries.failed(error)
                continue
            if not self._is_stray(event):
                return event

    async def aclose(self) -> None:
        """Let go of the connection."""
        if (connection := self._connection) is not None:
            self._connection = None
            with anyio.CancelScope(shield=True):
                await connection.lines.aclose()
                await connection.response.aclose()

    async def _next_event(self) -> FeedEvent:
        if self._connection is None:
            response = await self._service.open_feed(self._query())
            self._connection = _Connection(response, _lines(response))
        async for line in self._connection.lines:
            self._tries.succeeded()
            if line.startswith("data: "):
                event = event_codec.validate_json(line.removeprefix("data: "))
                self._note(event)
                return event
        msg = "the feed ended"
        raise httpx.RemoteProtocolError(msg)

    def _query(self) -> dict[str, str | int]:
        query: dict[str, str | int] = {"address": self._address}
        if self._cursor is not None:
            query["after_message"] = self._cursor.message
            query["after_notice"] = self._cursor.notice
            query["since"] = self._cursor.since
        return query

    def _note(self, event: FeedEvent) -> None:
        if not isinstance(event, FeedPreview):
            self._cursor = event.cursor

    def _is_stray(self, event: FeedEvent) -> bool:
        """Whether this is a piece of an answer whose beginning was lost with a connection."""
        if isinstance(event, FeedPreview):
            self._in_the_middle = self._in_the_middle and not event.begins
        elif not isinstance(event, FeedAnswered):
            self._in_the_middle = False
        return self._in_the_middle and isinstance(event, FeedPreview)


async def _lines(response: httpx.Response) -> AsyncGenerator[str, None]:
    async for line in response.aiter_lines():
        yield line
