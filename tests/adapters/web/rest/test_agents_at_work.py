"""What becomes of agents' turns when they are made and changed over REST."""

from __future__ import annotations

from pathlib import Path

from letta_client import AsyncLetta

from agentcore.model import SystemPrompt
from agentcore.testing import ScriptedModel
from tests.api_site import api_site


async def test_an_agent_begins_with_the_messages_that_it_is_given(tmp_path: Path) -> None:
    model = ScriptedModel("Pavlova!")
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent = await client.agents.create(
            model="openai/gpt-4o-mini",
            system="You are brief.",
            initial_message_sequence=[
                {"role": "user", "content": "My cat is called Pavlova."},
                {"role": "assistant", "content": "A fine name."},
            ],
        )
        assert len(agent.message_ids or []) == 3
        await client.agents.messages.create(agent.id, input="What is my cat called?")
        [request] = model.requests
        said = [prompt.text for prompt in request.prompt[1:]]
        assert said[0].endswith("My cat is called Pavlova.")
        assert said[1] == "A fine name."
        assert said[2].endswith("What is my cat called?")
        again = await client.agents.retrieve(agent.id)
        assert (again.message_ids or [])[:3] == agent.message_ids


async def test_a_model_is_told_an_agent_s_own_instructions_and_the_new_ones_after_a_change(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Arr!", "Yes.", "Yes.")
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent = await client.agents.create(model="openai/gpt-4o-mini", system="You are a pirate.")
        await client.agents.messages.create(agent.id, input="Hello")
        await client.agents.update(agent.id, system="You are a monk.", name="Brother")
        await client.agents.messages.create(agent.id, input="And now?")
        await client.agents.update(agent.id, name="Sister")
        await client.agents.messages.create(agent.id, input="And now?")
    heads = [request.prompt[0].text for request in model.requests]
    assert isinstance(model.requests[0].prompt[0], SystemPrompt)
    assert heads[0].startswith("You are a pirate.\n\n<memory_blocks>")
    assert heads[1].startswith("You are a monk.\n\n<memory_blocks>")
    assert heads[2] == heads[1]
    assert [prompt.text for prompt in model.requests[2].prompt[2:5:2]] == ["Arr!", "Yes."]


async def test_whoever_had_a_deleted_agent_is_answered_by_a_new_one(tmp_path: Path) -> None:
    async with api_site(tmp_path, ScriptedModel("Hello!", "Who are you?")) as site:
        receipt = await site.home.accept("ada", "I am Ada.")
        await site.home.heard("ada", until=receipt.position or 0)
        [old] = (await site.http.get("/v1/agents")).json()
        assert (await site.http.delete(f"/v1/agents/{old['id']}")).status_code == 200
        receipt = await site.home.accept("ada", "Do you know me?")
        await site.home.heard("ada", until=receipt.position or 0)
        [new] = (await site.http.get("/v1/agents")).json()
        assert new["id"] != old["id"]
