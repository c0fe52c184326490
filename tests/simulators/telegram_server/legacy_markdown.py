"""parse_mode Markdown, the old one: entities can't nest, and a backslash helps outside of them."""

from __future__ import annotations

from tests.simulators.telegram_server.entities import Entity, units
from tests.simulators.telegram_server.links import link_of
from tests.simulators.telegram_server.refusals import cannot_parse

_TYPES = {"_": "italic", "*": "bold", "`": "code", "[": "text_link"}


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.text = ""
        self.entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            char = self.source[self.at]
            following = self.source[self.at + 1 : self.at + 2]
            if char == "\\" and following and following in _TYPES:
                self.text += following
                self.at += 2
            elif char in _TYPES:
                self.entity(char)
            else:
                self.text += char
                self.at += 1
        return self.text, self.entities

    def entity(self, mark: str) -> None:
        begin, kind = self.at, _TYPES[mark]
        detail: tuple[tuple[str, object], ...] = ()
        end_mark = "]" if mark == "[" else mark
        if self.source.startswith("```", self.at):
            kind, end_mark = "pre", "```"
        self.at += len(end_mark)
        if kind == "pre" and (language := self.language()):
            detail = (("language", language),)
        end = self.source.find(end_mark, self.at)
        if end < 0:
            at = len(self.source[:begin].encode())
            raise cannot_parse(f"Can't find end of the entity starting at byte offset {at}")
        inner = self.source[self.at : end]
        offset = units(self.text)
        self.text += inner
        self.at = end + len(end_mark)
        if kind == "text_link" and inner:
            url = self.url(inner)
            if (found := link_of(url)) is None:
                return
            kind, detail = found
        if inner:
            self.entities.append(Entity(kind, offset, units(inner), detail))

    def language(self) -> str:
        end = self.at
        while end < len(self.source) and self.source[end] not in " \t\r\n\0\v`":
            end += 1
        language = ""
        if self.at < end < len(self.source) and self.source[end] != "`":
            language = self.source[self.at : end]
            self.at = end
        if self.source.startswith(("\r\n", "\n\r"), self.at):
            self.at += 2
        elif self.source.startswith(("\n", "\r"), self.at):
            self.at += 1
        return language

    def url(self, inner: str) -> str:
        if not self.source.startswith("(", self.at):
            return inner
        end = self.source.find(")", self.at)
        end = len(self.source) if end < 0 else end
        url = self.source[self.at + 1 : end]
        self.at = end + 1
        return url


def parse_legacy_markdown(source: str) -> tuple[str, list[Entity]]:
    """The text and its entities.

    Raises:
        Refused: An entity has no end.
    """
    return _Parser(source).parse()
