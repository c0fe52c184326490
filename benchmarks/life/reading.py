"""What a model can see in a request: its memory as it reads now, what was said, what a search found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agentcore.memory.frame import parse_blocks

HUMAN = "human"
_SAID = re.compile(r"\[(\d{4}-\d\d-\d\d)T\d\d:\d\d [^\]]*\]\n(.*)", re.DOTALL)
_FOUND = re.compile(r"(?:>> |   )(\d{4}-\d\d-\d\d) \d\d:\d\d user: (.*)")
_PART = re.compile(
    rf'<block label="{HUMAN}"[^>]* shown="part">\n<value>\n(.*?)\n?</value>', re.DOTALL
)
_NUMBERED = re.compile(r"^\d+→ (.*)$", re.MULTILINE)
_SUMMED = re.compile(r"^\| \d{4}-\d\d-\d\d: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that the person said, and when."""

    day: date
    text: str


@dataclass
class Memory:
    """The lines of the block about the person, as its model has seen them change."""

    lines: list[str] = field(default_factory=list)

    def show(self, text: str) -> None:
        """A text that may show the block, whole or in part."""
        whole = parse_blocks(text).get(HUMAN)
        if whole is not None:
            self.lines = whole.split("\n") if whole else []
        for part in _PART.findall(text):
            self._overlay(_NUMBERED.findall(part))

    def _overlay(self, shown: Sequence[str]) -> None:
        """What stands between the first and the last line that is shown reads so now."""
        if not shown:
            return
        starts = [at for at, line in enumerate(self.lines) if line == shown[0]]
        start = starts[0] if starts else len(self.lines)
        ends = [at for at, line in enumerate(self.lines) if line == shown[-1] and at >= start]
        end = ends[-1] + 1 if ends else len(self.lines)
        self.lines[start:end] = shown


@dataclass
class View:
    """`said` ends with what is to be answered; `returns` are what its calls so far returned."""

    memory: Memory = field(default_factory=Memory)
    said: list[Heard] = field(default_factory=list)
    returns: list[str] = field(default_factory=list)
    found: list[Heard] = field(default_factory=list)
    summed: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.said[-1].day


def view_of(messages: Sequence[dict[str, Any]]) -> View:
    """What the messages of a chat completions request show."""
    view = View()
    for message in messages:
        text = _text(message.get("content"))
        match message["role"]:
            case "system":
                view.memory.show(text)
            case "user" if text.startswith("[note]"):
                view.memory.show(text)
                view.summed += _SUMMED.findall(text)
            case "user" if match := _SAID.fullmatch(text):
                view.said.append(Heard(date.fromisoformat(match[1]), match[2]))
                view.returns, view.found = [], []
            case "tool":
                view.memory.show(text)
                view.returns.append(text)
                view.found += _found(text)
            case _:
                pass
    return view


def _found(text: str) -> Iterator[Heard]:
    for day, said in _FOUND.findall(text):
        yield Heard(date.fromisoformat(day), said)


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content or "")
