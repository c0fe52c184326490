"""A person at the page, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from playwright.async_api import Locator, Route, expect

from agentcore.model import ModelAnswer, ToolSchema
from agentcore.records import Origin
from agentcore.testing import ScriptedModel
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult
from bot.app import Replacements
from tests.browser.conftest import Open
from tests.browser.visitor import PATIENCE
from tests.end_to_end.home import Home
from tests.house import FAST, call, calls
from tests.simulators.openai_replies import Answer, Body, Cut, Reply
from tests.simulators.provider import provider
from tests.web_site import site_of


async def test_from_first_contact_to_being_remembered(home: Home, visitor: Open) -> None:
    with home.serving() as service:
        ada = await visitor(service.url)
        await expect(ada.page.get_by_role("heading", name="Who should I be")).to_be_visible()
        await expect(ada.page.locator("#personas [data-persona]")).to_have_count(4)
        await expect(ada.page.get_by_text("Demo mode")).to_be_visible()
        await ada.say("My name is Ada and I live in Lisbon.")
        await ada.hears("Nice to meet you, Ada.")
        await expect(ada.about_me()).to_have_count(2)
        await expect(ada.about_me().first).to_contain_text("Ada")
        await expect(ada.about_me().last).to_contain_text("Lisbon")
        await expect(ada.memory.get_by_text("new", exact=True)).to_have_count(2)
        await _has_the_whole_width(ada.about_me().last)
        await ada.say("Where do I live?")
        await ada.hears("You live in Lisbon.")
        bob = await visitor(service.url)
        await bob.say("Where do I live?")
        await bob.hears("I don't know")
        assert "Lisbon" not in await bob.page.content()
        await ada.memory.get_by_role("button", name="Undo").click()
        await expect(ada.page.get_by_text("Taken back").first).to_be_visible()
        await expect(ada.about_me()).to_have_count(0)
        await ada.say("Where do I live?")
        await expect(ada.log.locator(".theirs")).to_have_count(3)
        first = await ada.messages()
        await ada.page.reload()
        await expect(ada.log.locator(".theirs")).to_have_count(3)
        assert await ada.messages() == first


async def _has_the_whole_width(line: Locator) -> None:
    """What can be done about a line of the memory takes no room from its words; it is there where
    the pointer is, and on the way of the keyboard.
    """
    whole, words = await line.bounding_box(), await line.locator(".words").bounding_box()
    assert whole is not None
    assert words is not None
    assert words["width"] > 0.85 * whole["width"]
    deeds = line.locator(".deeds")
    await expect(deeds).to_have_css("opacity", "0")
    await line.hover()
    await expect(deeds).to_have_css("opacity", "1")
    await line.page.mouse.move(0, 0)
    await expect(deeds).to_have_css("opacity", "0")
    await line.get_by_role("button", name="Why").focus()
    await line.page.keyboard.press("Tab")
    await expect(deeds).to_have_css("opacity", "1")


class Stumbling:
    """Hangs in the middle of its first answer; whoever asks again gets the whole of it."""

    def __init__(self, answer: str) -> None:
        self._answer = Answer(answer)
        self._asked = 0

    async def __call__(self, _: Body) -> Reply:
        self._asked += 1
        return Cut(self._answer, events=4, hang=True) if self._asked == 1 else self._answer


async def test_a_kill_in_mid_answer_loses_and_repeats_nothing(home: Home, visitor: Open) -> None:
    story = "Once upon a time there was a lighthouse."
    with provider(Stumbling(story)) as model:
        settings = {
            "FAMILIAR_MODEL": "openai/gpt-4o-mini",
            "FAMILIAR_MODEL_BASE_URL": model.url,
            "FAMILIAR_MODEL_API_KEY": "sk-test-0123456789",
            "FAMILIAR_ACCESS": "open",
        }
        with home.serving(**settings) as service:
            ada = await visitor(service.url, faults=True)
            port = service.url.rpartition(":")[2]
            await ada.say("A story, please.")
            await expect(ada.page.locator("#preview-text")).to_contain_text("Once")
        await expect(ada.page.get_by_text("Connection lost")).to_be_visible()
        await ada.say("Are you there?")
        with home.serving(**settings, PORT=port):
            # A start, a reconnect and two answers: on a busy machine, a while.
            await expect(ada.log.locator(".theirs")).to_have_count(2, timeout=2 * PATIENCE)
            seen = await ada.messages()
            await expect(ada.page.locator("#pending li")).to_have_count(0)
            await ada.page.reload()
            await expect(ada.log.locator(".theirs")).to_have_count(2)
            assert await ada.messages() == seen
    assert seen == ["A story, please.", story, "Are you there?", story]


async def test_what_is_written_while_the_service_is_away_goes_out_once(
    home: Home, visitor: Open
) -> None:
    with home.serving() as service:
        ada = await visitor(service.url, faults=True)
        port = service.url.rpartition(":")[2]
        await ada.say("Hello")
        await expect(ada.log.locator(".theirs")).to_have_count(1)
    await ada.say("I live in Porto.")
    await expect(ada.page.locator("#pending .waiting")).to_have_count(1)
    with home.serving(PORT=port):
        await ada.page.reload()
        await ada.hears("I'll remember that you live in Porto.")
        await expect(ada.page.locator("#pending li")).to_have_count(0)
        assert (await ada.messages()).count("I live in Porto.") == 1


async def test_two_tabs_show_the_same_conversation(tmp_path: Path, visitor: Open) -> None:
    async with site_of(tmp_path, ScriptedModel("One.", "Two.")) as site:
        ada = await visitor(site.url)
        other = await ada.context.new_page()
        ada.watch(other)
        await other.goto(site.url)
        await ada.say("First")
        await expect(other.get_by_role("log").get_by_text("One.")).to_be_visible()
        await other.locator("#composer-text").fill("Second")
        await other.locator("#composer-text").press("Enter")
        await ada.hears("Two.")
        assert await ada.messages() == ["First", "One.", "Second", "Two."]


async def test_a_code_brings_the_memory_to_another_device(tmp_path: Path, visitor: Open) -> None:
    kept = calls(call("memory_insert", json.dumps({"label": "human", "new_string": "Likes tea."})))
    async with site_of(tmp_path, ScriptedModel(kept, "Noted.")) as site:
        ada = await visitor(site.url)
        await ada.say("I like tea.")
        await ada.hears("Noted.")
        await ada.page.get_by_role("button", name="Menu").click()
        await ada.page.get_by_role("menuitem", name="Use me on another device").click()
        await expect(ada.page.locator("#code")).to_have_text(re.compile(r"\S{8,}"))  # it is fetched
        code = await ada.page.locator("#code").inner_text()
        phone = await visitor(site.url, phone=True, faults=True)
        await phone.page.get_by_role("button", name="Menu").click()
        await phone.page.get_by_role("menuitem", name="I have a code").click()
        await phone.page.get_by_role("textbox", name="Code").fill("WRONG")
        await phone.page.get_by_role("button", name="Use this code").click()
        await expect(phone.page.get_by_role("alert")).to_contain_text("isn't right")
        await phone.page.get_by_role("textbox", name="Code").fill(code.lower())
        await phone.page.get_by_role("button", name="Use this code").click()
        await phone.hears("Noted.")
        await phone.page.get_by_role("button", name="Memory").click()
        await expect(phone.about_me()).to_contain_text("Likes tea.")
        await phone.page.keyboard.press("Escape")
        await expect(phone.about_me()).not_to_be_visible()


async def test_everything_can_be_done_from_the_keyboard(tmp_path: Path, visitor: Open) -> None:
    kept = calls(call("memory_insert", json.dumps({"label": "human", "new_string": "Likes tea."})))
    async with site_of(tmp_path, ScriptedModel(kept, "Noted.")) as site:
        ada = await visitor(site.url)
        keys = ada.page.keyboard
        await ada.page.get_by_role("link", name="Skip to").focus()
        await keys.press("Enter")
        await expect(ada.field).to_be_focused()
        await keys.type("I like")
        await keys.press("Shift+Enter")
        await keys.type("tea.")
        await keys.press("Enter")
        await ada.hears("Noted.")
        assert (await ada.messages())[0] == "I like\ntea."
        await keys.type("/un")
        await expect(ada.page.get_by_role("option", name="/undo")).to_be_visible()
        await keys.press("Enter")
        await expect(ada.field).to_have_value("/undo")
        await keys.press("Enter")
        await expect(ada.page.get_by_text("Taken back").first).to_be_visible()
        await keys.press("Shift+Tab")
        while await ada.page.evaluate("() => document.activeElement.id") != "menu-open":
            await keys.press("Shift+Tab")
        await keys.press("Enter")
        await expect(ada.page.get_by_role("menuitem").first).to_be_focused()
        await keys.press("ArrowDown")
        await expect(ada.page.get_by_role("menuitem").nth(1)).to_be_focused()
        await keys.press("Escape")
        await expect(ada.page.get_by_role("menu")).not_to_be_visible()
        await expect(ada.page.get_by_role("button", name="Menu")).to_be_focused()


async def test_an_answer_can_be_stopped(tmp_path: Path, visitor: Open) -> None:
    never = anyio.Event()
    async with site_of(tmp_path, ScriptedModel("Too late.", gate=never)) as site:
        ada = await visitor(site.url)
        await ada.say("Take your time.")
        await ada.page.get_by_role("button", name="Stop").click()
        await ada.hears("Stopped.")
        await expect(ada.page.get_by_text("Thinking")).not_to_be_visible()


async def test_nothing_is_waited_for_that_was_erased_before_it_was_answered(
    tmp_path: Path, visitor: Open
) -> None:
    never = anyio.Event()
    async with site_of(tmp_path, ScriptedModel("Too late.", gate=never)) as site:
        ada = await visitor(site.url)
        await ada.say("/memory")
        await expect(ada.log.locator(".answer")).to_have_count(1)
        await ada.say("Take your time.")
        await ada.say("/delete")
        code = ada.log.get_by_text(re.compile(r"/delete [\w-]+")).last
        asked_for = re.search(r"/delete [\w-]+", await code.inner_text())
        assert asked_for is not None
        await ada.say(asked_for[0])
        await ada.hears("Entries deleted")
        await expect(ada.page.get_by_text("Take your time.")).to_have_count(0)
        await expect(ada.page.get_by_text("Thinking")).not_to_be_visible()


COUNTING = """
window.answered = -1;
window.EventSource = class extends EventSource {
  constructor(...given) {
    super(...given);
    this.addEventListener("answered", (event) => (window.answered = JSON.parse(event.data).position));
  }
};
"""


async def test_what_is_dealt_with_before_it_is_confirmed_is_not_waited_for(
    tmp_path: Path, visitor: Open
) -> None:
    async def late(route: Route) -> None:
        answer = await route.fetch()
        dealt_with = "position => window.answered >= position"
        await ada.page.wait_for_function(dealt_with, arg=(await answer.json())["position"])
        await route.fulfill(response=answer)

    async with site_of(tmp_path, ScriptedModel("Hello.")) as site:
        ada = await visitor(site.url)
        await ada.page.add_init_script(COUNTING)
        await ada.page.reload()
        await ada.page.route("**/chat/messages", late)
        async with ada.page.expect_response("**/chat/messages"):
            await ada.say("/memory")
        await expect(ada.log.locator(".command time")).to_have_count(1)
        await expect(ada.page.get_by_text("Thinking")).not_to_be_visible()


WIDE = (
    "word " * 3
    + "x" * 400
    + "\n\n```\n"
    + "y" * 300
    + "\n```\n\n| a | b |\n|---|---|\n| "
    + "z" * 200
    + " | 2 |"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_nothing_is_wider_than_the_screen(
    tmp_path: Path, visitor: Open, scheme: str
) -> None:
    async with site_of(tmp_path, ScriptedModel(WIDE)) as site:
        ada = await visitor(site.url, phone=True, color_scheme=scheme)
        await ada.say("w" * 300)
        await expect(ada.log.locator(".theirs")).to_have_count(1)
        widths = await ada.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.querySelector('#scroll').scrollWidth]"
        )
        assert max(widths) <= 360
        await expect(ada.field).to_be_in_viewport()


async def test_a_german_reads_german(tmp_path: Path, visitor: Open) -> None:
    async with site_of(tmp_path, ScriptedModel("Hallo.")) as site:
        ada = await visitor(site.url, locale="de-DE")
        await expect(ada.page.get_by_role("button", name="Menü")).to_be_visible()
        await ada.field.fill("/stop")
        await ada.page.get_by_role("button", name="Senden").click()
        await ada.hears("Ich arbeite gerade an nichts.")


class ReadsThePage:
    """A tool that brings back what somebody else wrote."""

    schema = ToolSchema("read_page", "Read a page.", {"type": "object", "properties": {}})
    effect = Effect.READ
    tier = Tier.USER
    idempotent = True

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        return ToolResult("Ada is allergic to nuts.", origin=Origin.WEB)


async def test_what_was_noted_and_what_is_asked_first_have_buttons(
    tmp_path: Path, visitor: Open
) -> None:
    def noting(text: str, call_id: str) -> ModelAnswer:
        arguments = json.dumps({"label": "human", "new_string": text})
        return calls(call("memory_insert", arguments, call_id))

    model = ScriptedModel(
        *(noting("Likes tea.", "a"), "I will remember."),
        *(calls(call("read_page", "{}", "b")), noting("No nuts.", "c"), "I asked."),
    )
    replaced = Replacements(limits=FAST, tools=[ReadsThePage()])
    async with site_of(tmp_path, model, replacements=replaced) as site:
        ada = await visitor(site.url)
        await ada.say("I like tea.")
        await ada.hears("I will remember.")
        card = ada.log.locator(".remark", has_text="Noted: Likes tea.")
        await card.get_by_role("button", name="Why").click()
        await expect(ada.log.locator(".answer", has_text="“I like tea.”")).to_be_visible()
        await ada.page.reload()
        await card.get_by_role("button", name="Undo").click()
        await expect(card.get_by_role("button", name="Undo")).to_be_disabled()
        await expect(ada.log.locator(".answer", has_text="Taken back.")).to_be_visible()
        await expect(ada.about_me()).to_have_count(0)
        await ada.say("Read my page.")
        await ada.hears("I asked.")
        asked = ada.log.locator(".remark", has_text="so I ask first")
        await expect(asked.get_by_role("button")).to_have_text(["Keep", "Leave it out"])
        await asked.get_by_role("button", name="Keep").click()
        await expect(ada.about_me()).to_contain_text("No nuts.")


async def test_what_is_forgotten_is_gone_from_the_page_and_comes_back(
    home: Home, visitor: Open
) -> None:
    with home.serving() as service:
        ada = await visitor(service.url)
        await ada.say("My name is Ada.")
        await ada.hears("Nice to meet you, Ada.")
        await ada.say("I live in Lisbon.")
        await expect(ada.about_me().last).to_contain_text("Lisbon")
        await ada.about_me().last.hover()
        await ada.about_me().last.get_by_role("button", name="Forget this: ").click()
        offer = ada.log.locator(".answer", has_text="Nothing is forgotten yet.")
        await expect(offer).to_contain_text("“I live in Lisbon.”")
        await offer.get_by_role("button", name="Forget all of it").click()
        done = ada.log.locator(".answer", has_text="Forgotten:")
        await expect(done).to_be_visible()
        await expect(ada.about_me()).to_have_count(1)
        await expect(ada.log).not_to_contain_text("Lisbon")
        await expect(ada.log).to_contain_text("My name is Ada.")
        await done.get_by_role("button", name="Bring it back").click()
        await expect(ada.log).to_contain_text("I live in Lisbon.")
        await expect(ada.about_me().last).to_contain_text("Lisbon")


async def test_a_command_that_is_answered_at_once_is_no_longer_being_sent(
    tmp_path: Path, visitor: Open
) -> None:
    async with site_of(tmp_path, ScriptedModel()) as site:
        ada = await visitor(site.url)
        await ada.say("/unlink")
        await expect(ada.log.locator(".answer, .notice").last).to_contain_text("Nothing is linked")
        await expect(ada.log.locator(".command time")).to_have_count(1)
        await expect(ada.log.get_by_text("Sending")).to_have_count(0)
