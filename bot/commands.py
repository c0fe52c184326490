"""What a person can ask of the service itself with a slash.

Commands that only read, and `/stop`, run inside the accept transaction (`AT_THE_GATE`). Those
that change what a queued turn will see wait their turn in the queue (`IN_LINE`) and need no model.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from agentcore.clock import Clock
from agentcore.errors import BlockConflict
from agentcore.loop.window import first_epoch
from agentcore.memory.frame import numbered, render_change
from agentcore.records import (
    OWNER,
    Address,
    Block,
    BlockEdit,
    Claim,
    EditActor,
    NewMessage,
    NoticeArguments,
    NoticeDraft,
    Origin,
    Revision,
    Role,
    StopReason,
    TextPart,
    TurnEnd,
    new_message_id,
)
from agentcore.store import AgentStore, Composer, GateCommand, GateScope, StepCommit, Store
from agentcore.tools.base import changed

_FORM = re.compile(r"/([a-z][a-z0-9_]{0,31})(?:@\w+)?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)

DESCRIPTIONS: Mapping[str, str] = {
    "help": "what I understand",
    "memory": "what I keep in mind",
    "undo": "take back the last change to my memory",
    "new": "start on a fresh page; my memory stays",
    "stop": "stop what I am doing now",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it was written: its name in lower case, and the rest."""

    name: str
    argument: str


def parsed(text: str) -> Asked | None:
    """The command in a text; None if the text isn't one (`/etc/hosts` isn't)."""
    match = _FORM.fullmatch(text.strip())
    return None if match is None else Asked(match[1].lower(), (match[2] or "").strip())


def at_the_gate(asked: Asked, address: Address) -> GateCommand | None:
    """What runs at once; None for commands that wait their turn."""

    def answered(key: str, arguments: NoticeArguments | None = None) -> Sequence[NoticeDraft]:
        return [NoticeDraft(address, key, arguments or {})]

    def memory(scope: GateScope) -> Sequence[NoticeDraft]:
        shown = _shown(scope.blocks())
        return (
            answered("reply.memory", {"blocks": shown}) if shown else answered("reply.memory_empty")
        )

    def stop(scope: GateScope) -> Sequence[NoticeDraft]:
        return answered("reply.stopping" if scope.request_cancel() else "reply.nothing_to_stop")

    match asked.name:
        case "help" | "start":
            lines = "\n".join(f"/{name}: {what}" for name, what in DESCRIPTIONS.items())
            return lambda _scope: answered("reply.help", {"commands": lines})
        case "memory":
            return memory
        case "stop":
            return stop
        case name if name in IN_LINE:
            return None
        case name:
            return lambda _scope: answered("reply.unknown_command", {"command": name})


def _shown(blocks: Sequence[Block]) -> str:
    return "\n\n".join(
        f"{block.label}:\n{numbered(block.value)}" for block in blocks if block.value.strip()
    )


@dataclass(frozen=True, slots=True)
class InLine:
    """What a queued command works with."""

    claim: Claim
    door: AgentStore
    composer: Composer
    clock: Clock


async def _new(work: InLine) -> StepCommit:
    """An empty window from here on. The history stays searchable, the blocks stay."""
    head = await work.door.head(work.claim)
    epoch = first_epoch(
        head.agent,
        head.thread,
        await work.door.blocks(),
        next_message=work.claim.message_seq + 1,
        now=work.clock.now(),
    )
    return _done(work, "reply.new", StepCommit(epoch=epoch))


async def _undo(work: InLine) -> StepCommit:
    """Take back the newest edit that still stands."""
    blocks = {block.block_id: block for block in await work.door.blocks()}
    revision = _newest_standing(await work.door.revisions(limit=200))
    if revision is None:
        return _done(work, "reply.nothing_to_undo")
    block = blocks[revision.block_id]
    if block.value != revision.after:
        return _done(work, "reply.undo_changed")
    edit = BlockEdit(block, revision.before, EditActor.USER, Origin.OWNER, undoes=revision.version)
    key = "reply.undone" if revision.before else "reply.undone_empty"
    arguments = {"label": block.label, "value": numbered(revision.before)}
    told = await _told(work, edit)
    return _done(work, key, StepCommit(edits=(edit,), messages=told), arguments)


def _newest_standing(revisions: Sequence[Revision]) -> Revision | None:
    """The newest edit by the agent that nobody has taken back."""
    undone = {(each.block_id, each.undoes) for each in revisions if each.undoes is not None}
    for each in revisions:
        taken_back = (each.block_id, each.version) in undone
        if each.undoes is None and not taken_back and each.actor is EditActor.TOOL:
            return each
    return None


async def _told(work: InLine, edit: BlockEdit) -> tuple[NewMessage, ...]:
    """The note that tells the model of the change; a thread without a prompt needs none."""
    head = await work.door.head(work.claim)
    if head.epoch is None:
        return ()
    text = f"The person took back your last edit.\n{render_change(changed(edit), edit.block.value)}"
    part = TextPart(text, Origin.OWNER)
    return (NewMessage(new_message_id(), Role.NOTE, (part,), work.clock.now()),)


def _done(
    work: InLine,
    key: str,
    step: StepCommit | None = None,
    arguments: NoticeArguments | None = None,
) -> StepCommit:
    """The command's one commit: its effect, its answer, and the end of its turn."""
    step = step or StepCommit()
    notice = NoticeDraft(work.claim.address, key, arguments or {}, work.claim.agent_id)
    return StepCommit(
        messages=step.messages,
        edits=step.edits,
        epoch=step.epoch,
        end=TurnEnd(StopReason.END_TURN),
        notices=(notice,),
        outbox=tuple(work.composer.notice(notice, work.claim.first.language)),
    )


IN_LINE: Mapping[str, Callable[[InLine], Awaitable[StepCommit]]] = {"new": _new, "undo": _undo}

TRIES = 5


class CommandRunner:
    """Runs the queued commands that the dispatcher claims."""

    def __init__(self, store: Store, composer: Composer, clock: Clock) -> None:
        self._store = store
        self._composer = composer
        self._clock = clock

    async def run(self, claim: Claim) -> TurnEnd:
        """Do it in one commit.

        Raises:
            Fenced: another worker holds the agent.
            BlockConflict: the memory kept changing underneath.
        """
        command = IN_LINE[claim.first.command or ""]
        door = self._store.for_agent(claim.agent_id, OWNER)
        work = InLine(claim, door, self._composer, self._clock)
        for attempt in range(1, TRIES + 1):
            step = await command(work)
            try:
                await door.commit(claim, step)
            except BlockConflict:
                if attempt == TRIES:
                    raise
                continue
            break
        return TurnEnd(StopReason.END_TURN)
