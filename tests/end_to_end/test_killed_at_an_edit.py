"""A service that is killed while it carries out an edit: afterwards it is there, once and whole."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

from tests.end_to_end.home import PATIENCE, Home
from tests.simulators.openai_replies import Answer, Body, Call, Reply
from tests.simulators.provider import provider

LINE = "Lives in Lisbon."
MOMENT = 0.02
"""Seconds in which an answer is read, its calls run, and their step is committed, or begun to."""


class Noting:
    """Notes one line, then says so; as soon as it has asked for that, something happens."""

    def __init__(self) -> None:
        self.then: Callable[[], None] = lambda: None
        self.calls = 0

    def __call__(self, body: Body) -> Reply:
        if body["messages"][-1]["role"] == "tool":
            return Answer("I have noted it.")
        self.calls += 1
        threading.Timer(MOMENT, self.then).start()
        arguments = json.dumps({"label": "human", "new_string": LINE})
        return Answer(calls=(Call("memory_insert", arguments),))


def test_an_edit_that_a_kill_cuts_off_is_made_exactly_once(home: Home) -> None:
    brain = Noting()
    with provider(brain) as at:
        settings = {"FAMILIAR_MODEL": "openai/gpt-4o-mini", "FAMILIAR_MODEL_BASE_URL": at.url}
        home = Home(home.folder, settings)
        with home.serving() as service:
            killed = threading.Event()

            def kill() -> None:
                service.kill()
                killed.set()

            brain.then = kill
            asking = home.start("chat", "--user", "ada", given="I live in Lisbon.\n")
            assert killed.wait(PATIENCE)
        port = service.url.rpartition(":")[2]
        brain.then = lambda: None
        with home.serving(PORT=port):
            asking.wait(PATIENCE)

    with closing(sqlite3.connect(home.database)) as database:
        (block,) = database.execute("SELECT value FROM block WHERE label = 'human'").fetchall()
        edits = database.execute("SELECT after FROM block_revision WHERE actor = 'tool'").fetchall()
        roles = [role for (role,) in database.execute("SELECT role FROM message ORDER BY seq")]
    assert block[0].count(LINE) == 1
    assert edits == [(block[0],)]
    assert roles == ["user", "assistant", "tool", "assistant"]
    assert brain.calls in {1, 2}
