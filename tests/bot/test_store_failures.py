"""A database that takes no commit for a while: nothing of the step is there, its sender is told once,
and once all is well the turn is carried through."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
import sqlalchemy as sa

from agentcore.testing import ScriptedModel
from bot.app import Replacements
from tests.house import FAST, PATIENCE, SECOND, House, call, calls, house, notices, replies, working

INSERT = calls(call("memory_insert", json.dumps({"label": "human", "new_string": "Likes tea."})))
CAUSES = ["database or disk is full", "disk I/O error"]


@contextmanager
def no_commits(home: House, model: ScriptedModel, cause: str, *, calls: int) -> Iterator[None]:
    """The commits of what the first calls led to fail, in the middle: some rows are written."""
    engine = home.parts.store._database._engine  # type: ignore[attr-defined]

    def refuse(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO step") and len(model.requests) <= calls:
            raise sa.exc.OperationalError(statement, None, sqlite3.OperationalError(cause))

    sa.event.listen(engine, "before_cursor_execute", refuse)
    yield
    sa.event.remove(engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize("cause", CAUSES)
async def test_a_step_that_cant_be_saved_is_made_again_and_its_sender_is_told_once(
    tmp_path: Path, cause: str
) -> None:
    soon = Replacements(limits=replace(FAST, retry_longest=0.02))
    model = ScriptedModel(INSERT, INSERT, INSERT, INSERT, "Noted.")
    async with house(tmp_path, model, replacements=soon) as home, working(home):
        with no_commits(home, model, cause, calls=3):
            receipt = await home.accept("ada", "I like tea.")
            events = await home.heard("ada", until=receipt.position)
        assert await home.block("ada") == "Likes tea."
        revisions = await (await home.door("ada")).revisions(label="human")
        history = await home.history("ada")
    assert replies(events) == ["Noted."]
    assert notices(events) == ["turn.store_waiting", "turn.noted"]
    assert [each.version for each in revisions] == [2, 1]
    assert [each.role for each in history] == ["user", "assistant", "tool", "assistant"]
    assert model.exhausted


async def test_a_model_isnt_asked_again_and_again_while_nothing_can_be_saved(
    tmp_path: Path,
) -> None:
    """Each try is paid for."""
    model = ScriptedModel(INSERT, INSERT)
    async with house(tmp_path, model) as home, working(home):
        with no_commits(home, model, CAUSES[0], calls=2):
            await home.accept("ada", "I like tea.")
            with anyio.fail_after(PATIENCE):
                while not await put_off(home, seconds=FAST.retry_longest / 2):
                    await home.parts.hints.work.rung(at_most=0.05)
    assert model.exhausted


async def put_off(home: House, *, seconds: float) -> bool:
    """Whether what waits isn't due before so long."""
    due = await home.parts.store.next_ready()
    return due is not None and due - home.parts.clock.now() > seconds * SECOND


async def test_a_bug_in_what_runs_by_the_clock_stops_nobody(tmp_path: Path) -> None:
    met = anyio.Event()

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("DELETE") and not met.is_set():
            met.set()
            raise ValueError

    async with house(tmp_path, ScriptedModel("Hello.")) as home:
        engine = home.parts.store._database._engine  # type: ignore[attr-defined]
        sa.event.listen(engine, "before_cursor_execute", fail)
        async with working(home):
            with anyio.fail_after(PATIENCE):
                await met.wait()
            receipt = await home.accept("ada", "Hi.")
            events = await home.heard("ada", until=receipt.position)
    assert replies(events) == ["Hello."]
