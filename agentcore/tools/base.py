"""The seam between the loop and a tool.

A tool's failure is a `ToolResult` with status "error" that the model reads; an exception that
leaves `run` is a bug, which the loop reports to the model without its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from agentcore.clock import Micros
from agentcore.memory.changes import brought_in
from agentcore.memory.edits import EditRefused, Operation, edited, find_block
from agentcore.memory.frame import render_around, render_block, render_change
from agentcore.model import ToolSchema
from agentcore.records import (
    SEEN_IN_GROUPS,
    AgentId,
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    HeldDraft,
    IdentityId,
    Origin,
    PassageDraft,
    TurnId,
    new_block_id,
)
from agentcore.store import AgentStore


class Effect(StrEnum):
    """What a call changes. Only `external` needs a record before it starts."""

    READ = "read"
    MEMORY = "memory"
    EXTERNAL = "external"


class Tier(StrEnum):
    """Who may have the tool used for them."""

    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the model reads. `origin` says whose words it carries."""

    text: str
    status: Literal["success", "error"] = "success"
    origin: Origin = Origin.TOOL


HELD = (
    "Not saved: words in this turn aren't the person's own, so they are asked first whether to keep "
    "this. Don't say that it is saved."
)


MOST_BLOCKS = 50
"""Blocks that an agent may come to by its own."""
OWN_LIMIT = 20_000
"""Characters of a block that an agent makes."""
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


LOOKED = "As it reads now:"
"""How a look at the memory begins, which changes nothing."""
MAKES_NONE = (
    "Not made: words in this turn aren't the person's own. Tell them what you would keep, and in "
    "which new memory block; if they want it, make it then."
)
LONGEST_DESCRIPTION = 1_000


class WorkingBlocks:
    """The blocks as one step sees them: each edit sees the one before. Nothing is stored here;
    the step's commit takes `made`, `edits` and `held`. `may_make` False: here, no new ones are made.
    """

    def __init__(self, blocks: Sequence[Block], origin: Origin, *, may_make: bool = False) -> None:
        self._blocks = {block.label: block for block in blocks}
        self._origin = origin
        self._may_make = may_make
        self.made: list[Block] = []
        self.edits: list[BlockEdit] = []
        self.held: list[HeldDraft] = []

    def view(self, label: str | None) -> ToolResult:
        """A block as it reads now; None: all of them, by label."""
        if label is None:
            blocks = self._blocks.values()
            sizes = [f"{each.label} ({len(each.value)} characters)" for each in blocks]
            text = f"{LOOKED} {', '.join(sizes) or 'there are no memory blocks'}."
            return ToolResult(text, origin=Origin.OPERATOR)
        try:
            block = find_block(list(self._blocks.values()), label)
        except EditRefused as refused:
            return ToolResult(str(refused), "error", Origin.OPERATOR)
        return ToolResult(f"{LOOKED}\n{render_block(block)}", origin=self._origin)

    def create(self, label: str, description: str, owner: AgentId) -> ToolResult | None:
        """Make an empty block, which is then edited like any other. Why not, if it can't be."""
        if (why := self._why_not(label, description)) is not None:
            return ToolResult(why, "error", Origin.OPERATOR)
        block = Block(new_block_id(), owner, label, "", OWN_LIMIT, description=description)
        self.made.append(block)
        self._blocks[label] = block
        return None

    def unmake(self, label: str) -> None:
        """Leave out a block that was made in this step."""
        self.made = [each for each in self.made if each.label != label]
        del self._blocks[label]

    def _why_not(self, label: str, description: str) -> str | None:
        if label in self._blocks:
            return f"There is a memory block `{label}` already. Edit that one."
        if not _LABEL.fullmatch(label):
            return "A label takes up to 64 letters, digits, - and _, such as `work`."
        if len(description) > LONGEST_DESCRIPTION:
            return f"`description` has {len(description)} characters, {LONGEST_DESCRIPTION} fit."
        if not self._may_make or label in SEEN_IN_GROUPS:
            return f"A memory block `{label}` can't be made here. Edit those that are there."
        if len(self._blocks) >= MOST_BLOCKS:
            return f"There are {MOST_BLOCKS} memory blocks already. Edit those that are there."
        return None if self._origin.trusted else MAKES_NONE

    def edit(
        self,
        label: str,
        operation: Operation,
        *,
        tool: str,
        arguments: Mapping[str, Any],
        call_id: str | None = None,
    ) -> ToolResult:
        """Apply one operation; a refusal is a result too. What the words of others led to isn't
        applied: it is held, as the call that asked for it.
        """
        try:
            block = find_block(list(self._blocks.values()), label)
        except EditRefused as refused:
            return ToolResult(str(refused), "error", Origin.OPERATOR)
        try:
            after = edited(block, operation)
        except EditRefused as refused:
            return self._refused(block, refused)
        if after == block.value:
            text = f"Nothing to change: `{label}` reads so already."
            return ToolResult(text, origin=self._origin)
        if not self._origin.trusted:
            lines = brought_in(block.value, after)
            self.held.append(HeldDraft(block.block_id, tool, arguments, self._origin, lines))
            return ToolResult(HELD, origin=Origin.OPERATOR)
        edit = BlockEdit(block, after, EditActor.TOOL, self._origin, tool_call_id=call_id)
        self.edits.append(edit)
        self._blocks[label] = now = changed(edit)
        shown = render_change(now, block.value)
        return ToolResult(f"Saved. The block now reads:\n{shown}", origin=self._origin)

    def label_of(self, block_id: BlockId) -> str | None:
        """Under which label the agent holds a block; None if it doesn't."""
        labels = (b.label for b in self._blocks.values() if b.block_id == block_id)
        return next(labels, None)

    def _refused(self, block: Block, refused: EditRefused) -> ToolResult:
        """Why, and what the block holds where the model seems to misremember it."""
        if refused.sought is None:
            return ToolResult(str(refused), "error", Origin.OPERATOR)
        shown = render_around(block, refused.sought)
        return ToolResult(f"{refused} The block reads:\n{shown}", "error", self._origin)


def changed(edit: BlockEdit) -> Block:
    """The block as it will be once the edit is committed."""
    return replace(edit.block, value=edit.after, version=edit.block.version + 1)


@dataclass(frozen=True, slots=True)
class ToolContext:
    """On whose behalf a tool runs, and what it may use.

    `origin` is the least trusted origin that the turn has seen; `tier` the caller's;
    `idempotency_key` is the same when a call is repeated after a crash; `deadline` is the
    moment by which the tool must have returned. `store` reaches this one agent only.
    `passages` takes what the step's commit puts into the archive.
    """

    agent_id: AgentId
    turn_id: TurnId
    thread: int
    identity: IdentityId | None
    origin: Origin
    tier: Tier
    idempotency_key: str
    call_id: str
    now: Micros
    deadline: Micros
    zone: ZoneInfo
    store: AgentStore
    blocks: WorkingBlocks
    passages: list[PassageDraft]


class Tool(Protocol):
    """One tool. `idempotent`: running it twice with the same key does the same as once."""

    @property
    def schema(self) -> ToolSchema: ...

    @property
    def effect(self) -> Effect: ...

    @property
    def tier(self) -> Tier: ...

    @property
    def idempotent(self) -> bool: ...

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult: ...
