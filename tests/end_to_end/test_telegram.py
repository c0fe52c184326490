"""People on Telegram, a real service, and Telegram's server on loopback: what each of them sees."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
from anyio import to_thread

from tests.end_to_end.home import Home, served
from tests.simulators.loopback import unused_port
from tests.simulators.offline_brain import offline_brain
from tests.simulators.openai_replies import Answer, Body, Cut, Reply
from tests.simulators.openai_server import OpenAIServer
from tests.simulators.telegram_server.chats import Shown
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer

PATIENCE = 60.0
SECRET = "a-webhook-secret-0123456789"


@dataclass(frozen=True)
class Town:
    """Telegram, and a machine on which the service lives and dies."""

    telegram: TelegramServer
    home: Home


@pytest.fixture
def mode() -> str:
    """How updates come."""
    return "polling"


@pytest.fixture
async def town(mode: str, home: Home) -> AsyncGenerator[Town, None]:
    async with TelegramServer() as telegram:
        yield Town(telegram, Home(home.folder, settings_for(telegram, mode)))


def settings_for(telegram: TelegramServer, mode: str) -> dict[str, str]:
    port = str(unused_port())
    settings = {
        "PORT": port,
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_BASE_URL": telegram.base_url,
        "TELEGRAM_FILE_BASE_URL": telegram.file_url,
    }
    if mode == "webhook":
        settings |= {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram/webhook",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
    return settings


async def ask(person: Person, text: str, wanted: str) -> Shown:
    """Write, and wait for a new message of the bot that holds what is wanted."""
    newest = person.writes(text)
    return await person.chat.sees(
        lambda shown: shown.message_id > newest and wanted in shown.text, within=PATIENCE
    )


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_two_people_and_a_group_are_remembered_apart_across_a_kill(town: Town) -> None:
    ada, bob = town.telegram.person("Ada"), town.telegram.person("Bob", language="de")
    group = town.telegram.group("Falcon", ada, bob, supergroup=True)
    at = f"@{town.telegram.bot.username}"

    async with served(town.home):
        ada.starts()
        await ada.chat.sees("Before we begin", within=PATIENCE)
        await ask(ada, "My name is Ada and I live in Lisbon.", "Ada")
        await ask(bob, "My name is Bob and I live in Berlin.", "Bob")
        asked = bob.writes(
            f"{at} Our project is called Falcon. Remember that it ships in May.", chat=group
        )
        answered = await group.sees(lambda shown: shown.reply_to == asked, within=PATIENCE)
        assert answered.text

    async with served(town.home) as service:
        assert "Lisbon" in (await ask(ada, "Where do I live?", "Lisbon")).text
        assert "Lisbon" not in (await ask(bob, "Where do I live?", "Berlin")).text
        asked = ada.writes(f"{at} What do you know about me?", chat=group)
        said = await group.sees(lambda shown: shown.reply_to == asked, within=PATIENCE)
        assert "Lisbon" not in said.text
        asked = ada.writes(f"{at} When does it ship?", chat=group)
        await group.sees(lambda shown: shown.reply_to == asked, within=PATIENCE)
        assert await to_thread.run_sync(service.stop) == 0

    everything = " ".join(shown.text for shown in bob.chat.from_bot)
    assert "Lisbon" not in everything
    assert "Lisbon" not in " ".join(shown.text for shown in group.from_bot)


async def test_memory_is_shown_and_an_edit_is_taken_back_by_its_button(town: Town) -> None:
    ada = town.telegram.person("Ada")

    async with served(town.home):
        await ask(ada, "My name is Ada.", "Ada")
        ada.writes("I like green tea.")
        card = await ada.chat.sees(
            lambda shown: "Noted" in shown.text and "green tea" in shown.text, within=PATIENCE
        )
        assert card.buttons
        assert "green tea" in (await ask(ada, "/memory", "green tea")).text

        query = ada.presses("Undo", message_id=card.message_id)
        await ada.gets_answer_to(query, within=PATIENCE)
        await ada.chat.sees("Taken back", within=PATIENCE)
        shown = await ask(ada, "/memory", "Ada")
        assert "green tea" not in shown.text


class Storyteller:
    """The offline model, but a story goes on and on."""

    async def __call__(self, body: Body) -> Reply:
        said = str([each for each in body["messages"] if each["role"] == "user"][-1]["content"])
        if "tell me a story" in said and body["messages"][-1]["role"] == "user":
            return Cut(Answer("Once upon a time there was a fox. " * 20), events=40, hang=True)
        return await offline_brain(body)


async def test_a_stream_is_watched_and_stopped_and_the_chat_goes_on(home: Home) -> None:
    async with (
        TelegramServer() as telegram,
        OpenAIServer(brain=Storyteller(), api_key=None) as model,
    ):
        settings = settings_for(telegram, "polling") | {
            "FAMILIAR_MODEL": "openai/gpt-4o-mini",
            "FAMILIAR_MODEL_BASE_URL": model.base_url,
            "FAMILIAR_ACCESS": "open",
        }
        town, ada = Town(telegram, Home(home.folder, settings)), telegram.person("Ada")
        async with served(town.home):
            ada.writes("Please tell me a story.")
            await ada.chat.sees_draft("Once upon a time", within=PATIENCE)
            await ask(ada, "/stop", "")
            await ask(ada, "My name is Ada.", "Ada")
        assert telegram.refused[429] == 0


def test_a_wrong_token_is_told_in_one_sentence_that_does_not_hold_it(home: Home) -> None:
    said = home.run("serve", TELEGRAM_BOT_TOKEN="not-a-token-MARKER")

    assert said.code == 1
    assert "TELEGRAM_BOT_TOKEN" in said.err
    assert not re.search("MARKER", said.err + said.out)
