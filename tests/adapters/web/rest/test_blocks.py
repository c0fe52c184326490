"""Memory blocks over REST: an agent's own, and those that several hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio import to_thread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from letta_client import AsyncLetta, Letta, NotFoundError, UnprocessableEntityError

from adapters.web.rest.memory.block_bodies import BlockChanges
from agentcore.records import AgentId
from agentcore.testing import ScriptedModel
from tests.api_site import ApiSite, api_site
from tests.house import call, calls

NOBODY = "00000000-0000-4000-8000-000000000000"
HUMAN = {"label": "human", "value": "Likes tea."}


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
async def client(site: ApiSite) -> AsyncIterator[AsyncLetta]:
    async with AsyncLetta(base_url=site.url, max_retries=0) as client:
        yield client


async def an_agent(site: ApiSite, *blocks: dict[str, Any]) -> str:
    return str((await site.agent(memory_blocks=[*blocks]))["id"])


async def test_an_agent_s_blocks_are_listed_read_and_changed_by_label(
    site: ApiSite, client: AsyncLetta
) -> None:
    agent = await an_agent(site, HUMAN, {"label": "persona", "value": "Kind."})
    listed = (await client.agents.blocks.list(agent)).items
    assert [(block.label, block.value) for block in listed] == [
        ("human", "Likes tea."),
        ("persona", "Kind."),
    ]
    changed = await client.agents.blocks.update(
        "human",
        agent_id=agent,
        value="Likes rain.",
        description="Them.",
        limit=50,
        read_only=True,
        metadata={"a": 1},
        tags=["t"],
    )
    found = await client.agents.blocks.retrieve("human", agent_id=agent)
    assert found == changed
    assert (found.id, found.value, found.limit) == (listed[0].id, "Likes rain.", 50)
    assert (found.description, found.read_only) == ("Them.", True)
    assert (found.metadata, found.tags) == ({"a": 1}, ["t"])
    with pytest.raises(NotFoundError, match="No block with label 'nope' found for agent"):
        await client.agents.blocks.retrieve("nope", agent_id=agent)
    with pytest.raises(NotFoundError, match="No block with label 'nope' found for agent"):
        await client.agents.blocks.update("nope", agent_id=agent, value="")


async def test_the_synchronous_client_does_the_same(site: ApiSite) -> None:
    agent = await an_agent(site, HUMAN)

    def work() -> list[Any]:
        with Letta(base_url=site.url) as client:
            client.agents.blocks.update("human", agent_id=agent, value="Likes rain.")
            block = client.blocks.create(label="team", value="Ship it.")
            client.agents.blocks.attach(block.id, agent_id=agent)
            return [block.value for block in client.agents.blocks.list(agent)]

    assert await to_thread.run_sync(work) == ["Likes rain.", "Ship it."]


async def test_a_token_for_one_agent_changes_what_the_agent_itself_could(tmp_path: Path) -> None:
    async with api_site(tmp_path, token="of-an-administrator") as site:
        agent = await an_agent(site, HUMAN)
        rules = {"label": "rules", "value": "Be kind.", "read_only": True}
        block = (await site.http.post("/v1/blocks", json=rules)).json()["id"]
        path = f"/v1/agents/{agent}/core-memory/blocks"
        await site.http.patch(f"{path}/attach/{block}")
        token = await site.home.parts.store.tokens.create("app", AgentId(agent))
        bearer = {"Authorization": f"Bearer {token.text}"}

        async def changed(label: str, body: dict[str, Any]) -> int:
            answer = await site.http.patch(f"{path}/{label}", json=body, headers=bearer)
            return answer.status_code

        assert await changed("human", {"value": "Likes rain."}) == 200
        assert await changed("human", {"value": "!", "limit": 5}) == 403
        assert await changed("rules", {"value": "Be rude."}) == 409
        assert await changed("rules", {"read_only": False}) == 403
        held = (await site.http.get(path, headers=bearer)).json()
        assert [each["value"] for each in held] == ["Likes rain.", "Be kind."]
        listed = (await site.http.get("/v1/blocks", headers=bearer)).json()
        assert {each["id"] for each in listed} == {each["id"] for each in held}


async def test_a_block_is_renamed_in_all_memories_that_hold_it(
    site: ApiSite, client: AsyncLetta
) -> None:
    agent = await an_agent(site, HUMAN, {"label": "notes/daily", "value": "!"})
    await client.agents.blocks.update("human", agent_id=agent, label="person")
    [block, other] = (await client.agents.blocks.list(agent)).items
    assert block.label == "person"
    path = f"/v1/agents/{agent}/core-memory/blocks"
    assert (await site.http.get(f"{path}/notes/daily")).json()["id"] == other.id
    taken = await site.http.patch(f"/v1/blocks/{block.id}", json={"label": "notes/daily"})
    assert taken.status_code == 409


async def test_the_limit_holds_on_every_route_and_leaves_the_block_as_it_was(
    site: ApiSite, client: AsyncLetta
) -> None:
    agent = await an_agent(site, {**HUMAN, "limit": 12})
    before = await client.agents.blocks.retrieve("human", agent_id=agent)
    for body in ({"value": "x" * 13}, {"limit": 9}):
        with pytest.raises(UnprocessableEntityError):
            await client.agents.blocks.update("human", agent_id=agent, **body)
        with pytest.raises(UnprocessableEntityError):
            await client.blocks.update(before.id or "", **body)
    with pytest.raises(UnprocessableEntityError):
        await client.blocks.create(label="x", value="12345", limit=4)
    assert await client.agents.blocks.retrieve("human", agent_id=agent) == before
    both = await client.agents.blocks.update("human", agent_id=agent, value="x" * 20, limit=20)
    assert (both.limit, len(both.value)) == (20, 20)


async def test_a_block_is_shared_by_attaching_and_stays_when_it_is_detached(
    site: ApiSite, client: AsyncLetta
) -> None:
    block = await client.blocks.create(label="team", value="Ship it.", tags=["x"])
    one, two = await an_agent(site, HUMAN), await an_agent(site)
    for agent in (one, two, two):
        state = await client.agents.blocks.attach(block.id, agent_id=agent)
        assert state.id == agent
        assert "team" in [each.label for each in state.memory.blocks]
    await client.blocks.update(block.id, value="Test it.")
    assert (await client.agents.blocks.retrieve("team", agent_id=two)).value == "Test it."
    holders = (await client.blocks.agents.list(block.id)).items
    assert {agent.id for agent in holders} == {one, two}
    for _ in range(2):
        state = await client.agents.blocks.detach(block.id, agent_id=two)
        assert [each.label for each in state.blocks] == []
    assert (await client.blocks.retrieve(block.id)).value == "Test it."


async def test_an_agent_s_own_block_is_given_to_another(site: ApiSite, client: AsyncLetta) -> None:
    one, two = await an_agent(site, HUMAN), await an_agent(site)
    own = await client.agents.blocks.retrieve("human", agent_id=one)
    await client.agents.blocks.attach(own.id or "", agent_id=two)
    await client.agents.blocks.update("human", agent_id=two, value="Likes rain.")
    assert (await client.agents.blocks.retrieve("human", agent_id=one)).value == "Likes rain."
    third = await site.agent(block_ids=[own.id])
    assert [block["id"] for block in third["blocks"]] == [own.id]
    clash = await an_agent(site, HUMAN)
    answer = await site.http.patch(f"/v1/agents/{clash}/core-memory/blocks/attach/{own.id}")
    assert answer.status_code == 409


async def test_a_deleted_block_is_taken_from_its_agents(site: ApiSite, client: AsyncLetta) -> None:
    agent = await an_agent(site, HUMAN)
    block = (await client.agents.blocks.retrieve("human", agent_id=agent)).id or ""
    gone = await site.http.delete(f"/v1/blocks/{block}")
    assert (gone.status_code, gone.json()) == (200, None)
    assert (await client.agents.blocks.list(agent)).items == []
    for method in ("GET", "PATCH", "DELETE"):
        answer = await site.http.request(method, f"/v1/blocks/{block}", json={})
        assert answer.status_code == 404


async def test_blocks_are_found_by_what_is_known_of_them(site: ApiSite, client: AsyncLetta) -> None:
    await client.blocks.create(label="zinc", value="Metal.", description="An element", tags=["m"])
    await client.blocks.create(
        label="zebra", value="Striped.", is_template=True, template_name="animal"
    )
    agent = await an_agent(site, {"label": "zoo", "value": "Zebras."})
    zoo = await client.agents.blocks.retrieve("zoo", agent_id=agent)

    async def found(**query: Any) -> list[str | None]:
        return sorted(block.label for block in (await client.blocks.list(**query)).items)  # type: ignore[type-var]

    assert await found(label="zinc") == ["zinc"]
    assert await found(label_search="Z") == ["zebra", "zinc", "zoo"]
    assert await found(value_search="zebra") == ["zoo"]
    assert await found(description_search="ELEMENT") == ["zinc"]
    assert await found(tags=["m", "n"]) == ["zinc"]
    assert await found(tags=["m", "n"], match_all_tags=True) == []
    assert await found(templates_only=True) == ["zebra"]
    assert await found(name="animal") == ["zebra"]
    assert await found(label_search="z", connected_to_agents_count_gt=0) == ["zoo"]
    assert await found(label_search="z", connected_to_agents_count_eq=[0]) == ["zebra", "zinc"]
    assert await found(label_search="z", connected_to_agents_count_lt=1) == ["zebra", "zinc"]
    oldest = await client.blocks.list(label_search="z", order="asc", limit=1)
    everything = [block.label async for block in oldest]
    assert everything == ["zinc", "zebra", "zoo"]
    assert zoo.is_template is False


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/blocks/block-1", 422),
        ("GET", "/v1/blocks?after=nothing", 422),
        ("GET", f"/v1/blocks/block-{NOBODY}", 404),
        ("GET", f"/v1/blocks/block-{NOBODY}/agents", 404),
        ("GET", f"/v1/agents/agent-{NOBODY}/core-memory/blocks", 404),
        ("GET", f"/v1/agents/agent-{NOBODY}/core-memory/blocks/human", 404),
        ("PATCH", f"/v1/agents/agent-{NOBODY}/core-memory/blocks/human", 404),
        ("PATCH", f"/v1/agents/agent-{NOBODY}/core-memory/blocks/attach/block-{NOBODY}", 404),
        ("PATCH", f"/v1/agents/agent-{NOBODY}/core-memory/blocks/attach/block-1", 422),
        ("POST", "/v1/blocks", 422),
    ],
)
async def test_what_is_not_there_or_of_another_form_is_refused(
    site: ApiSite, method: str, path: str, status: int
) -> None:
    answer = await site.http.request(method, path, json={})
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


async def test_an_edit_from_outside_reaches_the_next_turn(tmp_path: Path) -> None:
    model = ScriptedModel("Hello!", "Hello!", "Hello!", "Hello!")
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent = await an_agent(site, HUMAN)

        async def next_prompt() -> tuple[str, str]:
            await client.agents.messages.create(agent, input="Hello")
            prompt = model.requests[-1].prompt
            return prompt[0].text, "\n".join(each.text for each in prompt[1:])

        head, _ = await next_prompt()
        assert "Likes tea." in head
        await client.agents.blocks.update("human", agent_id=agent, value="Likes rain.")
        again, said = await next_prompt()
        assert again == head
        assert "[note]" in said
        assert "Likes rain." in said
        await client.agents.blocks.update("human", agent_id=agent, description="All of them.")
        block = await client.blocks.create(label="team", value="Ship it.")
        await client.agents.blocks.attach(block.id, agent_id=agent)
        head, _ = await next_prompt()
        for each in ("Likes rain.", "All of them.", "Ship it."):
            assert each in head
        await client.blocks.delete(block.id)
        head, _ = await next_prompt()
        assert "Ship it." not in head


async def test_an_edit_from_outside_and_one_of_a_turn_are_both_kept(tmp_path: Path) -> None:
    gate = anyio.Event()
    insert = calls(call("memory_insert", '{"label": "human", "new_string": "Name: Ada"}'))

    model = ScriptedModel(insert, "Noted.", gate=gate)
    async with api_site(tmp_path, model) as site, AsyncLetta(base_url=site.url) as client:
        agent = await an_agent(site, HUMAN)
        async with anyio.create_task_group() as tasks:

            async def say() -> None:
                await client.agents.messages.create(agent, input="I am Ada.")

            tasks.start_soon(say)
            await model.called.wait()
            await client.agents.blocks.update("human", agent_id=agent, value="Likes rain.")
            gate.set()
        block = await client.agents.blocks.retrieve("human", agent_id=agent)
    assert block.value == "Likes rain.\nName: Ada"


JSON = st.none() | st.booleans() | st.integers(-3, 30) | st.text(max_size=30)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.dictionaries(st.sampled_from(sorted(BlockChanges.model_fields)), JSON, max_size=4))
async def test_whatever_is_sent_as_a_change_a_block_never_passes_its_limit(
    site: ApiSite, own: str, body: dict[str, Any]
) -> None:
    path = f"/v1/blocks/{own}"
    before = (await site.http.get(path)).json()
    answer = await site.http.patch(path, json=body)
    after = (await site.http.get(path)).json()
    assert answer.status_code in {200, 422}, answer.text
    assert len(after["value"]) <= after["limit"]
    assert after == (answer.json() if answer.status_code == 200 else before)


@pytest.fixture(scope="module")
async def own(site: ApiSite) -> str:
    made = await site.http.post("/v1/blocks", json={"label": "own", "value": "123", "limit": 20})
    return str(made.json()["id"])
