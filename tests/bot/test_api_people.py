"""The same agents everywhere: who writes in a chat and what a program asks over the API meet in one
agent, with one memory and one history.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
from letta_client import AsyncLetta, Letta

from agentcore.records import OWNER, AgentId
from agentcore.testing import ScriptedModel
from tests.api_site import ApiSite, served
from tests.bot.commands.talk import insert
from tests.house import calls
from tests.pushed import Town, town

ADA = "pushed:bot:ada"


@asynccontextmanager
async def open_town(
    folder: Path, *models: ScriptedModel, **settings: Any
) -> AsyncIterator[tuple[Town, ApiSite, AsyncLetta]]:
    """People on a push platform, and a client of the API."""
    async with (
        town(folder, *models, **settings) as people,
        served(people.home) as site,
        AsyncLetta(base_url=site.url, api_key="none") as client,
    ):
        yield people, site, client


async def bind(site: ApiSite, key: str, *agents: str) -> Mapping[str, Any]:
    body = {"identifier_key": key, "name": "?", "identity_type": "user", "agent_ids": [*agents]}
    answer = await site.http.put("/v1/identities/", json=body)
    assert answer.status_code == 200, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


async def made(client: AsyncLetta, name: str, human: str = "") -> str:
    agent = await client.agents.create(
        name=name, memory_blocks=[{"label": "human", "value": human}]
    )
    return agent.id


def seen(model: ScriptedModel) -> str:
    """All that the model was shown last."""
    return str(model.requests[-1])


async def said(client: AsyncLetta, agent_id: str) -> Sequence[str]:
    page = await client.agents.messages.list(agent_id, order="asc")
    kinds = ("user_message", "assistant_message")
    return [str(each.content) for each in page.items if each.message_type in kinds]  # type: ignore[union-attr]


async def test_an_agent_that_a_program_made_answers_a_person_with_what_it_has_in_mind(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("You live in Graz.", "In Graz, as I said.")
    async with open_town(tmp_path, model) as (people, site, client):
        agent_id = await made(client, "Concierge", "Lives in Graz.")
        await bind(site, ADA, agent_id)
        await people.write("ada", "Where do I live?")
        assert await people.until("ada", 1) == ["You live in Graz."]
        assert "Lives in Graz." in seen(model)
        assert [each.agent_id for each in await people.home.parts.store.list_agents()] == [agent_id]
        answer = await client.agents.messages.create(agent_id, input="And where was that?")
        assert answer.messages[-1].content == "In Graz, as I said."  # type: ignore[union-attr]
        assert await said(client, agent_id) == [
            "Where do I live?",
            "You live in Graz.",
            "And where was that?",
            "In Graz, as I said.",
        ]


async def test_the_agent_of_somebody_who_wrote_first_is_found_by_their_key_and_goes_on_with_both(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hello Ada.", "Fine.", "Green.")
    async with open_town(tmp_path, model) as (people, site, client):
        await people.write("ada", "I'm Ada.")
        assert await people.until("ada", 1) == ["Hello Ada."]

        def listed() -> list[str]:
            found = Letta(base_url=site.url, api_key="none").agents.list(identifier_keys=[ADA])
            return [each.id for each in found.items]

        [agent_id] = await anyio.to_thread.run_sync(listed)
        await client.agents.messages.create(agent_id, input="Her new bike is green.")
        await client.agents.blocks.update("human", agent_id=agent_id, value="Has a bike.")
        await people.write("ada", "What colour is my bike?")
        assert await people.until("ada", 2) == ["Hello Ada.", "Green."]
        assert "Has a bike." in seen(model)
        assert await said(client, agent_id) == [
            "I'm Ada.",
            "Hello Ada.",
            "Her new bike is green.",
            "Fine.",
            "What colour is my bike?",
            "Green.",
        ]


async def test_a_person_reads_which_lines_come_from_what_a_program_wrote(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", calls(insert("Has a cat.")), "Noted.")
    async with open_town(tmp_path, model) as (people, _, client):
        await people.write("ada", "Hi")
        await people.until("ada", 1)
        [agent] = await people.home.parts.store.list_agents()
        await client.agents.messages.create(agent.agent_id, input="She has a cat.")
        await people.write("ada", "/why cat")
        [_, reason] = await people.until("ada", 2)
    assert "a program with access wrote to me" in reason
    assert "“She has a cat.”" in reason


async def test_the_last_attached_agent_answers_on_all_platforms_of_a_person_until_it_is_detached(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("born", "made", "here, too", "born again")
    async with open_town(tmp_path, model) as (people, site, client):
        await people.write("ada", "Hello")
        await people.until("ada", 1)
        agent_id = await made(client, "Other")
        identity = await bind(site, ADA, agent_id)
        await bind(site, "terminal:local:ada", agent_id)
        await people.write("ada", "Hello")
        assert await people.until("ada", 2) == ["born", "made"]
        home = people.home
        receipt = await home.accept("ada", "And here?")
        events = await home.heard("ada", until=receipt.position)
        assert "here, too" in [getattr(each, "text", "") for each in events]
        await client.agents.identities.detach(identity["id"], agent_id=agent_id)
        await people.write("ada", "And now?")
        assert (await people.until("ada", 3))[-1] == "born again"


async def test_terms_are_told_and_access_is_decided_when_a_bound_person_first_writes(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("Hello.")
    async with open_town(tmp_path, model, first_contact=True) as (people, site, client):
        agent_id = await made(client, "Concierge")
        await bind(site, ADA, agent_id)
        await people.write("ada", "Hi")
        texts = await people.until("ada", 2)
        assert "/delete" in texts[0]
        assert texts[1] == "Hello."
    other = tmp_path / "other"
    other.mkdir()
    async with open_town(other, ScriptedModel(), access="pairing") as (people, site, client):
        await bind(site, ADA, await made(client, "Concierge"))
        assert (await people.write("ada", "Hi")).outcome == "refused"
        assert len(await people.until("ada", 1)) == 1


async def test_what_a_person_deletes_takes_along_the_agent_that_was_bound_to_them(
    tmp_path: Path,
) -> None:
    async with open_town(tmp_path, ScriptedModel("Hello.")) as (people, site, client):
        agent_id = await made(client, "Concierge", "Lives in Graz.")
        await bind(site, ADA, agent_id)
        await people.write("ada", "I have a secret.")
        await people.until("ada", 1)
        (person,) = await people.home.parts.store.people()
        await people.home.parts.store.erasures.erase(person.user_id, OWNER)
        assert (await site.http.get(f"/v1/agents/{agent_id}")).status_code == 404
        assert (await site.http.get("/v1/identities/")).json() == []


async def test_a_person_sees_in_privacy_who_bound_the_agent_and_who_reads_it(
    tmp_path: Path,
) -> None:
    async with open_town(tmp_path, ScriptedModel("Hello.")) as (people, site, client):
        agent_id = await made(client, "Concierge")
        await bind(site, ADA, agent_id)
        await people.write("ada", "Hi")
        await people.until("ada", 1)
        await client.agents.messages.list(agent_id)
        await people.write("ada", "/privacy")
        told = (await people.until("ada", 2))[-1]
        assert "I was made the one who answers you (a program with access" in told
        assert "what we said" in told
        assert (await people.home.parts.store.for_agent(AgentId(agent_id), OWNER).agent()).name


async def test_a_person_sees_in_privacy_which_program_had_their_agent_answer_or_read_along(
    tmp_path: Path,
) -> None:
    async with open_town(tmp_path, ScriptedModel("Hello.", "She lives in Graz.")) as (
        people,
        site,
        client,
    ):
        agent_id = await made(client, "Concierge")
        await bind(site, ADA, agent_id)
        await people.write("ada", "I live in Graz.")
        await people.until("ada", 1)
        (run,) = (await site.http.get("/v1/runs", params={"agent_id": agent_id})).json()
        await site.http.post(f"/v1/runs/{run['id']}/stream", json={})
        await site.http.post(f"/v1/agents/{agent_id}/messages", json={"input": "Where?"})
        await people.write("ada", "/privacy")
        told = (await people.until("ada", 2))[-1]
    assert "a program with access (operator): what we said" in told
    assert "a program with access (operator): my answers to its own messages" in told
