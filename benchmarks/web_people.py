"""Visitors of the web page, as browsers: a cookie, an outbox that sends until the server has it, and
a feed that is followed over any number of connections (`adapters/web/page`).

    python -m benchmarks.web_people --service http://127.0.0.1:8283 --cuts 0.02 --again 0.05

Prints `listening on URL`; what is there says `scripted_people`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from anyio import CancelScope

from agentcore.clock import SystemClock
from benchmarks.scripted_people import REPEATED, AtTheService, Seen, Sign, arguments, serve

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
"""Seconds between two tries, as the page waits."""
TOO_SHORT = httpx.Timeout(10, read=0.002)
"""Patience of whose connection breaks once it has sent."""
Event = tuple[str, Mapping[str, Any]]


@dataclass
class Post:
    """Something written, under its one id."""

    text: str
    client_id: str = field(default_factory=lambda: uuid.uuid4().hex)


class Visitor:
    """`Reader` of one open page."""

    def __init__(self, service: str, clock: SystemClock) -> None:
        self._client = httpx.AsyncClient(base_url=service, trust_env=False, timeout=60)
        self._clock = clock
        self._outbox: asyncio.Queue[Post] = asyncio.Queue()
        self._seen: list[Seen] = []
        self._shown: list[str] = []
        self._growing = ""
        self._place: tuple[int, int, int] | None = None
        self._connected = CancelScope()
        self.sent: deque[Post] = deque(maxlen=20)
        self.loses_answer = False
        """The next post's answer doesn't arrive."""

    async def visit(self) -> None:
        """Open the page and stay."""
        await self._until_there(lambda: self._client.get("/"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send())
            tasks.create_task(self._follow())

    def writes(self, line: str) -> None:
        self._outbox.put_nowait(Post(line))

    def sees(self, after: int = 0) -> Sequence[Seen]:
        return self._seen[after:]

    def signs(self) -> Sequence[Sign]:
        return ()

    async def records(self) -> Sequence[str]:
        """Answers in the making, and the whole history as the page loads it."""
        texts, before = [*self._shown, self._growing], ""
        while True:
            page = (await self._client.get("/chat/history", params={"before": before})).json()
            texts += [each["text"] for each in page["messages"]]
            if not page["more"]:
                return texts
            before = page["messages"][0]["id"]

    def cut(self) -> None:
        """The connection of the feed breaks."""
        self._connected.cancel()

    async def post_again(self, post: Post) -> None:
        """What is between us and the server sends something that arrived once more."""
        with suppress(httpx.TransportError):
            await self._post(post)

    async def _send(self) -> None:
        """One after the other, each until the server has it."""
        while True:
            post = await self._outbox.get()
            answer = await self._until_there(lambda post=post: self._post(post))
            self.sent.append(post)
            told = answer.json()
            if told.get("outcome") not in {"accepted", "duplicate"}:
                self._see(told.get("text") or told.get("detail") or str(told))

    async def _post(self, post: Post) -> httpx.Response:
        body = {"text": post.text, "client_id": post.client_id}
        patience = TOO_SHORT if self.loses_answer else httpx.USE_CLIENT_DEFAULT
        self.loses_answer = False
        return await self._client.post("/chat/messages", json=body, timeout=patience)

    async def _until_there(self, ask: Any) -> httpx.Response:
        pause = FIRST_PAUSE
        while True:
            try:
                answer: httpx.Response = await ask()
                if answer.status_code != 429 and answer.status_code < 500:
                    return answer
            except httpx.TransportError:
                pass
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _follow(self) -> None:
        while True:
            with CancelScope() as self._connected:
                await self._connection()
            await asyncio.sleep(FIRST_PAUSE)

    async def _connection(self) -> None:
        after = {} if self._place is None else {"after": ".".join(map(str, self._place))}
        with suppress(httpx.TransportError):
            async with self._client.stream("GET", "/chat/events", params=after) as stream:
                if stream.status_code == 200:
                    async for name, data in _events(stream):
                        self._receive(name, data)

    def _receive(self, name: str, data: Mapping[str, Any]) -> None:
        if name == "preview":
            if data["begins"]:
                self._shown.append(self._growing)
                self._growing = ""
            self._growing += data["text"]
        if name == "memory":
            self._shown.append(json.dumps(data))
        if name in {"message", "notice"} and self._is_new(name, data["id"]):
            if data.get("role") == "user":
                self._shown.append(data["text"])
            else:
                self._see(data["text"])

    def _is_new(self, name: str, event_id: str) -> bool:
        message, notice, since = (int(each) for each in event_id.split("."))
        before = self._place or (0, 0, 0)
        at = 0 if name == "message" else 1
        if self._place is not None and (message, notice)[at] <= before[at]:
            return False
        self._place = (max(message, before[0]), max(notice, before[1]), since or before[2])
        return True

    def _see(self, text: str) -> None:
        self._seen.append(Seen(len(self._seen) + 1, text, self._clock.now()))


async def _events(stream: httpx.Response) -> AsyncIterator[Event]:
    name = ""
    async for line in stream.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


class Web(AtTheService):
    """`Platform` over the page of the service itself."""

    def __init__(self, given: argparse.Namespace, tasks: asyncio.TaskGroup) -> None:
        super().__init__(given, tasks)
        self._visitors: list[Visitor] = []

    def person(self, _name: str) -> Visitor:
        visitor = Visitor(self._given.service, self._clock)
        self._visitors.append(visitor)
        self._tasks.create_task(visitor.visit())
        return visitor

    def throw(self, chance: random.Random) -> Iterator[str]:
        if not self._visitors:
            return
        visitor = chance.choice(self._visitors)
        if visitor.sent and chance.random() < self._given.again:
            self._tasks.create_task(visitor.post_again(chance.choice(visitor.sent)))
            yield REPEATED
        if chance.random() < self._given.cuts:
            visitor.cut()
            yield "feeds cut"
        if chance.random() < self._given.losses:
            visitor.loses_answer = True
            yield "answers to a post lost"


async def _play() -> None:
    given = arguments("Visitors of the web page, who write.", "again", "cuts", "losses")
    async with asyncio.TaskGroup() as tasks:
        await serve(Web(given, tasks), given)


if __name__ == "__main__":
    asyncio.run(_play())
