"""Message entities: offsets in UTF-16 units, checked, cleaned and nested as the server does.

An entity that ends after the text or inside a character is refused. Of those that overlap without
nesting, styles (bold, italic, …) are cut at the other's edge and so nest; whatever can't be cut
(code, links, quotes) is dropped where it begins inside another and ends outside. Code and pre hold
no other entity. More than 100 are cut off without a word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

from tests.simulators.telegram_server.links import checked_link
from tests.simulators.telegram_server.refusals import JSON, bad_request

MOST_ENTITIES = 100
STYLES = {"bold", "italic", "underline", "strikethrough", "spoiler"}
CODE = {"code", "pre"}
_QUOTES = {"blockquote", "expandable_blockquote"}
_GIVEN = (
    STYLES
    | CODE
    | {
        "blockquote",
        "expandable_blockquote",
        "text_link",
        "text_mention",
        "custom_emoji",
    }
)
_FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
_ORDER = ["expandable_blockquote", "blockquote", "pre", "code", "text_link", "text_mention"]


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity; `detail` holds its further fields: a link's url, a pre's language, …"""

    type: str
    offset: int
    length: int
    detail: tuple[tuple[str, Any], ...] = ()

    @property
    def end(self) -> int:
        return self.offset + self.length

    @property
    def json(self) -> JSON:
        return {"offset": self.offset, "length": self.length, "type": self.type} | dict(self.detail)


@dataclass(frozen=True, slots=True)
class Formatted:
    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def json_entities(self) -> list[JSON]:
        return [each.json for each in self.entities]


def units(text: str) -> int:
    """How many UTF-16 units a text has."""
    return len(text) + sum(char > "\uffff" for char in text)


def offsets(text: str) -> list[int]:
    """The UTF-16 offset of every character, and of the end."""
    return [0, *accumulate(1 + (char > "\uffff") for char in text)]


def given_entities(told: Any) -> list[Entity]:
    """The entities that a client sent.

    Raises:
        Refused: It isn't a list of entities.
    """
    if told is None:
        return []
    if not isinstance(told, list):
        raise bad_request("expected an Array of MessageEntity")
    entities = []
    for each in told:
        if not isinstance(each, dict):
            raise bad_request("can't parse MessageEntity: Expected an Object")
        kind, offset, length = each.get("type"), each.get("offset"), each.get("length")
        if not isinstance(offset, int) or not isinstance(length, int):
            raise bad_request("can't parse MessageEntity: Field must be of type Number")
        if kind not in _GIVEN | _FOUND:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        if not 0 <= offset <= 1_000_000 or not 0 <= length <= 1_000_000:
            raise bad_request(f"receive an entity with incorrect offset {offset}")
        if kind in _GIVEN and length:
            entities.append(Entity(kind, offset, length, _detail(kind, each)))
    return entities


def _detail(kind: str, told: JSON) -> tuple[tuple[str, Any], ...]:
    name = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}.get(kind)
    if name is not None:
        if name == "url" and told.get(name) and not checked_link(str(told[name])):
            raise bad_request(f"entity URL '{told[name]}' is invalid: Wrong HTTP URL")
        if not told.get(name):
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
        return ((name, told[name]),)
    language = told.get("language") if kind == "pre" else None
    return (("language", language),) if language else ()


def check_within(text: str, entities: list[Entity]) -> None:
    """Refuse an entity that doesn't lie on the text's characters.

    Raises:
        Refused: One ends behind the text, or begins or ends inside a character.
    """
    edges = offsets(text)
    starts = set(edges)
    for each in entities:
        begins = f"entity beginning at UTF-16 offset {each.offset}"
        if each.offset > edges[-1]:
            raise bad_request(
                f"entity begins after the end of the text at UTF-16 offset {each.offset}"
            )
        if each.offset not in starts:
            at = len(text[: bisect_left(edges, each.offset)].encode())
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at byte offset {at}")
        if each.end > edges[-1]:
            raise bad_request(
                f"{begins} ends after the end of the text at UTF-16 offset {each.end}"
            )
        if each.end not in starts:
            at = len(text[: bisect_left(edges, each.end)].encode())
            raise bad_request(f"{begins} ends in a middle of a UTF-16 symbol at byte offset {at}")


