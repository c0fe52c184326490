"""parse_mode HTML: tags to entities, with the server's refusals and their byte offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.simulators.telegram_server.entities import Entity, units
from tests.simulators.telegram_server.links import link_of
from tests.simulators.telegram_server.refusals import cannot_parse

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_SPACE = b" \t\r\n\0\v"
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    begin: int


class _Parser:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.at = 0
        self.text = ""
        self.width = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def parse(self) -> tuple[str, list[Entity]]:
        plain = re.compile(rb"[^<&]+")
        while self.at < len(self.source):
            if run := plain.match(self.source, self.at):
                self.write(run[0].decode())
                self.at = run.end()
            elif self.source[self.at : self.at + 1] == b"&":
                self.write(self.reference())
            elif self.source[self.at + 1 : self.at + 2] == b"/":
                self.end_tag()
            else:
                self.start_tag()
        if self.open:
            last = self.open[-1].tag
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{last}"')
        return _with_pairs_joined(self.text), _joined(self.entities)

    def write(self, piece: str) -> None:
        self.text += piece
        self.width += units(piece)

    def reference(self) -> str:
        """The character of a reference, or the ampersand itself."""
        found = _REFERENCE.match(self.source, self.at)
        char = _character(found) if found else ""
        self.at = found.end() if found and char else self.at + 1
        return char or "&"

    def skip(self, until: bytes) -> bytes:
        begin = self.at
        while self.at < len(self.source) and self.source[self.at] not in until:
            self.at += 1
        return self.source[begin : self.at]

    def skip_space(self) -> None:
        while self.at < len(self.source) and self.source[self.at] in _SPACE:
            self.at += 1

    def next(self) -> bytes:
        return self.source[self.at : self.at + 1]

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self.skip(_SPACE + b">").decode().lower()
        if not self.next():
            raise cannot_parse(f"Unclosed start tag at byte offset {begin}")
        if tag not in _TYPES:
            raise cannot_parse(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while True:
            self.skip_space()
            if self.next() == b">":
                break
            argument = self.attribute(tag, begin) or argument
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(tag, argument, self.width, len(self.text)))

    def attribute(self, tag: str, begin: int) -> str:
        """Reads one attribute; gives its value where the tag means something by it."""
        name = self.skip(_SPACE + b"=>").decode().lower()
        if not self.next():
            raise cannot_parse(f"Unclosed start tag at byte offset {begin}")
        if not name:
            raise cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self.skip_space()
        value = ""
        if self.next() == b"=":
            self.at += 1
            self.skip_space()
            if not self.next():
                raise cannot_parse(f'Unclosed start tag "{tag}" at byte offset {begin}')
            value = self.value()
        if not self.next():
            raise cannot_parse(f"Unclosed start tag at byte offset {begin}")
        match tag, name:
            case ("a", "href") | ("tg-emoji", "emoji-id"):
                return value
            case ("code", "class") if value.startswith("language-"):
                return value.removeprefix("language-")
            case ("span", "class") if value.startswith("tg-"):
                return value.removeprefix("tg-")
            case ("blockquote", "expandable"):
                return "1"
            case _:
                return ""

    def value(self) -> str:
        quote = self.next()
        if quote not in {b'"', b"'"}:
            begin = self.at
            while self.next() and re.match(rb"[A-Za-z0-9.-]", self.next()):
                self.at += 1
            if self.next() and self.next() not in {b" ", b"\t", b"\r", b"\n", b">"}:
                raise cannot_parse(f"Unexpected end of name token at byte offset {begin}")
            return self.source[begin : self.at].decode().lower()
        self.at += 1
        value = ""
        while self.next() and self.next() != quote:
            if self.next() == b"&":
                value += self.reference()
            else:
                value += self.skip(b"&" + quote).decode()
        self.at += 1
        return value

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise cannot_parse(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        found = self.skip(_SPACE + b">").decode().lower()
        self.skip_space()
        if self.next() != b">":
            raise cannot_parse(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        last = self.open.pop()
        if found not in {"", last.tag}:
            raise cannot_parse(
                f"Unmatched end tag at byte offset {begin}, "
                f'expected "</{last.tag}>", found "</{found}>"'
            )
        if self.width > last.offset:
            self.close(last)

    def close(self, last: _Open) -> None:
        kind, length = _TYPES[last.tag], self.width - last.offset
        detail: tuple[tuple[str, object], ...] = ()
        if kind == "text_link":
            url = last.argument or self.text[last.begin :]
            if (found := link_of(url)) is None:
                return
            kind, detail = found
        elif kind == "custom_emoji":
            if not last.argument.isdigit():
                raise cannot_parse("Invalid custom emoji identifier specified")
            detail = (("custom_emoji_id", last.argument),)
        elif kind == "blockquote" and last.argument:
            kind = "expandable_blockquote"
        elif kind == "code" and last.argument:
            detail = (("language", last.argument),)
        self.entities.append(Entity(kind, last.offset, length, detail))


def _character(found: re.Match[bytes]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return _NAMED.get(name, "")
    if len(found[0]) >= 12:
        return ""
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF else ""


def _with_pairs_joined(text: str) -> str:
    """References may name the two halves of a character."""
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise cannot_parse(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        ) from error


def _joined(entities: list[Entity]) -> list[Entity]:
    """A pre around nothing but code of a language is one entity; else code has no language."""
    pres = {(each.offset, each.length) for each in entities if each.type == "pre"}
    told = {
        (each.offset, each.length): each.detail
        for each in entities
        if each.type == "code" and (each.offset, each.length) in pres
    }
    result = []
    for each in entities:
        place = (each.offset, each.length)
        if each.type == "pre":
            result.append(Entity("pre", *place, told.get(place, ())))
        elif each.type != "code":
            result.append(each)
        elif place not in pres:
            result.append(Entity("code", *place))
    return result


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The text and its entities.

    Raises:
        Refused: The markup is wrong.
    """
    return _Parser(source.encode()).parse()
