"""What stands on the pages: their commands, settings and programs, as readers see them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "SECURITY.md",
        ROOT / "ARCHITECTURE.md",
        ROOT / "examples" / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
    )
    if path.exists()
)

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SETTING = re.compile(r"[A-Z][A-Z_]+=")


@dataclass(frozen=True, slots=True)
class Block:
    page: str
    language: str
    text: str


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks_of(page: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(text_of(page)):
        lines = [line.removeprefix(match[1]) for line in match[3].splitlines()]
        yield Block(page, match[2], "\n".join(lines))


def prose_of(page: str) -> str:
    """The page without its blocks."""
    return _BLOCK.sub("", text_of(page))


def lines_of(block: Block) -> Iterator[str]:
    """What is typed at once: a line, or several that a quote or a backslash holds together."""
    typed = ""
    for line in block.text.splitlines():
        typed = f"{typed}\n{line}" if typed else line
        try:
            words = shlex.split(typed, comments=True)
        except ValueError:  # a quote is still open
            continue
        if typed.endswith("\\"):
            continue
        if words:
            yield typed
        typed = ""
    assert not typed, f"{block.page}: what begins with {typed!r} has no end"


def commands_of(page: str) -> list[str]:
    """What a reader types, without what only sets something."""
    return [line for line in _typed_on(page) if not _sets(line)]


def settings_of(page: str) -> set[str]:
    """The names that lines of blocks set, before a command or alone, and those in the text."""
    words = [word for line in _typed_on(page) for word in shlex.split(line, comments=True)]
    named = re.findall(r"`((?:FAMILIAR|TELEGRAM|DISCORD)_[A-Z_]*[A-Z])\b", prose_of(page))
    return {word.partition("=")[0] for word in words if _SETTING.match(word)} | set(named)


def programs_of(page: str) -> list[str]:
    return [each.text for each in blocks_of(page) if each.language == "python"]


def _typed_on(page: str) -> list[str]:
    typed = (each for each in blocks_of(page) if each.language == "sh")
    return [line for each in typed for line in lines_of(each)]


def _sets(line: str) -> bool:
    return all(_SETTING.match(word) for word in shlex.split(line, comments=True))
