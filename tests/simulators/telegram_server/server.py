"""A strict stand-in for the Telegram Bot API on loopback, over real HTTP.

    async with TelegramServer() as server:
        ada = server.person("Ada")
        ada.writes("Hello")
        ... a bot with base_url=server.base_url, base_file_url=server.file_url and server.token ...
        await ada.chat.sees("Hello, Ada")

People act on their own (`people.Person`), what they see is in their chats (`chats.Chat`), what
goes wrong is scripted (`server.faults`, `faults`), and time is the host's unless the test gives a
`SteppedTimeline`. Refusals have the wording of the real server. Where it tells no number (flood
limits, how long a press waits), the simulator's are named constants. A call of a method that
Telegram has and this hasn't fails the test at the end of the block.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

import httpx
import telegram

from tests.simulators.faults import ConnectionCut, Held, Slow
from tests.simulators.telegram_server import editing, profile, rooms, sending
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.faults import Answered, Fault, Faults
from tests.simulators.telegram_server.flood import Flood, Limits
from tests.simulators.telegram_server.http import (
    Cut,
    Request,
    Response,
    json_response,
    read_request,
    write_response,
)
from tests.simulators.telegram_server.parameters import Parameters, read_parameters
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.refusals import (
    INVALID_TOKEN,
    NO_METHOD,
    NOT_FOUND,
    UNAUTHORIZED,
    Refused,
)
from tests.simulators.telegram_server.rooms import MOST_DOWNLOAD
from tests.simulators.telegram_server.webhook import Webhook
from tests.simulators.telegram_server.world import Bot, World
from tests.simulators.timeline import Bell, SystemTimeline, Timeline, pause

LIMITS = Limits()
_METHODS = {
    name.lower(): method
    for table in (sending.METHODS, editing.METHODS, profile.METHODS, rooms.METHODS)
    for name, method in table.items()
}

_REAL = {name.lower() for name in dir(telegram.Bot) if not name.islower()}
"""The methods of the Bot API, by the library's camelCase names for them."""


class NotSimulated(Exception):
    """A method of Telegram's that this server lacks was called."""


