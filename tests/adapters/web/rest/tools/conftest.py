"""A service whose code tools are scripted, for all tests of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from letta_client import AsyncLetta

from agentcore.testing import ScriptedCode
from bot.app import Replacements
from tests.api_site import ApiSite, api_site
from tests.house import FAST


@pytest.fixture(scope="module")
async def site_for_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    replaced = Replacements(limits=FAST, code=ScriptedCode())
    folder = tmp_path_factory.mktemp("tools")
    async with api_site(folder, replacements=replaced, token="secret-of-the-operator") as site:
        yield site


@pytest.fixture
async def site(site_for_all: ApiSite) -> AsyncIterator[ApiSite]:
    """Without what tests before have made."""
    yield site_for_all
    tools = site_for_all.home.parts.store.custom_tools
    for tool in await tools.all():
        await tools.delete(tool.tool_id)


@pytest.fixture
def code(site: ApiSite) -> ScriptedCode:
    found = site.home.parts.code
    assert isinstance(found, ScriptedCode)
    found.calls.clear()
    return found


@pytest.fixture
async def client(site: ApiSite) -> AsyncIterator[AsyncLetta]:
    key = "secret-of-the-operator"
    async with AsyncLetta(base_url=site.url, api_key=key, max_retries=0) as client:
        yield client
