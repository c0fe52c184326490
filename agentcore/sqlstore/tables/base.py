"""The one MetaData, and the columns that many tables share."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import MICROS, PublicId

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def agent_key(*, name: str = "agent_id") -> sa.Column[Any]:
    """The agent that owns the row: always the first column of its key."""
    return sa.Column(name, PublicId("agent"), primary_key=True)


def agent_ref() -> sa.Column[Any]:
    """An agent mentioned by a row that doesn't belong to it alone."""
    return sa.Column("agent_id", PublicId("agent"), nullable=True)


def user_ref(*, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column("user_id", PublicId("user"), nullable=nullable)


def identity_ref(name: str = "identity_id") -> sa.Column[Any]:
    return sa.Column(name, PublicId("identity"), nullable=True)


def moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MICROS, nullable=nullable)


def number(name: str, *, default: int | None = None, nullable: bool = False) -> sa.Column[Any]:
    server_default = None if default is None else sa.text(str(default))
    return sa.Column(name, sa.BigInteger, nullable=nullable, server_default=server_default)


def counter_key(name: str) -> sa.Column[Any]:
    """A per-agent or per-address number as part of the key."""
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)


def words(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=nullable)


def flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())
