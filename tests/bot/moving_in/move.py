"""A server that agents move away from, and the house that they move to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentcore.records import OWNER, AgentId, TextPart
from agentcore.records.content import PlainAgent
from bot.door.parts import COMMANDS
from bot.moving_in.moving import Moving, Report
from bot.moving_in.source import LettaSource
from tests.house import House
from tests.simulators.letta_server import LettaServer

KEY = "key"


class Killed(Exception):
    """The program died here."""


class Move:
    """A server that agents move away from, and the house that they move to."""

    def __init__(self, server: LettaServer, url: str, home: House) -> None:
        self.server = server
        self.url = url
        self.home = home
        self.dies_after: int | None = None
        self.told: list[str] = []

    async def run(self, *wanted: str, token: str = KEY, dry: bool = False) -> Report:
        async with LettaSource(self.url, token, first_pause=0) as source:
            moving = Moving(source, self._ask, self.told.append, self.home.parts.clock)
            return await moving.run(wanted, dry=dry)

    async def _ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if self.dies_after is not None:
            if not self.dies_after:
                raise Killed
            self.dies_after -= 1
        return await COMMANDS[name](self.home.parts, arguments)

    async def agent(self, agent_id: str) -> PlainAgent:
        content = await self.home.parts.store.content.read([AgentId(agent_id)], OWNER)
        return content.agents[0]

    async def texts(self, agent_id: str) -> list[str]:
        found = (await self.agent(agent_id)).messages
        return [part.text for each in found for part in each.parts if isinstance(part, TextPart)]
