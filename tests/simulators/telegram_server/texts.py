"""A text as the server takes it: parsed, cleaned, trimmed, measured."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from tests.simulators.telegram_server.entities import (
    Entity,
    Formatted,
    check_within,
    given_entities,
    nested,
    offsets,
    units,
    with_found,
)
from tests.simulators.telegram_server.html import parse_html
from tests.simulators.telegram_server.legacy_markdown import parse_legacy_markdown
from tests.simulators.telegram_server.markdown import parse_markdown
from tests.simulators.telegram_server.parameters import Parameters
from tests.simulators.telegram_server.refusals import bad_request

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_BYTES = 32768
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_BLANK = re.compile(
    "[ \\n\\u00a0\\u1680\\u180e\\u2000-\\u200f\\u202f\\u205f\\u2800\\u3000\\ufeff\\ufffc]*"
)
_HIDING = {"text_link", "text_mention", "custom_emoji"}
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")


def message_text(asked: Parameters) -> Formatted:
    """The text of a message to send, or to put in another's place.

    Raises:
        Refused: There is none, it is too long, or its markup is wrong.
    """
    if not asked.text("text"):
        raise bad_request("message text is empty")
    formatted = formatted_text(asked, "text", "parse_mode", "entities")
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if len(formatted.text) > MOST_TEXT:
        raise bad_request("message is too long")
    return formatted


def caption_of(asked: Parameters) -> Formatted:
    formatted = formatted_text(asked, "caption", "parse_mode", "caption_entities")
    if len(formatted.text) > MOST_CAPTION:
        raise bad_request("message caption is too long")
    return formatted


def formatted_text(asked: Parameters, name: str, mode_name: str, entities_name: str) -> Formatted:
    """A text with the entities that its markup or its sender gave it, and those found in it."""
    text = asked.text(name)
    if len(text.encode()) > MOST_BYTES:
        raise bad_request("text is too long")
    entities: list[Entity]
    match asked.text(mode_name).lower():
        case "":
            entities = given_entities(asked.json(entities_name))
            check_within(text, entities)
        case "html":
            text, entities = parse_html(text)
        case "markdownv2":
            text, entities = parse_markdown(text)
        case "markdown":
            text, entities = parse_legacy_markdown(text)
        case _:
            raise bad_request("unsupported parse_mode")
    return cleaned(text, entities)


def cleaned(text: str, entities: list[Entity]) -> Formatted:
    """Without control characters and blanks around it; the entities stay where they belong."""
    old = offsets(text)
    kept = [char for char in text if not _DROPPED.match(char)]
    new_at = {}
    width = 0
    for at, char in enumerate(text):
        new_at[old[at]] = width
        if not _DROPPED.match(char):
            width += units(char)
    new_at[old[-1]] = width
    moved = [_moved(each, new_at[each.offset], new_at[each.end]) for each in entities]
    plain = _CONTROL.sub(" ", "".join(kept))
    if _BLANK.fullmatch(plain):
        return Formatted("")
    return _trimmed(plain, [each for each in moved if each.length])


def _moved(entity: Entity, offset: int, end: int) -> Entity:
    return replace(entity, offset=offset, length=end - offset)


def _begun(text: str, entity: Entity) -> Entity:
    """From its first character that shows; only what hides data may begin with blanks."""
    if entity.type in _HIDING:
        return entity
    begin = bisect_left(offsets(text), entity.offset)
    rest = text[begin:]
    blanks = len(rest) - len(rest.lstrip(" \n"))
    return _moved(entity, entity.offset + blanks, entity.end)


def _trimmed(text: str, entities: list[Entity]) -> Formatted:
    text = text.rstrip(" \n")
    entities = [_begun(text, each) for each in entities]
    width = units(text)
    entities = [_moved(each, each.offset, min(each.end, width)) for each in entities]
    entities = [each for each in entities if each.length > 0]
    blanks = len(text) - len(text.lstrip(" \n"))
    first = min((each.offset for each in entities), default=blanks)
    cut = min(blanks, first)
    entities = [_moved(each, each.offset - cut, each.end - cut) for each in entities]
    text = text[cut:]
    return Formatted(text, nested(with_found(text, entities)))
