"""The commands that people are told of, in menus and in `/help`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import pytest

from adapters.feed import FeedNotice
from adapters.wording import Audience, MenuEntry
from agentcore.testing import ScriptedModel
from bot.chat.wording import CatalogueWording
from bot.commands import COMMANDS
from bot.people import deletions, exports, linking
from tests.house import house, working
from tests.pushed import town

WORDING = CatalogueWording()
AUDIENCES: Sequence[Audience] = get_args(Audience)
OTHER_LANGUAGES = (None, "tlh")


def names(menu: Sequence[MenuEntry]) -> list[str]:
    return [entry.command for entry in menu]


def test_the_menus_name_every_command_that_people_use_and_no_other() -> None:
    named = {name for audience in AUDIENCES for name in names(WORDING.menu(audience, "en"))}

    assert named == {name for name, each in COMMANDS.items() if not each.hidden} | {
        deletions.COMMAND,
        exports.COMMAND,
        *linking.COMMANDS,
    }


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_menu_fits_the_platforms_and_a_phone(audience: Audience) -> None:
    for language in (*WORDING.languages, *OTHER_LANGUAGES):
        menu = WORDING.menu(audience, language)
        assert len(menu) == len(set(names(menu))) <= 100
        for entry in menu:
            assert re.fullmatch("[a-z0-9_]{1,32}", entry.command)
            assert 3 <= len(entry.description) <= 60, entry


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_may_follow_a_command_is_told_in_every_language(audience: Audience) -> None:
    english = CatalogueWording().menu(audience, "en")
    for language in WORDING.languages:
        menu = CatalogueWording().menu(audience, language)
        for entry, said in zip(menu, english, strict=True):
            if entry.argument is None or said.argument is None:
                assert entry.argument is said.argument is None
                continue
            assert re.fullmatch("[a-z]{1,32}", entry.argument.name)
            assert 3 <= len(entry.argument.description) <= 100
            assert (entry.argument.description == said.argument.description) is (language == "en")
            assert replace(entry.argument, description="") == replace(said.argument, description="")
    arguments = {e.command: e.argument for e in WORDING.menu("private", "en") if e.argument}
    assert arguments["cards"].choices == ("on", "always", "off")
    assert arguments["why"].required
    assert arguments["persona"].choices == (), "nobody has told which there are"


async def test_a_platform_learns_what_there_is_to_choose_from(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        menu = there.adapter.context.wording.menu("private", "en")
    choices = {entry.command: entry.argument.choices for entry in menu if entry.argument}
    assert {"friend", "coach"} <= set(choices["persona"])
    assert choices["model"] == ("offline", "default")


def test_what_somebody_asks_for_themselves_is_for_their_eyes() -> None:
    private, group = (WORDING.menu(audience, "en") for audience in AUDIENCES)

    for_all = {entry.command for entry in (*private, *group) if not entry.confidential}
    assert for_all == {"new", "stop", "retry", "help", "listen"}
    assert {e.command for e in (*private, *group) if e.for_admins} == {"listen"}


def test_every_language_has_lines_of_its_own_in_one_order() -> None:
    english, german = (WORDING.menu("private", language) for language in ("en", "de-AT"))

    assert names(english) == names(german)
    assert not {e.description for e in english} & {e.description for e in german}
    assert WORDING.menu("private", "tlh") == english


def test_what_is_about_one_person_alone_is_not_in_the_menu_of_a_group() -> None:
    private, group = (set(names(WORDING.menu(audience, "en"))) for audience in AUDIENCES)

    assert group - {"listen"} < private
    assert not group & {"incognito", "share", "usage", "privacy", "cards", "timezone"}


@pytest.mark.parametrize(
    ("audience", "groups"), [("private", "shared"), ("chat", "shared"), ("chat", "personal")]
)
async def test_the_help_is_the_menu_of_the_chat(
    tmp_path: Path, audience: Audience, groups: Literal["shared", "personal"]
) -> None:
    async with house(tmp_path, ScriptedModel(), groups=groups) as home, working(home):
        asked = replace(home.inbound("ada", "/help"), audience=audience)
        receipt = await home.parts.gateway.accept(asked)
        events = await home.heard("ada", until=receipt.position)
    (text,) = [event.text for event in events if isinstance(event, FeedNotice)]
    menu = CatalogueWording(groups).menu(audience, None)
    listed = [f"/{entry.command}: {entry.description}" for entry in menu]
    assert text.partition("\n\n")[2].split("\n") == listed
    assert ("memory" in names(menu)) is (groups == "shared")
