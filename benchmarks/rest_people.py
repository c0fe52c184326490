"""Clients of the REST API, each with an agent of its own: they speak as letta-client does, try again
as it does, and go on with streams that broke.

    python -m benchmarks.rest_people --service http://127.0.0.1:8283 --losses 0.02 --again 0.05

Prints `listening on URL`; what is there says `scripted_people`. Of their lines, `!agent` deletes the
agent and makes another, `!block` makes a block, has it held and deletes it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeVar

import httpx

from agentcore.clock import SystemClock
from benchmarks.scripted_people import REPEATED, AtTheService, Seen, Sign, arguments, serve
from benchmarks.spoken import secret_of

NEW_AGENT, NEW_BLOCK = "!agent", "!block"
COMMANDS = (NEW_AGENT, NEW_BLOCK, NEW_BLOCK)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 4.0
TOO_SHORT = httpx.Timeout(10, read=0.002)
_TRIED_AGAIN = frozenset({408, 429})
MOST_TRIES = 60
_OVER = frozenset({"completed", "failed", "cancelled"})

Json = Mapping[str, Any]
T = TypeVar("T")


class Again(Exception):
    """Nothing came of it: to be asked again."""


class Failed(Exception):
    """The server says that there is no answer."""


class GivenUp(Exception):
    """However often it was asked for, nothing came of it."""


class Client:
    """`Reader` of one program with one agent."""

    def __init__(self, name: str, service: str, chance: random.Random) -> None:
        self._name = name
        self._http = httpx.AsyncClient(base_url=service, trust_env=False, timeout=60)
        self._chance = chance
        self._clock = SystemClock()
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._seen: list[Seen] = []
        self._agent = ""
        self._agents = count(1)
        self._unknown = False
        """The agent hasn't heard the secret word."""
        self.loses_answer = False
        """The next answer breaks off."""
        self.repeats = False
        """The next line is sent once more when it was answered."""
        self._again = False
        """What is asked now was asked before, by a client that heard of no answer."""
        self._ways: Sequence[Callable[[Json], Awaitable[str]]] = (
            self._whole,
            self._streamed,
            self._in_background,
            self._later,
        )

    async def live(self) -> None:
        await self._make_agent()
        while True:
            line = await self._lines.get()
            try:
                await self._do(line)
            except GivenUp as error:
                sys.stderr.write(f"{self._name} gave up: {error}\n")

    async def _do(self, line: str) -> None:
        if line == NEW_AGENT:
            await self._delete(self._at(""))
            await self._make_agent()
            self._unknown = True
        elif line == NEW_BLOCK:
            await self._try_a_block()
        else:
            await self._say(line)
            return
        self._see(f"Done: {line}")

    def writes(self, line: str) -> None:
        self._lines.put_nowait(line)

    def sees(self, after: int = 0) -> Sequence[Seen]:
        return self._seen[after:]

    def signs(self) -> Sequence[Sign]:
        return ()

    async def records(self) -> Sequence[str]:
        """The agent's whole history, and its memory."""
        texts = [str(await self._json("GET", self._at("/core-memory/blocks")))]
        before: dict[str, str] = {}
        while page := await self._json(
            "GET", self._at("/messages"), params={"limit": 100} | before
        ):
            texts += [json.dumps(each) for each in page]
            oldest = page[0] if page[0]["date"] <= page[-1]["date"] else page[-1]
            if before == {"before": oldest["id"]}:
                break
            before = {"before": oldest["id"]}
        return texts

    # What it does

    async def _make_agent(self) -> None:
        """One, however often it is asked for: an agent is looked for by its name before it is made
        once more.
        """
        name = f"{self._name} the {next(self._agents)}"
        body = {"name": name, "memory_blocks": [{"label": "human", "value": ""}]}
        pause = FIRST_PAUSE
        while True:
            try:
                found = await self._once("GET", "/v1/agents/", params={"name": name})
                made = found[0] if found else await self._once("POST", "/v1/agents/", body)
            except Again:
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)
            else:
                self._agent = made["id"]
                return

    async def _try_a_block(self) -> None:
        made = await self._json("POST", "/v1/blocks/", {"label": "notes", "value": self._name})
        block = f"/core-memory/blocks/attach/{made['id']}"
        await self._json("PATCH", self._at(block), {})
        await self._delete(f"/v1/blocks/{made['id']}")

    async def _delete(self, path: str) -> None:
        """Gone already, where the answer to the first try was lost."""
        try:
            await self._json("DELETE", path)
        except Failed as error:
            if "404" not in str(error):
                raise

    async def _say(self, line: str) -> None:
        if self._unknown:
            line = f"My secret word is {secret_of(self._name)}. {line}"
            self._unknown = False
        body: dict[str, Any] = {"messages": [{"role": "user", "content": line}]}
        if self._chance.random() < 0.5:
            body["messages"][0]["otid"] = f"{self._chance.getrandbits(64):016x}"
        way = self._chance.choice(self._ways)
        try:
            answer = await way(body)
            self._see(answer)
            if self.repeats:
                self.repeats = False
                self._again = True
                if (again := await way(body)) != answer:
                    self._see(f"When asked again: {again}")
        except Failed as error:
            self._see(f"No answer: {error}", ends=True)
        finally:
            self._again = False

    # The ways to have a turn

    async def _whole(self, body: Json) -> str:
        return _said((await self._json("POST", self._at("/messages"), body))["messages"])

    async def _streamed(self, body: Json) -> str:
        """A stream that breaks is asked for again: the same turn, told from its beginning."""

        async def read(answer: httpx.Response) -> str:
            return await _Following().read(answer, breaks=self._breaks())

        asked = {**body, "stream_tokens": "otid" in body["messages"][0]}
        return await self._until_there("POST", self._at("/messages/stream"), asked, read)

    async def _in_background(self, body: Json) -> str:
        """A stream that breaks is gone on with, from what is known of it."""
        told = _Following()

        async def read(answer: httpx.Response) -> str:
            try:
                return await told.read(answer, breaks=self._breaks())
            except (Again, httpx.TransportError):
                if not told.run:
                    raise
            return await self._until_there(
                "POST", f"/v1/runs/{told.run}/stream", told.resuming, read
            )

        asked = {**body, "background": True, "stream_tokens": True}
        return await self._until_there("POST", self._at("/messages/stream"), asked, read)

    async def _later(self, body: Json) -> str:
        run = (await self._json("POST", self._at("/messages/async"), body))["id"]
        state = ""
        while state not in _OVER:
            await asyncio.sleep(0.5)
            state = (await self._json("GET", f"/v1/runs/{run}"))["status"]
        if state != "completed":
            raise Failed(state)
        return _said(await self._json("GET", f"/v1/runs/{run}/messages", params={"order": "asc"}))

    # What it asks

    def _at(self, path: str) -> str:
        return f"/v1/agents/{self._agent}{path}"

    async def _json(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        return await self._until_there(method, path, body, _json_of, **more)

    async def _once(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Raises Again."""
        try:
            async with self._http.stream(method, path, json=body, **more) as answer:
                return await _json_of(_sound(answer))
        except httpx.TransportError as error:
            raise Again from error

    async def _until_there(
        self,
        method: str,
        path: str,
        body: Any | Callable[[], Any],
        read: Callable[[httpx.Response], Awaitable[T]],
        **more: Any,
    ) -> T:
        """Ask until something comes of it, always for the same."""
        pause = FIRST_PAUSE
        why: Exception | None = None
        for tried in range(self._again, MOST_TRIES):
            headers = {"x-stainless-retry-count": str(tried)}
            asked = body() if callable(body) else body
            if self.loses_answer and read is _json_of and method == "POST":
                self.loses_answer, more["timeout"] = False, TOO_SHORT
            try:
                async with self._http.stream(
                    method, path, json=asked, headers=headers, **more
                ) as answer:
                    return await read(_sound(answer))
            except (httpx.TransportError, Again) as error:
                why = error
                more.pop("timeout", None)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)
        msg = f"{method} {path} came to nothing: {why!r}"
        raise GivenUp(msg)

    def _breaks(self) -> bool:
        breaks, self.loses_answer = self.loses_answer, False
        return breaks

    def _see(self, text: str, *, ends: bool = False) -> None:
        self._seen.append(Seen(len(self._seen) + 1, text, self._clock.now(), ends))


class _Following:
    """A turn's stream, over any number of connections."""

    def __init__(self) -> None:
        self.run = ""
        self._after = 0
        self._kept: dict[str, str] = {}
        self._growing: dict[str, str] = {}

    def resuming(self) -> Json:
        return {"starting_after": self._after}

    async def read(self, answer: httpx.Response, *, breaks: bool) -> str:
        """What was said.

        Raises:
            Again: the stream ended before its end; what has no number yet will come again.
            Failed: the turn did.
        """
        self._growing.clear()
        if answer.status_code >= 400:
            raise Failed(f"{answer.status_code} {(await answer.aread())[:200]!r}")
        async for line in answer.aiter_lines():
            if line == "data: [DONE]":
                return "\n".join(self._kept.values())
            if line.startswith("data: "):
                self._take(json.loads(line.removeprefix("data: ")))
                if breaks and self.run:
                    break
        raise Again

    def _take(self, event: Json) -> None:
        self.run = event.get("run_id") or self.run
        if event["message_type"] == "error_message":
            raise Failed(event["message"])
        number = event.get("seq_id")
        if event["message_type"] == "assistant_message":
            text = self._growing.pop(event["id"], "") + event["content"]
            (self._growing if number is None else self._kept)[event["id"]] = text
        self._after = max(self._after, number or 0)


def _sound(answer: httpx.Response) -> httpx.Response:
    """Raises Again: as letta-client reads it, it is to be asked again."""
    final = answer.headers.get("x-should-retry") == "false"
    if not final and (answer.status_code in _TRIED_AGAIN or answer.status_code >= 500):
        raise Again(answer.status_code)
    return answer


async def _json_of(answer: httpx.Response) -> Any:
    content = await answer.aread()
    if answer.status_code >= 400:
        raise Failed(f"{answer.status_code} {content[:200]!r}")
    return json.loads(content) if content else None


def _said(messages: Sequence[Json]) -> str:
    return "\n".join(
        each["content"] for each in messages if each["message_type"] == "assistant_message"
    )


class Rest(AtTheService):
    """`Platform` over the API of the service itself."""

    def __init__(self, given: argparse.Namespace, tasks: asyncio.TaskGroup) -> None:
        super().__init__(given, tasks)
        self._clients: list[Client] = []

    def person(self, name: str) -> Client:
        chance = random.Random(f"{self._given.seed} {name}")  # noqa: S311 (how it asks)
        client = Client(name, self._given.service, chance)
        self._clients.append(client)
        self._tasks.create_task(client.live())
        return client

    def throw(self, chance: random.Random) -> Iterator[str]:
        if not self._clients:
            return
        client = chance.choice(self._clients)
        if chance.random() < self._given.again:
            client.repeats = True
            yield REPEATED
        if chance.random() < self._given.losses:
            client.loses_answer = True
            yield "answers and streams broken off"


async def _play() -> None:
    given = arguments("Clients of the REST API, who ask.", "again", "losses")
    async with asyncio.TaskGroup() as tasks:
        await serve(Rest(given, tasks), given)


if __name__ == "__main__":
    asyncio.run(_play())
