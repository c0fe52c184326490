"""Carrying out the tool calls of one answer, and committing them with what they return.

What an answer's calls may change decides how often is committed. Reading and memory: once, with
the answer. Outside: the answer and its calls before they start, the returns after; so that a
crash in between is known of, and a call of unknown outcome is never silently repeated.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import anyio
import structlog

from agentcore.clock import SECOND, Clock, Micros
from agentcore.errors import BlockConflict, stack_of
from agentcore.loop.prompt import UNKNOWN_OUTCOME, AnyMessage
from agentcore.loop.telling import shown_by
from agentcore.records import (
    SEEN_IN_GROUPS,
    Block,
    BlockId,
    Claim,
    ExternalCall,
    Message,
    NewMessage,
    Origin,
    Part,
    PassageDraft,
    Role,
    StepCommit,
    StepRecord,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    new_message_id,
    storable,
)
from agentcore.records.agents import TurnHead
from agentcore.store import AgentStore
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult, WorkingBlocks
from agentcore.tools.toolbox import Toolbox

_log = structlog.get_logger(__name__)

CONFLICT_TRIES = 20
CONFLICT_PAUSE = 0.002
"""Seconds, at most, before the second try; each later one may wait as much longer."""
NOT_SAVED = (
    "Not saved: the memory block kept being edited by others at the same moment. It is as they "
    "left it. Try again, or tell the person that it isn't saved."
)

Commit = Callable[[StepCommit], Awaitable[None]]
Results = Mapping[str, ToolResult]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said with its calls, and the record of the step that asked it. Both are
    gone from what is left to commit once they are stored.
    """

    message: NewMessage | None
    step: StepRecord | None


STORED = Answer(None, None)


