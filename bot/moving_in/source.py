"""The server that agents come from: its lists, page by page, whatever its connection does."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Self
from urllib.parse import quote

import anyio
import httpx

from agentcore.errors import BadInput
from agentcore.records import storable

Record = Mapping[str, Any]

PAGE = 100
TRIES = 6
"""How often a request is made until it counts as failed."""
LONGEST_PAUSE = 30.0
MOST_PAGES = 10_000
"""After which a list counts as one without an end: a million messages."""
LONGEST_ID = 200
DEEPEST = 128
"""Lists and objects within each other. Agent files may have some more."""
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


def path_of(agent_id: str, *rest: str) -> str:
    """Where something of an agent is, whatever its id is made of."""
    return "/".join(("/v1/agents", quote(agent_id, safe=""), *rest))


class SourceFailed(BadInput):
    """The other server doesn't give what is asked for; the message says why, and what to do."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class LettaSource:
    """A Letta server. Use as an async context manager.

    Args:
        first_pause: seconds until a request is tried again; each time twice as long.
        most_pages: that one list may have.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        first_pause: float = 0.5,
        most_pages: int = MOST_PAGES,
    ) -> None:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        try:
            base = httpx.URL(url.rstrip("/").removesuffix("/v1"))
        except httpx.InvalidURL as error:
            raise _no_url(url) from error
        if base.scheme not in {"http", "https"} or not base.host:
            raise _no_url(url)
        self.url = str(base.copy_with(username=None, password=None))  # it is kept, and told
        self._first_pause = first_pause
        self._most_pages = most_pages
        self._http = httpx.AsyncClient(
            base_url=base,
            headers=headers,
            follow_redirects=True,
            timeout=httpx.Timeout(60.0, connect=10.0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON.

        Raises:
            SourceFailed: there is none, also after some tries.
        """
        pause, tries = self._first_pause, 1
        while True:
            try:
                answer = await self._http.get(path, params=dict(query or {}))
                if answer.status_code not in _PASSING:
                    return _read(answer, path)
                why = f"answers {answer.status_code}"
                asked = answer.headers.get("retry-after", "")
                wait = float(asked) if asked.isdecimal() else pause
            except httpx.TransportError as error:
                why, wait = f"can't be reached ({type(error).__name__})", pause
            except httpx.RequestError as error:
                # A redirect that leads nowhere, or a coding that isn't the one it names.
                raise _unreadable(self.url, path, type(error).__name__) from error
            if tries == TRIES:
                msg = (
                    f"{self.url} {why}, {TRIES} times. What is here is kept: run this again, and "
                    "it goes on where it stopped."
                )
                raise SourceFailed(msg)
            await anyio.sleep(min(wait, LONGEST_PAUSE))
            tries, pause = tries + 1, 2 * pause

    async def pages(
        self, path: str, query: Mapping[str, Any], *, after: str | None = None
    ) -> AsyncGenerator[list[Record], None]:
        """A list's pages until an empty one, from behind the record `after`.

        Raises:
            SourceFailed: also where they come round again, or don't end.
        """
        seen = {after}
        for _ in range(self._most_pages):
            cursor = {} if after is None else {"after": after}
            page = await self.get(path, {**query, "limit": PAGE, **cursor})
            if not isinstance(page, list):
                raise SourceFailed(f"{self.url}{path} is no list: is it a Letta server?")
            if not all(_is_record(each) for each in page):
                msg = f"{self.url}{path} lists something without an id: is it a Letta server?"
                raise SourceFailed(msg)
            if not page:
                return
            after = page[-1]["id"]
            if after in seen:
                raise SourceFailed(f"{self.url}{path} gives the same page again and again.")
            seen.add(after)
            yield page
        msg = (
            f"{self.url}{path} doesn't end after {self._most_pages:,} pages. What is here is kept; "
            "if there is more, run this again."
        )
        raise SourceFailed(msg)

    async def whole(
        self, path: str, query: Mapping[str, Any], *, optional: bool = False
    ) -> list[Record]:
        """A list in one. `optional`: a server that doesn't have it has none."""
        found: list[Record] = []
        try:
            async for page in self.pages(path, query):
                found += page
        except SourceFailed as failed:
            if not (optional and failed.status == httpx.codes.NOT_FOUND):
                raise
        return found


def _is_record(value: object) -> bool:
    """Whether it has an id that one can ask for: it becomes part of an address, and is told."""
    name = value.get("id") if isinstance(value, dict) else None
    return (
        isinstance(name, str)
        and 0 < len(name) <= LONGEST_ID
        and name.isascii()
        and name.isprintable()
    )


def _read(answer: httpx.Response, path: str) -> Any:
    if answer.status_code in {401, 403}:
        msg = f"{answer.url.host} refuses the token ({answer.status_code}). Give it with --token."
        raise SourceFailed(msg)
    if answer.is_error:
        msg = f"{answer.url.host} answers {answer.status_code} to GET {path}: is it a Letta server?"
        raise SourceFailed(msg, answer.status_code)
    try:
        return _plain(answer.json())
    except (ValueError, RecursionError) as error:
        raise _unreadable(answer.url.host, path, "no JSON") from error


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON that can be stored and told: Python reads more than that, and so do other servers.

    Raises:
        ValueError: it is nested deeper than anything that means something.
    """
    if depth > DEEPEST:
        raise ValueError
    match value:
        case str():
            return storable(value)
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [_plain(each, depth + 1) for each in value]
        case dict():
            return {storable(key): _plain(each, depth + 1) for key, each in value.items()}
        case _:
            return value


def _unreadable(server: str, path: str, why: str) -> SourceFailed:
    return SourceFailed(f"{server} answers GET {path} with what can't be read ({why}).")


def _no_url(url: str) -> SourceFailed:
    return SourceFailed(f"{url!r} is no address of a server: write it as http://host:8283.")
