"""Requests that fit the window: when there is no room left, the oldest turns go, summed up.

Invariant: no request is expected to have more tokens than the window, whatever comes in. What
leaves the window leaves it even if no summary of it can be made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from agentcore.clock import SECOND, Clock, Micros
from agentcore.loop.asking import Asked
from agentcore.loop.control import TurnControl
from agentcore.loop.conversation import Conversation, Room, Told
from agentcore.loop.counting import count_of, expected
from agentcore.loop.summarising import SECONDS, Summarised, is_free, summarise
from agentcore.loop.window import (
    CACHE_LIFE,
    COLD_WATER,
    DEFAULT_WINDOW,
    HIGH_WATER,
    SUMMARY_TOKENS,
    estimate,
)
from agentcore.memory.summary import kept_summary
from agentcore.model import Model, ModelRequest, Prompt, ToolSchema
from agentcore.records import EpochReason, NewMessage, StepRecord, StopReason, TokenCount
from agentcore.store import AgentStore

MODEL_SECONDS = 120.0
_LEAST_SECONDS = 0.05

Record = Callable[[Asked, Micros], StepRecord]


@dataclass(slots=True)
class Fitting:
    """Makes the requests of one turn. `counted` is what a provider counted of the last one;
    `paid` are the calls for summaries that no commit has had yet; `deadline` is the turn's.
    """

    view: Conversation
    store: AgentStore
    models: Sequence[Model]
    tools: Sequence[ToolSchema]
    clock: Clock
    control: TurnControl
    deadline: Micros
    record: Record
    own_window: int | None
    counted: TokenCount | None = None
    paid: list[StepRecord] = field(default_factory=list)
    _prompts: tuple[Prompt, ...] = ()
    _foreseen: int = 0
    _tried: bool = False
    _shrunk: bool = False

    @property
    def window(self) -> int:
        """Tokens that a request may have: as few as the agent, the service and the model say."""
        own = self.view.agent.context_window or self.own_window
        return min(own or DEFAULT_WINDOW, self.models[0].capabilities.window)

    async def request(self, fresh: Sequence[NewMessage]) -> ModelRequest | StopReason:
        """The next call's request, after room was made; or why there is none.

        Raises:
            BudgetSpent: there is no money for the summary, so there is none for an answer.
        """
        self._tried = False
        window, budget = self.window, int(self.window * HIGH_WATER)
        await self._use_the_pause(fresh, budget)
        while self._expected(fresh, budget) > budget:
            if not await self._make_room(fresh, budget):
                if self._expected(fresh, budget) > window:
                    return StopReason.CONTEXT_OVERFLOW
                break
            if self.control.cancelled:
                return StopReason.CANCELLED
        return ModelRequest(
            prompt=self._prompts,
            tools=self.tools,
            timeout=min(MODEL_SECONDS, self.view.agent.limits.seconds),
        )

    async def _use_the_pause(self, fresh: Sequence[NewMessage], budget: int) -> None:
        """Make room early where the provider's cache has expired anyway, and prompts cost money.
        Nothing leaves without a summary: nothing has to.
        """
        before = self.view.messages[-1:]
        quiet = fresh and before and self.clock.now() - before[0].created_at > CACHE_LIFE
        if not quiet or is_free(self.models[:1]):
            return
        if not int(self.window * COLD_WATER) < self._expected(fresh, budget) <= budget:
            return
        room = await self.view.room(self.store, fresh, budget, self._longest_summary)
        if room is not None and (told := await self._told(room)) is not None:
            self.view.leave_out(room, told, self.clock.now(), EpochReason.CACHE_EXPIRED)

    async def shrink(self, fresh: Sequence[NewMessage], request: ModelRequest) -> bool:
        """Make the prompt shorter than one that was too long for the provider, who counts
        otherwise than we do. False: it can't be, or was once before.
        """
        if self._shrunk:
            return False
        self._shrunk = True
        self._tried = False
        room = self.window // 3
        while await self._make_room(fresh, room):
            if self.control.cancelled or estimate(self.view.prompt(fresh, room)) < estimate(
                request.prompt
            ):
                return True
        return False

    def note(self, request: ModelRequest, asked: Asked) -> None:
        """The provider has counted a request."""
        if asked.counted is not None:
            counted = count_of(request, asked.model, asked.counted, foreseen=self._foreseen)
            self.counted = counted or self.counted

    def _expected(self, fresh: Sequence[NewMessage], budget: int) -> int:
        """Tokens of the request as it would be now; its prompts are kept."""
        self._prompts = self.view.prompt(fresh, budget)
        self._foreseen = expected(
            self._prompts, self.tools, model=self.models[0].name, last=self.counted
        )
        return self._foreseen

    async def _make_room(self, fresh: Sequence[NewMessage], budget: int) -> bool:
        """Leave the oldest turns out; if there is but the newest, cut its messages shorter.
        False: neither is possible any more.
        """
        room = await self.view.room(self.store, fresh, budget, self._longest_summary)
        if room is None:
            return self.view.cut_shorter(budget)
        told = await self._told(room)
        if self.control.cancelled:  # nothing was decided yet
            return True
        self.view.leave_out(room, told, self.clock.now())
        return True

    @property
    def _longest_summary(self) -> int:
        return min(SUMMARY_TOKENS, self.window // 10)

    async def _told(self, room: Room) -> Told | None:
        """The summary, with what leaves the window; once for each request."""
        now = self.clock.now()
        seconds = min(SECONDS, (self.deadline - now) / SECOND / 3)
        if self._tried or not room.messages or seconds < _LEAST_SECONDS:
            return None
        self._tried = True
        made = await self.control.interruptible(
            partial(
                summarise,
                self.models,
                kept_summary(self.view.epoch.summary).text,
                room.messages,
                room=int(self.window * HIGH_WATER),
                most=self._longest_summary,
                seconds=seconds,
            )
        )
        if made is None:
            return None
        self.paid.append(self.record(_as_step(made), now))
        return made.told


def _as_step(made: Summarised) -> Asked:
    return replace(made.asked, outcome="failed" if made.told is None else "summarised")
