"""One turn: `run` repeats `step`; a step is one model call, then its tools.

Invariants. Limits are checked before each call. Each step is one fenced commit (two if it
reaches outside). What isn't committed was never said: a turn that is cut off anywhere goes on
from its last commit. Every turn ends with something that its sender sees.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import assert_never
from zoneinfo import ZoneInfo

from agentcore.clock import Micros, seconds
from agentcore.errors import (
    BudgetSpent,
    ContextOverflow,
    ModelUnavailable,
    SummaryOutdated,
)
from agentcore.loop import gated, retrying
from agentcore.loop.acting import Acting, Answer, distinct, unanswered_calls
from agentcore.loop.asking import Asked, ask, ask_again, end_without, unreachable
from agentcore.loop.cards import Edited, card_of, edited_in
from agentcore.loop.conversation import Conversation
from agentcore.loop.fitting import Fitting
from agentcore.loop.honesty import unkept, warning
from agentcore.loop.incoming import user_messages, zone_of
from agentcore.loop.origins import least_trusted
from agentcore.loop.records import step_of
from agentcore.loop.replies import held_card, reply_of
from agentcore.loop.workshop import TurnEdge, Workshop, ladder_of
from agentcore.model import ModelAnswer, ModelRequest
from agentcore.records import (
    Audience,
    Claim,
    Message,
    NewMessage,
    Origin,
    Part,
    ReasoningPart,
    Role,
    StepCommit,
    StepRecord,
    StopReason,
    TextPart,
    ToolCall,
    ToolCallPart,
    TurnEnd,
    TurnOptions,
    new_message_id,
    storable,
)
from agentcore.records.agents import TurnHead
from agentcore.store import AgentStore


class TurnRun:
    """The run of one claim. Use `start`, then `run` once."""

    def __init__(
        self,
        shop: Workshop,
        store: AgentStore,
        claim: Claim,
        view: Conversation,
        head: TurnHead,
        edge: TurnEdge,
    ) -> None:
        self._shop = shop
        self._store = store
        self._claim = claim
        self._edge = edge
        self._view = view
        self._language = claim.first.language
        zone = zone_of(claim.first, head.agent, shop.zone)
        self._asked = asked = claim.asked
        self._need_a_yes = gated.needing_a_yes(head.agent, shop.toolbox)
        own = () if head.thread.ephemeral else head.agent.tools  # all of them keep something
        tools = gated.offered(asked, own, self._need_a_yes)
        deadline = Micros(claim.claimed_at + seconds(head.agent.limits.seconds))
        self._acting = Acting(
            toolbox=shop.toolbox,
            tools=tools,
            store=store,
            claim=claim,
            clock=shop.clock,
            zone=zone,
            deadline=deadline,
            commit=self._commit,
            told=lambda: view.told,
            head=head,
        )
        self._fitting = Fitting(
            view=view,
            store=store,
            models=ladder_of(shop.models, self._options.model or head.agent.model),
            tools=(*shop.toolbox.schemas(tools), *gated.brought_by(asked)),
            clock=shop.clock,
            control=edge.control,
            deadline=deadline,
            record=self._record,
            own_window=shop.window,
            counted=claim.counted,
        )
        self._steps, self._tokens = claim.steps, 0
        self._warned = False  # that it claimed a save
        self._edited: list[Edited] = []
        # What came in goes into the first commit, so that a turn without one can be split.
        self._fresh = () if claim.steps else self._incoming(zone, head.thread.audience)

    def _incoming(self, zone: ZoneInfo, audience: Audience) -> tuple[NewMessage, ...]:
        """What the turn starts with; a retry answers what is there already."""
        if self._claim.retries:
            return retrying.reminder(self._view.messages, self._shop.clock.now())
        return (*self._view.news, *user_messages(self._claim, zone, audience))

    @property
    def _options(self) -> TurnOptions:
        return TurnOptions() if self._asked is None else self._asked.options

    @classmethod
    async def start(
        cls, shop: Workshop, store: AgentStore, claim: Claim, edge: TurnEdge
    ) -> TurnRun:
        head = await store.head(claim)
        if shop.shelf is not None:
            own = await shop.shelf.equipped(shop.toolbox, head.agent, claim.version)
            shop = replace(shop, toolbox=own)
        view = await Conversation.load(store, claim, head, shop.clock)
        if claim.asked is not None and claim.asked.options.system is not None:
            view.instruct(claim.asked.options.system)
        return cls(shop, store, claim, view, head, edge)

    async def run(self) -> TurnEnd:
        """Carry the turn to its end.

        Raises:
            Fenced: another worker has it; nothing more was written.
            ModelUnavailable: no model can be reached; hand the turn back. Not where a client of
                the API waits for it: it is told.
        """
        end = await self._begin()
        while end is None:
            end = await self.step()
        return end

    async def step(self) -> TurnEnd | None:
        """One model call and its tools, committed. None: go on."""
        started = self._shop.clock.now()
        asked = self._limit_reached() or await self._ask()
        match asked:
            case None:  # room was made: ask again
                return None
            case StopReason():
                return await self._finish(asked)
            case Asked():
                return await self._take(asked, self._record(asked, started))
            case _:
                assert_never(asked)

    async def _ask(self) -> Asked | StopReason | None:
        """The next answer, or why there is none. None: the prompt was shortened instead."""
        try:
            request = await self._fitting.request(self._fresh)
            return request if isinstance(request, StopReason) else await self._put(request)
        except BudgetSpent:
            return StopReason.INSUFFICIENT_CREDITS
        except ModelUnavailable as error:
            if self._asked is not None:
                return unreachable(self._fitting.models, error)
            if self._view.summarised:  # it is paid for, and needn't be made again
                await self._commit(StepCommit())
            raise

    async def _put(self, request: ModelRequest) -> Asked | StopReason | None:
        try:
            asked = await self._edge.control.interruptible(partial(self._answered, request))
        except ContextOverflow:
            # The provider counts otherwise than we do: leave out more, once, or give up.
            shorter = await self._fitting.shrink(self._fresh, request)
            return None if shorter else StopReason.CONTEXT_OVERFLOW
        if asked is None:
            return StopReason.CANCELLED
        self._fitting.note(request, asked)
        return asked

    async def _answered(self, request: ModelRequest) -> Asked:
        """An answer that doesn't claim a save that wasn't made, or has been asked about once."""
        quiet = bool(self._said_already())
        asked = await ask(self._fitting.models, request, self._edge.emit, silence_is_fine=quiet)
        if self._warned or asked.answer is None or asked.answer.tool_calls:
            return asked
        turn, tools = self._turn_so_far(), self._acting.tools
        if not unkept(asked.answer.text, turn, self._shop.toolbox, tools):
            return asked
        used = asked.usage.prompt_tokens + asked.usage.completion_tokens
        if self._limit_reached(calls=1, tokens=used) is not None:
            return asked
        self._warned = True
        why = warning(turn, self._shop.toolbox, tools if self._can_call(asked.model) else ())
        return await ask_again(asked, self._fitting.models, request, self._edge.emit, why)

    def _can_call(self, model: str) -> bool:
        return any(m.name == model and m.capabilities.tools != "none" for m in self._fitting.models)

    async def _take(self, asked: Asked, record: StepRecord) -> TurnEnd | None:
        """Do what the answer asks for, or end the turn with it."""
        answer = asked.answer
        if answer is None:
            return await self._finish(end_without(asked), record=record)
        calls = distinct(answer.tool_calls, self._view.messages)
        waits = gated.gated_in(calls, self._asked, self._need_a_yes)
        message = self._assistant(answer, calls, waits)
        if calls:
            if self._edge.control.cancelled:  # asked to stop just as the answer came
                return await self._finish(StopReason.CANCELLED, record=record)
            if waits:
                return await self._finish(StopReason.REQUIRES_APPROVAL, (message,), record)
            await self._acting.carry_out(calls, Answer(message, record), self._origin())
            return None
        said = () if not message.parts else (message,)
        return await self._finish(StopReason.END_TURN, said, record)

    def _limit_reached(self, calls: int = 0, tokens: int = 0) -> StopReason | None:
        """What forbids another call, after so many and so much that no step has on record yet."""
        limits = self._view.agent.limits
        if self._edge.control.cancelled:
            return StopReason.CANCELLED
        most = min(limits.steps, self._options.max_steps or limits.steps)
        if self._steps + self._warned + calls >= most:
            return StopReason.MAX_STEPS
        if self._tokens + tokens >= limits.tokens:
            return StopReason.MAX_TOKENS_EXCEEDED
        if self._shop.clock.now() - self._claim.claimed_at >= seconds(limits.seconds):
            return StopReason.MAX_STEPS
        return None

    def _said_already(self) -> list[Message | NewMessage]:
        """What the agent has said so far in this turn."""
        return [m for m in self._turn_so_far() if m.role is Role.ASSISTANT and m.text.strip()]

    def _record(self, asked: Asked, started: Micros) -> StepRecord:
        self._steps += 1
        self._tokens += asked.usage.prompt_tokens + asked.usage.completion_tokens
        times = (started, self._shop.clock.now())
        record = step_of(self._steps, asked.model, asked.outcome, asked.usage, times, asked.detail)
        if self._edge.stepped is not None:
            self._edge.stepped(record)
        return record

    def _assistant(
        self, answer: ModelAnswer, calls: Sequence[ToolCall], waits: Collection[str]
    ) -> NewMessage:
        parts: list[Part] = []
        if answer.reasoning:
            parts.append(ReasoningPart(storable(answer.reasoning)))
        if answer.text.strip():
            parts.append(TextPart(storable(answer.text), Origin.AGENT))
        parts.extend(ToolCallPart(call, gated=call.call_id in waits) for call in calls)
        shown_as = answer.message or new_message_id()
        return NewMessage(shown_as, Role.ASSISTANT, tuple(parts), self._shop.clock.now())

    def _turn_so_far(self) -> list[Message | NewMessage]:
        """Everything that this turn has seen and said, what isn't stored yet included; of a retry
        also what it answers, and of one that brings answers to calls the turn that made them.
        """
        turns = {self._claim.turn}
        if self._asked is not None and self._asked.answers:
            asking = gated.answered_in(self._view.messages, self._claim.turn)
            turns.add(asking or self._claim.turn)
        if self._claim.retries:
            turns.add(retrying.asked_in(self._view.messages) or self._claim.turn)
        stored = [
            message
            for message in self._view.messages
            if isinstance(message, Message) and message.turn in turns
        ]
        return [*stored, *self._fresh]

    def _origin(self) -> Origin:
        """Whose words are before the model: this turn's, and those that the summary was made from."""
        return least_trusted(self._turn_so_far(), self._view.summary_origin)

    async def _begin(self) -> TurnEnd | None:
        """What there is to do before a model is asked: calls that were made and have no return yet."""
        if self._claim.steps:
            await self._resume()
            return None
        waiting = gated.waiting_in(self._view.messages)
        if self._asked is not None and self._asked.answers:
            # Asked to stop before anything was done: the calls wait on.
            return None if self._edge.control.cancelled else await self._answer(waiting)
        if waiting is None:
            return None
        if gated.can_be_asked(self._asked):
            return await self._turn_away(gated.CALLS_WAIT)
        self._fresh = (gated.refusals(waiting, self._shop.clock.now()), *self._fresh)
        return None

    async def _resume(self) -> None:
        """After a crash: answer the calls that were stored and have no return yet."""
        self._edited = edited_in(self._claim.turn, await self._store.revisions())
        if self._view.messages:
            calls = unanswered_calls(self._view.messages[-1], self._claim.turn)
            if calls:
                await self._acting.carry_on(calls, self._origin())

    async def _answer(self, waiting: Message | None) -> TurnEnd | None:
        """Give the calls that waited their returns, before anything else is said."""
        if waiting is None:
            last = self._view.messages[-1:]
            if last and isinstance(last[0], Message) and last[0].turn == self._claim.turn:
                return None  # an earlier attempt has done so
            return await self._turn_away(gated.NOTHING_WAITS)
        answers = () if self._asked is None else self._asked.answers
        fresh, self._fresh = self._fresh, ()
        known = gated.results_of(waiting, answers)
        await self._acting.carry_on(waiting.tool_calls, self._origin(), known)
        self._fresh = fresh
        return None

    async def _turn_away(self, why: TurnEnd) -> TurnEnd:
        """End the turn without having taken anything in."""
        self._fresh = ()
        return await self._finish(why)

    async def _commit(self, step: StepCommit) -> None:
        """One fenced transaction; the first of a turn carries what came in."""
        view, fitting = self._view, self._fitting
        step = replace(
            step,
            messages=(*self._fresh, *step.messages),
            epoch=view.unsaved_epoch,
            indexed=not view.thread.ephemeral,
            summaries=tuple(fitting.paid),
            summarised=view.summarised,
            counted=fitting.counted,
        )
        if step.held:
            held = held_card(self._claim, step.held)
            quiet = self._asked is not None  # whoever asks reads it in the return
            chunks = () if quiet else self._edge.composer.notice(held, self._language)
            step = replace(step, notices=(held, *step.notices), outbox=(*chunks, *step.outbox))
        newest = await self._stored(step)
        self._edited += [Edited(e.block.block_id, e.block.value, e.after) for e in step.edits]
        self._fresh = ()
        fitting.paid.clear()
        view.committed(step.messages, newest, self._claim.turn)
        if self._edge.committed is not None:
            self._edge.committed()

    async def _stored(self, step: StepCommit) -> int:
        """Without the new summary, if something that it tells was forgotten meanwhile."""
        try:
            return await self._store.commit(self._claim, step)
        except SummaryOutdated:
            self._view.untell()
            again = replace(step, epoch=self._view.unsaved_epoch, summarised=())
            return await self._store.commit(self._claim, again)

    async def _finish(
        self,
        how: StopReason | TurnEnd,
        said: tuple[NewMessage, ...] = (),
        record: StepRecord | None = None,
    ) -> TurnEnd:
        """The last commit: it lets go of the agent and queues what the sender will see. A client of
        the API reads what there is by itself.
        """
        end = how if isinstance(how, TurnEnd) else TurnEnd(how)
        now = self._shop.clock.now()
        commit = StepCommit(said, step=record, end=end)
        if self._asked is None:
            spoken = [*self._said_already(), *said]
            card = card_of(self._claim, self._edited, now)
            told = reply_of(self._claim, spoken, end.reason, card)
            commit = replace(
                commit,
                outbox=told.outbox(self._edge.composer, self._language),
                notices=told.notices,
                card_at=None if card is None else now,
            )
        await self._commit(commit)
        return end
