"""parse_mode MarkdownV2, with the server's refusals and their byte offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from tests.simulators.telegram_server.entities import Entity, units
from tests.simulators.telegram_server.links import link_of
from tests.simulators.telegram_server.refusals import cannot_parse

_RESERVED = b"_*[]()~`>#+-=|{}.!\n"
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
    "blockquote": "BlockQuote",
}
_ENDS = {
    "bold": b"*",
    "italic": b"_",
    "underline": b"__",
    "strikethrough": b"~",
    "spoiler": b"||",
    "code": b"`",
    "pre": b"```",
    "text_link": b"]",
    "custom_emoji": b"]",
}
_BEGINS = (
    (b"__", "underline"),
    (b"_", "italic"),
    (b"*", "bold"),
    (b"~", "strikethrough"),
    (b"||", "spoiler"),
    (b"![", "custom_emoji"),
    (b"[", "text_link"),
    (b"```", "pre"),
    (b"`", "code"),
)


@dataclass(slots=True)
class _Open:
    type: str
    argument: str
    offset: int
    byte: int
    begin: int


class _Parser:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.text = bytearray()
        self.width = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []
        self.line_begins = True

    def here(self, what: bytes, ahead: int = 0) -> bool:
        return self.source.startswith(what, self.at + ahead)

    def write(self, byte: int) -> None:
        self.text.append(byte)
        if byte & 0xC0 != 0x80:
            self.width += 1 + (byte >= 0xF0)
        if byte != 0x0D:
            self.line_begins = byte == 0x0A

    @property
    def quoting(self) -> bool:
        return any(each.type == "blockquote" for each in self.open)

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            self.step()
        if self.open and self.open[-1].type == "blockquote":
            self.close_quote()
        if self.open:
            last = self.open[-1]
            name = "PreCode" if last.type == "pre" and last.argument else _NAMES[last.type]
            raise cannot_parse(f"Can't find end of {name} entity at byte offset {last.byte}")
        return self.text.decode(), self.entities

    def step(self) -> None:
        byte = self.source[self.at]
        if escaped := self.escaped(self.at):
            self.write(escaped)
            self.at += 2
            return
        inside = self.open[-1].type if self.open else ""
        if byte not in (b"`" if inside in {"code", "pre"} else _RESERVED):
            self.write(byte)
            self.at += 1
        elif inside in _ENDS and self.ends(inside):
            self.end(inside)
        elif byte == 0x0A:
            self.new_line()
        elif byte == ord(">") and self.line_begins and self.quoting:
            self.at += 1
        elif byte == ord(">") and self.line_begins:
            self.open.append(_Open("blockquote", "", self.width, self.at, len(self.text)))
            self.at += 1
        elif self.expandable_ends():
            self.open[-1].argument = "1"
            self.at += 2
            if self.here(b"\r"):
                self.write(0x0D)
                self.at += 1
            if self.here(b"\n"):
                self.write(0x0A)
                self.at += 1
            self.close_quote()
        else:
            self.begin()

    def escaped(self, at: int) -> int:
        """The character that a backslash here stands before, 0 if none."""
        if self.source[at : at + 1] != b"\\" or at + 1 >= len(self.source):
            return 0
        following = self.source[at + 1]
        return following if following <= 126 else 0

    def ends(self, kind: str) -> bool:
        if kind == "italic":
            return self.here(b"_") and not self.here(b"__")
        return self.here(_ENDS[kind])

    def expandable_ends(self) -> bool:
        quoting = bool(self.open) and self.open[-1].type == "blockquote"
        last = self.at + 2 >= len(self.source) or self.here(b"\n", 2) or self.here(b"\r\n", 2)
        return quoting and self.here(b"||") and last

    def new_line(self) -> None:
        if self.quoting and not self.here(b">", 1):
            last = self.open[-1]
            if last.type != "blockquote":
                raise cannot_parse(
                    f"Can't find end of {_NAMES[last.type]} entity at byte offset {last.byte}"
                )
            self.write(0x0A)
            self.close_quote()
        else:
            self.write(0x0A)
        self.at += 1

    def close_quote(self) -> None:
        quote = self.open.pop()
        if self.width > quote.offset:
            kind = "expandable_blockquote" if quote.argument else "blockquote"
            self.entities.append(Entity(kind, quote.offset, self.width - quote.offset))

    def begin(self) -> None:
        mark, kind = next((each for each in _BEGINS if self.here(each[0])), (b"", ""))
        if not mark:
            char = chr(self.source[self.at])
            raise cannot_parse(
                f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
            )
        opened = _Open(kind, "", self.width, self.at, len(self.text))
        self.at += len(mark)
        if kind == "pre":
            opened.argument = self.language()
        self.open.append(opened)

    def language(self) -> str:
        end = self.at
        while end < len(self.source) and self.source[end] not in b" \t\r\n\0\v`":
            end += 1
        language = b""
        if self.at < end < len(self.source) and self.source[end] != ord("`"):
            language = self.source[self.at : end]
            self.at = end
        if self.here(b"\r\n") or self.here(b"\n\r"):
            self.at += 2
        elif self.here(b"\n") or self.here(b"\r"):
            self.at += 1
        return language.decode()

    def end(self, kind: str) -> None:
        opened = self.open.pop()
        self.at += len(_ENDS[kind])
        detail: tuple[tuple[str, object], ...] = ()
        if kind == "text_link":
            url = self.url() if self.here(b"(") else self.text[opened.begin :].decode()
            if (found := link_of(url)) is None:
                return
            kind, detail = found
        elif kind == "custom_emoji":
            detail = (("custom_emoji_id", self.emoji()),)
        elif kind == "pre" and opened.argument:
            detail = (("language", opened.argument),)
        if self.width > opened.offset:
            self.entities.append(Entity(kind, opened.offset, self.width - opened.offset, detail))

    def emoji(self) -> str:
        if not self.here(b"("):
            raise cannot_parse("Custom emoji entity must contain a tg://emoji URL")
        url = self.url("custom emoji URL")
        found = re.fullmatch(r"(?is)(?:tg:(?://)?)?([^/?#]*)/?(?:\?([^#]*))?(?:#.*)?", url)
        if not url.lower().startswith("tg:"):
            raise cannot_parse("Custom emoji URL must have scheme tg")
        if found is None or found[1].lower() != "emoji":
            raise cannot_parse('Custom emoji URL must have host "emoji"')
        numbers = parse_qs(found[2] or "").get("id")
        if numbers is None:
            raise cannot_parse("Custom emoji URL must have an emoji identifier")
        if re.fullmatch(r"[1-9]\d{0,18}", numbers[0]) is None:
            raise cannot_parse("Invalid custom emoji identifier specified")
        return str(numbers[0])

    def url(self, what: str = "URL") -> str:
        self.at += 1
        begin = self.at
        url = bytearray()
        while self.at < len(self.source) and not self.here(b")"):
            if escaped := self.escaped(self.at):
                url.append(escaped)
                self.at += 2
            else:
                url.append(self.source[self.at])
                self.at += 1
        if not self.here(b")"):
            raise cannot_parse(f"Can't find end of a {what} at byte offset {begin}")
        self.at += 1
        return url.decode()


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """The text and its entities.

    Raises:
        Refused: The markup is wrong.
    """
    text, entities = _Parser(source.encode()).parse()
    width = units(text)
    return text, [each for each in entities if each.end <= width]
