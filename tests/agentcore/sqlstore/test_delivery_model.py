"""Random sequences of what happens to messages, against a small model of what must come of it.

Invariants after every step: `pending` counts what isn't finished; nothing is lost, handled twice
or out of order; the lease columns agree with who holds what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from agentcore.errors import Fenced
from agentcore.records import Address, AgentId, Claim, StepCommit, StopReason, TurnEnd
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.sqlite import SqliteDatabase
from agentcore.sqlstore.stores import SqlStore
from agentcore.testing import FakeClock
from tests.agentcore.sqlstore.conftest import Opened
from tests.contracts.store_world import LEASE, World

T = TypeVar("T")
PEOPLE = st.sampled_from(["ada", "bob"])
PLACES = st.sampled_from(["home", "web"])


@dataclass
class Queue:
    """What the model knows of one agent: texts in the order of acceptance."""

    waiting: list[str] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)
    parked: dict[int, str] = field(default_factory=dict)
    accepted: int = 0


class Delivery(RuleBasedStateMachine):
    """Two people, two places each, two workers."""

    runner: asyncio.Runner
    database: Database

    @initialize()
    def begin(self) -> None:
        self.run(self.database.write(_wiped))
        clock = FakeClock()
        self.world = World(SqlStore(self.database, clock), self.database, clock)
        self.queues: dict[AgentId, Queue] = {}
        self.held: dict[AgentId, Claim] = {}
        self.stale: list[Claim] = []
        self.texts = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule(who=PEOPLE, place=PLACES, otid=st.booleans())
    def accept(self, who: str, place: str, *, otid: bool) -> None:
        self.texts += 1
        text = f"{self.texts}"
        address = Address(f"{place}:{who}")
        outcome = self.run(
            self.world.say(text, who=who, address=address, otid=text if otid else None)
        )
        queue = self.queues.setdefault(outcome.agent_id, Queue())
        queue.waiting.append(text)
        queue.accepted += 1
        assert outcome.position == queue.accepted
        assert outcome.pending == len(queue.waiting)

    @rule(holder=st.sampled_from(["one", "two"]), limit=st.integers(1, 3))
    def claim(self, holder: str, limit: int) -> None:
        for claim in self.run(self.world.claim(holder, limit=limit)):
            assert claim.agent_id not in self.held
            said = [item.text for item in claim.items]
            waiting = self.queues[claim.agent_id].waiting
            assert said
            assert said == waiting[: len(said)], "out of order"
            assert len({item.address for item in claim.items}) == 1
            self.held[claim.agent_id] = claim

    @rule(data=st.data(), parked=st.booleans())
    def finish(self, data: st.DataObject, *, parked: bool) -> None:
        if (claim := self.picked(data)) is None:
            return
        end = TurnEnd(StopReason.ERROR if parked else StopReason.END_TURN, parked=parked)
        self.run(self.world.commit(claim, StepCommit(end=end)))
        queue = self.queues[claim.agent_id]
        for item in claim.items:
            assert queue.waiting.pop(0) == item.text
            if parked:
                queue.parked[item.seq] = item.text
            else:
                queue.handled.append(item.text)
        self.lost(claim)

    @rule(data=st.data(), counts=st.booleans())
    def hand_back(self, data: st.DataObject, *, counts: bool) -> None:
        if (claim := self.picked(data)) is not None:
            assert self.run(self.world.hand_back(claim, counts=counts))
            self.lost(claim)

    @rule()
    def die(self) -> None:
        """All workers are killed; their leases run out."""
        self.world.clock.advance(LEASE + 1)
        for claim in list(self.held.values()):
            self.lost(claim)

    @rule(data=st.data())
    def come_back_too_late(self, data: st.DataObject) -> None:
        """A worker that was frozen goes on as if nothing had happened."""
        gone = [each for each in self.stale if self.held.get(each.agent_id) is not None]
        if not gone:
            return
        claim = data.draw(st.sampled_from(gone))
        with pytest.raises(Fenced):
            self.run(self.world.commit(claim, StepCommit(end=TurnEnd(StopReason.END_TURN))))
        assert not self.run(self.world.hand_back(claim))

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        agents = [agent for agent, queue in self.queues.items() if queue.parked]
        # In the model a retried row goes to its old place; while a turn runs that is beside it.
        agents = [agent for agent in agents if not self.has_open_turn(agent)]
        if not agents:
            return
        agent = data.draw(st.sampled_from(agents))
        queue = self.queues[agent]
        seq = data.draw(st.sampled_from(sorted(queue.parked)))
        assert self.run(self.world.store.retry_parked(agent, seq))
        queue.waiting = sorted([*queue.waiting, queue.parked.pop(seq)], key=int)

    @rule()
    def drain(self) -> None:
        """In the end everything is answered."""
        for claim in list(self.held.values()):
            self.run(self.world.hand_back(claim))
            self.lost(claim)
        while claims := self.run(self.world.claim("one")):
            for claim in claims:
                self.run(self.world.commit(claim, StepCommit(end=TurnEnd(StopReason.END_TURN))))
                queue = self.queues[claim.agent_id]
                for item in claim.items:
                    assert queue.waiting.pop(0) == item.text
                    queue.handled.append(item.text)
        assert not any(queue.waiting for queue in self.queues.values())
        assert self.run(self.world.store.next_ready()) is None

    def picked(self, data: st.DataObject) -> Claim | None:
        return data.draw(st.sampled_from(list(self.held.values()))) if self.held else None

    def lost(self, claim: Claim) -> None:
        self.held.pop(claim.agent_id, None)
        self.stale.append(claim)

    def has_open_turn(self, agent: AgentId) -> bool:
        query = sa.select(t.agent_lease.c.open_turn).where(t.agent_lease.c.agent_id == agent)
        (row,) = self.run(self.world.rows(query))
        return row["open_turn"] is not None

    @invariant()
    def the_counters_agree(self) -> None:
        for row in self.run(self.world.table(t.agent_lease)):
            queue = self.queues[row["agent_id"]]
            assert row["pending"] == len(queue.waiting)
            assert row["pending_bytes"] == sum(len(text) for text in queue.waiting)
            assert row["inbox_seq"] == queue.accepted
            held = row["holder"] is not None and row["lease_until"] >= self.world.now
            assert held == (row["agent_id"] in self.held)
            assert (row["ready_at"] is not None) == bool(queue.waiting)

    @invariant()
    def nothing_is_handled_twice(self) -> None:
        for queue in self.queues.values():
            seen = [*queue.handled, *queue.waiting, *queue.parked.values()]
            assert len(seen) == len(set(seen)) == queue.accepted


def _wiped(connection: sa.Connection) -> None:
    for table in reversed(t.metadata.sorted_tables):
        connection.execute(sa.delete(table))


def test_no_message_is_lost_doubled_or_out_of_order(opened: Opened) -> None:
    class Machine(Delivery):
        pass

    with asyncio.Runner() as runner:
        Machine.runner, Machine.database = runner, opened()
        cheap = isinstance(Machine.database, SqliteDatabase)
        try:
            run_machine(
                Machine,
                settings=settings(
                    max_examples=20 if cheap else 8,
                    stateful_step_count=40,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(Machine.database.close())
