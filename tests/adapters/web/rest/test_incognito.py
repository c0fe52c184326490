"""What a person says incognito is nobody's but theirs: no client of the API is shown it."""

from __future__ import annotations

from pathlib import Path

import anyio
from pydantic_core import from_json

from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.test_erased_people import asked, bound
from tests.api_site import api_site
from tests.bot.commands.talk import said
from tests.house import PATIENCE

MARK = "quokka"


async def test_no_route_shows_what_is_said_incognito(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", f"A {MARK}, you say.")
    async with api_site(tmp_path, model) as site:
        agent = await site.agent(memory_blocks=[{"label": "human", "value": ""}])
        await bound(site, "terminal:local:ada", agent)
        await said(site.home, "ada", "Hi", "/incognito", f"I have a {MARK}.")
        runs = await asked(site, "GET", f"/v1/runs?agent_id={agent['id']}")
        steps = await asked(site, "GET", f"/v1/steps?agent_id={agent['id']}")
        told = []
        with anyio.fail_after(PATIENCE):
            for run in runs:
                path = f"/v1/runs/{run['id']}"
                for each in (await site.http.post(f"{path}/stream", json={})).text.split("\n\n"):
                    data = each.partition("data: ")[2]
                    told += [from_json(data)] if data.startswith("{") else []
                told.append((await site.http.get(f"{path}/messages")).json())
        for step in steps:
            told.append((await site.http.get(f"/v1/steps/{step['id']}/messages")).json())
        for path in ("messages", "conversations", f"agents/{agent['id']}/messages"):
            told.append((await site.http.get(f"/v1/{path}")).json())
    assert "Hello." in repr(told)
    assert MARK not in repr(told)
