"""What somebody had their agent forget: no route of the API shows it from then on, and once it can't
be taken back any more, it stands nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import anyio
import httpx

from adapters.web.rest.description.document import Document
from agentcore.clock import MINUTE
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.adapters.web.rest.operations import requests
from tests.adapters.web.rest.test_erased_people import MARK, asked, bound
from tests.api_site import ApiSite, api_site
from tests.bot.commands.talk import insert, said, told
from tests.bot.commands.test_forget import rows_with
from tests.house import FAST, PATIENCE, call, calls

PAY = {
    "name": "pay",
    "description": f"Pays for a {MARK}",
    "parameters": {"type": "object", "properties": {MARK: {"type": "string"}}},
}
KINDS = ("run", "step", "conversation", "message")


def speaking() -> ScriptedModel:
    keep = call("archival_memory_insert", json.dumps({"content": f"The {MARK} eats leaves."}))
    return ScriptedModel(
        calls(insert(f"Keeps a {MARK}.")),
        f"A {MARK}, nice.",
        calls(keep),
        f"I kept that of the {MARK}.",
        calls(call("pay", json.dumps({MARK: MARK}), "call-9")),
        f"Paid for the {MARK}.",
        f"Yes, a {MARK}.",
    )


async def talked(site: ApiSite) -> str:
    """An agent that heard of it in a chat and in every way that the API has. Its id."""
    tools = ["archival_memory_insert"]
    agent = await site.agent(memory_blocks=[{"label": "human", "value": ""}], tools=tools)
    sender = await bound(site, "terminal:local:ada", agent)
    await said(site.home, "ada", f"I have a {MARK}.")
    path = f"/v1/agents/{agent['id']}/messages"

    def user(text: str) -> Mapping[str, str]:
        return {"role": "user", "content": text, "sender_id": sender}

    named = {**user(f"The {MARK} eats leaves."), "name": MARK, "otid": MARK}
    kept = await site.http.post(
        path, json={"messages": [named]}, headers={"Idempotency-Key": f"the {MARK}"}
    )
    assert kept.status_code == 200
    body = {"messages": [user(f"Pay for the {MARK}.")], "override_system": f"Love the {MARK}."}
    await asked(site, "POST", path, {**body, "client_tools": [PAY]})
    paid = {"tool_call_id": "call-9", "tool_return": f"The {MARK} is paid.", "status": "success"}
    given = {"type": "approval", "approvals": [{"type": "tool", **paid}]}
    await asked(site, "POST", path, {"messages": [given]})
    called = {"callback_url": f"https://example.com/{MARK}", "messages": [user(f"A {MARK}?")]}
    run = await asked(site, "POST", f"{path}/async", called)
    with anyio.fail_after(PATIENCE):
        async with site.http.stream("POST", f"/v1/runs/{run['id']}/stream") as stream:
            await stream.aread()
    return str(agent["id"])


async def listed(site: ApiSite, agent_id: str) -> Mapping[str, list[str]]:
    """The ids of all that there is of the agent, by kind."""
    query = f"?agent_id={agent_id}&limit=100"
    found = {
        kind: await asked(site, "GET", f"/v1/{kind}s{query}") for kind in KINDS if kind != "message"
    }
    found["message"] = await asked(site, "GET", f"/v1/agents/{agent_id}/messages?limit=100")
    return {kind: [each["id"] for each in rows] for kind, rows in found.items()}


def questions(
    document: Document, agent_id: str, ids: Mapping[str, list[str]]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Everything that can be read of an agent."""
    known = {"agent_id": agent_id, "block_label": "human", "query": MARK, "search": MARK}
    seen = set[str]()
    for n in range(max(len(each) for each in ids.values())):
        here = {f"{kind}_id": each[n % len(each)] for kind, each in ids.items()}
        for each in requests(document, {**known, **here}):
            if each.method == "GET" and each.path not in seen:
                seen.add(each.path)
                query = {
                    name: each.query[name] for name in ("query", "search") if name in each.query
                }
                yield each.path, query


async def shown(http: httpx.AsyncClient, path: str, query: Mapping[str, str]) -> str:
    if not path.endswith("/events"):
        return (await http.get(path, params=query)).text
    async with http.stream("GET", path, params={"after": "start"}) as stream:
        lines: list[str] = []
        async for line in stream.aiter_lines():
            lines.append(line)
            if line.startswith(":") or "forgotten-by-now" in line:
                break
        return "\n".join(lines)


async def test_what_is_forgotten_is_shown_nowhere_and_then_stands_nowhere(tmp_path: Path) -> None:
    clock = FakeClock()
    given = Replacements(limits=FAST, clock=clock)
    async with api_site(tmp_path, speaking(), replacements=given) as site:
        agent_id = await talked(site)
        ids = await listed(site, agent_id)
        export = f"/v1/agents/{agent_id}/export"
        document = (await site.http.get("/openapi.json")).json()
        assert {"block_revision", "inbox", "message", "turn"} < set(rows_with(tmp_path, MARK))
        await told(site.home, "ada", f"/forget {MARK}", "/forget yes")
        await asked(
            site,
            "PATCH",
            f"/v1/agents/{agent_id}/core-memory/blocks/human",
            {"value": "forgotten-by-now"},
        )
        showing = [
            path
            for path, query in questions(document, agent_id, ids)
            if MARK in (await shown(site.http, path, query)).replace(f"example.com/{MARK}", "")
        ]
        again = {"file": ("sam.af", (await site.http.get(export)).content)}
        imported = await site.http.post("/v1/agents/import", files=again)
        clock.advance(10 * MINUTE)
        await site.home.parts.store.forgettings.erase_due()
        left = rows_with(tmp_path, MARK)
    assert showing == []
    assert imported.status_code == 200
    assert left == []


async def test_what_is_forgotten_of_a_shared_block_no_other_agent_has_seen_either(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    given = Replacements(limits=FAST, clock=clock)
    model = ScriptedModel(
        calls(insert(f"Ada keeps a {MARK}.")), "Noted.", calls(insert("Bob has a heron.")), "Noted."
    )
    async with api_site(tmp_path, model, replacements=given) as site:
        hers = await site.agent(memory_blocks=[{"label": "human", "value": ""}])
        his = await site.agent(block_ids=[hers["blocks"][0]["id"]])
        for who, agent in (("ada", hers), ("bob", his)):
            await bound(site, f"terminal:local:{who}", agent)
            await said(site.home, who, f"This is {who}.")
        path = f"/v1/agents/{his['id']}/messages"
        assert MARK in (await site.http.get(path)).text
        await told(site.home, "ada", f"/forget {MARK}", "/forget yes")
        clock.advance(10 * MINUTE)
        await site.home.parts.store.forgettings.erase_due()
        left = (await site.http.get(path)).text
        assert rows_with(tmp_path, MARK) == []
    assert "heron" in left
    assert MARK not in left
