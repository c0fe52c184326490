"""A request's prompt to what this turn is about: what was said, what is known, what tools did.

Pure. The blocks are read where a language model would read them: in the system prompt, in the
returns of memory tools, and in notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape

from agentcore.memory.frame import parse_blocks
from agentcore.model import (
    AssistantPrompt,
    ModelRequest,
    Prompt,
    SystemPrompt,
    ToolPrompt,
    UserPrompt,
)

Lines = tuple[str, ...]

NOTE = "[note]"
SUMMARY = f"{NOTE} Earlier in this conversation"
_PART = re.compile(r'<block label="(?P<label>[^"\n]+)"[^>\n]* shown="part">')
_NUMBERED = re.compile(r"(\d{1,9})→ (.*)", re.ASCII)
_METADATA = re.compile(r"\[\d{4}-\d\d-\d\dT[^|\n]*\|[^|\n]*\| *(?P<kind>\w+)(?P<rest>[^\n]*)\]\n")
_QUOTED = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Return:
    """What one tool call came back with."""

    name: str
    text: str

    @property
    def saved(self) -> bool:
        return self.text.startswith("Saved")

    @property
    def held(self) -> bool:
        """Whether the person is asked first."""
        return self.text.startswith("Not saved") and "asked first" in self.text


@dataclass(frozen=True, slots=True)
class Situation:
    """What one answer is made from.

    `known` is the block `human` as it was before this turn, `now` as it is after the turn's
    tools; `returns` are theirs, empty in the turn's first step. `speaker` is set in a group.
    """

    said: str
    known: Lines
    now: Lines
    others: Lines
    returns: tuple[Return, ...]
    tools: frozenset[str]
    is_first: bool
    speaker: str | None


def situation_of(request: ModelRequest) -> Situation:
    """The situation that a prompt puts the model in; of any prompt whatever."""
    start = _start_of_turn(request.prompt)
    before = _blocks(request.prompt[:start])
    after = _blocks(request.prompt)
    turn = request.prompt[start:]
    spoken = [_spoken(p.text) for p in turn if isinstance(p, UserPrompt) and not _is_note(p)]
    return Situation(
        said="\n".join(text for text, _ in spoken),
        known=before.get("human", ()),
        now=after.get("human", ()),
        others=tuple(line for label, lines in after.items() if label != "human" for line in lines),
        returns=tuple(Return(p.name, p.text) for p in turn if isinstance(p, ToolPrompt)),
        tools=frozenset(tool.name for tool in request.tools),
        is_first=not any(_is_past(p) for p in request.prompt),
        speaker=next((who for _, who in reversed(spoken) if who), None),
    )


def _is_past(prompt: Prompt) -> bool:
    """Whether a prompt shows that the conversation has an earlier part."""
    match prompt:
        case AssistantPrompt(text=text):
            return bool(text)
        case UserPrompt(text=text):
            return text.startswith(SUMMARY)
        case _:
            return False


def _is_note(prompt: UserPrompt) -> bool:
    return prompt.text.startswith(NOTE)


def _start_of_turn(prompt: Sequence[Prompt]) -> int:
    """Where the newest run of user messages begins; what stands after it are its own steps."""
    start = len(prompt)
    found = False
    for place in range(len(prompt) - 1, -1, -1):
        match prompt[place]:
            case UserPrompt() as user if not _is_note(user):
                start, found = place, True
            case UserPrompt():
                continue
            case _ if found:
                break
            case AssistantPrompt(tool_calls=()):
                break
            case _:
                continue
    return start


def _spoken(text: str) -> tuple[str, str | None]:
    """The text without its metadata line, and who spoke if that line says so, in a group."""
    metadata = _METADATA.match(text)
    if metadata is None:
        return text, None
    name = _QUOTED.search(metadata["rest"])
    in_group = metadata["kind"] != "private" and name is not None
    return text[metadata.end() :], unescape(name[1]) if in_group and name else None


def _blocks(prompt: Iterable[Prompt]) -> dict[str, Lines]:
    blocks: dict[str, Lines] = {}
    for item in prompt:
        match item:
            case SystemPrompt(text=text):
                blocks.update(_whole(text))
            case UserPrompt(text=text) if text.startswith(NOTE):
                blocks.update(_whole(text))
            case ToolPrompt(name=name, text=text) if "memory" in name:
                blocks.update(_whole(text))
                _overlay(blocks, text)
            case _:
                pass
    return blocks


def _whole(text: str) -> dict[str, Lines]:
    return {label: _lines(value) for label, value in parse_blocks(text).items()}


def _lines(value: str) -> Lines:
    return tuple(value.split("\n")) if value else ()


def _overlay(blocks: dict[str, Lines], text: str) -> None:
    """Take in a block that is shown in part: its lines have their numbers in the whole.

    What this model writes keeps all other lines where they are, so the numbers are enough.
    """
    label: str | None = None
    for line in text.split("\n"):
        if head := _PART.fullmatch(line):
            label = unescape(head["label"])
        elif line == "</value>":
            label = None
        elif label is not None and (shown := _NUMBERED.fullmatch(line)):
            numbered = dict(enumerate(blocks.get(label, ()), start=1))
            numbered[int(shown[1])] = shown[2]
            blocks[label] = tuple(numbered[number] for number in sorted(numbered))
