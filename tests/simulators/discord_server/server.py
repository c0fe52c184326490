"""A strict stand-in for Discord on loopback: calls over real HTTP, events over a real WebSocket.

    async with DiscordServer() as server:
        ada, bob = server.person("Ada"), server.person("Bob")
        guild = server.guild("Team", ada, bob)
        general = guild.channel("general")
        ... a discord.py client, pointed at it by `client.pointed_at(server)`, with server.token ...
        ada.writes("Hello")
        await ada.sees("Hello, Ada")
        bob.writes("<@bot> hi", channel=general)

People act on their own (`people.Person`), what they see is in their channels
(`channels.Channel`), what goes wrong is scripted (`server.faults`, `server.gateway`), and time is
the host's unless the test gives a `SteppedTimeline`. Refusals have the bodies of the real service.
Where it tells no number (buckets, how long a session can be resumed), the simulator's are named
constants. A call that Discord has and this hasn't fails the test at the end of the block.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

from tests.simulators.discord_server.accounts import Bot
from tests.simulators.discord_server.answers import Answer, json_answer, refusal
from tests.simulators.discord_server.calls import Call, read_body
from tests.simulators.discord_server.channels import Channel, Kind
from tests.simulators.discord_server.faults import Answered, Fault, Faults
from tests.simulators.discord_server.gateway import Gateway
from tests.simulators.discord_server.guilds import Guild
from tests.simulators.discord_server.limits import Limits, RateLimits
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.refusals import (
    NO_METHOD,
    NOT_FOUND,
    TOO_LARGE,
    UNAUTHORIZED,
    NotSimulated,
    Refused,
)
from tests.simulators.discord_server.routes import (
    FREE_OF_TOKEN,
    MAKES,
    ROUTES,
    check_ids,
    find,
    known_to_discord,
)
from tests.simulators.discord_server.timeline import Bell, SystemTimeline, Timeline, pause
from tests.simulators.discord_server.world import World
from tests.simulators.faults import ConnectionCut, Held, Slow

LIMITS = Limits()
API = "/api/v10"
MOST_BYTES = 25 * 1024 * 1024
HEARTBEAT_SECONDS = 41.25


class Cut(Exception):
    """The connection breaks without an answer."""


class DiscordServer:
    """One server with one bot. `limits` None: it may do as much as it likes."""

    def __init__(
        self,
        *,
        bot: Bot | None = None,
        timeline: Timeline | None = None,
        limits: Limits | None = LIMITS,
        heartbeat: float = HEARTBEAT_SECONDS,
        port: int = 0,
    ) -> None:
        self.timeline = timeline or SystemTimeline()
        self.bell = Bell()
        self.bot = bot or Bot()
        self.gateway = Gateway(self.bot, self.timeline, self.bell, limits, heartbeat)
        self.world = World(self.bot, self.timeline, self.bell, self.gateway)
        self.limits = RateLimits(limits, self.timeline)
        self.faults = Faults()
        self.calls: list[Call] = []
        """All calls that were carried out or refused, in order."""
        self.refused: Counter[int] = Counter()
        """How many calls were refused, by the status; faults that a test scripted aren't counted."""
        self._port = port
        self._url = ""
        self._lack: NotSimulated | None = None
        self._runner: web.AppRunner | None = None
        self._transports: set[asyncio.Transport] = set()

    # Who is there

    def person(self, name: str, *, locale: str = "en-US", bot: bool = False) -> Person:
        """Somebody who has nothing to do with the bot yet; `bot`: one of others' bots."""
        return Person(self.world, name, locale=locale, bot=bot)

    def guild(self, name: str, *people: Person, bot: bool = True) -> Guild:
        """A guild with these people, the first its owner; `bot`: with the bot in it."""
        guild = Guild(self.world, name, people[0])
        self.world.guilds[guild.id] = guild
        for each in people:
            each.joins(guild)
        if bot:
            guild.adds_bot()
        return guild

    def group(self, name: str, *people: Person) -> Channel:
        """A chat of these people with each other, of which the bot hears nothing."""
        channel = self.world.new_channel(Kind.GROUP, name=name)
        channel.group = tuple(each.user for each in people)
        return channel

    # Where it is

    @property
    def url(self) -> str:
        if not self._url:
            raise RuntimeError("the server isn't started: use `async with`")
        return self._url

    @property
    def api_url(self) -> str:
        return self.url + API

    @property
    def gateway_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/"

    @property
    def token(self) -> str:
        return self.bot.token

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self._url = f"http://{host}:{port}"
        self.gateway.url = self.gateway_url
        self.world.files.url = self._url
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.gateway.cut()
        for each in self._transports:
            each.abort()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._lack is not None and error is None:
            raise self._lack

    def cut_connections(self) -> None:
        """Every connection breaks, the gateway's too; the next ones are served."""
        self.gateway.cut()
        for each in self._transports:
            each.abort()

    def called(self, route: str) -> list[Call]:
        """All calls of a route, as in `POST /channels/{}/messages`."""
        return [each for each in self.calls if each.route == route]

    async def until_called(self, route: str, count: int = 1, *, within: float = 5.0) -> None:
        """Wait until a route was called so often."""
        await self.bell.until(lambda: len(self.called(route)) >= count, within=within)

    async def until_left(self, *, within: float = 5.0) -> None:
        """Wait until nobody is connected to the gateway."""
        await self.bell.until(lambda: not self.gateway.connections, within=within)

    # What it does

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        if isinstance(transport, asyncio.Transport):
            self._transports = {each for each in self._transports if not each.is_closing()}
            self._transports.add(transport)
        try:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                _check_compression(request.query.get("compress", ""))
                return await self.gateway.serve(request)
            answer = await self._respond(request)
        except Cut:
            answer = Answer(500)
            if transport is not None:
                transport.abort()
        except NotSimulated as lack:
            self._lack = lack
            answer = json_answer({"message": str(lack), "code": 0}, 501)
        return web.Response(status=answer.status, body=answer.content, headers=answer.headers)

    async def _respond(self, request: web.Request) -> Answer:
        path = request.rel_url.raw_path
        if path.startswith("/attachments/"):
            return self._download(path, dict(request.query))
        if not path.startswith(f"{API}/"):
            return refusal(Refused(*NOT_FOUND))
        path = path.removeprefix(API)
        found = find(request.method, path)
        if found is None:
            return self._no_route(request.method, path)
        route, ids = found[0], tuple(map(unquote, found[1]))
        fault = self.faults.next(route, ids)
        if isinstance(fault, Answered) and not fault.carried_out:
            self._note(Call(route, ids))
            return fault.answer.with_headers(self.limits.told(route, ids))
        free = path.startswith(FREE_OF_TOKEN)
        over, headers = self.limits.take(route, ids, counts_overall=not free)
        if over is not None:
            return self._counted(over)
        try:
            call = await self._read(request, route, ids, free=free)
        except Refused as refused:
            answer = self._counted(refusal(refused))
        else:
            answer = await self._meet(fault, call)
        return answer.with_headers(headers)

    async def _read(
        self, request: web.Request, route: str, ids: tuple[str, ...], *, free: bool
    ) -> Call:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not free and not (kind == "Bot" and self.bot.owns(token)):
            raise Refused(*UNAUTHORIZED)
        check_ids(route, ids)
        try:
            body, uploads = await read_body(request)
        except web.HTTPRequestEntityTooLarge as error:
            raise Refused(*TOO_LARGE) from error
        return Call(route, ids, dict(request.query), body, uploads)

    def _no_route(self, method: str, path: str) -> Answer:
        if known_to_discord(method, path):
            raise NotSimulated(f"Discord has {method} {path}, this simulator hasn't")
        other = any(find(each, path) for each in ("GET", "POST", "PUT", "PATCH", "DELETE"))
        return self._counted(refusal(Refused(*(NO_METHOD if other else NOT_FOUND))))

    async def _meet(self, fault: Fault | None, call: Call) -> Answer:
        match fault:
            case ConnectionCut(carried_out=carried_out):
                if carried_out:
                    self._carry_out(call)
                else:
                    self._note(call)
                raise Cut
            case Answered(answer=answer):
                self._carry_out(call)
                return answer
            case Held(go=go, came=came, before=True):
                came.set()
                await go.wait()
                return self._carry_out(call)
            case Held(go=go, came=came):
                done = self._carry_out(call)
                came.set()
                await go.wait()
                return done
            case Slow(seconds=seconds):
                done = self._carry_out(call)
                await pause(self.timeline, seconds)
                return done
            case None:
                return self._carry_out(call)

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        self.bell.ring()

    def _carry_out(self, call: Call) -> Answer:
        self._note(call)
        try:
            result: Any = ROUTES[call.route](self.world, call)
        except Refused as refused:
            return self._counted(refusal(refused))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise NotSimulated(f"{call.route}, asked for like this: {error!r}") from error
        if result is None:
            return json_answer(None, 204)
        return json_answer(result, 201 if call.route in MAKES else 200)

    def _counted(self, answer: Answer) -> Answer:
        self.refused[answer.status] += 1
        self.limits.note(answer)
        return answer

    def _download(self, path: str, asked: dict[str, str]) -> Answer:
        stored = self.world.files.open(path, asked)
        if stored is None:
            said = b"This content is no longer available."
            return Answer(404, said, {"Content-Type": "text/plain"})
        return Answer(200, stored.content, {"Content-Type": "application/octet-stream"})


def _check_compression(wanted: str) -> None:
    """The library asks for zstd where it can, which no requirement of ours brings."""
    if wanted not in {"", "zlib-stream"}:
        raise NotSimulated(f"Discord compresses as {wanted}, this simulator doesn't")
