"""What a turn has in view: the head of its epoch and the messages after it, within the window.

Invariant: within an epoch the prompt only grows at its end. When it gets too long, a new epoch
starts further on; it is committed together with the step that first used it. Only a turn that
is too long by itself breaks it: its messages are then cut shorter, in its own requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agentcore.clock import Clock, Micros
from agentcore.loop import retrying, telling, window
from agentcore.loop.origins import least_trusted
from agentcore.loop.prompt import AnyMessage, render_head, render_messages
from agentcore.memory.summary import kept_summary
from agentcore.model import Prompt
from agentcore.records import (
    Agent,
    Block,
    BlockId,
    Claim,
    Epoch,
    EpochReason,
    HeadBlock,
    Message,
    NewMessage,
    Origin,
    Thread,
)
from agentcore.records.agents import TurnHead
from agentcore.store import AgentStore


@dataclass(frozen=True, slots=True)
class Room:
    """What leaves the window, and the blocks as they are now."""

    messages: tuple[AnyMessage, ...]
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Told:
    """What a new summary says, the messages that it was made from, and the least trusted origin of
    their parts.
    """

    text: str
    read: tuple[int, ...]
    origin: Origin = Origin.OWNER


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
    summarised: tuple[int, ...] = ()
    """The messages that the unsaved epoch's summary was made from."""
    share: int = 2
    """A single message takes at most this part of the budget: a half, a quarter…"""
    news: tuple[NewMessage, ...] = ()
    """What this turn's first request tells of edits that were made elsewhere."""
    system: str | None = None
    """All instructions of this turn alone, in the place of the epoch's own."""
    head: tuple[Prompt, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._render()

    def _render(self) -> None:
        own = self.epoch
        shown = own if self.system is None else replace(own, system=self.system)
        self.head = render_head(shown, self.blocks)

    def instruct(self, system: str) -> None:
        """Another text in the place of the agent's own, for this turn alone."""
        self.system = window.instructions(replace(self.agent, system=system), self.thread)
        self._render()

    @classmethod
    async def load(
        cls, store: AgentStore, claim: Claim, head: TurnHead, clock: Clock
    ) -> Conversation:
        """As it was when the thread's last commit was made; with a first epoch if it has none."""
        agent, thread, newest = head.agent, head.thread, claim.message_seq
        if head.epoch is None:
            blocks = window.shown(thread, await store.blocks(thread=claim.thread))
            epoch = window.first_epoch(
                agent, thread, blocks, next_message=newest + 1, now=clock.now()
            )
            return cls._with_new(epoch, head, blocks, [], newest)
        stored = await store.window(claim.thread, first=head.epoch.first_message)
        messages = retrying.in_view(stored, head.epoch.left_out)
        again = retrying.answered_in(messages) if claim.retries and not claim.steps else ()
        reason = EpochReason.TEMPLATE
        if head.epoch.template == agent.head_mark and not again:
            view = cls(agent, thread, head.epoch, head.blocks, [*messages], newest)
            if claim.steps or await view._hear(store, claim.memory, clock.now()):
                return view
            reason = EpochReason.NOTES
        blocks = window.shown(thread, await store.blocks(thread=claim.thread))
        epoch = window.with_template(
            head.epoch, agent, thread, blocks, now=clock.now(), reason=reason
        )
        if again:
            epoch = window.without_answers(epoch, again, stored)
            messages = retrying.in_view(messages, again)
        return cls._with_new(epoch, head, blocks, messages, newest)

    @classmethod
    def _with_new(
        cls,
        epoch: Epoch,
        head: TurnHead,
        blocks: Sequence[Block],
        messages: Sequence[AnyMessage],
        newest: int,
    ) -> Conversation:
        """With an epoch that goes into the first commit."""
        shown = window.as_head(blocks)
        return cls(head.agent, head.thread, epoch, shown, [*messages], newest, unsaved_epoch=epoch)

    @property
    def summary_origin(self) -> Origin:
        """Whose words the summary in view was made from."""
        return self.epoch.summary_origin

    @property
    def told(self) -> Mapping[BlockId, int]:
        """The version of each block that its model knows of."""
        return telling.told(self.epoch.block_versions, self.messages)

    async def _hear(self, store: AgentStore, memory: int, now: Micros) -> bool:
        """Take in what was edited elsewhere. False: it is too much for a note."""
        known = self.told
        if self.thread.ephemeral or sum(known.values()) == memory:
            return True
        blocks = window.shown(self.thread, await store.blocks(thread=self.thread.number))
        changed = telling.untold(blocks, known)
        if not changed:
            return True
        revisions = await store.revisions(limit=telling.REVISIONS)
        note = telling.note_of(changed, known, revisions, now)
        self.news = () if note is None else (note,)
        return note is not None

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
        self.summarised = ()

    def prompt(self, fresh: Sequence[NewMessage], budget: int) -> tuple[Prompt, ...]:
        """The whole prompt; a single message never takes more than its share of the budget."""
        said = render_messages([*self.messages, *fresh])
        return (*self.head, *window.clipped(said, most=budget // self.share))

    async def room(
        self, store: AgentStore, fresh: Sequence[NewMessage], budget: int, summary: int
    ) -> Room | None:
        """What has to go from the window so that it fits, with a summary of so many tokens. None:
        there is but the newest turn.
        """
        blocks = window.shown(self.thread, await store.blocks(thread=self.thread.number))
        bare = replace(self.epoch, summary="")
        room = budget - summary - window.estimate(render_head(bare, window.as_head(blocks)))
        kept = window.kept_from(
            [*self.messages, *fresh],
            budget=int(room * window.LOW_WATER / window.HIGH_WATER),
            most=budget // self.share,
        )
        return Room(tuple(self.messages[:kept]), blocks) if kept else None

    def leave_out(
        self,
        room: Room,
        told: Told | None,
        now: Micros,
        reason: EpochReason = EpochReason.COMPACTION,
    ) -> None:
        """Start an epoch without these messages. `told` is what its summary says, with them."""
        self.messages = self.messages[len(room.messages) :]
        first = _seq(self.messages[0]) if self.messages else self.newest + 1
        summary = kept_summary(self.epoch.summary).further(
            window.dates_of(room.messages),
            None if told is None else told.text,
            searchable=not self.thread.ephemeral,
        )
        epoch = window.compacted(
            self.epoch, room.blocks, summary, reason=reason, first_message=first, now=now
        )
        if told is not None:
            epoch = replace(
                epoch, summary_origin=least_trusted((), told.origin, self.summary_origin)
            )
        self._begin(epoch, window.as_head(room.blocks))
        if told is not None:
            self.summarised += told.read

    def untell(self) -> None:
        """Take what the unsaved epoch's summary says back: only the dates stay."""
        if self.unsaved_epoch is None:
            msg = "the epoch is saved already"
            raise ValueError(msg)
        summary = replace(kept_summary(self.epoch.summary), text="", untold=None)
        bare = replace(self.epoch, summary=summary.stored, summary_origin=Origin.OWNER)
        self._begin(bare, self.blocks)
        self.summarised = ()

    def _begin(self, epoch: Epoch, blocks: tuple[HeadBlock, ...]) -> None:
        # An epoch that isn't saved yet is amended; a saved one is followed by another.
        number = self.epoch.number + (0 if self.unsaved_epoch is not None else 1)
        self.epoch = self.unsaved_epoch = replace(epoch, number=number)
        self.blocks = blocks
        self._render()

    def cut_shorter(self, budget: int) -> bool:
        """Cut each message shorter than before. False: they can't be."""
        if budget // self.share <= window.SMALLEST_CLIP:
            return False
        self.share *= 2
        return True


def _seq(message: AnyMessage) -> int:
    if not isinstance(message, Message):
        msg = "a message that isn't stored has no number"
        raise TypeError(msg)
    return message.seq
