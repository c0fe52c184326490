"""The gateway: a WebSocket over which the bot hears of everything, and what may go wrong with it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from agentcore.clock import SECOND, Micros
from tests.simulators.discord_server.accounts import Bot
from tests.simulators.discord_server.intents import KNOWN, PRIVILEGED, Intent
from tests.simulators.discord_server.limits import Limits, Rolling
from tests.simulators.discord_server.refusals import JSON
from tests.simulators.discord_server.sessions import Connection, Session
from tests.simulators.discord_server.timeline import Bell, Timeline

MOST_BYTES = 4096
RESUMABLE_SECONDS = 90
"""How long a session that nobody is connected to can be resumed. Discord tells no number."""


class Gateway:
    def __init__(
        self, bot: Bot, timeline: Timeline, bell: Bell, limits: Limits | None, heartbeat: float
    ) -> None:
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.received: list[JSON] = []
        """All that clients sent, heartbeats included."""
        self.guilds: Callable[[], list[tuple[int, JSON | None]]] = list
        """The bot's guilds, and what GUILD_CREATE tells of them: None while one is away."""
        self.members: Callable[[JSON, Intent], JSON | None] = lambda _asked, _intents: None
        self.url = ""
        self.least_shards = 1
        """How many connections are recommended at least, as few guilds as there are."""
        self._bot = bot
        self._timeline = timeline
        self._bell = bell
        self._limits = limits
        self._heartbeat = heartbeat
        self._acks = True
        self._holds_guilds = False
        self._replays_more = 0
        self._turned_away = 0
        self._identifies = Rolling((limits or Limits()).identifies)
        self._starts: dict[int, Micros] = {}

    # What a test does to it

    def cut(self) -> None:
        """Every connection breaks without a word."""
        for each in self.connections:
            each.cut()

    def close(self, code: int) -> None:
        """Every connection is closed with this code."""
        for each in self.connections:
            each.close(code)

    def turns_away(self, count: int = 1) -> None:
        """The next connections aren't accepted: 503, before there is a WebSocket."""
        self._turned_away = count

    def reconnect_asked(self) -> None:
        for each in self.connections:
            each.send({"op": 7, "d": None})

    def invalid_session(self, *, resumable: bool) -> None:
        for each in self.connections:
            if each.session is not None and not resumable:
                self.sessions.pop(each.session.id, None)
            each.send({"op": 9, "d": resumable})

    def forgets_sessions(self) -> None:
        """No session can be resumed any more."""
        self.sessions = {
            name: each for name, each in self.sessions.items() if each.connection is not None
        }
        for each in self.connections:
            if each.session is not None:
                self.sessions.pop(each.session.id, None)

    def lose_acks(self, *, lost: bool = True) -> None:
        """Heartbeats are no longer answered, nor is anything else sent on their behalf."""
        self._acks = not lost

    def asks_for_heartbeat(self) -> None:
        for each in self.connections:
            each.send({"op": 1, "d": None})

    def repeat_last_event(self) -> None:
        """The newest event comes again, with its number."""
        for each in self.sessions.values():
            each.repeat()

    def replays_more(self, count: int) -> None:
        """From the next RESUME on, so many events come that the client has already."""
        self._replays_more = count

    def send_malformed(self, event: str = "MESSAGE_CREATE", body: JSON | None = None) -> None:
        """An event that lacks what it should have."""
        for each in self.sessions.values():
            each.say(event, body or {"id": "1"})

    def holds_guilds(self) -> None:
        """From the next READY on, guilds come only when they are released."""
        self._holds_guilds = True

    def releases_guilds(self) -> None:
        self._holds_guilds = False
        for session in self.sessions.values():
            for body, guild_id in session.late_guilds:
                session.tell("GUILD_CREATE", body, guild_id)
            session.late_guilds.clear()

    def dispatch(self, event: str, body: JSON, *, guild_id: int | None = None) -> None:
        """Tell every session that is to hear of it."""
        for each in self.sessions.values():
            each.tell(event, body, guild_id)

    def uses_up_sessions(self, *, left: int = 0) -> None:
        """So many can still be begun today: a program that connects again and again took the rest."""
        spent = self._identifies.window.most - left - self._identifies.count(self._timeline.now())
        self._identifies.came.extend([self._timeline.now()] * spent)

    # What a test waits for

    async def until_connected(self, count: int = 1, *, within: float = 5.0) -> None:
        """Wait until so many shards have a session."""
        await self._bell.until(
            lambda: sum(each.session is not None for each in self.connections) >= count,
            within=within,
        )

    async def until_sent(self, op: int, count: int = 1, *, within: float = 5.0) -> None:
        """Wait until a client has sent so many payloads of that kind."""
        await self._bell.until(lambda: len(self.sent(op)) >= count, within=within)

    def sent(self, op: int) -> list[JSON]:
        """All payloads of a kind that clients sent."""
        return [each for each in self.received if each.get("op") == op]

    @property
    def start_limit(self) -> JSON:
        window, now = self._identifies.window, self._timeline.now()
        return {
            "total": window.most,
            "remaining": max(0, window.most - self._identifies.count(now)),
            "reset_after": round(self._identifies.wait(now) * 1000),
            "max_concurrency": (self._limits or Limits()).concurrency.most,
        }

    # What it does

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        if self._turned_away:
            self._turned_away -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(request, socket, Rolling((self._limits or Limits()).gateway_sends))
        self.connections.append(connection)
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            connection.close(4012)
        connection.send({"op": 10, "d": {"heartbeat_interval": round(self._heartbeat * 1000)}})
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(connection.write())
            try:
                await self._read(connection)
            finally:
                self._left(connection)
                if not connection.closing:  # else the code is still on its way
                    writing.cancel()
        return socket

    async def _read(self, connection: Connection) -> None:
        self._expect_heartbeat(connection)
        try:
            async for message in connection.socket:
                if message.type is not WSMsgType.TEXT:
                    connection.close(4002)
                    continue
                self._take(connection, message.data)
                self._bell.ring()
        finally:
            connection.watch.cancel()

    def _expect_heartbeat(self, connection: Connection) -> None:
        """Leave the client if none comes in time: the host's time, as that is what it keeps."""
        connection.watch.cancel()
        loop = asyncio.get_running_loop()
        connection.watch = loop.call_later(2 * self._heartbeat, connection.close, 4009)

    def _left(self, connection: Connection) -> None:
        self.connections.remove(connection)
        connection.over = True
        session = connection.session
        if session is not None and session.connection is connection:
            session.connection = None
            session.left = self._timeline.now()
            if not connection.closing and connection.socket.close_code in {1000, 1001}:
                self.sessions.pop(session.id, None)
        self._bell.ring()

    def _take(self, connection: Connection, text: str) -> None:
        now = self._timeline.now()
        if self._limits is not None and connection.sent.full(now):
            connection.close(4008)
            return
        connection.sent.came.append(now)
        try:
            payload = json.loads(text)
            op = payload["op"]
        except (ValueError, KeyError, TypeError):
            connection.close(4002)
            return
        if len(text.encode()) > MOST_BYTES:
            connection.close(4002)
            return
        self.received.append(payload)
        self._handle(connection, op, payload.get("d"))

    def _handle(self, connection: Connection, op: int, asked: Any) -> None:
        match op:
            case 1:
                self._expect_heartbeat(connection)
                if self._acks:
                    connection.send({"op": 11})
            case 2 | 6 if connection.session is not None:
                connection.close(4005)
            case 2 | 6 if not self._bot.owns(asked.get("token", "").removeprefix("Bot ")):
                connection.close(4004)
            case 2:
                self._identify(connection, asked)
            case 6:
                self._resume(connection, asked)
            case 3 | 4 | 8 if connection.session is None:
                connection.close(4003)
            case 3 | 4:
                pass
            case 8:
                self._chunk(connection, asked)
            case _:
                connection.close(4001)

    def _chunk(self, connection: Connection, asked: JSON) -> None:
        session = connection.session
        body = None if session is None else self.members(asked, session.intents)
        if session is not None and body is not None:
            session.say("GUILD_MEMBERS_CHUNK", body)

    def _identify(self, connection: Connection, asked: JSON) -> None:
        number, count = asked.get("shard", (0, 1))
        code = self._objection(asked, number, count)
        if code:
            connection.close(code)
            return
        now = self._timeline.now()
        if self._limits is not None and self._identifies.full(now):
            self._bot.revoked = True
            self.close(4004)
            return
        lane = number % (self._limits or Limits()).concurrency.most
        soonest = (
            self._starts.get(lane, -(10**18))
            + (self._limits or Limits()).concurrency.seconds * SECOND
        )
        if self._limits is not None and now < soonest:
            connection.send({"op": 9, "d": False})
            return
        self._starts[lane] = now
        self._identifies.came.append(now)
        session = Session(
            uuid.uuid4().hex, self._bot.id, Intent(asked["intents"]), (number, count), connection
        )
        self.sessions[session.id] = session
        connection.session = session
        self._ready(session)

    def _objection(self, asked: JSON, number: int, count: int) -> int:
        """The code to close with, 0 for none."""
        intents = asked.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN:
            return 4013
        if not 0 <= number < count:
            return 4010
        if len(self.guilds()) > 2500 * count:
            return 4011
        if intents & PRIVILEGED & ~self._bot.privileged:
            return 4014
        return 0

    def _ready(self, session: Session) -> None:
        number, count = session.shard
        guilds = [(each, body) for each, body in self.guilds() if (each >> 22) % count == number]
        session.say(
            "READY",
            {
                "v": 10,
                "user": self._bot.user | {"verified": True, "mfa_enabled": True, "email": None},
                "guilds": [{"id": str(each), "unavailable": True} for each, _ in guilds],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self.url,
                "shard": [number, count],
                "application": {"id": str(self._bot.id), "flags": self._bot.flags},
            },
        )
        for each, body in guilds:
            if body is not None:
                session.late_guilds.append((body, each))
        if not self._holds_guilds:
            self.releases_guilds()

    def _resume(self, connection: Connection, asked: JSON) -> None:
        session = self.sessions.get(asked["session_id"])
        if session is not None and asked["seq"] > session.seq:
            connection.close(4007)
            return
        gap = 0 if session is None else self._timeline.now() - session.left
        if session is None or (session.connection is None and gap > RESUMABLE_SECONDS * SECOND):
            self.sessions.pop(asked["session_id"], None)
            connection.send({"op": 9, "d": False})
            return
        if session.connection is not None:
            session.connection.close(4000)
        session.connection = connection
        connection.session = session
        session.replay(asked["seq"] - self._replays_more)
