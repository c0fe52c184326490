"""What adapters keep over a restart: single values, and one for each of their chats."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import Address
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert


def read_state(connection: Connection, adapter: str, key: str) -> str | None:
    state = t.adapter_state
    return connection.execute(
        sa.select(state.c.value).where(state.c.adapter == adapter, state.c.key == key)
    ).scalar()


def write_state(connection: Connection, adapter: str, key: str, value: str, now: Micros) -> None:
    content = {"value": value, "updated_at": now}
    connection.execute(
        insert(connection, t.adapter_state)
        .values(adapter=adapter, key=key, **content)
        .on_conflict_do_update(index_elements=["adapter", "key"], set_=content)
    )


def read_chats(connection: Connection, adapter: str) -> Sequence[tuple[Address, str]]:
    """What an adapter keeps of its chats, the newest first."""
    kept = t.adapter_chat
    rows = connection.execute(
        sa.select(kept.c.address, kept.c.value)
        .where(kept.c.adapter == adapter)
        .order_by(kept.c.updated_at.desc(), kept.c.address)
    )
    return [(row.address, row.value) for row in rows]


def write_chat(
    connection: Connection, adapter: str, address: Address, value: str, now: Micros
) -> None:
    content = {"value": value, "updated_at": now}
    connection.execute(
        insert(connection, t.adapter_chat)
        .values(adapter=adapter, address=address, **content)
        .on_conflict_do_update(index_elements=["adapter", "address"], set_=content)
    )
