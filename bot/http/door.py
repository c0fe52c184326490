"""The door: how the command line reaches a service that runs on the same machine.

Invariant: nothing behind it happens for a request that lacks the key of the lock file, that was
sent to a name other than this machine's own (DNS rebinding), or that a web page sent (Origin).

    POST /door/accept          Inbound → Receipt
    GET  /door/watch           address[, after_message, after_notice, since] → FeedEvents, one per SSE
    POST /door/command/{name}  arguments (an object) → whatever the command returns

Errors are `{"detail": …}`: 400 bad request, 401 no key, 403 not from here, 404 no such command,
413 too large, 422 not of the agreed form, 503 not stored now.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import aclosing, contextmanager
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from adapters.addresses import ChatAddress
from adapters.base import Service
from adapters.bodies import TooLarge, read_body
from adapters.feed import Cursor
from adapters.web.event_stream import Emit, EventStream
from adapters.web.guard import LOOPBACK, host_name
from agentcore.errors import BadInput, FamiliarError
from bot.door.codec import KEY_HEADER, event_codec, inbound_codec, receipt_codec

Command = Callable[[Mapping[str, Any]], Awaitable[Any]]

MAX_BODY = 1024 * 1024
MAX_ARGUMENTS = 96 * 1024 * 1024
"""Bytes of a command's arguments: an agent file may be among them."""

Parsed = TypeVar("Parsed")

_arguments_codec = TypeAdapter(dict[str, Any])


class Door:
    """The door's routes over one service."""

    def __init__(
        self,
        service: Service,
        key: str,
        commands: Mapping[str, Command],
        closing: asyncio.Event,
        ping_every: float,
    ) -> None:
        if not key:
            msg = "a door without a key would be open to everybody"
            raise ValueError(msg)
        self._service = service
        self._key = key.encode()
        self._commands = commands
        self._closing = closing
        self._ping_every = ping_every

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/door", dependencies=[Depends(self._guard)])
        router.add_api_route("/accept", self._accept, methods=["POST"], response_model=None)
        router.add_api_route("/watch", self._watch, methods=["GET"], response_model=None)
        router.add_api_route("/command/{name}", self._call, methods=["POST"], response_model=None)
        return router

    async def _guard(self, request: Request) -> None:
        if host_name(request.headers.get("host", "")) not in LOOPBACK:
            raise HTTPException(403, "the door is for this machine only: use its loopback address")
        if "origin" in request.headers:
            raise HTTPException(403, "the door isn't for web pages")
        given = request.headers.get(KEY_HEADER, "").encode("latin-1")
        if not secrets.compare_digest(given, self._key):
            raise HTTPException(401, f"the header {KEY_HEADER} must hold the lock file's key")

    async def _accept(self, request: Request) -> Response:
        inbound = _parsed(inbound_codec, await _body(request))
        with _explained():
            receipt = await self._service.accept(inbound)
        return Response(receipt_codec.dump_json(receipt), media_type="application/json")

    async def _watch(
        self,
        address: str,
        after_message: Annotated[int | None, Query(ge=0)] = None,
        after_notice: Annotated[int | None, Query(ge=0)] = None,
        since: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        try:
            chat = ChatAddress.parse(address)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        new = after_message is None and after_notice is None
        after = None if new else Cursor(after_message or 0, after_notice or 0, since)

        async def follow(emit: Emit) -> None:
            async with aclosing(self._service.watch(chat, after)) as feed:
                async for event in feed:
                    await emit(b"data: " + event_codec.dump_json(event) + b"\n\n")

        return EventStream(follow, self._closing, self._ping_every)

    async def _call(self, name: str, request: Request) -> Response:
        if (command := self._commands.get(name)) is None:
            known = ", ".join(sorted(self._commands)) or "none"
            raise HTTPException(404, f"this service has no command {name!r}; it has: {known}")
        arguments = _parsed(_arguments_codec, await _body(request, MAX_ARGUMENTS))
        with _explained():
            result = await command(arguments)
        return JSONResponse(to_jsonable_python(result))


@contextmanager
def _explained() -> Generator[None, None, None]:
    """Turns the engine's own errors into answers that say what to do."""
    try:
        yield
    except BadInput as error:
        raise HTTPException(400, str(error)) from error
    except FamiliarError as error:
        raise HTTPException(503, str(error)) from error


async def _body(request: Request, most: int = MAX_BODY) -> bytes:
    """The request's body.

    Raises:
        HTTPException: 413, as soon as it is known to be too large.
    """
    declared = request.headers.get("content-length")
    try:
        return await read_body(request.stream(), most, declared=declared)
    except TooLarge as error:
        said = f"the message is too large: at most {most} bytes as JSON"
        raise HTTPException(413, said) from error


def _parsed(codec: TypeAdapter[Parsed], body: bytes) -> Parsed:
    try:
        return codec.validate_json(body)
    except ValidationError as error:
        # Where it is wrong and why, never what was there: that may be a person's words.
        findings = error.errors(include_input=False, include_url=False, include_context=False)
        where = "; ".join(f"{_place(each['loc'])}: {each['msg']}" for each in findings[:5])
        raise HTTPException(422, where) from error


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(each) for each in location) or "body"
