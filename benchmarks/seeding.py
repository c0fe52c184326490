"""Puts into the database of a service that is stopped what would take its users years: many agents,
and agents with a long history. Everything that a search or a turn reads is there.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import MINUTE, Micros
from agentcore.records import (
    AgentId,
    MessageMeta,
    NewMessage,
    Origin,
    Role,
    TextPart,
    new_agent_id,
    new_message_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.engine.types import PublicId
from agentcore.sqlstore.queues.buckets import bucket_of
from agentcore.sqlstore.recall.postings import append, drafted
from benchmarks.window import words

AT_ONCE = 1_000
"""Messages, or agents, in a transaction."""
_OF_AN_AGENT = (
    t.agent,
    t.block,
    t.agent_block,
    t.block_revision,
    t.thread,
    t.epoch,
    t.message,
    t.term,
    t.agent_lease,
    t.turn,
    t.step,
)
_newcomer = sa.Table(
    "newcomer",
    sa.MetaData(),
    sa.Column("agent_id", PublicId("agent"), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("bucket", sa.Integer, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class _Thread:
    agent_id: AgentId
    thread: int = 1
    turn: int | None = None


def add_agents(path: Path, source: str, count: int) -> None:
    """So many agents more, each as this one is, words and all. None of them has work to do."""
    asyncio.run(_add_agents(path, source, count))


async def _add_agents(path: Path, source: str, count: int) -> None:
    database = SqliteDatabase(path)
    try:
        for left in range(count, 0, -AT_ONCE):
            await database.write(partial(_copy, source=AgentId(source), count=min(left, AT_ONCE)))
    finally:
        await database.close()


def _copy(connection: Connection, source: AgentId, count: int) -> None:
    _newcomer.create(connection)
    ids = [new_agent_id() for _ in range(count)]
    rows = [{"agent_id": each, "name": each, "bucket": bucket_of(each)} for each in ids]
    connection.execute(sa.insert(_newcomer), rows)
    for table in _OF_AN_AGENT:
        key = table.c["owner" if "owner" in table.c else "agent_id"]
        each = sa.join(table, _newcomer, sa.true())
        copied = sa.select(*(_copied(column, source) for column in table.c)).select_from(each)
        connection.execute(
            sa.insert(table).from_select(
                [column.name for column in table.c], copied.where(key == source)
            )
        )
    _newcomer.drop(connection)


def _copied(column: sa.Column[Any], source: AgentId) -> sa.ColumnElement[Any]:
    """What a newcomer has in a column: its own ids, made from the first 12 bytes of its agent's and
    the last 4 of the source's, so that what belonged together does so still.
    """
    mine = _newcomer.c.agent_id
    if isinstance(column.type, PublicId):
        if column.type.prefix == "agent":
            return mine
        first = sa.func.substr(sa.type_coerce(mine, sa.LargeBinary), 1, 12)
        last = sa.func.substr(sa.type_coerce(column, sa.LargeBinary), 13)
        return sa.cast(first.op("||")(last), sa.LargeBinary)
    if column.name == "bucket":
        return _newcomer.c.bucket
    if column.name == "address":
        return sa.func.replace(column, source, _newcomer.c.name)
    if column.name == "sleep_at":
        return sa.null()
    return column


def add_messages(path: Path, agent: str, count: int, *, in_view: int) -> None:
    """So many messages more in an agent's first thread, the last few of which are in view."""
    asyncio.run(_add_messages(path, agent, count, in_view))


async def _add_messages(path: Path, agent: str, count: int, in_view: int) -> None:
    database = SqliteDatabase(path)
    dice = random.Random(count)  # noqa: S311 (chance, no secret)
    to = _Thread(AgentId(agent))
    try:
        for left in range(count, 0, -AT_ONCE):
            await database.write(
                partial(
                    _append, to=to, texts=[words(dice, 1, 1) for _ in range(min(left, AT_ONCE))]
                )
            )
        await database.write(partial(_show, to=to, in_view=in_view))
    finally:
        await database.close()


def _append(connection: Connection, to: _Thread, texts: Sequence[str]) -> None:
    lease = t.agent_lease
    mine = lease.c.agent_id == to.agent_id
    newest = connection.execute(sa.select(lease.c.message_seq).where(mine)).scalar_one()
    new = [_message(seq, text) for seq, text in enumerate(texts, start=newest + 1)]
    drafts = [drafted(each) for each in new]
    append(connection, to, list(enumerate(new, start=newest + 1)), drafts, [])
    connection.execute(
        sa.update(lease)
        .where(mine)
        .values(
            message_seq=newest + len(new),
            version=lease.c.version + 1,
            indexed_messages=lease.c.indexed_messages + sum(1 for each in drafts if each.size),
            indexed_words=lease.c.indexed_words + sum(each.size for each in drafts),
        )
    )


def _message(seq: int, text: str) -> NewMessage:
    role = Role.USER if seq % 2 else Role.ASSISTANT
    meta = MessageMeta("2026-01-31T12:00", "UTC", "api") if role is Role.USER else None
    at = Micros(1_700_000_000_000_000 + seq * MINUTE)
    return NewMessage(new_message_id(), role, (TextPart(text, Origin.OWNER),), at, meta=meta)


def _show(connection: Connection, to: _Thread, in_view: int) -> None:
    lease, epoch = t.agent_lease, t.epoch
    newest = sa.select(lease.c.message_seq).where(lease.c.agent_id == to.agent_id)
    connection.execute(
        sa.update(epoch)
        .where(epoch.c.agent_id == to.agent_id, epoch.c.thread == to.thread)
        .values(first_message=newest.scalar_subquery() - in_view + 1)
    )
