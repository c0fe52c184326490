"""Whom clients of OpenAI's API can talk with: what their lists of models show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openai
from letta_client import AsyncLetta

from agentcore.testing import ScriptedModel
from tests.adapters.web.rest.test_chat_completions import client_of, user
from tests.api_site import api_site


async def test_agents_and_templates_are_listed_as_models(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        sam = (await site.agent(name="Sam"))["id"]
        base = f"{site.url}/openai/v1"
        async with openai.AsyncOpenAI(base_url=base, api_key="none") as client:
            listed = [each async for each in client.models.list()]
            same = await client.models.retrieve(sam)
            said = [
                await client.chat.completions.create(
                    model=each.id, messages=[user("Hi")], user="ada"
                )
                for each in listed
                if each.id in {"template:friend", sam}
            ]
        async with client_of(site) as client:
            elsewhere = [each async for each in client.models.list()]
        for other in ("template:nobody", "gpt-4o"):
            assert (await site.http.get(f"{base}/models/{other}")).status_code == 404
        plain = (await site.http.get(f"{base}/models")).json()
        async with AsyncLetta(base_url=site.url) as letta:
            handles = [each.handle for each in await letta.models.list()]
    names = {each.id: each.model_dump()["name"] for each in listed}
    assert names[sam] == same.model_dump()["name"] == "Sam"
    assert names["template:friend"] == "friend"
    assert [bool(each.choices[0].message.content) for each in said] == [True, True]
    assert elsewhere == listed
    assert [each["id"] for each in plain["data"]] == [each.id for each in listed]
    assert handles == ["offline"]


async def test_somebody_s_own_agent_is_listed_for_nobody_else(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Hi!"), token="t" * 20) as site:
        free = await site.agent(name="Sam")
        body: dict[str, Any] = {"model": "template:friend", "messages": [user("Hi")], "user": "ada"}
        assert (await site.http.post("/v1/chat/completions", json=body)).status_code == 200
        listed = (await site.http.get("/openai/v1/models")).json()["data"]
        made = await site.home.parts.store.tokens.create("mine", free["id"])
        mine = {"Authorization": f"Bearer {made.text}"}
        of_one = (await site.http.get("/openai/v1/models", headers=mine)).json()["data"]
        unknown = await site.http.get("/openai/v1/models", headers={"Authorization": "Bearer no"})
    ids = [each["id"] for each in listed if each["id"].startswith("agent-")]
    assert ids == [each["id"] for each in of_one] == [free["id"]]
    assert unknown.status_code == 401


async def test_open_webui_says_who_talks_in_a_header(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Hi!", "Again!")) as site:
        body = {"model": "template:friend", "messages": [user("Hi")]}
        for _ in range(2):
            answer = await site.http.post(
                "/openai/v1/chat/completions", json=body, headers={"X-OpenWebUI-User-Id": "u-1"}
            )
            assert answer.status_code == 200
        (ada,) = (await site.http.get("/v1/identities?identifier_key=u-1")).json()
    assert len(ada["agent_ids"]) == 1