def nested(entities: list[Entity]) -> tuple[Entity, ...]:
    """Sorted and properly nested, as the module says."""
    result: list[Entity] = []
    for each in _sorted([entity for entity in entities if entity.type not in STYLES]):
        if all(_compatible(each, other) for other in result):
            result.append(each)
    for style in _sorted(_united([entity for entity in entities if entity.type in STYLES])):
        result.extend(_cut(style, result))
    return tuple(_sorted(result)[:MOST_ENTITIES])


def _compatible(each: Entity, other: Entity) -> bool:
    """Code holds nothing and stands in nothing but a quote; nothing stands in its own kind."""
    if not _overlap(each, other):
        return True
    if _cross(each, other) or each.type == other.type:
        return False
    if not {each.type, other.type} & CODE:
        return True
    inner, outer = (each, other) if each.type in CODE else (other, each)
    return outer.type in _QUOTES and outer.offset <= inner.offset and inner.end <= outer.end


def _united(styles: list[Entity]) -> list[Entity]:
    """Of one style, what touches is one."""
    result: list[Entity] = []
    for each in sorted(styles, key=lambda entity: (entity.type, entity.offset)):
        last = result[-1] if result else None
        if last is not None and last.type == each.type and each.offset <= last.end:
            result[-1] = replace(last, length=max(last.end, each.end) - last.offset)
        else:
            result.append(each)
    return result


def _cut(style: Entity, around: list[Entity]) -> list[Entity]:
    """The pieces of a style that cross nothing and lie outside of code."""
    edges = {style.offset, style.end}
    for other in around:
        if other.type in CODE or _cross(style, other):
            edges |= {edge for edge in (other.offset, other.end) if style.offset < edge < style.end}
    if len(edges) == 2:
        coded = any(other.type in CODE and _overlap(style, other) for other in around)
        return [] if coded else [style]
    pieces = [Entity(style.type, begin, end - begin) for begin, end in pairwise(sorted(edges))]
    return [each for piece in pieces for each in _cut(piece, around)]


def _overlap(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _cross(one: Entity, other: Entity) -> bool:
    inside = one.offset >= other.offset and one.end <= other.end
    around = one.offset <= other.offset and one.end >= other.end
    return _overlap(one, other) and not inside and not around


def _sorted(entities: list[Entity]) -> list[Entity]:
    def key(each: Entity) -> tuple[int, int, int, str]:
        rank = _ORDER.index(each.type) if each.type in _ORDER else len(_ORDER)
        return (each.offset, -each.length, rank, each.type)

    return sorted(entities, key=key)


_AUTOMATIC = (
    ("url", re.compile(r"(?:https?|tg|ftp)://[^\s<>\"»«]+[^\s<>\"»«.,:;!?)\]'…]")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[a-zA-Z]{2,}(?:\.[a-zA-Z]{2,})*")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z]\w{2,31}\b", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?(?![\w/])")),
    ("hashtag", re.compile(r"(?<![\w#])#(?!\d+\b)\w{1,256}")),
)


def with_found(text: str, entities: list[Entity]) -> list[Entity]:
    """Adds what the server finds by itself: links, commands, mentions, hashtags, addresses."""
    edges = offsets(text)
    result = list(entities)
    taken = [each for each in entities if each.type in CODE | {"text_link", "text_mention"}]
    for kind, pattern in _AUTOMATIC:
        for match in pattern.finditer(text):
            begin, end = edges[match.start()], edges[match.end()]
            found = Entity(kind, begin, end - begin)
            if not any(_overlap(found, other) for other in taken):
                taken.append(found)
                result.append(found)
    return result
