"""How a person is shown pieces of their memory: titles, quotes, what an edit changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentcore.memory.changes import more_in
from bot.commands.base import Reader

MAX_QUOTE = 200
MAX_CHANGED_LINES = 12
_TITLES = {
    "human": "reply.title_human",
    "persona": "reply.title_persona",
    "public": "reply.title_public",
}

_PLATFORMS = {
    "web": "reply.platform_web",
    "terminal": "reply.platform_terminal",
    "api": "reply.platform_api",
}


def title(label: str, reader: Reader) -> str:
    """A block's name for people."""
    key = _TITLES.get(label)
    if key is not None:
        return reader.piece(key)
    return label.replace("_", " ").replace("-", " ").strip().capitalize() or label


def quoted(text: str) -> str:
    """A text on one line, cut where it gets long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_QUOTE else f"{line[: MAX_QUOTE - 1].rstrip()}…"


def changes(before: str, after: str) -> str:
    """The lines that went (✗) and that came back (↩), no more than a dozen."""
    lines = list(_changed_lines(before, after))
    left_out = len(lines) - MAX_CHANGED_LINES
    shown = lines[:MAX_CHANGED_LINES]
    return "\n".join([*shown, f"… ({left_out})"] if left_out > 0 else shown)


def _changed_lines(before: str, after: str) -> Iterator[str]:
    yield from (f"✗ {quoted(line)}" for line in more_in(before, after))
    yield from (f"↩ {quoted(line)}" for line in more_in(after, before))


def platforms_named(platforms: Sequence[str], reader: Reader) -> str:
    """Platforms by their names."""
    names = [
        reader.piece(_PLATFORMS[each]) if each in _PLATFORMS else each.capitalize()
        for each in platforms
    ]
    if len(names) < 2:
        return "".join(names)
    ends = {"first": ", ".join(names[:-1]), "last": names[-1]}
    return reader.piece("reply.platforms_and", ends)