class TelegramServer:
    """One server with one bot. `limits` None: it may send as much as it likes; `port` 0 is any."""

    def __init__(
        self,
        *,
        bot: Bot | None = None,
        timeline: Timeline | None = None,
        limits: Limits | None = LIMITS,
        port: int = 0,
    ) -> None:
        self._port = port
        self.timeline = timeline or SystemTimeline()
        self.bell = Bell()
        self.bot = bot or Bot()
        self.flood = Flood(limits, self.timeline)
        self.world = World(self.bot, self.timeline, self.bell, self.flood)
        self.faults = Faults()
        self.calls: list[tuple[str, dict[str, str]]] = []
        """All calls that reached the server, refused ones included, getUpdates left out."""
        self.refused: Counter[int] = Counter()
        """How many calls were refused, by the status; faults that a test scripted aren't counted."""
        self._server: asyncio.Server | None = None
        self._webhook: Webhook | None = None
        self._stack = AsyncExitStack()
        self._tasks = asyncio.TaskGroup()
        self._lack: NotSimulated | None = None
        self._connections: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    # Who is there

    def person(self, name: str, *, language: str = "en", username: str = "") -> Person:
        """A person who has not written to the bot yet."""
        return Person(self.world, name, language=language, username=username)

    def group(
        self,
        title: str,
        *people: Person,
        supergroup: bool = False,
        forum: bool = False,
        bot: str = "member",
    ) -> Chat:
        """A group with these people, the first its owner; `bot` is the bot's place in it."""
        number = next(self.world.numbers)
        wide = supergroup or forum
        chat = self.world.new_chat(
            -1_001_900_000_000 - number if wide else -4_100_000 - number,
            "supergroup" if wide else "group",
            title=title,
            forum=forum,
        )
        chat.bot_status = bot
        for each in people:
            chat.members[each.id] = "member" if chat.members else "creator"
        return chat

    # Where it is

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the server isn't started: use `async with`")
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{host}:{port}"

    @property
    def base_url(self) -> str:
        return f"{self.url}/bot"

    @property
    def file_url(self) -> str:
        return f"{self.url}/file/bot"

    @property
    def token(self) -> str:
        return self.bot.token

    @property
    def webhook(self) -> Webhook:
        if self._webhook is None:
            raise RuntimeError("the server isn't started: use `async with`")
        return self._webhook

    async def __aenter__(self) -> Self:
        self._tasks = await self._stack.enter_async_context(asyncio.TaskGroup())
        posting = httpx.AsyncClient(timeout=None, verify=False)  # noqa: S113, S501 (loopback)
        client = await self._stack.enter_async_context(posting)
        self._webhook = Webhook(self.world.updates, self.call, self._tasks, client)
        self.world.updates.on_push = self._webhook.pump
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._connections.values():
            writer.transport.abort()
        self.world.updates.cut_poll()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)
        self.webhook.stop()
        await self._stack.aclose()
        if self._lack is not None and error is None:
            raise self._lack

    def cut_connections(self) -> None:
        """Every connection breaks, waiting ones too; the next ones are served."""
        for writer in self._connections.values():
            writer.transport.abort()
        self.world.updates.cut_poll()

    async def until_polled(self, *, after: int = 0, within: float = 5.0) -> None:
        """Wait until a getUpdates waits for something to happen, one after the first `after`."""
        updates = self.world.updates
        await self.bell.until(lambda: updates.polled and len(updates.polls) > after, within=within)

    async def until_confirmed(self, *, within: float = 5.0) -> None:
        """Wait until the bot has confirmed all updates."""
        await self.bell.until(lambda: not self.world.updates.pending, within=within)

    async def until_left(self, *, within: float = 5.0) -> None:
        """Wait until nobody is connected, and nothing is being posted to the webhook."""
        await self.bell.until(
            lambda: not self._connections and not self.webhook.posting, within=within
        )

    def called(self, method: str) -> list[dict[str, str]]:
        """The parameters of all calls of a method, as they came."""
        return [values for name, values in self.calls if name == method.lower()]

    # What it does

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("asyncio serves every connection in a task")
        self._connections[task] = writer
        try:
            while (request := await read_request(reader)) is not None:
                write_response(writer, await self._watched(request, reader, task))
                await writer.drain()
        except (ConnectionError, Cut, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        except NotSimulated as lack:
            self._lack = lack
            writer.transport.abort()
        finally:
            del self._connections[task]
            writer.close()
            self.bell.ring()

    async def _watched(
        self, request: Request, reader: asyncio.StreamReader, task: asyncio.Task[Any]
    ) -> Response:
        """The answer, unless the client leaves before it: then the task is cancelled."""
        watch = self._tasks.create_task(_gone(reader))
        watch.add_done_callback(lambda done: done.cancelled() or task.cancel())
        try:
            return await self._respond(request)
        finally:
            watch.cancel()
            await asyncio.wait([watch])

    async def _respond(self, request: Request) -> Response:
        parts = request.path.strip("/").split("/", 3)
        if parts[0] == "file":
            return self._download(parts)
        if len(parts) != 2 or not parts[0].startswith("bot"):
            return _refusal(Refused(*NOT_FOUND))
        token, method = parts[0].removeprefix("bot"), parts[1].lower()
        if re.fullmatch(r"\d+:[\w-]{20,}", token) is None:
            return _refusal(Refused(*INVALID_TOKEN))
        if token != self.bot.token or self.bot.revoked:
            return _refusal(Refused(*UNAUTHORIZED))
        try:
            asked = read_parameters(
                request.query, request.headers.get("content-type", ""), request.content
            )
        except Refused as refused:
            return _refusal(refused)
        fault = self.faults.next(method, asked.values.get("chat_id", ""))
        return await self._meet(fault, method, asked)

    async def _meet(self, fault: Fault | None, method: str, asked: Parameters) -> Response:
        match fault:
            case ConnectionCut(carried_out=carried_out):
                if carried_out:
                    await self._carry_out(method, asked)
                else:
                    self._note(method, asked)
                raise Cut
            case Answered(response=response, carried_out=carried_out):
                if carried_out:
                    await self._carry_out(method, asked)
                else:
                    self._note(method, asked)
                return response
            case Held(go=go, came=came, before=True):
                came.set()
                await go.wait()
                return await self._carry_out(method, asked)
            case Held(go=go, came=came):
                answer = await self._carry_out(method, asked)
                came.set()
                await go.wait()
                return answer
            case Slow(seconds=seconds):
                answer = await self._carry_out(method, asked)
                await pause(self.timeline, seconds)
                return answer
            case None:
                return await self._carry_out(method, asked)

    def _note(self, method: str, asked: Parameters) -> None:
        if method != "getupdates":
            self.calls.append((method, dict(asked.values)))
            self.bell.ring()

    async def _carry_out(self, method: str, asked: Parameters) -> Response:
        self._note(method, asked)
        try:
            result = await self._result(method, asked)
        except Refused as refused:
            self.refused[refused.status] += 1
            return _refusal(refused)
        return json_response(200, {"ok": True, **result})

    async def call(self, method: str, asked: Parameters) -> None:
        """Carry out a call whose result nobody waits for."""
        await self._carry_out(method.lower(), asked)

    async def _result(self, method: str, asked: Parameters) -> dict[str, Any]:
        match method:
            case "getupdates":
                return {"result": await self.world.updates.fetch(asked)}
            case "setwebhook":
                return {"result": True, "description": self.webhook.set(asked)}
            case "deletewebhook":
                return {"result": True, "description": self.webhook.delete(asked)}
            case "getwebhookinfo":
                return {"result": self.webhook.info}
            case _ if method in _REAL - _METHODS.keys():
                raise NotSimulated(f"Telegram has {method}, this simulator hasn't")
            case _ if method in _METHODS:
                return {"result": _METHODS[method](self.world, asked)}
            case _:
                raise Refused(*NO_METHOD)

    def _download(self, parts: list[str]) -> Response:
        if len(parts) < 4 or parts[1] != f"bot{self.bot.token}":
            return _refusal(Refused(*NOT_FOUND))
        path = unquote("/".join(parts[2:]))
        for each in self.world.files.values():
            if each.path == path and each.size <= MOST_DOWNLOAD:
                return Response(200, each.content, {"content-type": "application/octet-stream"})
        return _refusal(Refused(*NOT_FOUND))


async def _gone(reader: asyncio.StreamReader) -> None:
    """Until the client closes its end; it sends nothing before it has its answer."""
    with suppress(ConnectionError):
        await reader.read(1)


def _refusal(refused: Refused) -> Response:
    return json_response(refused.status, refused.body, refused.headers)
