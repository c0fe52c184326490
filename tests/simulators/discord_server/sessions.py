"""Sessions of the gateway: what a client asked to hear, and what it was told, to be told again."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from agentcore.clock import Micros
from tests.simulators.discord_server.channels import ONCE
from tests.simulators.discord_server.intents import Intent, hears, readable
from tests.simulators.discord_server.limits import Rolling
from tests.simulators.discord_server.refusals import JSON


class Connection:
    """One WebSocket. What is sent waits in line, so that whoever tells something needn't wait."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, sent: Rolling) -> None:
        self.socket = socket
        self.sent = sent
        self.compressed = request.query.get("compress") == "zlib-stream"
        self.session: Session | None = None
        self.over = False
        self.closing = False
        self.watch: asyncio.TimerHandle = asyncio.get_running_loop().call_later(0, int)
        self._request = request
        self._pack = zlib.compressobj()
        self._line: asyncio.Queue[str | int] = asyncio.Queue()

    def send(self, payload: Any) -> None:
        self.send_raw(json.dumps(payload))

    def send_raw(self, text: str) -> None:
        if not self.over:
            self._line.put_nowait(text)

    def close(self, code: int) -> None:
        """Close with this code, after what waits to be sent; nothing follows."""
        if not self.over:
            self.over = self.closing = True
            self._line.put_nowait(code)

    def cut(self) -> None:
        """Break off without a word."""
        self.over = True
        if self._request.transport is not None:
            self._request.transport.abort()

    async def write(self) -> None:
        """Send what is in line, until the connection is closed."""
        while True:
            each = await self._line.get()
            try:
                if isinstance(each, int):
                    await self.socket.close(code=each)
                    return
                if self.compressed:
                    flushed = self._pack.compress(each.encode())
                    flushed += self._pack.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(flushed)
                else:
                    await self.socket.send_str(each)
            except (ConnectionError, RuntimeError):
                return


@dataclass(slots=True)
class Session:
    id: str
    bot_id: int
    intents: Intent
    shard: tuple[int, int] = (0, 1)
    connection: Connection | None = None
    left: Micros = ONCE
    seq: int = 0
    told: list[tuple[int, str, str]] = field(default_factory=list)
    """All events with their numbers."""
    late_guilds: list[tuple[JSON, int]] = field(default_factory=list)

    def tell(self, event: str, body: JSON, guild_id: int | None) -> None:
        """Number an event and send it, if this session is to hear of it."""
        if (0 if guild_id is None else (guild_id >> 22) % self.shard[1]) != self.shard[0]:
            return
        in_guild = guild_id is not None
        if not hears(self.intents, event, in_guild=in_guild, body=body, bot_id=self.bot_id):
            return
        if event in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
            content = Intent.MESSAGE_CONTENT in self.intents
            body = readable(body, content=content, bot_id=self.bot_id)
        self.say(event, body)

    def say(self, event: str, body: JSON) -> None:
        """Number an event and send it."""
        self.seq += 1
        text = json.dumps({"op": 0, "s": self.seq, "t": event, "d": body})
        self.told.append((self.seq, event, text))
        if self.connection is not None:
            self.connection.send_raw(text)

    def repeat(self) -> None:
        """Send the newest event again, as it was."""
        texts = [text for _, event, text in self.told if event not in {"READY", "RESUMED"}]
        if self.connection is not None and texts:
            self.connection.send_raw(texts[-1])

    def replay(self, after: int) -> None:
        """Send again what came after that number, then say that this was all."""
        if self.connection is None:
            return
        for number, _, text in self.told:
            if number > after:
                self.connection.send_raw(text)
        self.say("RESUMED", {})
