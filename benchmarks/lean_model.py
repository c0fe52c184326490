"""A model behind HTTP that costs next to nothing, so that what is measured is who asks it.

    python -m benchmarks.lean_model

Speaks OpenAI's protocol, streamed or not, checks nothing and never waits. To `My name is Ada` it
answers with an edit of the memory first, if it was given that tool; to anything else with one
sentence. `GET /bodies/3` returns the last three requests, word for word and in order.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import deque
from itertools import count
from typing import Any

from tests.simulators.openai_replies import Answer, Body, Call, Tokens, completion, events

KEPT = 64
"""Bodies that are kept."""
_NAME = re.compile(r"\bmy name is ([\w-]+)", re.IGNORECASE)
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_BODIES = re.compile(rb"GET /bodies/([1-9]\d*) ")
_EDIT = "memory_insert"
_END = b"\r\n\r\n"


class LeanModel(asyncio.Protocol):
    """One connection. `bodies` is shared by all."""

    def __init__(self, bodies: deque[bytes], numbers: count[int]) -> None:
        self._bodies = bodies
        self._numbers = numbers
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(_END)) >= 0:
            length = _LENGTH.search(self._buffer, 0, end)
            whole = end + len(_END) + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            request, self._buffer = self._buffer[:whole], self._buffer[whole:]
            self._answer(request[:end], request[end + len(_END) :])

    def _answer(self, head: bytes, content: bytes) -> None:
        if wanted := _BODIES.match(head):
            last = list(self._bodies)[-int(wanted[1]) :]
            self._send(b"[" + b",".join(last) + b"]")
            return
        if not head.startswith(b"POST "):
            self._send(b'{"object":"list","data":[]}')
            return
        self._bodies.append(content)
        body = json.loads(content)
        answer = answered(body, next(self._numbers), len(content))
        if not body.get("stream"):
            self._send(json.dumps(completion(answer, body["model"])).encode())
            return
        self._write(_headers("text/event-stream", b"transfer-encoding: chunked"))
        usage = bool((body.get("stream_options") or {}).get("include_usage"))
        for event in events(answer, body["model"], usage=usage):
            self._write(b"%x\r\n%b\r\n" % (len(event), event))
        self._write(b"0\r\n\r\n")

    def _send(self, content: bytes) -> None:
        self._write(_headers("application/json", b"content-length: %d" % len(content)) + content)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _headers(kind: str, framing: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n%b\r\n\r\n" % (kind.encode(), framing)


def answered(body: Body, number: int, size: int) -> Answer:
    """What it says to a request of so many bytes."""
    messages = body["messages"]
    asked: Body = next((each for each in reversed(messages) if each["role"] == "user"), {})
    name = _NAME.search(_text(asked.get("content")))
    tokens = Tokens(prompt=max(1, size // 4), completion=11)
    if name is None:
        said = "Hello there, human! How can I help you today?"
    elif messages[-1]["role"] == "tool":
        said = f"Got it! I have noted your name, {name[1]}."
    elif any(each["function"]["name"] == _EDIT for each in body.get("tools") or ()):
        noted = json.dumps({"label": "human", "new_string": f"Name: {name[1]}"})
        return Answer(calls=(Call(_EDIT, noted, f"call_{number}"),), tokens=tokens, fragment=16)
    else:
        said = f"Hello, {name[1]}!"
    return Answer(said, tokens=tokens, fragment=6)


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content or "")


async def _serve() -> None:
    bodies: deque[bytes] = deque(maxlen=KEPT)
    numbers = count(1)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: LeanModel(bodies, numbers), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"listening on http://127.0.0.1:{port}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
