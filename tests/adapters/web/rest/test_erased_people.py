"""People who had themselves erased, and what clients of the API have shared of their agents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentcore.records import OWNER, IdentityKey
from agentcore.testing import ScriptedModel
from tests.api_site import ApiSite, api_site
from tests.bot.commands.talk import insert, said
from tests.bot.commands.test_forget import rows_with
from tests.house import calls

MARK = "quokka"


async def asked(site: ApiSite, method: str, path: str, body: Any = None) -> Any:
    answer = await site.http.request(method, path, json=body)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


async def bound(site: ApiSite, key: str, agent: Mapping[str, Any]) -> str:
    """The id of the identity that the agent answers from now on."""
    body = {"identifier_key": key, "name": "", "identity_type": "user", "agent_ids": [agent["id"]]}
    return str((await asked(site, "PUT", "/v1/identities", body))["id"])


async def erased(site: ApiSite, who: str) -> None:
    """They confirm it, as anybody does."""
    told = (await site.home.accept(who, "/delete")).text
    (code,) = re.findall(r"/delete (\d{4})", told)
    assert "erased here" in (await site.home.accept(who, f"/delete {code}")).text


def block_of(agent: Mapping[str, Any], label: str) -> str:
    return next(str(each["id"]) for each in agent["blocks"] if each["label"] == label)


async def shared(site: ApiSite) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """Ada's agent, Bob's, and a block of hers that his holds, too: both have written in it, each by
    a chat, over the API and with a tool.
    """
    hers = await site.agent(memory_blocks=[{"label": "human", "value": f"Seeded: {MARK}."}])
    his = await site.agent(memory_blocks=[{"label": "persona", "value": "Calm."}])
    block_id = block_of(hers, "human")
    await bound(site, "terminal:local:ada", hers)
    await bound(site, "terminal:local:bob", his)
    attach = f"/v1/agents/{his['id']}/core-memory/blocks/attach/{block_id}"
    await asked(site, "PATCH", attach)
    for who, agent, word in (("ada", hers, MARK), ("bob", his, "heron")):
        await said(site.home, who, f"I keep a {word}.")
        path = f"/v1/agents/{agent['id']}"
        await asked(site, "POST", f"{path}/messages", {"input": f"They say {word}s bite."})
        value = (await asked(site, "GET", f"/v1/blocks/{block_id}"))["value"]
        human = f"{path}/core-memory/blocks/human"
        await asked(site, "PATCH", human, {"value": f"{value}\nA program wrote: {word}."})
    return hers, his, block_id


def notes() -> ScriptedModel:
    return ScriptedModel(
        *(
            answer
            for word in (MARK, "heron")
            for line in (f"Has a {word}.", f"The {word} bites.")
            for answer in (calls(insert(line)), "Noted.")
        )
    )


async def test_what_an_erased_person_s_agent_wrote_is_gone_from_blocks_that_others_hold(
    tmp_path: Path,
) -> None:
    async with api_site(tmp_path, notes()) as site:
        _, his, block_id = await shared(site)
        await erased(site, "ada")
        block = await asked(site, "GET", f"/v1/agents/{his['id']}/core-memory/blocks/human")
        assert rows_with(tmp_path, MARK) == []
    assert block["id"] == block_id
    assert block["value"].split("\n") == [
        "Has a heron.",
        "The heron bites.",
        "A program wrote: heron.",
    ]


async def test_a_block_that_was_their_agent_s_and_nobody_else_holds_any_more_is_gone(
    tmp_path: Path,
) -> None:
    async with api_site(tmp_path, notes()) as site:
        _, his, block_id = await shared(site)
        policy = await asked(site, "POST", "/v1/blocks", {"label": "policy", "value": "Be kind."})
        detach = f"/v1/agents/{his['id']}/core-memory/blocks/detach/{block_id}"
        await asked(site, "PATCH", detach)
        await erased(site, "ada")
        assert (await site.http.get(f"/v1/blocks/{block_id}")).status_code == 404
        assert (await site.http.get(f"/v1/blocks/{policy['id']}")).status_code == 200
        assert rows_with(tmp_path, MARK) == []


async def test_so_it_is_where_a_client_deletes_the_agent(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        hers = await site.agent(memory_blocks=[{"label": "human", "value": f"Seeded: {MARK}."}])
        his = await site.agent(memory_blocks=[{"label": "persona", "value": "Calm."}])
        block_id = block_of(hers, "human")
        for change in ("attach", "detach"):
            path = f"/v1/agents/{his['id']}/core-memory/blocks/{change}/{block_id}"
            await asked(site, "PATCH", path)
        await asked(site, "DELETE", f"/v1/agents/{hers['id']}")
        assert (await site.http.get(f"/v1/blocks/{block_id}")).status_code == 404
        assert rows_with(tmp_path, MARK) == []


async def test_of_two_customers_with_one_agent_the_other_keeps_it(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Hello.", "Hello.")) as site:
        agent = await site.agent(memory_blocks=[{"label": "human", "value": ""}])
        path = f"/v1/agents/{agent['id']}/messages"
        for key, word in (("customer-1", MARK), ("customer-2", "heron")):
            sender = await bound(site, key, agent)
            message = {"role": "user", "content": f"I like the {word}.", "sender_id": sender}
            await asked(site, "POST", path, {"messages": [message]})
        store = site.home.parts.store
        first = await store.standing(IdentityKey("api", "", "customer-1"))
        assert first is not None
        await store.erasures.erase(first.user_id, OWNER)
        assert "heron" in (await site.http.get(path)).text
        assert rows_with(tmp_path, MARK) == []
