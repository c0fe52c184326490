"""Makes what was said and kept findable by its meaning: in the background, never in a turn's path.

What was said just now comes first; and, page by page, all agents are gone through at a start and
every hour: after another embedding model was set, after an outage, after a mark was taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import structlog

from agentcore.clock import DAY, HOUR, SECOND, Clock, Micros
from agentcore.errors import (
    BudgetSpent,
    ContextOverflow,
    FamiliarError,
    MalformedAnswer,
    ModelRefused,
    ModelUnavailable,
    stack_of,
)
from agentcore.memory import vectors
from agentcore.model import Embedder, Vector
from agentcore.records import AgentId, ConsentTerms
from agentcore.store.vectors import NewVector, Unembedded, VectorIndex
from bot.waking.hints import Spoken

_log = structlog.get_logger(__name__)

BATCH = 64
"""Texts of one call."""
AGENTS = 20
"""Agents that are looked at in one go."""
WITHIN = 60.0
"""Seconds that a call may take."""
BREATH = 0.05
"""Seconds between two calls: whoever talks meanwhile isn't kept waiting."""
LOOK_AGAIN = 30.0
SWEEP_EVERY = Micros(HOUR)
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 600.0
"""Seconds after a failure; doubled with every one in a row."""
SHORTEST = 200
"""Characters: a text that is still too long for the model is given up."""
_PROBE = "Hello"


class Embedding:
    """One per service that has an embedding model."""

    def __init__(
        self,
        index: VectorIndex,
        embedder: Embedder,
        spoken: Spoken,
        clock: Clock,
        terms: ConsentTerms | None,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._spoken = spoken
        self._clock = clock
        self._terms = terms
        self._after: AgentId | None = None
        self._sweep_at = Micros(0)
        self._pause = FIRST_PAUSE
        self._given_up: set[Unembedded] = set()
        spoken.followed = True

    async def run(self) -> None:
        """Until cancelled."""
        await anyio.to_thread.run_sync(vectors.warm_up)
        while True:
            if (wait := await self.go_on()) is None:
                await self._spoken.bell.wait(at_most=LOOK_AGAIN)
            else:
                await anyio.sleep(wait)

    async def go_on(self) -> float | None:
        """Embed a batch. Returns the seconds until the next one may begin; None: there is nothing
        to do until something is said, or for a while.
        """
        try:
            busy = await self._piece()
        except BudgetSpent:
            now = self._clock.now()
            wait = (DAY - now % DAY) / SECOND
            _log.info("embedding waits for tomorrow's budget", seconds=round(wait))
            return wait
        except FamiliarError as error:
            return self._after_trouble(error)
        except Exception as error:  # noqa: BLE001 (it must not end with the first bug of a library)
            _log.error("embedding failed", stack=stack_of(error))
            return self._after_trouble(error)
        self._pause = FIRST_PAUSE
        return BREATH if busy else None

    def _after_trouble(self, error: Exception) -> float:
        wish = error.retry_after or 0.0 if isinstance(error, ModelUnavailable) else 0.0
        wait = max(self._pause, wish)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        _log.warning("embedding pauses", reason=type(error).__name__, seconds=round(wait))
        return wait

    async def _piece(self) -> bool:
        """One batch, of agents that have just spoken or else of the next page of all. False:
        nothing is left to do.
        """
        if heard := self._spoken.take(AGENTS):
            try:
                more = await self._embed_some(heard)
            except BaseException:
                self._note(heard)
                raise
            if more:
                self._note(heard)
            return True
        if self._clock.now() < self._sweep_at:
            return False
        page = await self._index.agents(after=self._after, limit=AGENTS)
        if not page:
            self._after, self._sweep_at = None, Micros(self._clock.now() + SWEEP_EVERY)
            return False
        if not await self._embed_some(page):
            self._after = page[-1]
        return True

    def _note(self, agents: Sequence[AgentId]) -> None:
        for agent_id in agents:
            self._spoken.note(agent_id)

    async def _embed_some(self, agents: Sequence[AgentId]) -> bool:
        """A batch of what these agents' texts lack. Whether there may be more."""
        most = BATCH + len(self._given_up)
        found = await self._index.unembedded(agents, self._embedder.name, self._terms, limit=most)
        batch = [each for each in found if each not in self._given_up][:BATCH]
        if not batch:
            return False
        made = await self._vectors(batch)
        await self._index.keep(self._embedder.name, made)
        _log.debug("embedded", texts=len(made), model=self._embedder.name)
        return True

    async def _vectors(self, batch: Sequence[Unembedded]) -> list[NewVector]:
        """Of as many of these as the model takes."""
        try:
            found = await self._asked([each.text for each in batch])
        except (ContextOverflow, ModelRefused, MalformedAnswer):
            await self._asked([_PROBE])  # it refuses everything: no text is to blame
            alone = [await self._alone(each) for each in batch]
            return [each for each in alone if each is not None]
        return [NewVector(of, vector) for of, vector in zip(batch, found, strict=True)]

    async def _alone(self, of: Unembedded) -> NewVector | None:
        """One text, shortened until the model takes it; None if it never does."""
        text = of.text
        while True:
            try:
                (vector,) = await self._asked([text])
            except ContextOverflow:
                if len(text) <= SHORTEST:
                    break
                text = text[: len(text) // 2].strip() or text[:SHORTEST]
            except (ModelRefused, MalformedAnswer):
                break
            else:
                return NewVector(of, vector)
        self._given_up.add(of)
        _log.warning("a text can't be embedded", agent=of.agent_id, kind=of.kind, seq=of.seq)
        return None

    async def _asked(self, texts: Sequence[str]) -> Sequence[Vector]:
        return (await self._embedder.embed(texts, within=WITHIN)).vectors
