"""What the pages name is there: commands with their options, commands of chats, files and headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from bot.cli import app
from bot.commands.registry import COMMANDS
from tests.docs.pages import PAGES, ROOT, commands_of, prose_of, text_of
from tests.docs.shell import FAMILIAR

PROGRAM = typer.main.get_command(app)
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PLACEHOLDERS = frozenset({"COMMAND"})
OTHERS = frozenset({"newbot", "setprivacy", "token", "ask"})
"""Commands of chats that aren't ours: those of Telegram's @BotFather, and Discord's `/ask`."""
OUTSIDE = frozenset({"delete", "link", "unlink", "export"})
"""Those of ours that pass by the queue."""
PATHS = frozenset({"docs", "healthz", "readyz", "metrics", "bot"})
"""Of addresses."""

_SPAN = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?<![\w/.:])/([a-z]+)(?![\w/.{*-])")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def named(page: str) -> Iterator[list[str]]:
    """The `familiar …` and `make …` commands of a page, typed in a block or named in the text."""
    for text in [*commands_of(page), *_SPAN.findall(prose_of(page))]:
        for part in text.split(" | "):
            words = _words(part.replace(",", " "))
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                del words[0]
            if words and words[0] in {*FAMILIAR, "make"}:
                yield [words[0].rpartition("/")[2], *words[1:]]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:  # a span of prose, with an apostrophe in it
        return text.split()


def wrong_with(words: list[str]) -> str:
    if words[0] == "make":
        targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
        return "" if {word for word in words[1:] if "=" not in word} <= targets else "no target"
    command: object = PROGRAM
    arguments = words[1:]
    while isinstance(command, TyperGroup) and arguments and not arguments[0].startswith("-"):
        name = arguments.pop(0)
        if name in PLACEHOLDERS:
            return ""
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    assert isinstance(command, TyperGroup | TyperCommand)
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    unknown = {each for each in arguments if each.startswith("-")} - known - {"--help"}
    return f"no option {unknown}" if unknown else ""


def anchors_of(page: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = (match.lower().replace("`", "") for match in _HEADING.findall(prose_of(page)))
    return {re.sub(r"[^\w\- ]", "", each).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_names_exists(page: str) -> None:
    wrong = {shlex.join(words): problem for words in named(page) if (problem := wrong_with(words))}

    assert not wrong


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_chat_that_a_page_names_exists(page: str) -> None:
    spans = (span for span in _SPAN.findall(prose_of(page)) if _COMMAND.match(span))
    found = {match[1] for span in spans if (match := _COMMAND.match(span))}

    assert found <= {*COMMANDS, *OTHERS, *OUTSIDE, *PATHS}


def test_every_command_of_a_chat_is_told_to_people() -> None:
    page = text_of("docs/users.md")

    assert not [name for name in {*COMMANDS, *OUTSIDE} if f"/{name}" not in page]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    for link in _LINK.findall(prose_of(page)):
        if link.startswith(("http://", "https://")):
            continue
        file, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / file).resolve() if file else ROOT / page
        assert target.exists(), f"{link} isn't there"
        if anchor:
            assert anchor in anchors_of(target.relative_to(ROOT).as_posix()), link
