"""What a request brings is read whole, in time, up to a limit, and as JSON that can be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anyio
import pytest
from starlette.types import Message, Receive

from adapters.bodies import TooLarge
from adapters.web.rest.http.reading import MAX_BODY, MAX_FILE, read_ahead
from adapters.web.rest.http.refusals import Invalid, TooSlow

GONE: Message = {"type": "http.disconnect"}


def pieces(*blocks: bytes, ends: bool = True) -> Receive:
    """A body that comes in pieces; without an end, nothing follows the last one."""
    left: list[Message] = [
        {"type": "http.request", "body": block, "more_body": not ends or each < len(blocks)}
        for each, block in enumerate(blocks, 1)
    ]

    async def receive() -> Message:
        if left:
            return left.pop(0)
        if not ends:
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        return GONE

    return receive


def a_request(
    path: str = "/v1/agents", kind: str = "application/json", **changes: Any
) -> Mapping[str, Any]:
    headers = [(b"content-type", kind.encode())] if kind else []
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": headers,
        **changes,
    }


async def read(
    *blocks: bytes, ends: bool = True, within: float = 5.0, **request: Any
) -> tuple[bytes, Callable[[], Any]]:
    """What a route gets of the body, and what it may ask on."""
    receive = await read_ahead(
        dict(a_request(**request)), pieces(*blocks, ends=ends), within=within
    )
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body, receive


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.x+json", ""])
async def test_json_comes_through_as_it_was_sent(kind: str) -> None:
    body, receive = await read(b'{"a": ', b'"\\ud83d\\ude00 \\\\ud800"}', kind=kind)
    assert body == b'{"a": "\\ud83d\\ude00 \\\\ud800"}'
    assert await receive() == GONE


async def test_text_that_no_database_can_hold_is_mended() -> None:
    body, _ = await read(rb'["\u0000", "\uD800", "\udc00\ud83d\ude00", "\ud83d\ud83d\ude00"]')
    assert body == rb'["\ufffd", "\ufffd", "\ufffd\ud83d\ude00", "\ufffd\ud83d\ude00"]'


@pytest.mark.parametrize(
    "body", [b"{", b'"\xff"', b"[NaN]", b"[" * 300 + b"]" * 300, b"9" * 5_000, b"\xef\xbb\xbf{}"]
)
async def test_what_is_no_json_or_nested_too_deep_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match="can't be read as JSON"):
        await read(body)


async def test_no_body_is_no_bad_json() -> None:
    assert (await read(b""))[0] == b""
    assert (await read(b"never read", method="GET"))[0] == b"never read"


@pytest.mark.parametrize(
    ("path", "kind", "most"),
    [
        ("/v1/agents", "application/json", MAX_BODY),
        ("/v1/agents", "multipart/form-data", MAX_BODY),
        ("/v1/agents/import", "multipart/form-data", MAX_FILE),
    ],
)
async def test_too_large_a_body_is_refused_as_soon_as_it_is_known(
    path: str, kind: str, most: int
) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(most + 1).encode())]
    with pytest.raises(TooLarge):
        await read(b"", path=path, headers=headers)
    block = b" " * (1024 * 1024)
    with pytest.raises(TooLarge):
        await read(*[block] * (most // len(block)), b" ", ends=False, path=path, kind=kind)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data"])
async def test_a_body_that_does_not_come_is_not_waited_for(kind: str) -> None:
    with pytest.raises(TooSlow):
        await read(b"{", ends=False, within=0.01, kind=kind)


async def test_after_a_file_whoever_waits_for_its_sender_may_wait_long() -> None:
    receive = await read_ahead(
        dict(a_request(kind="multipart/form-data")), pieces(b"file"), within=0
    )
    await receive()
    assert await receive() == GONE


async def test_a_request_that_breaks_off_is_no_request() -> None:
    async def receive() -> Message:
        return GONE

    with pytest.raises(Invalid):
        await read_ahead(dict(a_request()), receive)


@pytest.mark.parametrize("changes", [{"query_string": b"a=%00"}, {"path": "/v1/agents/\x00"}])
async def test_an_address_with_a_nul_is_refused(changes: Mapping[str, Any]) -> None:
    with pytest.raises(Invalid, match="NUL"):
        await read(b"", **{"method": "GET", **changes})