@dataclass(frozen=True, slots=True)
class Acting:
    """The means of one turn to carry out calls."""

    toolbox: Toolbox
    tools: Sequence[str]
    store: AgentStore
    claim: Claim
    clock: Clock
    zone: ZoneInfo
    deadline: Micros
    commit: Commit
    told: Callable[[], Mapping[BlockId, int]]
    """The versions of the blocks that the model knows of."""
    head: TurnHead

    async def carry_out(self, calls: Sequence[ToolCall], answer: Answer, origin: Origin) -> None:
        """Run the calls of a fresh answer and commit everything. `origin` is the least trusted of
        what their model has before it.

        Raises:
            Fenced: another worker has the turn.
        """
        inside, outside = self._sorted_out(calls)
        if not outside:
            await self._finish(calls, inside, answer, {}, origin)
            return
        started = tuple(self._external(call) for call in outside)
        said = () if answer.message is None else (answer.message,)
        await self.commit(StepCommit(said, step=answer.step, calls=started))
        done = await self._run_together(outside, origin)
        await self._finish(calls, inside, STORED, done, origin)

    async def carry_on(
        self, calls: Sequence[ToolCall], origin: Origin, known: Results | None = None
    ) -> None:
        """After a crash, or once calls that waited may be made: answer the calls of a stored answer,
        but for those whose results are `known`. An outside call that was started is repeated,
        under its old key, only if that is safe.
        """
        known = known or {}
        unfinished = await self.store.unfinished_calls(self.claim.turn)
        lost = {call.call_id for call in unfinished if not call.idempotent}
        inside, outside = self._sorted_out(
            [each for each in calls if each.call_id not in lost and each.call_id not in known]
        )
        begun = {call.call_id for call in unfinished}
        if started := tuple(self._external(each) for each in outside if each.call_id not in begun):
            await self.commit(StepCommit(calls=started))
        done = {**known, **await self._run_together(outside, origin)}
        for call in calls:
            if call.call_id in lost:
                text = f"{call.name}: {UNKNOWN_OUTCOME}"
                done[call.call_id] = ToolResult(text, "error", Origin.OPERATOR)
        await self._finish(calls, inside, STORED, done, origin)

    def _sorted_out(
        self, calls: Sequence[ToolCall]
    ) -> tuple[Sequence[ToolCall], Sequence[ToolCall]]:
        """Those that stay inside, and those that reach outside."""
        outside = [
            call for call in calls if self.toolbox.effect(call.name, self.tools) is Effect.EXTERNAL
        ]
        return [call for call in calls if call not in outside], outside

    async def _finish(
        self,
        calls: Sequence[ToolCall],
        inside: Sequence[ToolCall],
        answer: Answer,
        done: Results,
        origin: Origin,
    ) -> None:
        """Run what stays inside and commit all returns; once more, from fresh blocks, when
        somebody edited them meanwhile. If that goes on, nothing of it is saved, and the model
        reads so.
        """
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                await self.commit(await self._done(calls, inside, answer, done, origin))
            except BlockConflict:
                _log.info("edited meanwhile, again from fresh blocks", tries=attempt)
                await anyio.sleep(random.uniform(0, attempt * CONFLICT_PAUSE))  # noqa: S311 (jitter)
                continue
            return
        await self.commit(await self._done(calls, inside, answer, done, origin, unsaved=True))

    async def _done(
        self,
        calls: Sequence[ToolCall],
        inside: Sequence[ToolCall],
        answer: Answer,
        done: Results,
        origin: Origin,
        *,
        unsaved: bool = False,
    ) -> StepCommit:
        """What the calls have come to, on the blocks as they are; `unsaved`: without their edits."""
        there = await self._blocks() if inside else ()
        may_make = not (unsaved or self.head.among_others)
        blocks = WorkingBlocks(there, origin, may_make=may_make)
        passages: list[PassageDraft] = []
        results = {
            call.call_id: await self._run(call, self._context(call, blocks, passages, origin))
            for call in inside
        }
        edits = tuple(blocks.edits)
        if unsaved:
            refused = ToolResult(NOT_SAVED, "error", Origin.OPERATOR)
            results |= {each.tool_call_id: refused for each in edits if each.tool_call_id}
            edits = ()
        returns = returns_message(calls, {**done, **results}, self.clock.now())
        shown = shown_by(edits, self.told()) if edits else ()
        returns = replace(returns, parts=(*returns.parts, *shown))
        return StepCommit(
            (returns,) if answer.message is None else (answer.message, returns),
            edits,
            step=answer.step,
            calls=tuple(
                replace(self._external(each), finished=True)
                for each in calls
                if each.call_id in done
            ),
            held=tuple(blocks.held),
            blocks=tuple(blocks.made),
            passages=tuple(passages),
        )

    async def _blocks(self) -> Sequence[Block]:
        """What may be seen in this thread. What others may see who don't hear what is said here, the
        person alone shares: no tool writes it.
        """
        blocks = await self.store.blocks(thread=self.claim.thread)
        shared = SEEN_IN_GROUPS if self.head.confidential else frozenset()
        return [replace(each, read_only=True) if each.label in shared else each for each in blocks]

    async def _run_together(self, calls: Sequence[ToolCall], origin: Origin) -> Results:
        """At the same time: calls that reach outside don't wait for one another."""
        results: dict[str, ToolResult] = {}
        no_blocks = WorkingBlocks((), origin)

        async def one(call: ToolCall) -> None:
            results[call.call_id] = await self._run(
                call, self._context(call, no_blocks, [], origin)
            )

        async with anyio.create_task_group() as tasks:
            for call in calls:
                tasks.start_soon(one, call)
        return results

    async def _run(self, call: ToolCall, context: ToolContext) -> ToolResult:
        """One call; whatever goes wrong is a result that the model reads."""
        left = max(0.0, (context.deadline - self.clock.now()) / SECOND)
        try:
            with anyio.fail_after(left):
                return await self.toolbox.run(call, context, self.tools)
        except TimeoutError:
            text = f"The tool `{call.name}` took too long and was given up."
        except Exception as error:  # noqa: BLE001 (a tool's bug must not end the turn)
            _log.error("tool failed", tool=call.name, stack=stack_of(error))
            text = f"The tool `{call.name}` failed inside. Try another way, or tell the person."
        return ToolResult(text, "error", Origin.OPERATOR)

    def _external(self, call: ToolCall) -> ExternalCall:
        tool = self.toolbox.find(call.name, self.tools)
        return ExternalCall(
            call_id=call.call_id,
            name=call.name,
            idempotency_key=self._key(call),
            idempotent=tool is not None and tool.idempotent,
            finished=False,
        )

    def _key(self, call: ToolCall) -> str:
        return f"{self.claim.turn_id}:{call.call_id}"

    def _context(
        self,
        call: ToolCall,
        blocks: WorkingBlocks,
        passages: list[PassageDraft],
        origin: Origin,
    ) -> ToolContext:
        return ToolContext(
            agent_id=self.claim.agent_id,
            turn_id=self.claim.turn_id,
            thread=self.claim.thread,
            identity=self.claim.first.identity,
            origin=origin,
            tier=Tier.USER,
            idempotency_key=self._key(call),
            call_id=call.call_id,
            now=self.clock.now(),
            deadline=self.deadline,
            zone=self.zone,
            store=self.store,
            blocks=blocks,
            passages=passages,
        )


def returns_message(calls: Sequence[ToolCall], results: Results, now: Micros) -> NewMessage:
    """All returns of an answer as one message, in the order of its calls."""
    parts: tuple[Part, ...] = tuple(
        ToolReturnPart(call.call_id, call.name, result.text, result.status, result.origin)
        for call in calls
        if (result := results.get(call.call_id)) is not None
    )
    return NewMessage(new_message_id(), Role.TOOL, parts, now)


def distinct(calls: Sequence[ToolCall], earlier: Sequence[AnyMessage]) -> tuple[ToolCall, ...]:
    """The calls under ids that nothing else has: some models begin again with `call_0` in every
    answer, or leave the id out.
    """
    taken = {
        part.call.call_id
        for message in earlier
        for part in message.parts
        if isinstance(part, ToolCallPart)
    }
    renamed: list[ToolCall] = []
    for call in calls:
        wanted = storable(call.call_id) or "call"
        call_id, number = wanted, 1
        while call_id in taken:
            number += 1
            call_id = f"{wanted}-{number}"
        taken.add(call_id)
        renamed.append(ToolCall(call_id, storable(call.name), storable(call.arguments)))
    return tuple(renamed)


def unanswered_calls(message: AnyMessage, turn: int) -> tuple[ToolCall, ...]:
    """The calls of a stored answer of this turn, if it is the last thing that was stored."""
    if isinstance(message, Message) and message.turn == turn:
        return message.tool_calls
    return ()
