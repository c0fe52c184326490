"""People on Discord, a real service, and Discord's servers on loopback: what each of them sees."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import anyio
import pytest
from anyio import to_thread

from tests.end_to_end.home import Home, served
from tests.simulators.discord_server.channels import Channel, Shown
from tests.simulators.discord_server.people import Person
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.offline_brain import offline_brain
from tests.simulators.openai_replies import Body, Reply
from tests.simulators.openai_server import OpenAIServer

PATIENCE = 60.0


@dataclass(frozen=True)
class Town:
    """Discord, and a machine on which the service lives and dies."""

    discord: DiscordServer
    home: Home


def settings_for(discord: DiscordServer) -> dict[str, str]:
    return {
        "DISCORD_BOT_TOKEN": discord.token,
        "DISCORD_API_BASE_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
    }


@pytest.fixture
async def town(home: Home) -> AsyncGenerator[Town, None]:
    async with DiscordServer() as discord:
        yield Town(discord, Home(home.folder, settings_for(discord)))


async def ask(
    person: Person, text: str, wanted: str = "", *, channel: Channel | None = None
) -> Shown:
    """Write, and wait for a new message of the bot that holds what is wanted."""
    newest = person.writes(text, channel=channel)
    return await person.sees(
        lambda shown: shown.message_id > newest and wanted in shown.text,
        channel=channel,
        within=PATIENCE,
    )


async def answer_to(person: Person, question: str, channel: Channel) -> str:
    """What is said in reply to a question in a server."""
    asked = person.writes(f"<@bot> {question}", channel=channel)
    return (await channel.sees(lambda shown: shown.reply_to == asked, within=PATIENCE)).text


def told_to(person: Person) -> str:
    """All that the bot wrote to somebody alone."""
    return " ".join(shown.text for shown in person.dm.bots(person.id))


async def test_people_and_a_server_of_three_are_remembered_apart_across_a_kill(town: Town) -> None:
    ada, bob = town.discord.person("Ada"), town.discord.person("Bob", locale="de")
    cleo = town.discord.person("Cleo")
    general = town.discord.guild("Falcon", ada, bob, cleo).channel("general")

    async with served(town.home):
        await town.discord.gateway.until_connected(within=PATIENCE)
        ada.writes("Hello!")
        await ada.sees("Before we begin", within=PATIENCE)
        await ask(ada, "My name is Ada and I live in Lisbon.", "Ada")
        await ask(bob, "My name is Bob and I live in Berlin.", "Bob")
        await answer_to(
            bob, "Our project is called Falcon. Remember that it ships in May.", general
        )

    missed = ada.writes("Where do I live?")  # nobody is there to hear it
    async with served(town.home) as service:
        await ada.sees(
            lambda shown: shown.message_id > missed and "Lisbon" in shown.text, within=PATIENCE
        )
        assert "Lisbon" not in (await ask(bob, "Where do I live?", "Berlin")).text
        for person, question in ((ada, "What do you know about me?"), (cleo, "When does it ship?")):
            assert "Lisbon" not in await answer_to(person, question, general)
        cleo.uses("/memory", channel=general)
        seen = await cleo.sees(
            lambda shown: shown.ephemeral and "ships in May" in shown.text,
            channel=general,
            within=PATIENCE,
        )
        assert "Lisbon" not in seen.text
        assert await to_thread.run_sync(service.stop) == 0

    assert "Lisbon" not in told_to(bob) + told_to(cleo)
    for person in (bob, cleo):
        assert "Lisbon" not in " ".join(shown.text for shown in general.bots(person.id))


async def test_memory_is_shown_a_line_mended_in_a_form_and_an_edit_taken_back(town: Town) -> None:
    ada = town.discord.person("Ada")
    ada.joins(town.discord.guild("Home", town.discord.person("Owner")))

    async with served(town.home):
        await town.discord.gateway.until_connected(within=PATIENCE)
        await ask(ada, "My name is Ada.", "Ada")
        ada.writes("I like green tea.")
        card = await ada.sees(
            lambda shown: "Noted" in shown.text and "green tea" in shown.text, within=PATIENCE
        )
        ada.uses("/memory")
        listing = await ada.sees(
            lambda shown: shown.message_id > card.message_id and "green tea" in shown.text,
            within=PATIENCE,
        )
        label = next(
            option["label"]
            for row in listing.components
            for part in row["components"]
            for option in part.get("options", [])
            if "green tea" in option["label"]
        )
        opened = ada.selects(label, message_id=listing.message_id)
        await opened.is_answered(within=PATIENCE)
        assert opened.modal is not None
        field = opened.modal["components"][0]
        inner = field.get("component") or field["components"][0]
        ada.submits(
            opened, {inner["custom_id"]: inner["value"].replace("green tea", "black coffee")}
        )
        await ada.sees(
            lambda shown: shown.message_id > listing.message_id and "black coffee" in shown.text,
            within=PATIENCE,
        )
        assert "coffee" in (await ask(ada, "What do I like?")).text

        ada.writes("I live in Porto.")
        card = await ada.sees(
            lambda shown: "Noted" in shown.text and "Porto" in shown.text, within=PATIENCE
        )
        ada.presses("Undo", message_id=card.message_id)
        await ada.sees("Taken back", within=PATIENCE)
        ada.uses("/memory")
        shown = await ada.sees(
            lambda shown: shown.message_id > card.message_id and "coffee" in shown.text,
            within=PATIENCE,
        )
        assert "Porto" not in shown.text


class Thinker:
    """The offline model, which answers only when it is let."""

    def __init__(self) -> None:
        self.asked = anyio.Event()
        self.may_answer = anyio.Event()

    async def __call__(self, body: Body) -> Reply:
        self.asked.set()
        await self.may_answer.wait()
        return await offline_brain(body)


async def test_commands_are_answered_in_time_however_long_the_model_thinks(home: Home) -> None:
    thinker = Thinker()
    async with (
        DiscordServer() as discord,
        OpenAIServer(brain=thinker, api_key=None) as model,
    ):
        settings = settings_for(discord) | {
            "FAMILIAR_MODEL": "openai/gpt-4o-mini",
            "FAMILIAR_MODEL_BASE_URL": model.base_url,
            "FAMILIAR_ACCESS": "open",
        }
        ada = discord.person("Ada")
        general = discord.guild("Team", ada).channel("general")
        async with served(Home(home.folder, settings)):
            await discord.gateway.until_connected(within=PATIENCE)
            await discord.until_called("PUT /applications/{}/commands", within=PATIENCE)
            asking = ada.uses("/ask", options={"message": "My name is Ada."}, channel=general)
            await thinker.asked.wait()
            try:
                looking = ada.uses("/memory", channel=general)
                await ada.sees(
                    lambda shown: shown.ephemeral and not shown.loading,
                    channel=general,
                    within=PATIENCE,
                )
            finally:
                thinker.may_answer.set()
            await general.sees("Nice to meet you, Ada", within=PATIENCE)
        assert not asking.failed
        assert not looking.failed


def test_a_wrong_token_is_told_in_one_sentence_that_does_not_hold_it(home: Home) -> None:
    said = home.run("serve", DISCORD_BOT_TOKEN="not-a-token-MARKER")

    assert said.code == 1
    assert "DISCORD_BOT_TOKEN" in said.err
    assert not re.search("MARKER", said.err + said.out)
