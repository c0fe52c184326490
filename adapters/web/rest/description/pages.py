"""What describes the API: `/openapi.json` for programs, `/docs` for people. Both tell what everybody can
read in this program's source, and are open to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.rest.description.document import ABOUT, described
from adapters.web.rest.description.reference import topics

DESCRIPTION, DOCS, STYLE = "/openapi.json", "/docs", "/docs/style.css"
PATHS = frozenset({DESCRIPTION, DOCS, STYLE})

_FOLDER = Path(__file__).parent / "page"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The page has no script, and nothing of others."""


@dataclass(frozen=True, slots=True)
class _Made:
    description: bytes
    docs: bytes


class Pages:
    """Made once, when somebody first asks: it takes long enough to be done in a thread."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._made: _Made | None = None
        self._making = anyio.Lock()

    def routes(self) -> Sequence[Route]:
        return [
            Route(DESCRIPTION, self._description),
            Route(DOCS, self._docs),
            Route(STYLE, self._style),
        ]

    async def _description(self, _request: Request) -> Response:
        return Response((await self._ready()).description, media_type="application/json")

    async def _docs(self, _request: Request) -> Response:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return Response((await self._ready()).docs, media_type="text/html", headers=headers)

    async def _style(self, _request: Request) -> Response:
        style = await anyio.Path(_FOLDER / "docs.css").read_bytes()
        return Response(style, media_type="text/css", headers=_KEPT)

    async def _ready(self) -> _Made:
        async with self._making:
            if self._made is None:
                self._made = await anyio.to_thread.run_sync(_made, self._app)
            return self._made


_KEPT: Mapping[str, str] = {"Cache-Control": "no-cache"}


def _made(app: FastAPI) -> _Made:
    document = described(app)
    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    about = [paragraph.replace("\n", " ") for paragraph in ABOUT.strip().split("\n\n")]
    docs = templates.get_template("docs.html").render(
        topics=topics(document), version=document["info"]["version"], about=about, style=STYLE
    )
    return _Made(to_json(document), docs.encode())
