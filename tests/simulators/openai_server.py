"""A scripted, strict, OpenAI-compatible server on loopback, over real HTTP: chat completions, and
embeddings, which answer by themselves where the script holds nothing for them.

    async with OpenAIServer() as server:
        server.script(Answer("Hello"), Failure(rate_limited(), {"retry-after": "1"}))
        ... requests to server.base_url ...
        assert server.requests[0]["messages"] == ...

A brain, a function from the request's body to a reply, answers when the script has run out:
`tests.simulators.offline_brain` is one.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, assert_never

from tests.simulators import openai_embeddings
from tests.simulators.openai_embeddings import embedded, refusal_of_embedding
from tests.simulators.openai_replies import (
    Answer,
    Brain,
    Cut,
    Drop,
    Failure,
    Hang,
    Raw,
    Reply,
    completion,
    events,
)
from tests.simulators.openai_rules import (
    Refusal,
    no_key,
    no_model,
    no_tools,
    refusal_of,
    wrong_key,
)

API_KEY = "sk-test-0123456789abcdef"
_ENDPOINTS = {("POST", "/v1/chat/completions"), ("POST", openai_embeddings.PATH)}
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    headers: dict[str, str]
    content: bytes


class OpenAIServer:
    """One server. Give it no brain and it must have a script."""

    def __init__(
        self,
        *,
        brain: Brain | None = None,
        models: tuple[str, ...] = ("gpt-4o-mini", "local-model", "toolless"),
        toolless: tuple[str, ...] = ("toolless",),
        api_key: str | None = API_KEY,
        embedders: tuple[str, ...] = ("text-embedding-3-small", "local-embedder"),
    ) -> None:
        self._brain = brain
        self._embedders = embedders
        self._models = models
        self._toolless = toolless
        self._api_key = api_key
        self._script: deque[Reply] = deque()
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}
        self.requests: list[dict[str, Any]] = []
        """The bodies of all requests that parsed, in order, refused ones included."""
        self.embedded: list[dict[str, Any]] = []
        """The bodies of all requests for vectors, likewise."""
        self.keys: list[str] = []
        """The bearer keys of all requests, in order."""
        self.connections = 0
        """How many connections were opened."""
        self.waiting = asyncio.Event()
        """Set when a client hangs on a `Hang` or a `Cut(hang=True)`."""
        self.gone = asyncio.Event()
        """Set when such a client has closed its connection."""

    def script(self, *replies: Reply) -> None:
        """Replies to the next valid requests, in order."""
        self._script.extend(replies)

    @property
    def base_url(self) -> str:
        if self._server is None:
            raise RuntimeError("the server isn't started: use `async with`")
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}/v1"

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._connections.values():
            writer.transport.abort()
        if self._connections:
            await asyncio.wait(self._connections)

    async def serve_forever(self) -> None:
        if self._server is not None:
            await self._server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("asyncio serves every connection in a task")
        self._connections[task] = writer
        self.connections += 1
        try:
            while (request := await _read(reader)) is not None:
                if not await self._respond(request, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            del self._connections[task]
            writer.close()

    async def _respond(
        self, request: _Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; whether the connection can take another."""
        body = _parsed(request.content)
        if request.path == openai_embeddings.PATH:
            reply = self._refuse_embedding(request, body) or self._next_vectors(body)
        else:
            reply = self._refuse(request, body) or await self._next(body)
        streamed = bool(body.get("stream"))
        match reply:
            case Answer() if streamed:
                await _write_events(writer, [*_events(reply, body)], complete=True)
            case Answer():
                _write_json(writer, 200, completion(reply, body["model"]))
            case Failure(refusal=refusal, headers=headers):
                _write_json(writer, refusal.status, refusal.body, dict(headers))
            case Raw(content=content, content_type=content_type):
                _write(writer, 200, content, {"content-type": content_type})
            case Drop():
                return False
            case Hang():
                await self._until_gone(reader)
                return False
            case Cut(answer=answer, events=count, abruptly=abruptly, hang=hang):
                complete = not abruptly and not hang
                await _write_events(writer, [*_events(answer, body)][:count], complete=complete)
                if hang:
                    await self._until_gone(reader)
                return complete
            case _:
                assert_never(reply)
        await writer.drain()
        return True

    async def _until_gone(self, reader: asyncio.StreamReader) -> None:
        self.waiting.set()
        await reader.read()
        self.gone.set()

    def _refuse(self, request: _Request, body: dict[str, Any]) -> Failure | None:
        refusal = self._door(request)
        if refusal is None:
            self.requests.append(body)
            refusal = refusal_of(body)
        if refusal is None and body["model"] not in self._models:
            refusal = no_model(body["model"])
        if refusal is None and body["model"] in self._toolless and body.get("tools"):
            refusal = no_tools(body["model"])
        return None if refusal is None else Failure(refusal)

    def _refuse_embedding(self, request: _Request, body: dict[str, Any]) -> Failure | None:
        refusal = self._door(request)
        if refusal is None:
            self.embedded.append(body)
            refusal = refusal_of_embedding(body)
        if refusal is None and body["model"] not in self._embedders:
            refusal = no_model(body["model"])
        return None if refusal is None else Failure(refusal)

    def _next_vectors(self, body: dict[str, Any]) -> Reply:
        if self._script:
            return self._script.popleft()
        return Raw(json.dumps(embedded(body)).encode())

    def _door(self, request: _Request) -> Refusal | None:
        if (request.method, request.path) not in _ENDPOINTS:
            return Refusal(404, f"Invalid URL ({request.method} {request.path})")
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.keys.append(key)
        if self._api_key is not None and not key:
            return no_key()
        return wrong_key(key) if self._api_key not in {None, key} else None

    async def _next(self, body: dict[str, Any]) -> Reply:
        if self._script:
            return self._script.popleft()
        if self._brain is None:
            return Failure(Refusal(500, "the simulator's script has run out"))
        reply = self._brain(body)
        return await reply if inspect.isawaitable(reply) else reply


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines) if k}
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    return _Request(method, path, headers, content)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}


def _events(answer: Answer, body: dict[str, Any]) -> list[bytes]:
    usage = bool((body.get("stream_options") or {}).get("include_usage"))
    return list(events(answer, body["model"], usage=usage))


def _write_json(
    writer: asyncio.StreamWriter, status: int, body: Any, headers: dict[str, str] | None = None
) -> None:
    typed = {"content-type": "application/json", **(headers or {})}
    _write(writer, status, json.dumps(body).encode(), typed)


def _write(
    writer: asyncio.StreamWriter, status: int, content: bytes, headers: dict[str, str]
) -> None:
    sized = {**headers, "content-length": str(len(content))}
    writer.write(_head(status, sized) + content)


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _write_events(
    writer: asyncio.StreamWriter, pieces: list[bytes], *, complete: bool
) -> None:
    headers = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
    writer.write(_head(200, headers))
    for piece in pieces:
        writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await writer.drain()
    if complete:
        writer.write(b"0\r\n\r\n")
    await writer.drain()
