"""What a turn has in view: the head of its epoch and the messages after it, within the window.

Invariant: within an epoch the prompt only grows at its end. When it gets too long, a new epoch
starts further on; it is committed together with the step that first used it. Only a turn that
is too long by itself breaks it: its messages are then cut shorter, in its own requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agentcore.clock import Clock
from agentcore.loop import retrying, window
from agentcore.loop.prompt import AnyMessage, render_head, render_messages
from agentcore.model import Prompt, ToolSchema
from agentcore.records import (
    Agent,
    Claim,
    Epoch,
    HeadBlock,
    Message,
    NewMessage,
    Thread,
)
from agentcore.store import AgentStore, TurnHead


@dataclass(slots=True)
class Conversation:
    """The state of one thread during one turn. `unsaved_epoch` goes into the next commit."""

    agent: Agent
    thread: Thread
    epoch: Epoch
    blocks: tuple[HeadBlock, ...]
    messages: list[AnyMessage]
    newest: int
    unsaved_epoch: Epoch | None = None
    share: int = 2
    """A single message takes at most this part of the budget: a half, a quarter…"""
    head: tuple[Prompt, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.head = render_head(self.epoch, self.blocks)

    @classmethod
    async def load(
        cls, store: AgentStore, claim: Claim, head: TurnHead, clock: Clock
    ) -> Conversation:
        """As it was when the thread's last commit was made; with a first epoch if it has none."""
        newest = claim.message_seq
        if head.epoch is None:
            blocks = window.shown(head.thread, await store.blocks())
            epoch = window.first_epoch(
                head.agent, head.thread, blocks, next_message=newest + 1, now=clock.now()
            )
            shown = window.as_head(blocks)
            return cls(head.agent, head.thread, epoch, shown, [], newest, unsaved_epoch=epoch)
        stored = await store.window(claim.thread, first=head.epoch.first_message)
        messages = retrying.in_view(stored, head.epoch.left_out)
        again = retrying.answered_in(messages) if claim.retries and not claim.steps else ()
        if head.epoch.template == head.agent.template and not again:
            return cls(head.agent, head.thread, head.epoch, head.blocks, [*messages], newest)
        blocks = window.shown(head.thread, await store.blocks())
        epoch = window.with_template(head.epoch, head.agent, head.thread, blocks, now=clock.now())
        if again:
            epoch = window.without_answers(epoch, again, stored)
            messages = retrying.in_view(messages, again)
        shown = window.as_head(blocks)
        return cls(head.agent, head.thread, epoch, shown, [*messages], newest, unsaved_epoch=epoch)

    def committed(self, messages: Sequence[NewMessage], newest: int, turn: int) -> None:
        """These messages are stored now, the last of them under `newest`."""
        first = newest - len(messages) + 1
        for seq, new in enumerate(messages, start=first):
            self.messages.append(
                Message(
                    seq,
                    new.message_id,
                    self.thread.number,
                    turn,
                    new.role,
                    new.parts,
                    new.created_at,
                    new.author,
                    new.meta,
                    new.otid,
                )
            )
        self.newest = newest
        self.unsaved_epoch = None

    def prompt(self, fresh: Sequence[NewMessage], budget: int) -> tuple[Prompt, ...]:
        """The whole prompt; a single message never takes more than its share of the budget."""
        said = render_messages([*self.messages, *fresh])
        return (*self.head, *window.clipped(said, most=budget // self.share))

    def fits(self, fresh: Sequence[NewMessage], tools: Sequence[ToolSchema], budget: int) -> bool:
        return window.estimate(self.prompt(fresh, budget), tools) <= budget

    async def make_room(
        self, store: AgentStore, fresh: Sequence[NewMessage], budget: int, clock: Clock
    ) -> bool:
        """Start an epoch with the oldest turns left out; if there is but the newest turn, cut
        its messages shorter. False: neither is possible any more.
        """
        blocks = window.shown(self.thread, await store.blocks())
        shown = window.as_head(blocks)
        room = budget - window.estimate(render_head(self.epoch, shown))
        kept = window.kept_from(
            [*self.messages, *fresh],
            budget=int(room * window.LOW_WATER / window.HIGH_WATER),
            most=budget // self.share,
        )
        if kept == 0:
            return self._cut_shorter(budget)
        left_out = self.messages[:kept]
        self.messages = self.messages[kept:]
        first = _seq(self.messages[0]) if self.messages else self.newest + 1
        # An epoch that isn't saved yet is amended; a saved one is followed by another.
        number = self.epoch.number + (0 if self.unsaved_epoch is not None else 1)
        self.epoch = replace(
            window.compacted(self.epoch, left_out, blocks, first_message=first, now=clock.now()),
            number=number,
        )
        self.unsaved_epoch = self.epoch
        self.blocks = shown
        self.head = render_head(self.epoch, shown)
        return True

    def _cut_shorter(self, budget: int) -> bool:
        if budget // self.share <= window.SMALLEST_CLIP:
            return False
        self.share *= 2
        return True


def _seq(message: AnyMessage) -> int:
    if not isinstance(message, Message):
        msg = "a message that isn't stored has no number"
        raise TypeError(msg)
    return message.seq
