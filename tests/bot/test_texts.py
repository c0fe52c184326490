"""Every text of ours exists wherever the code names it, and takes the arguments that the code gives.

What the code names is read from its source: string literals that begin like a key, and the calls
and assignments that they stand in.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from adapters.feed import ASKED_FOR
from agentcore.loop.replies import NOTICES
from agentcore.records import StopReason
from agentcore.records.delivery import RefusalReason
from bot.texts import ENGLISH, LANGUAGES, text_of
from bot.wording.menu import MENUS

ROOT = Path(__file__).parents[2]
KEY = re.compile(
    r"(reply|turn|refused|web|terms|access|action|argument|form|about|group|discord)\.[a-z_]+"
)
PAGE = ROOT / "adapters" / "web" / "page"
ON_THE_PAGE = re.compile(r"\bt\.([a-z_]+)|\bsay\(\"([a-z_]+)\"")
"""How templates and scripts name the texts of the page, without their `web.`."""
NOT_KEYS = frozenset({"turn.agent_id", "turn.number", "discord.com", "discord.py"})
"""Columns of a table, a host, a library."""


def sources() -> Iterator[ast.Module]:
    for folder in (
        "bot",
        "agentcore",
        "adapters/web",
        "adapters/push",
        "adapters/telegram",
        "adapters/discord",
    ):
        for path in (ROOT / folder).rglob("*.py"):
            if path.parent.name != "texts":
                yield ast.parse(path.read_text("utf-8"))


def keys_in(node: ast.AST) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and KEY.fullmatch(each.value)
        and each.value not in NOT_KEYS
    }


def named() -> set[str]:
    """Every key that the code names, refusals by their reasons, commands by the menus."""
    refusals = {f"refused.{reason}" for reason in get_args(RefusalReason)}
    menus = (menu.values() for menu in MENUS.values())
    return refusals.union(on_the_page(), *menus, *(keys_in(module) for module in sources()))


def on_the_page() -> set[str]:
    """What the page names: texts by their keys, blocks by the names that it knows."""
    written = "".join(
        path.read_text("utf-8") for path in PAGE.iterdir() if path.suffix in {".html", ".js"}
    )
    named = {f"web.{one or other}" for one, other in ON_THE_PAGE.findall(written)}
    by_name = {key for key in ENGLISH if key.startswith("web.block_")}
    return named | by_name


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def given() -> dict[str, set[str]]:
    """For each key that stands in a call beside a dict of literals, the names in that dict. One that
    takes up another dict says nothing.
    """
    found: dict[str, set[str]] = {}
    for module in sources():
        for call in (each for each in ast.walk(module) if isinstance(each, ast.Call)):
            names = {
                name.value
                for argument in call.args
                if isinstance(argument, ast.Dict) and None not in argument.keys
                for name in argument.keys
                if isinstance(name, ast.Constant) and isinstance(name.value, str)
            }
            if names:
                found |= dict.fromkeys(keys_in(call), names)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_the_code_names_is_there_and_no_other(language: str) -> None:
    assert LANGUAGES[language].keys() == named()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_takes_the_same_arguments(language: str) -> None:
    for key, text in LANGUAGES[language].items():
        assert fields(text) == fields(ENGLISH[key]), key


def test_the_texts_take_what_the_code_gives_them() -> None:
    literal = given()

    assert {"reply.why_turn", "reply.unknown_command"} <= literal.keys()
    for key, names in literal.items():
        assert fields(ENGLISH[key]) <= names, key


def test_every_way_to_stop_without_an_answer_has_a_sentence() -> None:
    fine = {StopReason.END_TURN}
    for reason, key in NOTICES.items():
        assert text_of(key, {}, None), reason
    assert not fine & NOTICES.keys()


@pytest.mark.parametrize("language", [None, "", "en", "en-GB", "EN_us", "tlh", "x" * 1_000])
def test_whoever_reads_no_language_of_ours_reads_english(language: str | None) -> None:
    assert text_of("reply.stopping", {}, language) == "Stopping."


@pytest.mark.parametrize("language", ["de", "de-AT", "DE_ch"])
def test_whoever_reads_another_language_gets_it_whatever_the_region(language: str) -> None:
    assert text_of("turn.cancelled", {}, language) == "Aufgehört."


def test_what_a_person_wrote_is_shown_as_it_is() -> None:
    shown = text_of("reply.unknown_command", {"command": "{commands} %s {0}"}, "en")

    assert "/{commands} %s {0}." in shown


def test_only_what_was_asked_for_is_said_as_a_reply() -> None:
    assert all(
        key.startswith(
            (
                ASKED_FOR,
                "turn.",
                "refused.",
                "web.",
                "terms.",
                "access.",
                "menu.",
                "action.",
                "argument.",
                "form.",
                "discord.",
                "about.",
                "group.",
            )
        )
        for key in ENGLISH
    )
