"""Column types. Append-only: migrations are written in terms of them.

Public ids (`agent-<uuid>`) are stored as 16 bytes (SQLite) or `uuid` (PostgreSQL); Python code
sees them with their prefix everywhere.
"""

from __future__ import annotations

import json
import re
import uuid
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from agentcore.errors import BadInput
from agentcore.records import AskedTurn, MessageMeta, Part

MICROS = sa.BigInteger()
"""Microseconds UTC."""


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_public_id(value: str, prefix: str) -> bool:
    """Whether it can be such an id at all; what people type often can't."""
    return value.startswith(f"{prefix}-") and _UUID.fullmatch(value[len(prefix) + 1 :]) is not None


class NoId(BadInput, sa.exc.DontWrapMixin):
    """What somebody named can't be an id; SQLAlchemy lets it through as it is."""


# All rows of a message carry the same id: it is taken apart once.
@lru_cache(maxsize=1_000)
def _uuid_of(value: str, prefix: str) -> str:
    if not is_public_id(value, prefix):
        msg = f"{value!r} is no id of the form {prefix}-<uuid>."
        raise NoId(msg)
    return value[len(prefix) + 1 :]


@lru_cache(maxsize=1_000)
def _bytes_of(bare: str) -> bytes:
    return bytes.fromhex(bare.replace("-", ""))


class PublicId(TypeDecorator[str]):
    """A prefixed random id."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__(16)
        self.prefix = prefix

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(sa.LargeBinary(16))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        bare = _uuid_of(value, self.prefix)
        return bare if dialect.name == "postgresql" else _bytes_of(bare)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        bare = value if dialect.name == "postgresql" else uuid.UUID(bytes=value)
        return f"{self.prefix}-{bare}"


class JsonText(TypeDecorator[Any]):
    """A plain JSON value; key order is kept, so that equal values are equal bytes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


_PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])
_META: TypeAdapter[MessageMeta] = TypeAdapter(MessageMeta)
_ASKED: TypeAdapter[AskedTurn] = TypeAdapter(AskedTurn)


class PartsText(TypeDecorator[tuple[Part, ...]]):
    """The parts of a message as JSON text, each with its `type` tag."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Part, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else _PARTS.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[Part, ...] | None:
        return None if value is None else _PARTS.validate_json(value)


class MetaText(TypeDecorator[MessageMeta]):
    """A `MessageMeta` as JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: MessageMeta | None, dialect: Dialect) -> str | None:
        return None if value is None else _META.dump_json(value, exclude_defaults=True).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> MessageMeta | None:
        return None if value is None else _META.validate_json(value)


class AskedText(TypeDecorator[AskedTurn]):
    """An `AskedTurn` as JSON text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: AskedTurn | None, dialect: Dialect) -> str | None:
        return None if value is None else _ASKED.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> AskedTurn | None:
        return None if value is None else _ASKED.validate_json(value)
