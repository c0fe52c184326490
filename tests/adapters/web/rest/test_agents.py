from __future__ import annotations

from pathlib import Path

from letta_client import AsyncLetta

from tests.api_site import api_site


async def test_an_agent_that_was_made_over_the_api_is_found_there(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site, AsyncLetta(base_url=site.url) as client:
        made = await client.agents.create(
            name="Ada",
            model="openai/gpt-4o-mini",
            memory_blocks=[{"label": "human", "value": "Name: Eva"}],
            tags=["b", "a"],
        )
        again = await client.agents.retrieve(made.id)
        listed = await client.agents.list()
    assert again == made
    assert [each.id for each in listed.items] == [made.id]
    assert (made.name, made.tags, made.blocks[0].value) == ("Ada", ["a", "b"], "Name: Eva")
