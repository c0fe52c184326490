"""Attachments on the CDN: their addresses are signed, and good for a day."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from mimetypes import guess_type
from urllib.parse import quote

from agentcore.clock import SECOND
from tests.simulators.discord_server.refusals import JSON
from tests.simulators.discord_server.timeline import Timeline

VALID_SECONDS = 86_400
_KEY = b"of the simulator's own"


@dataclass(frozen=True, slots=True)
class Stored:
    name: str
    content: bytes
    path: str


class Files:
    def __init__(self, timeline: Timeline) -> None:
        self.url = ""
        self._timeline = timeline
        self._stored: dict[str, Stored] = {}
        self._about: dict[int, JSON] = {}

    def store(
        self,
        channel_id: int,
        file_id: int,
        name: str,
        content: bytes,
        *,
        size: int = 0,
        extra: JSON | None = None,
    ) -> JSON:
        """Keep a file; what is told of it, with an address that isn't signed yet."""
        path = f"/attachments/{channel_id}/{file_id}/{quote(name)}"
        self._stored[path] = Stored(name, content, path)
        kind = guess_type(name)[0]
        about: JSON = {
            "id": str(file_id),
            "filename": name,
            "size": size or len(content),
            "url": path,
            "proxy_url": path,
        }
        if kind:
            about["content_type"] = kind
            if kind.startswith("image/"):
                about |= {"width": 1280, "height": 853}
        self._about[file_id] = about | (extra or {})
        return self._about[file_id]

    def about(self, file_id: int) -> JSON:
        """What was told of a file when it was stored."""
        return self._about[file_id]

    def signed(self, about: JSON) -> JSON:
        """With an address that can be opened until a day from now."""
        path: str = about["url"].removeprefix(self.url).partition("?")[0]
        now = self._timeline.now() // SECOND
        issued, expires = f"{now:x}", f"{now + VALID_SECONDS:x}"
        query = f"ex={expires}&is={issued}&hm={_sign(path, expires, issued)}&"
        url = f"{self.url}{path}?{query}"
        return about | {"url": url, "proxy_url": url}

    def open(self, path: str, asked: dict[str, str]) -> Stored | None:
        """The file, if the address is one that was given out and still good."""
        stored = self._stored.get(path)
        expires, issued = asked.get("ex", "0"), asked.get("is", "0")
        if stored is None or asked.get("hm") != _sign(path, expires, issued):
            return None
        return stored if self._timeline.now() // SECOND <= int(expires, 16) else None


def _sign(path: str, expires: str, issued: str) -> str:
    return hmac.new(_KEY, f"{path}?{expires}&{issued}".encode(), hashlib.sha256).hexdigest()
