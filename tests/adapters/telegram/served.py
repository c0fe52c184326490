"""What Telegram makes of a piece, without a server: the simulator's own rules for texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.delivery import Piece
from adapters.telegram.pieces import COMPOSER
from adapters.telegram.spans import decode
from adapters.testing.context import FakeWording
from tests.simulators.telegram_server.entities import Entity, offsets
from tests.simulators.telegram_server.parameters import Parameters
from tests.simulators.telegram_server.texts import message_text

FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A stretch of text, and how it is set."""

    kind: str
    text: str
    detail: str = ""


def pieces_of(text: str, *, plain: bool = False) -> Sequence[Piece]:
    return COMPOSER.compose(text, FakeWording(), plain=plain)


def asked(piece: Piece) -> Parameters:
    entities = [each.to_dict() for each in decode(piece.format)]
    return Parameters({"text": piece.text, "entities": json.dumps(entities)})


def settings_of(piece: Piece) -> list[Setting]:
    """What the server keeps of a piece's format, but for what it finds by itself."""
    served = message_text(asked(piece))
    return [_setting(served.text, each) for each in served.entities if each.type not in FOUND]


def _setting(text: str, entity: Entity) -> Setting:
    units = text.encode("utf-16-le")
    shown = units[2 * entity.offset : 2 * entity.end].decode("utf-16-le")
    return Setting(entity.type, shown, "".join(str(value) for _, value in entity.detail))


def laid_over(text: str, entities: list[Entity]) -> list[frozenset[tuple[str, object]]]:
    """How each character is set."""
    at = {offset: number for number, offset in enumerate(offsets(text))}
    result: list[set[tuple[str, object]]] = [set() for _ in text]
    for each in entities:
        if each.type not in FOUND:
            for number in range(at[each.offset], at[each.end]):
                result[number].add((each.type, each.detail))
    return [frozenset(each) for each in result]
