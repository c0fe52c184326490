"""The seam between the loop and a tool.

A tool's failure is a `ToolResult` with status "error" that the model reads; an exception that
leaves `run` is a bug, which the loop reports to the model without its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from agentcore.clock import Micros
from agentcore.memory.changes import brought_in
from agentcore.memory.edits import EditRefused, Operation, edited, find_block
from agentcore.memory.frame import render_around, render_change
from agentcore.model import ToolSchema
from agentcore.records import (
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


class WorkingBlocks:
    """The blocks as one step sees them: each edit sees the one before. Nothing is stored here;
    the step's commit takes `edits` and `held`.
    """

    def __init__(self, blocks: Sequence[Block], origin: Origin) -> None:
        self._blocks = {block.label: block for block in blocks}
        self._origin = origin
        self.edits: list[BlockEdit] = []
        self.held: list[HeldDraft] = []

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
