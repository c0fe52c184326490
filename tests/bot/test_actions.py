"""What can be done about a notice is a button, or written below it; twice does no harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.feed import Action, FeedNotice, written_out
from agentcore.testing import ScriptedModel
from bot.commands import COMMANDS, parsed
from bot.offers import BUNDLED_TEMPLATES
from bot.people import linking
from bot.texts import ENGLISH, LANGUAGES
from bot.wording.actions import ACTIONS, MAX_LABEL, Fixed, actions_of, buttons_of
from tests.bot.commands.talk import TEMPLATES, said
from tests.bot.commands.test_undo import noting
from tests.house import House, house, working

MOST = 10


async def answers(home: House, command: str, *, user: str = "ada") -> FeedNotice:
    """The last thing that is said to it."""
    receipt = await home.accept(user, command)
    events = await home.heard(user, until=receipt.position)
    return [event for event in events if isinstance(event, FeedNotice)][-1]


def offered(notice: FeedNotice) -> dict[str, str]:
    return {each.label: each.command for each in notice.actions}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_has_a_short_name_and_a_command_that_exists(language: str) -> None:
    labels = {key: text for key, text in LANGUAGES[language].items() if key.startswith("action.")}

    assert all(len(text) <= MAX_LABEL for text in labels.values())
    for key, actions in ACTIONS.items():
        assert key in ENGLISH
        for each in actions:
            asked = parsed(each.command)
            assert asked is not None
            assert asked.name in COMMANDS.keys() | linking.COMMANDS
            if isinstance(each, Fixed):
                assert each.label in labels


async def test_other_personas_are_a_button_each(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        buttons = offered(await answers(home, "/persona"))
        for command in ("/start", "/persona pirate"):
            assert offered(await answers(home, command)) == buttons
        changed = [(await answers(home, buttons["Coach"])).key for _ in range(2)]
    assert buttons == {
        name.capitalize(): f"/persona {name}" for name in sorted(TEMPLATES) if name != "friend"
    }
    assert changed == ["reply.persona_changed", "reply.persona_same"]


async def test_of_many_choices_some_are_buttons_and_the_rest_can_be_named(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    coach = (BUNDLED_TEMPLATES / "coach.yaml").read_text("utf-8")
    for number in range(12):
        name = f"one-of-those-with-a-rather-long-name-{number}"
        (folder / f"{name}.yaml").write_text(coach.replace("name: coach", f"name: {name}"))
    async with house(tmp_path, ScriptedModel(), templates_dir=folder) as home, working(home):
        notice = await answers(home, "/persona")
    assert len(notice.actions) <= MOST
    assert all(len(each.label) <= MAX_LABEL for each in notice.actions)
    assert "/persona and the name" in notice.text


@pytest.mark.parametrize(
    ("command", "pressed", "said_then"),
    [
        ("/cards", "Never", ["reply.cards_set"] * 2),
        ("/sleep", "Switch it off", ["reply.sleep_off"] * 2),
        ("/incognito", "End incognito", ["reply.incognito_over", "reply.incognito_not_on"]),
        ("/timezone melbourne", None, []),
        ("/timezone louisville", "America/Louisville", ["reply.timezone_set"] * 2),
    ],
)
async def test_a_choice_is_made_by_its_button_and_again_does_no_harm(
    tmp_path: Path, command: str, pressed: str | None, said_then: Sequence[str]
) -> None:
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        buttons = offered(await answers(home, command))
        if pressed is None:
            assert buttons == {}
        else:
            keys = [(await answers(home, buttons[pressed])).key for _ in said_then]
            assert keys == said_then


async def test_the_last_change_is_undone_from_the_memory_s_listing_and_only_that(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(*noting("Likes tea.", "Has a cat."))
    async with house(tmp_path, model) as home, working(home):
        assert offered(await answers(home, "/memory")) == {}
        await said(home, "ada", "I like tea", "I have a cat")
        buttons = offered(await answers(home, "/memory"))
        undone = [(await answers(home, buttons["Undo the last change"])).key for _ in range(2)]
        assert await home.block("ada") == "Likes tea."
        after = offered(await answers(home, "/memory"))
    assert undone == ["reply.undone", "reply.undo_already"]
    assert after == {}, "the newest change is the person's own"


async def test_of_two_things_that_were_forgotten_a_button_brings_back_its_own(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(*noting("Likes tea.", "Has a cat."))
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea", "I have a cat")
        forgotten = []
        for topic in ("tea", "cat"):
            everything = offered(await answers(home, f"/forget {topic}"))
            forgotten.append(await answers(home, everything["Forget all of it"]))
        first, second = (offered(notice)["Bring it back"] for notice in forgotten)
        keys = [(await answers(home, command)).key for command in (first, second, second)]
        assert await home.block("ada") == "Has a cat."
        keys.append((await answers(home, first)).key)
    assert keys == [
        "reply.unforget_other",
        "reply.unforgotten",
        "reply.unforget_other",
        "reply.unforgotten",
    ]


async def test_who_is_asked_to_agree_can_say_so_at_once(tmp_path: Path) -> None:
    settings: Mapping[str, Any] = {"consent": "required", "first_contact": True}
    async with house(tmp_path, ScriptedModel(), **settings) as home:
        refused = await home.accept("ada", "Hi")
    assert refused.text.endswith("I agree: /agree · No: /decline")
    assert [each.label for each in actions_of("refused.consent", {}, "de")] == [
        "Einverstanden",
        "Nein",
    ]


def test_without_buttons_many_commands_stand_a_line_each() -> None:
    few = [Action("A", "/a"), Action("B", "/b")]

    assert written_out("Which?", few) == "Which?\nA: /a · B: /b"
    assert written_out("Which?", few * 2) == "Which?\nA: /a\nB: /b\nA: /a\nB: /b"
    assert written_out("Done.", []) == "Done."


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_can_be_picked_from_is_told_once_and_links_say_that_they_end(language: str) -> None:
    several = {"choices": "12 Telegram\n34 Discord", "forms": "=a 1. Tea\n=b 2. Milk"}
    links = buttons_of("reply.links", several, language, forms=True)
    lines = buttons_of("reply.memory", several, language, forms=True)

    assert [bool(each.prompt) for each in (*links, *lines)] == [True, False, True, False]
    assert [each.command for each in links] == ["/unlink 12 Telegram", "/unlink 34 Discord"]
    assert all(each.label not in {"Telegram", "Discord"} for each in links)
