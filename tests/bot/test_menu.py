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
from bot import deletions
from bot.commands import COMMANDS
from bot.wording import CatalogueWording
from tests.house import house, working

WORDING = CatalogueWording()
AUDIENCES: Sequence[Audience] = get_args(Audience)
OTHER_LANGUAGES = (None, "tlh")


def names(menu: Sequence[MenuEntry]) -> list[str]:
    return [entry.command for entry in menu]


def test_the_menus_name_every_command_that_people_use_and_no_other() -> None:
    named = {name for audience in AUDIENCES for name in names(WORDING.menu(audience, "en"))}

    assert named == {name for name, each in COMMANDS.items() if not each.hidden} | {
        deletions.COMMAND
    }


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_menu_fits_the_platforms_and_a_phone(audience: Audience) -> None:
    for language in (*WORDING.languages, *OTHER_LANGUAGES):
        menu = WORDING.menu(audience, language)
        assert len(menu) == len(set(names(menu))) <= 100
        for entry in menu:
            assert re.fullmatch("[a-z0-9_]{1,32}", entry.command)
            assert 3 <= len(entry.description) <= 60, entry


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
