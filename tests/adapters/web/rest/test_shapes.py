"""What the description of the API promises of answers."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from adapters.web.rest.description.shapes import AgentState, Block
from tests.api_site import api_site


async def test_agents_and_blocks_are_as_they_are_described(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        agent = await site.agent(memory_blocks=[{"label": "human"}], tags=["a"])
        AgentState.model_validate(agent)
        for path in ("/v1/agents", f"/v1/blocks/{agent['blocks'][0]['id']}/agents"):
            TypeAdapter(list[AgentState]).validate_python((await site.http.get(path)).json())
        TypeAdapter(list[Block]).validate_python((await site.http.get("/v1/blocks")).json())
        document = (await site.http.get("/openapi.json")).json()
        label = "/v1/agents/{agent_id}/core-memory/blocks/{block_label}"
        shape = document["paths"][label]["get"]["responses"]["200"]["content"]["application/json"]
        assert shape["schema"] == {"$ref": "#/components/schemas/Block"}
