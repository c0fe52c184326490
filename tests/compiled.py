"""Statements as SQLAlchemy has compiled them, for all the databases that tests open.

An engine keeps what it has compiled to itself, and nearly every test has an engine: compiling was
a quarter of the time of all tests with a database.
"""

from __future__ import annotations

from collections import UserDict
from typing import Any

from sqlalchemy import Connection, Engine, event

Key = tuple[Any, ...]


class Compiled(UserDict[Key, Any]):
    """By statement and kind of database. The keys begin with the engine's own dialect."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and _of_kind(key) in self.data

    def __getitem__(self, key: Key) -> Any:
        return self.data[_of_kind(key)]

    def __setitem__(self, key: Key, compiled: Any) -> None:
        self.data[_of_kind(key)] = compiled


def _of_kind(key: Key) -> Key:
    return (type(key[0]), *key[1:])


def share() -> None:
    """Let all engines of this process use one cache."""
    compiled = Compiled()

    def begun(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    event.listen(Engine, "engine_connect", begun)
