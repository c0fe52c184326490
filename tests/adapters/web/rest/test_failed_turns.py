"""Turns that come to nothing, as the SDK hears of them: at once, and once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio
import pytest
from letta_client import APIStatusError, AsyncLetta, BadRequestError, ConflictError

from agentcore.errors import ModelUnavailable
from agentcore.testing import ScriptedModel
from tests.api_site import api_site
from tests.house import PATIENCE, call, calls

DOOR = {"name": "open_door", "description": "Opens it.", "parameters": {"type": "object"}}


async def test_an_outage_is_said_instead_of_waited_for(tmp_path: Path) -> None:
    model = ScriptedModel(ModelUnavailable("overloaded"), "Hello.")
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent = await client.agents.create(name="Sam")
        with pytest.raises(APIStatusError) as failed:
            await client.agents.messages.create(agent.id, input="Hi")
        assert failed.value.status_code == 503
        assert failed.value.response.json()["error"]["type"] == "llm_error"
        assert len(model.requests) == 1, "it wasn't sent again"
        again = await client.agents.messages.create(agent.id, input="And now?")
        assert again.stop_reason.stop_reason == "end_turn"


async def test_what_does_not_fit_into_the_window_is_refused_with_what_to_do(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.")
    async with (
        api_site(tmp_path, model, context_window=5_000) as site,
        AsyncLetta(base_url=site.url) as client,
    ):
        agent = await client.agents.create(
            name="Sam", memory_blocks=[{"label": "human", "value": "knows much. " * 3_000}]
        )
        with pytest.raises(BadRequestError, match="`context_window_limit`"):
            await client.agents.messages.create(agent.id, input="Hi")
        with pytest.raises(APIStatusError, match="`context_window_limit`"):
            async for _ in await client.agents.messages.create(
                agent.id, input="Hi", streaming=True
            ):
                pass
        await client.agents.update(agent.id, context_window_limit=50_000)
        answer = await client.agents.messages.create(agent.id, input="Hi")
    assert answer.stop_reason.stop_reason == "end_turn"


async def test_what_was_said_behind_a_call_that_waits_by_now_is_a_conflict(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(calls(call("open_door", "{}")), gate=gate)
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent = await client.agents.create(name="Sam")
        messages = client.agents.messages

        async def opens() -> None:
            asked = await messages.create(agent.id, input="Open", client_tools=[DOOR])  # type: ignore[list-item]
            assert asked.stop_reason.stop_reason == "requires_approval"

        async def closes() -> None:
            with pytest.raises(ConflictError, match="waiting for approval"):
                await messages.create(agent.id, input="Close")

        with anyio.fail_after(PATIENCE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(opens)
                await model.called.wait()
                tasks.start_soon(closes)
                while len((await client.runs.list(agent_id=agent.id)).items) < 2:
                    await anyio.lowlevel.checkpoint()
                gate.set()
    assert len(model.requests) == 1
