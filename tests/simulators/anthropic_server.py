"""A strict stand-in for Anthropic's messages endpoint on loopback, with its prompt cache.

It refuses what the real one refuses where clients go wrong, and counts tokens (four characters
each): what it read from its cache, what it kept up to a mark, and the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Self

_MOST_MARKS = 4


class AnthropicServer:
    """Answers every valid request with the next of `texts`, then with the last one for ever."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)
        self._server: asyncio.Server | None = None
        self._kept: set[str] = set()
        self.requests: list[dict[str, Any]] = []
        self.usages: list[dict[str, int]] = []

    @property
    def base_url(self) -> str:
        assert self._server is not None, "use `async with`"
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(
            int(line.partition(":")[2])
            for line in head.split("\r\n")
            if line.lower().startswith("content-length")
        )
        body = json.loads(await reader.readexactly(length))
        refusal = "not found" if not head.startswith("POST /v1/messages ") else refusal_of(body)
        status, answer = (200, self._answer(body)) if refusal is None else (400, _error(refusal))
        content = json.dumps(answer).encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n"
            f"content-length: {len(content)}\r\n\r\n".encode()
            + content
        )
        await writer.drain()
        writer.close()

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(body)
        usage = self._counted(body)
        self.usages.append(usage)
        text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
        return {
            "id": f"msg_{len(self.requests)}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {**usage, "output_tokens": len(text) // 4 + 1},
        }

    def _counted(self, body: dict[str, Any]) -> dict[str, int]:
        """The longest prefix that was kept is read; what is marked further on is kept."""
        prefix, total, read, kept = hashlib.sha256(), 0, 0, 0
        for block in blocks_of(body):
            bare = {key: value for key, value in block.items() if key != "cache_control"}
            said = json.dumps(bare, sort_keys=True)
            prefix.update(said.encode())
            total += len(said) // 4
            if prefix.hexdigest() in self._kept:
                read = total
            if "cache_control" in block:
                kept = total
                self._kept.add(prefix.hexdigest())
        kept = max(kept, read)
        return {
            "input_tokens": total - kept,
            "cache_creation_input_tokens": kept - read,
            "cache_read_input_tokens": read,
        }


def blocks_of(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All blocks of a request in the order in which they are read: tools, system, messages."""
    yield from body.get("tools", [])
    yield from _as_blocks(body.get("system", []))
    for message in body["messages"]:
        yield from _as_blocks(message["content"])


def _as_blocks(content: str | Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def refusal_of(body: dict[str, Any]) -> str | None:
    """Why the real one would refuse it."""
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    marks = sum("cache_control" in block for block in blocks_of(body))
    if marks > _MOST_MARKS:
        return f"A maximum of 4 blocks with cache_control may be provided. Found {marks}."
    if any(b.get("type") == "text" and not b["text"].strip() for b in blocks_of(body)):
        return "text content blocks must contain non-whitespace text"
    calls: set[str] = set()
    for at, message in enumerate(body["messages"]):
        if message["role"] != ("user", "assistant")[at % 2]:
            return "roles must alternate, and begin with user"
        blocks = _as_blocks(message["content"])
        answered = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
        if answered != calls:
            return "every `tool_use` block must have a `tool_result` block in the next message"
        calls = {b["id"] for b in blocks if b["type"] == "tool_use"}
    return None


def _error(message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
