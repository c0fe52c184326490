"""Docstrings in Google's style: what a function does, and what is said of each argument."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SECTION = re.compile(r"([A-Z][A-Za-z ]+):\s*")
_ARGUMENTS = frozenset({"Args", "Arguments", "Parameters", "Params", "Keyword Args"})
_SECTIONS = _ARGUMENTS | {
    "Returns",
    "Return",
    "Yields",
    "Raises",
    "Example",
    "Examples",
    "Note",
    "Notes",
    "Todo",
    "See Also",
    "Warning",
    "Warnings",
    "References",
    "Attributes",
}
_ENTRY = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Described:
    """`summary` is all that stands before the first section."""

    summary: str
    arguments: Mapping[str, str]


def described(docstring: str) -> Described:
    """What a docstring tells. Whatever isn't in Google's style is part of the summary."""
    summary: list[str] = []
    arguments: dict[str, str] = {}
    section: str | None = None
    lines: list[str] = []
    for line in inspect.cleandoc(docstring).splitlines():
        header = _SECTION.fullmatch(line)
        if header is not None and header[1] in _SECTIONS:
            arguments |= _entries(lines) if section in _ARGUMENTS else {}
            section, lines = header[1], []
        elif section is None:
            summary.append(line)
        else:
            lines.append(line)
    arguments |= _entries(lines) if section in _ARGUMENTS else {}
    return Described("\n".join(summary).strip(), arguments)


def _entries(lines: Sequence[str]) -> dict[str, str]:
    """`name (type): text`, with what is indented further beneath it."""
    found: dict[str, list[str]] = {}
    margin: int | None = None
    name = ""
    for line in filter(str.strip, lines):
        indent = len(line) - len(line.lstrip())
        margin = indent if margin is None else margin
        entry = _ENTRY.fullmatch(line.strip()) if indent <= margin else None
        if entry is not None:
            name = entry[1]
            found[name] = [entry[2]]
        elif name:
            found[name].append(line.strip())
    return {name: " ".join(filter(None, texts)) for name, texts in found.items()}
