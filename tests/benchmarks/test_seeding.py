"""What is seeded is what a service would have stored: it is counted, it answers, and is found."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.seeding import add_agents, add_messages
from benchmarks.window import Recorder
from tests.api_site import ApiSite, api_site


async def say(site: ApiSite, agent: str) -> None:
    body = {"messages": [{"role": "user", "content": "How are you?"}]}
    answer = await site.http.post(f"/v1/agents/{agent}/messages", json=body)
    assert answer.status_code == 200, answer.text


async def test_seeded_agents_and_messages_are_as_if_they_had_come_to_be(tmp_path: Path) -> None:
    human = {"label": "human", "value": "Likes tea."}
    async with api_site(tmp_path, Recorder()) as site:
        agent = (await site.agent(memory_blocks=[human]))["id"]
        await say(site, agent)
    await asyncio.to_thread(add_agents, tmp_path / "familiar.db", agent, 3)
    await asyncio.to_thread(add_messages, tmp_path / "familiar.db", agent, 40, in_view=10)
    model = Recorder()
    async with api_site(tmp_path, model) as site:
        agents = (await site.http.get("/v1/agents/")).json()
        assert len({each["id"] for each in agents}) == 4
        for each in agents:
            await say(site, each["id"])
            (block,) = (await site.http.get(f"/v1/agents/{each['id']}/core-memory/blocks")).json()
            assert block["value"] == "Likes tea."
        pages = {"limit": 100}
        stored = (await site.http.get(f"/v1/agents/{agent}/messages", params=pages)).json()
    assert len(stored) > 40
    shown = sorted(request.count('"role": "user"') for request in model.requests)
    assert shown == [2, 2, 2, 6]
