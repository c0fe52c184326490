"""The models that agents may use, as clients list them."""

from __future__ import annotations

from pathlib import Path

import anyio
from letta_client import AsyncLetta, Letta

from agentcore.model import Capabilities
from agentcore.testing import ScriptedModel
from tests.api_site import api_site


async def test_the_allow_list_is_listed_with_the_model_of_new_agents_first(tmp_path: Path) -> None:
    names = ("openai/gpt-4o-mini", "anthropic/claude-x", "gemini/flash", "offline")
    wide = Capabilities(window=128_000, max_output=4_096)
    models = [ScriptedModel(name=name, capabilities=wide) for name in names]
    async with api_site(tmp_path, *models, model=names[0], models=names[1:]) as site:
        async with AsyncLetta(base_url=site.url, api_key="any") as client:
            found = await client.models.list()
        assert tuple(each.handle for each in found) == names
        first, _, third, last = found
        assert (first.name, first.provider_name, first.provider_type) == (
            "gpt-4o-mini",
            "openai",
            "openai",
        )
        assert (first.context_window, first.max_context_window) == (16_000, 128_000)
        assert third.provider_type == "google_ai"
        assert (last.name, last.provider_type) == ("offline", "letta")


async def test_the_window_that_is_used_is_the_one_that_is_set(tmp_path: Path) -> None:
    async with api_site(tmp_path, context_window=5_000) as site:
        with Letta(base_url=site.url, api_key="any") as client:
            [found] = await anyio.to_thread.run_sync(client.models.list)
        assert found.context_window == 5_000


async def test_an_embedding_model_is_listed_where_one_is_set(tmp_path: Path) -> None:
    async with api_site(tmp_path) as site:
        assert (await site.http.get("/v1/models/embedding")).json() == []


async def test_an_embedding_model_tells_how_long_its_vectors_are(tmp_path: Path) -> None:
    name = "openai/text-embedding-3-small"
    async with api_site(tmp_path, embedding_model=name, embedding_api_key="key") as site:
        async with AsyncLetta(base_url=site.url, api_key="any") as client:
            [found] = await client.models.embeddings.list()
        assert (found.handle, found.embedding_dim) == (name, 1536)
        older = await site.http.get("/v1/models/embeddings/")
        assert older.json()[0]["handle"] == name
