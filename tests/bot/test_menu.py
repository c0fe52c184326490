"""The commands that people are told of, in menus and in `/help`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

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


async def test_the_help_is_the_menu_of_the_chat(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home, working(home):
        for audience in AUDIENCES:
            asked = replace(home.inbound(audience, "/help"), audience=audience)
            receipt = await home.parts.gateway.accept(asked)
            events = await home.heard(audience, until=receipt.position)
            (text,) = [e.text for e in events if isinstance(e, FeedNotice)]
            menu = [f"/{e.command}: {e.description}" for e in WORDING.menu(audience, None)]
            assert text.partition("\n\n")[2].split("\n") == menu
