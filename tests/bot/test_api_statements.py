"""What a turn over the API asks of the database: not more than it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agentcore.sqlstore.stores import SqlStore
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from bot.workers.dispatcher import DispatchLimits
from tests.api_site import ApiSite, api_site
from tests.contracts.store_statements import Executed, executed
from tests.house import PATIENCE


async def turn(site: ApiSite, agent: str, text: str) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": text}]}
    told = await site.http.post(f"/v1/agents/{agent}/messages", json=body, timeout=PATIENCE)
    assert told.status_code == 200, told.text
    found: dict[str, Any] = told.json()
    return found


async def statements_of_a_turn(folder: Path) -> Executed:
    model = ScriptedModel("First.", "Second.", "Third.", name="openai/gpt-4o-mini")
    # Nobody looks by themselves meanwhile, only when they are told.
    told = Replacements(limits=DispatchLimits(look_again=PATIENCE))
    async with api_site(folder, model, replacements=told) as site:
        store = site.home.parts.store
        assert isinstance(store, SqlStore)
        agent = (await site.agent())["id"]
        await turn(site, agent, "One.")
        await turn(site, agent, "Two.")
        with executed(store._database) as seen:
            await turn(site, agent, "Three.")
    return seen


async def test_nothing_of_it_is_looked_for_in_the_outbox(tmp_path: Path) -> None:
    seen = await statements_of_a_turn(tmp_path)

    assert any("INSERT INTO message" in text for text in seen.texts)
    assert not [text for text in seen.texts if "outbox" in text]
