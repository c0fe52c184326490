"""A call as it came: its place, its query, its JSON body and the files with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from tests.simulators.discord_server.refusals import BAD_JSON, JSON, Refused


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """`ids` are what stands in the route's gaps, in order."""

    route: str
    ids: tuple[str, ...]
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    uploads: dict[str, Upload] = field(default_factory=dict)

    @property
    def asked(self) -> JSON:
        """The body as an object, empty without one."""
        return self.body if isinstance(self.body, dict) else {}

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in {"1", "true"}


async def read_body(request: web.Request) -> tuple[Any, dict[str, Upload]]:
    """The JSON of a request, and its files by the names of their fields.

    Raises:
        Refused: It isn't JSON.
    """
    if not request.content_type.startswith("multipart/"):
        return _json(await request.text()), {}
    form = await request.post()
    uploads: dict[str, Upload] = {}
    body: Any = None
    for name, value in form.items():
        if isinstance(value, FileField):
            uploads[name] = Upload(value.filename, value.file.read())
            value.file.close()
        elif name == "payload_json":
            body = _json(str(value))
    return body, uploads


def _json(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refused(*BAD_JSON) from error
