"""The page on moving in names commands and options that there are."""

from __future__ import annotations

import re

import typer.main

from bot.cli import app
from tests.docs.transcripts import DOCS

PAGE = (DOCS / "moving-in.md").read_text("utf-8")


def test_every_command_on_the_page_is_there_with_its_options() -> None:
    found = re.findall(r"\.venv/bin/familiar ([^\n]+)", PAGE)
    assert len(found) == 4
    for line in found:
        command, words = typer.main.get_command(app), line.replace(",", " ").split()
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        asked = {word for word in words if word.startswith("--")}
        assert asked <= known, line


def test_the_options_that_the_text_names_are_there() -> None:
    letta = typer.main.get_command(app).commands["import"].commands["letta"]  # type: ignore[attr-defined]
    known = {name for param in letta.params for name in param.opts}
    assert {"--token", "--agents", "--dry-run", "--url"} <= known
