"""Every command that the README names exists, and those that are safe to run do what it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from bot.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
SETTING = re.compile(r"[A-Z_]+=\S*")
PLACEHOLDERS = frozenset({"COMMAND"})


def spelt(text: str) -> Iterator[list[str]]:
    """The `familiar …` and `make …` commands in a shell line, as words."""
    for part in text.split("|"):
        words = shlex.split(part, comments=True)
        while words and SETTING.fullmatch(words[0]):
            del words[0]
        if words and words[0].rpartition("/")[2] in {"familiar", "make"}:
            yield [words[0].rpartition("/")[2], *words[1:]]


def named() -> dict[str, list[str]]:
    """Every command that stands in a block or between backticks."""
    texts = [*BLOCK.findall(README), *SPAN.findall(BLOCK.sub("", README))]
    lines = [line for text in texts for line in text.splitlines()]
    return {shlex.join(words): words for line in lines for words in spelt(line)}


NAMED = named()


@pytest.mark.parametrize("words", NAMED.values(), ids=NAMED.keys())
def test_every_command_that_it_names_exists(words: list[str]) -> None:
    if words[0] == "make":
        targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
        assert {word for word in words[1:] if not SETTING.fullmatch(word)} <= targets
        return
    command: object = typer.main.get_command(app)
    arguments = words[1:]
    while isinstance(command, TyperGroup) and arguments and not arguments[0].startswith("-"):
        name = arguments.pop(0)
        if name in PLACEHOLDERS:
            return
        assert name in command.commands
        command = command.commands[name]
    assert isinstance(command, TyperGroup | TyperCommand)
    options = {name for each in command.params for name in each.opts} | {"--help"}
    assert {each for each in arguments if each.startswith("-")} <= options


@pytest.mark.timeout(120)
def test_what_it_tells_to_type_works_in_that_order(tmp_path: Path) -> None:
    lines = [line for block in BLOCK.findall(README) for line in block.splitlines()]
    safe = [line for line in lines if ".venv/bin/familiar" in line]
    installed = tmp_path / ".venv" / "bin" / "familiar"
    installed.parent.mkdir(parents=True)
    installed.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m bot "$@"\n')
    installed.chmod(0o700)

    done = subprocess.run(  # noqa: S603 (what our own README says)
        ["/bin/sh", "-e", "-c", "\n".join(safe)],
        cwd=tmp_path,
        env={"PATH": os.defpath, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    said, *noted = done.stderr.splitlines()
    assert said.startswith("Before we begin")
    assert all(line.startswith(("Noted:", "• ", "Undo: /undo #")) for line in noted)
    assert "You live in Lisbon." in done.stdout
    assert "BAD" not in done.stdout
    assert len(safe) >= 6
