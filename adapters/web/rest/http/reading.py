"""What a request brings, read before a route sees it: all of it, in good time, not too much, and as
JSON that can be worked with.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator

import anyio
from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from adapters.bodies import TooLarge, read_body
from adapters.web.rest.http.refusals import Invalid, TooSlow

MAX_BODY = 4 * 1024 * 1024
"""Bytes of one request."""
MAX_FILE = 64 * 1024 * 1024
"""Bytes of one that brings a file."""
PATIENCE = 60.0
"""Seconds until all of a body must be here, or, of a file, its next piece."""

_FILES = frozenset({"/v1/agents/import"})
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})

_NO_TEXT = re.compile(rb"\\u(?:0000|d[89a-f])", re.IGNORECASE)
_ESCAPE = re.compile(
    rb"\\(?:u(?P<pair>d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|u(?P<code>[0-9a-f]{4})|.)",
    re.IGNORECASE | re.DOTALL,
)


async def read_ahead(scope: Scope, receive: Receive, *, within: float = PATIENCE) -> Receive:
    """How the request's body is to be received from now on. JSON has been read and checked.

    Raises:
        Invalid: it isn't JSON, or nested too deep; or an address that no text can hold.
        TooLarge: it has more bytes than are taken.
        TooSlow: it wasn't here in time.
    """
    if b"%00" in scope["query_string"] or "\x00" in scope["path"]:
        raise Invalid("There is a NUL character in the address.")
    if scope["method"] in _BODILESS:
        return receive
    headers, most = Headers(scope=scope), MAX_FILE if scope["path"] in _FILES else MAX_BODY
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise TooLarge
    if "json" not in headers.get("content-type", "json").lower():
        return _counted(receive, most, within)
    try:
        with anyio.fail_after(within):
            body = await read_body(_blocks(receive), most)
    except TimeoutError as error:
        raise TooSlow("The request's body didn't come in time.") from error
    return _again(_checked(body) if body else b"", receive)


async def _blocks(receive: Receive) -> AsyncGenerator[bytes, None]:
    while (message := await receive())["type"] == "http.request":
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return
    raise Invalid("The request broke off.")


def _checked(body: bytes) -> bytes:
    """The body, with what no database can hold as text mended.

    Raises:
        Invalid: see `read_ahead`. What was sent isn't told: it may be somebody's words.
    """
    if _NO_TEXT.search(body):
        body = _ESCAPE.sub(_mended, body)
    try:
        from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Invalid(f"The body can't be read as JSON: {error}.") from error
    return body


def _mended(escape: re.Match[bytes]) -> bytes:
    """NUL and surrogates without their other half become the sign for what can't be shown."""
    code = (escape["code"] or b"").lower()
    if code == b"0000" or (code[:1] == b"d" and code[1:2] >= b"8"):
        return rb"\ufffd"
    return escape[0]


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever comes after it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return left.pop() if left else await receive()

    return received


def _counted(receive: Receive, most: int, within: float) -> Receive:
    """The body as it comes, until there is too much of it, or the next piece takes too long."""
    size, complete = 0, False

    async def counted() -> Message:
        nonlocal size, complete
        if complete:
            return await receive()
        try:
            with anyio.fail_after(within):
                message = await receive()
        except TimeoutError as error:
            raise TooSlow("The request's body didn't come in time.") from error
        size += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if size > most:
            raise TooLarge
        return message

    return counted
