"""The page's files: the templates that are filled in, and the rest as it is."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import secrets
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from adapters.surroundings import Surroundings
from adapters.web.guard import policy
from adapters.web.visitors import Visitor

_FOLDER = Path(__file__).parent / "page"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


class Page:
    """Reads the files once. Their address holds a hash of them all, so that a browser may keep
    them for good and never mixes two versions.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
        )
        self._files = {
            path.name: path.read_bytes()
            for path in sorted(_FOLDER.iterdir())
            if path.suffix in {".js", ".css", ".svg"}
        }
        digest = hashlib.sha256(json.dumps([str(each) for each in self._files.items()]).encode())
        self.version = digest.hexdigest()[:16]

    async def chat(self, visitor: Visitor) -> Response:
        profile = await self._around.profile(visitor.address, visitor.sender)
        return self._filled("chat.html", profile.language)

    def enter(self, language: str | None) -> Response:
        """The page for those who need an invitation."""
        return self._filled("enter.html", language)

    def _filled(self, template: str, language: str | None) -> Response:
        nonce = secrets.token_urlsafe(16)
        texts = self._around.texts("web.", language)
        html = self._templates.get_template(template).render(
            t={key.removeprefix("web."): text for key, text in texts.items()},
            commands=[
                {"name": entry.command, "what": entry.description}
                for entry in self._around.menu(language)
            ],
            language=texts["web.language"],
            nonce=nonce,
            static=f"/static/{self.version}",
        )
        headers = {"Content-Security-Policy": policy(nonce), "Cache-Control": "no-store"}
        return HTMLResponse(html, headers=headers)

    def file(self, version: str, name: str) -> Response | None:
        """One of the other files; None if there is none of that name in this version."""
        content = self._files.get(name) if version == self.version else None
        if content is None:
            return None
        kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
        keep = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(content, media_type=kind, headers=keep)
