"""People on Telegram and a program at the API, who talk with the same agents of a real service."""

from __future__ import annotations

import httpx
from letta_client import AsyncLetta

from tests.end_to_end.home import Home, served
from tests.end_to_end.test_telegram import PATIENCE, Town, ask, settings_for
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer


def key(person: Person) -> str:
    """While one bot runs, its number may be left out."""
    return f"telegram:{person.id}"


async def test_chat_and_api_meet_in_one_agent_whichever_was_first(home: Home) -> None:
    async with TelegramServer() as telegram:
        town = Town(telegram, Home(home.folder, settings_for(telegram, "polling")))
        ada, bob = telegram.person("Ada"), telegram.person("Bob")
        async with (
            served(town.home) as service,
            AsyncLetta(base_url=service.url, api_key="none") as client,
            httpx.AsyncClient(base_url=service.url, timeout=PATIENCE) as http,
        ):
            concierge = await client.agents.create(
                model="offline", memory_blocks=[{"label": "human", "value": "Lives in Graz."}]
            )
            identity = {
                "identifier_key": key(ada),
                "name": "Ada",
                "identity_type": "user",
                "agent_ids": [concierge.id],
            }
            answer = await http.post("/v1/identities/", json=identity)
            assert answer.json()["identifier_key"] == f"telegram:{telegram.bot.id}:{ada.id}"
            await ask(ada, "Where do I live?", "Graz")

            bob.writes("My name is Bob.")
            await bob.chat.sees("Bob", within=PATIENCE)
            found = await client.agents.list(identifier_keys=[key(bob)])
            [born] = [each.id for each in found.items]
            await client.agents.messages.create(born, input="I live in Porto.")
            await ask(bob, "Where do I live?", "Porto")
            page = await client.agents.messages.list(born, order="asc")
            heard = [str(each) for each in page.items if each.message_type == "user_message"]
            assert [text in each for text, each in zip(_SAID, heard, strict=True)] == [True] * 3


_SAID = ("My name is Bob.", "I live in Porto.", "Where do I live?")
