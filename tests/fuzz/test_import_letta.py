"""A Letta server that answers anything: its agents come, or a sentence says why they can't."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given

from agentcore.agentfile import read_agent_file
from agentcore.errors import BadInput
from agentcore.records import OWNER, AgentId, PassageQuery
from agentcore.records.identities import IdentityQuery
from agentcore.store.agents import SERVICE
from bot.door.parts import COMMANDS
from bot.moving_in.moving import Moving, Report
from bot.moving_in.source import LettaSource
from tests.apart import apart
from tests.api_site import ApiSite, served
from tests.fuzz.amounts import examples
from tests.fuzz.letta_answers import MADE_UP, SERVER, Answers, UnsoundServer
from tests.house import PATIENCE, house
from tests.simulators.loopback import serving

READ = ("", "/messages?limit=100", "/context", "/core-memory/blocks", "/archival-memory")
"""Where a client of the API reads an agent."""
MOST = 1_000
"""Characters of a line, and records of any kind that an example makes."""


class Trial:
    """A server that may say anything, and the house that its agents move to."""

    def __init__(self, server: UnsoundServer, url: str, site: ApiSite) -> None:
        self.server = server
        self._url = url
        self._http = site.http
        self._parts = site.home.parts
        self._store = site.home.parts.store

    async def run(self) -> Report | str:
        """What came, or why nothing more does."""
        clock = self._parts.clock
        with anyio.fail_after(PATIENCE):
            try:
                async with LettaSource(self._url, None, first_pause=0, most_pages=20) as source:
                    report = await Moving(source, self._ask, _check_line, clock).run((), dry=False)
            except BadInput as refused:
                _check_line(str(refused))
                return str(refused)
        json.dumps(report.as_data(), ensure_ascii=False, allow_nan=False).encode()
        for each in report.left_out:
            _check_line(each)
        return report

    async def _ask(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """As a running service is asked: through JSON."""
        sent = json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
        return json.loads(json.dumps(await COMMANDS[name](self._parts, json.loads(sent))))

    async def check(self) -> None:
        """What is here can be read in every way, and nothing of it is here twice."""
        origins = []
        for each in await self._agents():
            door = self._store.for_agent(each, OWNER)
            messages = await door.history(limit=MOST)
            _check_once(message.message_id for message in messages)
            _check_once(block.label for block in await door.blocks())
            passages = await door.archive.search(PassageQuery("plum"))
            _check_once(found.passage.passage_id for found in passages)
            for path in READ:
                shown = await self._http.get(f"/v1/agents/{each}{path}")
                assert shown.status_code == 200, (path, shown.text)
            exported = await self._ask("agents.export", {"who": each})
            json.loads(exported["file"], parse_constant=pytest.fail)
            read_agent_file(exported["file"].encode(), built_in=(), now=self._parts.clock.now())
            mark = await self._store.content.mark(each)
            origins.append((mark or {})["id"])
        _check_once(origins)
        await self._store.custom_tools.all()
        await self._store.identities.identities(IdentityQuery(limit=100))

    async def has_all(self) -> None:
        """Run against the sound server: nothing is missing, and nothing comes twice."""
        self.server.answer({})
        report = await self.run()
        assert isinstance(report, Report), report
        assert len(report.agents) == len(SERVER.agents)
        await self.check()
        again = await self.run()
        assert isinstance(again, Report), again
        assert {(each["messages"], each["passages"]) for each in again.agents} == {(0, 0)}

    async def clear(self) -> None:
        for each in await self._agents():
            await self._store.agents.delete(each, SERVICE)
        for tool in await self._store.custom_tools.all():
            await self._store.custom_tools.delete(tool.tool_id)
        while found := await self._store.identities.identities(IdentityQuery(limit=100)):
            for identity in found:
                await self._store.identities.remove(identity.identity_id)
        assert await self._agents() == []

    async def _agents(self) -> list[AgentId]:
        return [each.agent_id for each in await self._store.list_agents(limit=MOST)]


def _check_line(line: str) -> None:
    assert line.isprintable(), line
    assert 10 < len(line) < MOST, line


def _check_once(names: Any) -> None:
    found = list(names)
    assert len(set(found)) == len(found), found


@asynccontextmanager
async def _trial(folder: Path) -> AsyncIterator[Trial]:
    server = UnsoundServer()
    async with (
        serving(server) as url,
        house(folder, api_rate=1_000_000) as home,
        served(home) as site,
    ):
        yield Trial(server, url, site)


@pytest.fixture(scope="module")
async def trial(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Trial]:
    async with apart(_trial(tmp_path_factory.mktemp("letta"))) as opened:
        yield opened


@examples(8)
@given(MADE_UP)
async def test_whatever_a_server_answers_is_taken_in_or_refused(
    trial: Trial, answers: dict[str, Answers]
) -> None:
    try:
        trial.server.answer(answers)
        await trial.run()
        await trial.check()
        await trial.has_all()
    finally:
        await trial.clear()
