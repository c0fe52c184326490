"""What Discord's clients make of a message's content: the words people see, and how they are set.

The rules are those that its clients were seen to have: signs are tried from left to right, and of
two that fit at the same place the longer one is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLOCK = re.compile(r"```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][\s\S]*?)\n*```", re.IGNORECASE)
_QUOTE = re.compile(r" *>>> ([\s\S]*)|(?: *> [^\n]*(?:\n *> [^\n]*)*\n?)")
_HEADING = re.compile(r" *(#{1,3}|-#)[ \t]+([^\n]+)(\n|$)")
_ITEM = re.compile(r"( *)([*+-]|\d+\.)[ \t]+(?=\S)")
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_AUTOLINK = re.compile(r"<([^: >]+:/[^ >]+)>")
_URL = re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]")
_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]"
    r"\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"]([\s\S]*?)['\"])?\s*\)"
)
_PILL = re.compile(
    r"<@[!&]?\d+>|<#\d+>|<a?:\w+:\d+>|<t:-?\d+(?::\w)?>|</[^:>]+:\d+>|<id:\w+>|@everyone|@here"
    r"|:[a-zA-Z+-][\w+-]*:"
)
_STYLES = {
    "italic": re.compile(
        r"_((?:__|\\[\s\S]|[^\\_])+?)_\b|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)"
        r"|[^\s*\\])+?)\*(?!\*)"
    ),
    "bold": re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    "underline": re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
}
_STRIKE = re.compile(r"~~([\s\S]+?)~~(?!_)")
_SPOILER = re.compile(r"\|\|([\s\S]+?)\|\|")
_CODE = re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")
_TEXT = re.compile(r"[\s\S]+?(?=[^0-9A-Za-z\s\u00c0-\uffff]|\n|\w+:\S|$)")


@dataclass(frozen=True, slots=True)
class Setting:
    """A stretch of text, and how it is set. `detail`: an address, a language or a level."""

    kind: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """`pills` are the mentions, emoji and moments that a client puts in place of what is written."""

    text: str
    settings: tuple[Setting, ...]

    @property
    def pills(self) -> tuple[str, ...]:
        return tuple(each.text for each in self.settings if each.kind == "pill")


def seen(content: str) -> Seen:
    """What people see of a message."""
    settings: list[Setting] = []
    text = "".join(_parsed(content.strip(), settings, begins_line=True))
    return Seen(text, tuple(settings))


def _parsed(
    source: str, settings: list[Setting], *, begins_line: bool, quoted: bool = False
) -> Iterator[str]:
    at = 0
    while at < len(source):
        fresh = source[at - 1] == "\n" if at else begins_line
        taken = _block(source, at, settings, fresh=fresh, quoted=quoted) or _inline(
            source, at, settings
        )
        at, text = taken
        yield text


def _inside(source: str, settings: list[Setting], kind: str, detail: str = "") -> str:
    inner: list[Setting] = []
    text = "".join(_parsed(source, inner, begins_line=False))
    settings += [Setting(kind, text, detail), *inner]
    return text


def _block(
    source: str, at: int, settings: list[Setting], *, fresh: bool, quoted: bool
) -> tuple[int, str] | None:
    if found := _BLOCK.match(source, at):
        settings.append(Setting("pre", found[2], found[1] or ""))
        return found.end(), found[2]
    if not fresh:
        return None
    if not quoted and (found := _QUOTE.match(source, at)):
        body = found[1] or re.sub(r"^ *> ", "", found[0], flags=re.MULTILINE)
        inner: list[Setting] = []
        text = "".join(_parsed(body, inner, begins_line=True, quoted=True))
        settings += [Setting("quote", text.rstrip("\n")), *inner]
        return found.end(), text
    if found := _HEADING.match(source, at):
        return found.end(), _heading(found, settings)
    if found := _ITEM.match(source, at):
        return _item(source, found, settings)
    return None


def _item(source: str, found: re.Match[str], settings: list[Setting]) -> tuple[int, str]:
    sign = "•" if found[2] in "*+-" else found[2]
    settings.append(Setting("item", sign))
    shown = f"{found[1]}{sign} "
    heading = _HEADING.match(source, found.end())
    if heading is None:
        return found.end(), shown
    return heading.end(), shown + _heading(heading, settings)


def _heading(found: re.Match[str], settings: list[Setting]) -> str:
    words = re.sub(r"\s*(?<!\\)#+$", "", found[2])
    return _inside(words, settings, "heading", found[1]) + found[3]


def _inline(source: str, at: int, settings: list[Setting]) -> tuple[int, str]:
    if found := _ESCAPE.match(source, at):
        return found.end(), found[1]
    for pattern in (_AUTOLINK, _URL):
        if found := pattern.match(source, at):
            address = found[found.lastindex or 0]
            settings.append(Setting("address", address))
            return found.end(), address
    if (found := _LINK.match(source, at)) and "://" not in found[1]:
        return found.end(), _inside(found[1], settings, "link", found[2])
    if found := _PILL.match(source, at):
        settings.append(Setting("pill", found[0]))
        return found.end(), f"⟦{found[0]}⟧"
    return _styled(source, at, settings) or _plain(source, at)


def _styled(source: str, at: int, settings: list[Setting]) -> tuple[int, str] | None:
    fits = [(kind, found) for kind, each in _STYLES.items() if (found := each.match(source, at))]
    if fits:
        kind, found = max(fits, key=lambda each: each[1].end())
        return found.end(), _inside(found[1] or found[2], settings, kind)
    for kind, pattern in (("strikethrough", _STRIKE), ("spoiler", _SPOILER)):
        if found := pattern.match(source, at):
            return found.end(), _inside(found[1], settings, kind)
    if found := _CODE.match(source, at):
        code = re.sub(r"^ (?= *`)|(` *) $", r"\1", found[2])
        settings.append(Setting("code", code))
        return found.end(), code
    return None


def _plain(source: str, at: int) -> tuple[int, str]:
    found = _TEXT.match(source, at)
    end = max(found.end() if found else at + 1, at + 1)
    if "\n" in source[at : end - 1]:
        end = source.index("\n", at) + 1
    return end, source[at:end]
