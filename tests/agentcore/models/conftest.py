from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator

import pytest

from agentcore.litellm_model import LitellmModel, close_connections
from agentcore.model import ModelRequest, UserPrompt
from agentcore.providers import ProviderConfig
from tests.simulators.openai_replies import Answer
from tests.simulators.openai_server import OpenAIServer


@pytest.fixture(scope="session")
def warm_litellm() -> None:
    """litellm imported and called once: it takes seconds, and tests have short timeouts."""

    async def call() -> None:
        async with OpenAIServer(brain=lambda _: Answer("Hello"), api_key=None) as server:
            model = LitellmModel(ProviderConfig("openai/gpt-4o-mini", api_base=server.base_url))
            request = ModelRequest((UserPrompt("Hello"),))
            await model.complete(request)
            await model.stream(request, lambda _: None)
            await close_connections()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asyncio.run(call())


@pytest.fixture
async def closing_connections() -> AsyncIterator[None]:
    """litellm keeps its connections by event loop, and every test has its own."""
    yield
    await close_connections()
