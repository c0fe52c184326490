"""Chats of several in which everything is let in, whoever it is said to."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert


def listen(connection: Connection, home: Address, *, on: bool, now: Micros) -> None:
    """From now on, or no more. The row is the chat's, and goes with nobody who wrote there."""
    values = {"listening": on, "agent_id": None}
    connection.execute(
        insert(connection, t.chat)
        .values(address=home, state="reachable", reason="", changed_at=now, **values)
        .on_conflict_do_update(index_elements=["address"], set_=values)
    )


def listens(connection: Connection, home: Address) -> bool:
    """See `Chats.listens`."""
    return bool(connection.execute(_listening(), {"home": home}).scalar())


@cache
def _listening() -> sa.Select[Any]:
    return sa.select(t.chat.c.listening).where(t.chat.c.address == sa.bindparam("home"))
