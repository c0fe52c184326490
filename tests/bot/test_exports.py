"""`/export`: everything that is kept of somebody, for them alone, on every platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agentcore.agentfile import read_agent_file
from agentcore.clock import Micros, seconds
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from bot.host.places import EXPORTS
from tests.house import call, calls, house
from tests.pushed import GROUP, Town, town
from tests.web_site import site_of

EDIT = '{"label": "human", "new_string": "Keeps budgerigars."}'


def keeping() -> ScriptedModel:
    return ScriptedModel(calls(call("memory_insert", EDIT)), "Noted.", "Hello Bob.")


def read(folder: Path, ending: str) -> Any:
    (path,) = (folder / EXPORTS).glob(f"*.{ending}")
    assert path.stat().st_mode & 0o777 == 0o600
    return json.loads(path.read_text())


async def test_in_the_terminal_it_is_put_into_files(tmp_path: Path) -> None:
    async with house(tmp_path, keeping()) as home:
        await home.say("ada", "I keep budgerigars")
        await home.say("bob", "My secret is Quetzalcoatl")
        receipt = await home.accept("ada", "/export")
        folder = home.parts.settings.data_dir
        data, agents = read(folder, "json"), read(folder, "af")
        assert str(folder / EXPORTS) in receipt.text
    told = json.dumps([data, agents])
    assert "I keep budgerigars" in told
    assert "Keeps budgerigars." in told
    assert "Quetzalcoatl" not in told
    (user,) = data["tables"]["user"]
    assert user["user_id"] == data["user_id"]
    assert "T" in user["created_at"]
    content = read_agent_file(json.dumps(agents).encode(), built_in=(), now=Micros(0)).content
    assert "human" in [each.label for each in content.blocks]


async def test_it_is_made_anew_only_after_a_while(tmp_path: Path) -> None:
    clock = FakeClock()
    async with house(tmp_path, keeping(), replacements=Replacements(clock=clock)) as home:
        await home.say("ada", "Hello")
        await home.accept("ada", "/export")
        assert "Wait a minute" in (await home.accept("ada", "/export")).text
        clock.advance(seconds(61))
        assert "agent file" in (await home.accept("ada", "/export")).text


async def test_of_a_stranger_there_is_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        receipt = await home.accept("eve", "/export")
    assert receipt.text == "There is nothing stored about you."


async def test_what_was_exported_here_goes_with_the_person(tmp_path: Path) -> None:
    async with house(tmp_path, keeping()) as home:
        await home.say("ada", "I keep budgerigars")
        await home.accept("ada", "/export")
        folder = home.parts.settings.data_dir / EXPORTS
        assert folder.exists()
        asked = await home.accept("ada", "/delete")
        await home.accept("ada", asked.text.rsplit("\n", 1)[-1])
        assert not folder.exists()


async def test_on_the_page_a_visitor_downloads_what_is_theirs(tmp_path: Path) -> None:
    async with (
        site_of(tmp_path, keeping()) as site,
        site.browser() as ada,
        site.browser() as bob,
        site.browser() as stranger,
    ):
        for browser, text in ((ada, "I keep budgerigars"), (bob, "Quetzalcoatl")):
            await browser.get("/")
            body = {"text": text, "client_id": f"client-{len(text):03}"}
            assert (await browser.post("/chat/messages", json=body)).status_code == 202
        answer = await ada.get("/chat/export/json")
        assert "attachment" in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "no-store"
        assert "Quetzalcoatl" not in answer.text
        assert answer.json()["tables"]["identity"]
        assert (await ada.get("/chat/export/af")).json()["agents"]
        assert (await ada.get("/chat/export/exe")).status_code == 404
        assert (await stranger.get("/chat/export/json")).status_code == 401
        said = await ada.post("/chat/messages", json={"text": "/export", "client_id": "client-ex"})
        assert "Take your data with you" in said.json()["text"]


async def test_where_messages_are_pushed_it_comes_as_files(tmp_path: Path) -> None:
    async with town(tmp_path, keeping()) as there:
        await there.write("ada", "I keep budgerigars")
        await there.until("ada", 1)
        await there.write("ada", "/export")
        await there.adapter.changes.until(lambda: len(files_of(there, "ada")) == 2)
        data, agents = files_of(there, "ada")
        assert "I keep budgerigars" in data
        assert "budgerigars" in agents
        await there.write("ada", "/export", at=GROUP)
        (refused,) = await there.until(GROUP, 1)
        assert "in a private chat" in refused
        assert files_of(there, GROUP) == []


def files_of(there: Town, chat: str) -> list[str]:
    return [
        each.file.content for each in there.adapter.sent if each.file and each.address.chat == chat
    ]
