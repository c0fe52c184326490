"""Database addresses: the many spellings people use, read into one record per kind of database.

Knows no driver: it says which database is meant, the store knows how to reach it. No message
quotes an address, since it may hold a password.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

_SQLITE = frozenset({"sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"})
_POSTGRES = frozenset(
    {"postgres", "postgresql"}
    | {f"postgresql+{driver}" for driver in ("asyncpg", "psycopg", "psycopg2")}
)
_FORMS = "sqlite:///relative/path.db, sqlite:////absolute/path.db or postgres://user@host/name"


@dataclass(frozen=True, slots=True)
class SqliteUrl:
    """An SQLite file; a relative path counts from the working directory."""

    path: Path

    def __str__(self) -> str:
        return f"sqlite:///{self.path}"


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """A PostgreSQL database, as `postgresql+asyncpg://…`.

    `str()` and `repr()` leave out the user, the password and the parameters; `url` has them.
    """

    url: str = field(repr=False)
    shown: str

    def __str__(self) -> str:
        return self.shown


DatabaseUrl = SqliteUrl | PostgresUrl


def parse_database_url(text: str) -> DatabaseUrl:
    """The database that `text` names.

    Raises:
        ValueError: not an address of SQLite or PostgreSQL, or one that can't work; the message
            completes the sentence "FAMILIAR_DATABASE_URL …" and quotes nothing of the address.
    """
    scheme, separator, _ = text.partition("://")
    if not separator:
        raise ValueError(f"is not a database address; write {_FORMS}")
    if scheme.lower() in _SQLITE:
        return _sqlite(text)
    if scheme.lower() in _POSTGRES:
        return _postgres(text)
    raise ValueError(f"names a database that Familiar doesn't know; write {_FORMS}")


def _sqlite(text: str) -> SqliteUrl:
    rest = text.partition("://")[2]
    if "?" in rest:
        raise ValueError("has parameters (after '?'), which an SQLite address can't have here")
    if rest and not rest.startswith("/"):
        raise ValueError("needs a third slash: sqlite:///relative.db or sqlite:////absolute.db")
    name = rest[1:]
    if name in {"", ":memory:"}:
        raise ValueError(
            "names no file, and a database in memory would forget everything; "
            "write sqlite:///path/to/familiar.db"
        )
    if name.endswith("/"):
        raise ValueError("names a folder; add the file's name, such as familiar.db")
    return SqliteUrl(Path(name))


def _postgres(text: str) -> PostgresUrl:
    if "#" in text:  # urlsplit would take the rest for a fragment
        raise ValueError("has a '#'; in a password write %23 for it")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        # urlsplit's own message would quote the address, and with it the password.
        raise ValueError("has a host or port that can't be read") from None
    name = parts.path.removeprefix("/")
    if not name or "/" in name:
        raise ValueError("must end in the database's name: postgres://user@host/name")
    query = _postgres_parameters(parts.query)
    host = parts.hostname or "local socket"
    shown = f"postgresql://{host}{f':{port}' if port else ''}/{name}"
    url = f"postgresql+asyncpg://{parts.netloc}/{name}{f'?{query}' if query else ''}"
    return PostgresUrl(url=url, shown=shown)


def _postgres_parameters(query: str) -> str:
    """The query string in the driver's words: it says `ssl` where libpq says `sslmode`."""
    renamed: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in {"ssl", "sslmode"}:
            raise ValueError(f"has the parameter {name[:40]!r}; only sslmode is understood")
        renamed.append(("ssl", value))
    return urlencode(renamed)
