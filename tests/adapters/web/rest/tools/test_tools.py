"""Tools over the API, with its own client of both generations and without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from letta_client import APIStatusError, AsyncLetta, BadRequestError, NotFoundError

from agentcore.records import AgentId
from agentcore.testing import ScriptedCode
from tests.api_site import ApiSite, api_site
from tests.tool_sources import SOURCE, an_agent

SCHEMA = {
    "name": "roll_dice",
    "description": "Roll a die.",
    "parameters": {
        "type": "object",
        "properties": {
            "sides": {"type": "integer", "description": "How many sides it has."},
            "times": {"type": "integer", "description": "How often."},
        },
        "required": ["sides"],
    },
}
BUILT_IN = [
    "memory_insert",
    "memory_replace",
    "memory_rethink",
    "conversation_search",
    "archival_memory_insert",
    "archival_memory_search",
    "memory",
]


async def test_a_tool_is_made_of_a_source(client: AsyncLetta) -> None:
    made = await client.tools.create(
        source_code=SOURCE,
        tags=["games"],
        return_char_limit=100,
        default_requires_approval=True,
        enable_parallel_execution=True,
    )
    assert made.id.startswith("tool-")
    assert (made.name, made.description, made.tool_type) == ("roll_dice", "Roll a die.", "custom")
    assert (made.source_code, made.source_type) == (SOURCE, "python")
    assert made.json_schema == SCHEMA
    assert (made.tags, made.return_char_limit) == (["games"], 100)
    assert made.default_requires_approval is True
    assert made.enable_parallel_execution is True
    assert await client.tools.retrieve(made.id) == made


async def test_the_same_source_again_is_the_same_tool(client: AsyncLetta) -> None:
    first = await client.tools.create(source_code=SOURCE)
    assert await client.tools.create(source_code=SOURCE) == first
    assert await client.tools.upsert(source_code=SOURCE) == first
    better = SOURCE.replace("Roll a die.", "Roll one die.")
    changed = await client.tools.upsert(source_code=better)
    assert (changed.id, changed.description) == (first.id, "Roll one die.")


async def test_what_the_client_says_of_a_tool_comes_before_its_source(client: AsyncLetta) -> None:
    bare = "def other(): pass\ndef roll(x, y=2): pass\ndef last(): pass"
    parameters = {"type": "object", "properties": {"x": {"type": "string"}}}
    schema: dict[str, object] = {"name": "roll", "description": "It.", "parameters": parameters}
    made = await client.tools.create(source_code=bare, json_schema=schema)
    assert (made.name, made.json_schema) == ("roll", schema)
    told = await client.tools.create(
        source_code=SOURCE, description="Mine.", args_json_schema=dict(parameters)
    )
    assert told.description == "Mine."
    assert told.args_json_schema == parameters
    assert told.json_schema is not None
    assert told.json_schema["parameters"] == parameters


async def test_a_tool_is_changed(client: AsyncLetta) -> None:
    made = await client.tools.create(source_code=SOURCE, tags=["a"])
    assert await client.tools.update(made.id) == made
    told = await client.tools.update(
        made.id,
        description="Throw it.",
        tags=["b"],
        metadata={"who": "me"},
        default_requires_approval=True,
        return_char_limit=7,
    )
    assert (told.description, told.tags, told.metadata) == ("Throw it.", ["b"], {"who": "me"})
    assert (told.default_requires_approval, told.return_char_limit) == (True, 7)
    renamed = await client.tools.update(made.id, source_code=SOURCE.replace("roll_dice", "throw"))
    assert (renamed.id, renamed.name, renamed.description) == (made.id, "throw", "Roll a die.")
    assert renamed.tags == ["b"]
    schema: dict[str, object] = {"name": "throw", "parameters": {}}
    bare = await client.tools.update(made.id, json_schema=schema)
    assert bare.json_schema is not None
    assert bare.json_schema["parameters"] == {"type": "object", "properties": {}}


async def test_a_deleted_tool_is_gone_from_its_agents_as_well(client: AsyncLetta) -> None:
    made = await client.tools.create(source_code=SOURCE)
    agent_id = await an_agent(client, "memory_insert", "roll_dice")
    await client.tools.delete(made.id)
    with pytest.raises(NotFoundError):
        await client.tools.retrieve(made.id)
    with pytest.raises(NotFoundError):
        await client.tools.delete(made.id)
    left = await client.agents.tools.list(agent_id)
    assert [tool.name for tool in left.items] == ["memory_insert"]


async def test_tools_of_the_service_are_listed_and_never_change(client: AsyncLetta) -> None:
    found = await client.tools.list(order="asc")
    assert [tool.name for tool in found.items][: len(BUILT_IN)] == BUILT_IN
    kinds = {tool.name: tool.tool_type for tool in found.items}
    assert kinds["memory_insert"] == "letta_memory_core"
    assert kinds["conversation_search"] == "letta_core"
    first = found.items[0]
    assert await client.tools.retrieve(first.id) == first
    for refused in (
        client.tools.delete(first.id),
        client.tools.update(first.id, description="Mine."),
    ):
        with pytest.raises(BadRequestError, match="part of the service"):
            await refused
    for name in ("memory_insert", "core_memory_append"):
        with pytest.raises(APIStatusError, match=f"{name} is a tool of the service") as taken:
            await client.tools.create(source_code=SOURCE.replace("roll_dice", name))
        assert taken.value.status_code == 409


async def test_a_list_is_cut_and_narrowed(client: AsyncLetta, site: ApiSite) -> None:
    one = await client.tools.create(source_code=SOURCE)
    two = await client.tools.create(source_code=SOURCE.replace("roll_dice", "throw_dice"))
    newest = await client.tools.list(limit=2)
    assert [tool.id for tool in newest.items] == [two.id, one.id]
    everything = [tool.name async for tool in client.tools.list(limit=3, order="asc")]
    assert everything == [*BUILT_IN, "roll_dice", "throw_dice"]
    before = await client.tools.list(before=one.id, limit=1)
    assert [tool.id for tool in before.items] == [two.id]

    async def names(**query: Any) -> list[str | None]:
        return [tool.name for tool in (await client.tools.list(order="asc", **query)).items]

    assert await names(name="roll_dice") == ["roll_dice"]
    assert await names(names=["roll_dice", "memory_insert"]) == ["memory_insert", "roll_dice"]
    assert await names(search="DICE") == ["roll_dice", "throw_dice"]
    assert await names(tool_ids=[one.id]) == ["roll_dice"]
    assert await names(tool_types=["custom"]) == ["roll_dice", "throw_dice"]
    assert await names(return_only_letta_tools=True) == BUILT_IN
    assert await names(exclude_tool_types=["letta_core", "letta_memory_core"]) == everything[-2:]
    for query, count in (
        ("", len(everything)),
        ("?exclude_letta_tools=true", 2),
        ("?names=roll_dice,throw_dice", 2),
    ):
        assert (await site.http.get(f"/v1/tools/count{query}")).json() == count
    hits = await client.tools.search(query="throw a die", limit=2)
    assert [hit.tool.name for hit in hits] == ["throw_dice", "roll_dice"]
    assert [hit.tool.name for hit in await client.tools.search(tool_types=["custom"])] == [
        "roll_dice",
        "throw_dice",
    ]
    vectors = await site.http.post("/v1/tools/search", json={"search_mode": "vector"})
    assert vectors.status_code == 501
    base = await site.http.post("/v1/tools/add-base-tools")
    assert [tool["name"] for tool in base.json()] == BUILT_IN


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({}, 422, "source_code"),
        ({"source_code": "x" * 64_001}, 422, "source_code"),
        ({"source_code": "def f(:"}, 400, "Line 1: invalid syntax"),
        ({"source_code": "def f(x: int):\n    return x"}, 400, "Line 1: `f` has no docstring"),
        ({"source_code": "x = 1"}, 400, "no public function"),
        ({"source_code": 'def é():\n    """It."""'}, 400, "can't be named é"),
        ({"source_code": SOURCE, "return_char_limit": 0}, 422, "return_char_limit"),
        ({"source_code": SOURCE, "tags": "games"}, 422, "tags"),
        ({"source_code": SOURCE, "source_type": "typescript"}, 501, "tools in typescript"),
        ({"source_code": SOURCE, "pip_requirements": [{"name": "x"}]}, 501, "packages for tools"),
        ({"source_code": SOURCE, "npm_requirements": [{"name": "x"}]}, 501, "packages for tools"),
        ({"source_code": SOURCE, "json_schema": {"description": "It."}}, 422, "has no name"),
        ({"source_code": SOURCE, "json_schema": {"name": "other"}}, 400, "no function `other`"),
        (
            {"source_code": SOURCE, "json_schema": {"name": "roll_dice", "parameters": []}},
            422,
            "must be one of an object",
        ),
        (
            {"source_code": SOURCE, "json_schema": {"name": "roll_dice", "description": 1}},
            422,
            "must be a text",
        ),
        ({"source_code": SOURCE, "json_schema": {"name": "x" * 64_000}}, 422, "64000 fit"),
        ({"source_code": SOURCE, "json_schema": {"name": float("nan")}}, 422, "read as JSON"),
        ({"source_code": SOURCE, "json_schema": {"name": "\ud800"}}, 400, "no function"),
    ],
)
async def test_what_is_no_tool_is_refused_with_its_reason(
    site: ApiSite, body: dict[str, Any], status: int, reason: str
) -> None:
    as_json = {"Content-Type": "application/json"}
    answer = await site.http.post("/v1/tools/", content=json.dumps(body), headers=as_json)
    assert answer.status_code == status, answer.text
    assert reason in answer.json()["detail"]
    assert (await site.http.get("/v1/tools/count")).json() == len(BUILT_IN)


async def test_a_source_is_tried_before_it_is_a_tool(site: ApiSite, code: ScriptedCode) -> None:
    code.will("6")
    body = {"source_code": SOURCE, "args": {"sides": 6}}
    tried = (await site.http.post("/v1/tools/run", json=body)).json()
    assert (tried["message_type"], tried["tool_return"]) == ("tool_return_message", "6")
    assert (tried["status"], tried["name"]) == ("success", "roll_dice")
    code.will("x")
    await site.http.post("/v1/tools/run", json={**body, "env_vars": {"KEY": "x"}})
    assert [dict(each.environment) for each in code.calls] == [{}, {"KEY": "x"}]
    assert (await site.http.get("/v1/tools/count")).json() == len(BUILT_IN)


async def test_tools_are_for_administrators(client: AsyncLetta, site: ApiSite) -> None:
    made = await client.tools.create(source_code=SOURCE)
    agent_id = await an_agent(client, "memory_insert")
    other = await an_agent(client)
    path = f"/v1/agents/{agent_id}/tools"
    token = await site.home.parts.store.tokens.create("mine", AgentId(agent_id))
    mine = {"Authorization": f"Bearer {token.text}"}
    seen = await site.http.get(path, headers=mine)
    assert [tool["name"] for tool in seen.json()] == ["memory_insert"]
    assert (await site.http.get(f"/v1/agents/{other}/tools", headers=mine)).status_code == 404
    for method, where, body in (
        ("GET", "/v1/tools/", None),
        ("GET", f"/v1/tools/{made.id}", None),
        ("POST", "/v1/tools/", {"source_code": SOURCE}),
        ("PUT", "/v1/tools/", {"source_code": SOURCE}),
        ("PATCH", f"/v1/tools/{made.id}", {}),
        ("DELETE", f"/v1/tools/{made.id}", None),
        ("POST", "/v1/tools/run", {"source_code": SOURCE}),
        ("PATCH", f"{path}/attach/{made.id}", None),
        ("PATCH", f"{path}/detach/{made.id}", None),
        ("PATCH", f"{path}/approval/memory_insert", {"requires_approval": False}),
        ("POST", f"{path}/memory_insert/run", {}),
    ):
        answer = await site.http.request(method, where, json=body, headers=mine)
        assert answer.status_code == 403, where


async def test_without_leave_no_code_is_taken(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        for method, path in (
            ("POST", "/v1/tools/"),
            ("PUT", "/v1/tools"),
            ("POST", "/v1/tools/run"),
        ):
            answer = await site.http.request(method, path, json={"source_code": SOURCE})
            assert answer.status_code == 501
            assert "FAMILIAR_ALLOW_CODE_TOOLS=1" in answer.json()["detail"]
        assert len((await site.http.get("/v1/tools/")).json()) == len(BUILT_IN)


async def test_what_is_switched_off_is_switched_on_by_an_administrator(
    client: AsyncLetta, site: ApiSite
) -> None:
    made = await client.tools.create(source_code=SOURCE)
    for enabled in (False, True):
        answer = await site.http.patch(f"/v1/tools/{made.id}", json={"enabled": enabled})
        assert answer.json()["enabled"] is enabled
