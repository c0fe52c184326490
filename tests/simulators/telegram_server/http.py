"""Plain HTTP/1.1 as far as the Bot API needs it, with connections that can be cut at will."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Cut(Exception):
    """The connection ends here, without an answer."""


def json_response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    typed = {"content-type": "application/json", **(headers or {})}
    return Response(status, json.dumps(body, ensure_ascii=False).encode(), typed)


def html_response(status: int) -> Response:
    """What the proxy before the server says for itself."""
    said = f"{status} {_REASONS[status]}"
    page = (
        f"<html>\r\n<head><title>{said}</title></head>\r\n<body>\r\n<center><h1>{said}</h1>"
        "</center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
    )
    return Response(status, page.encode(), {"content-type": "text/html"})


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request on a connection, None when the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines) if k}
    if "chunked" in headers.get("transfer-encoding", ""):
        content = await _chunks(reader)
    else:
        content = await reader.readexactly(int(headers.get("content-length", "0")))
    path, _, query = target.partition("?")
    return Request(method, unquote(path), query, headers, content)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    content = b""
    while size := int(await reader.readline(), 16):
        content += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return content


def write_response(writer: asyncio.StreamWriter, response: Response) -> None:
    headers = {**response.headers, "content-length": str(len(response.content))}
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Error')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + response.content)
