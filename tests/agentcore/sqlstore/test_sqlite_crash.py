"""kill -9 in the middle of writing: whatever was reported as written is there, and whole."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.stores import SqlStore
from agentcore.testing import FakeClock
from tests.contracts.store_world import World

ROOT = Path(__file__).parents[3]
AFTER = 40
"""Answers that are reported before the process is killed."""

WRITER = """
import asyncio, sys
from pathlib import Path
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.stores import SqlStore
from agentcore.testing import FakeClock
from tests.contracts.store_world import World

async def main() -> None:
    database, clock = SqliteDatabase(Path(sys.argv[1])), FakeClock()
    world = World(SqlStore(database, clock), database, clock)
    async def person(who: str) -> None:
        number = 0
        while True:
            number += 1
            outcome = await world.say(f"{who} {number}", who=who, update_id=f"{who}-{number}")
            print("said", who, outcome.position, flush=True)
    async def worker() -> None:
        while True:
            for claim in await world.claim():
                await world.answer(claim, "noted")
                print("answered", claim.address, claim.items[-1].seq, flush=True)
    async with asyncio.TaskGroup() as tasks:
        for who in ("ada", "bob", "eve"):
            tasks.create_task(person(who))
        tasks.create_task(worker())

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, AFTER])
async def test_after_a_kill_everything_that_was_reported_is_there(
    sqlite_place: Path, after: int
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, str(sqlite_place)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    lines: list[list[str]] = []
    while sum(line[0] == "answered" for line in lines) < after:
        lines.append((await process.stdout.readline()).decode().split())
    process.kill()
    rest, _ = await process.communicate()
    lines += [line.decode().split() for line in rest.splitlines()]

    with closing(sqlite3.connect(sqlite_place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    await _holds(sqlite_place, [line for line in lines if len(line) == 3])


async def _holds(path: Path, lines: list[list[str]]) -> None:
    database, clock = SqliteDatabase(path), FakeClock()
    world = World(SqlStore(database, clock), database, clock)
    said = {tuple(line[1:]) for line in lines if line[0] == "said"}
    inbox = {
        (row["update_id"].split("-")[0], str(row["seq"])) for row in await world.table(t.inbox)
    }
    assert said <= inbox
    for line in lines:
        if line[0] == "answered":
            feed = await world.store.feed(line[1])  # type: ignore[arg-type]
            assert feed.answered >= int(line[2])
    await _adds_up(world)
    await database.close()


async def _adds_up(world: World) -> None:
    """The counters agree with the rows, and each answered turn has all of its parts."""
    for lease in await world.table(t.agent_lease):
        mine = t.inbox.c.agent_id == lease["agent_id"]
        open_rows = await world.rows(sa.select(t.inbox).where(mine))
        turns = {
            row["number"]: row["state"]
            for row in await world.table(t.turn)
            if row["agent_id"] == lease["agent_id"]
        }
        unfinished = [row for row in open_rows if turns.get(row["turn"], "running") == "running"]
        assert lease["pending"] == len(unfinished)
        messages = await world.door(lease["agent_id"]).history(limit=100_000)
        assert len(messages) == lease["message_seq"]
        answered = sum(state == "done" for state in turns.values())
        assert sum(message.role == "assistant" for message in messages) == answered
    done = sum(row["state"] == "done" for row in await world.table(t.turn))
    assert len(await world.table(t.outbox)) == done
