"""The end of a service, asked for or not: what it was told is answered once, then or later."""

from __future__ import annotations

import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.end_to_end.home import PATIENCE, Home
from tests.simulators.provider import Provider, Slow, provider

QUESTION = "What is the answer?"
ANSWER = "It is 42."


@dataclass(frozen=True)
class Thinking:
    """A home whose model takes until it is let."""

    home: Home
    brain: Slow
    provider: Provider

    def prompts(self) -> int:
        return len(self.provider.server.requests)


@pytest.fixture
def thinking(home: Home) -> Iterator[Thinking]:
    brain = Slow(ANSWER)
    with provider(brain) as at:
        settings = {"FAMILIAR_MODEL": "openai/gpt-4o-mini", "FAMILIAR_MODEL_BASE_URL": at.url}
        yield Thinking(Home(home.folder, settings), brain, at)
        brain.release()


def test_a_question_outlives_a_kill_and_a_stop_and_is_answered_once(thinking: Thinking) -> None:
    home, brain = thinking.home, thinking.brain
    with home.serving() as service:
        asking = home.start("chat", "--user", "ada", given=f"{QUESTION}\n")
        assert brain.until_asked()
        service.kill()
    port = service.url.rpartition(":")[2]

    with home.serving(PORT=port) as service:
        assert brain.until_asked()
        service.signal(signal.SIGTERM)
        service.until('"stopping"')
        brain.release()
        assert service.wait() == 0
        assert service.said.count('"turn ended"') == 1
        assert '"reason": "end_turn"' in service.said

    asking.wait(PATIENCE)
    assert said_to(home) == [("user", QUESTION), ("assistant", ANSWER)]
    assert thinking.prompts() == 2


def said_to(home: Home) -> list[tuple[str, str]]:
    """Every message of the only agent, by the database's own record."""
    with closing(sqlite3.connect(home.database)) as database:
        rows = database.execute("SELECT role, parts FROM message ORDER BY seq").fetchall()
    return [(role, json.loads(parts)[-1]["text"]) for role, parts in rows]
