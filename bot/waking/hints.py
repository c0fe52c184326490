"""Who wakes whom inside one process. Only hints: every waiter also looks by itself now and then,
so a lost hint costs time and nothing else. Previews pass through here and are kept nowhere.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from agentcore.clock import Micros
from agentcore.model import TextDelta
from agentcore.records import Address, AgentId, TurnId
from bot.waking.agenda import Agenda, Bell

MAX_PREVIEWS = 1_000
"""Pieces kept for a reader that is slow; the oldest go first."""

Place = Address | TurnId | AgentId
"""What is watched: all that is said at an address, one turn, or all that happens to an agent."""


class Watcher:
    """One reader of one address or turn: woken by changes, and handed pieces of answers. `changed`:
    something was committed, which the reader takes note of by setting it back.
    """

    def __init__(self, *, previews: bool = True) -> None:
        self.bell = Bell()
        self.changed = False
        self.wants_previews = previews
        self.previews: deque[TextDelta] = deque(maxlen=MAX_PREVIEWS)


class Spoken:
    """Agents that something was said with, for one who wants to know."""

    def __init__(self) -> None:
        self.bell = Bell()
        self.followed = False
        self._agents: set[AgentId] = set()

    def note(self, agent_id: AgentId) -> None:
        """Something was said."""
        if self.followed:
            self._agents.add(agent_id)
            self.bell.ring()

    def take(self, most: int) -> Sequence[AgentId]:
        """Up to so many of them, which are noted no more until something is said again."""
        taken = list(islice(self._agents, most))
        self._agents.difference_update(taken)
        return taken


class Hints:
    """The agendas and bells of one process."""

    def __init__(self) -> None:
        self.work: Agenda[AgentId] = Agenda()
        self.outbox: Agenda[Address] = Agenda()
        self.stop_asked = Bell()
        self.wipe_asked = Bell()
        self.wipe_waits = True
        """Whether a conversation may be over that waits for a turn in it to end."""
        self.sleep_asked = Bell()
        self.spoken = Spoken()
        self.news = Bell()
        """Something may have happened that somebody outside is told."""
        self.hooks = Bell()
        """There is somebody to tell who wasn't there before."""
        self._asleep: defaultdict[AgentId, list[Callable[[], None]]] = defaultdict(list)
        self._watchers: defaultdict[Place, set[Watcher]] = defaultdict(set)

    @contextmanager
    def asleep(self, agent_id: AgentId, wake: Callable[[], None]) -> Iterator[None]:
        """While something goes on in the background that work for the agent calls off."""
        self._asleep[agent_id].append(wake)
        try:
            yield
        finally:
            self._asleep[agent_id].remove(wake)
            if not self._asleep[agent_id]:
                del self._asleep[agent_id]

    def awake(self, agent_id: AgentId) -> None:
        """Whatever goes on for the agent in the background is called off."""
        for wake in self._asleep.get(agent_id, ()):
            wake()

    def work_for(self, agent_id: AgentId, due: Micros) -> None:
        """The agent has something to answer, from then on."""
        self.awake(agent_id)
        self.work.note(agent_id, due)

    def told_at(self, address: Address, now: Micros) -> None:
        """Something is there for an address: for readers of it, and to be sent."""
        self.changed(address)
        self.outbox.note(address, now)

    def changed(self, place: Place) -> None:
        """Something was committed for this address, turn or agent."""
        self.news.ring()
        for watcher in self._watchers.get(place, ()):
            watcher.changed = True
            watcher.bell.ring()

    def preview(self, place: Place, piece: TextDelta) -> None:
        """A piece of an answer in the making."""
        for watcher in self._watchers.get(place, ()):
            if watcher.wants_previews:
                watcher.previews.append(piece)
                watcher.bell.ring()

    def watch(self, place: Place, *, previews: bool = True) -> Watcher:
        """From here on until `unwatch`, nothing that is committed there goes unnoticed."""
        watcher = Watcher(previews=previews)
        self._watchers[place].add(watcher)
        return watcher

    def unwatch(self, place: Place, watcher: Watcher) -> None:
        self._watchers[place].discard(watcher)
        if not self._watchers[place]:
            del self._watchers[place]
