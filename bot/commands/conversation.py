"""`/new` and `/stop`: what steers the conversation itself."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.loop.window import first_epoch
from agentcore.records import NoticeDraft
from agentcore.store import StepCommit
from bot.commands.base import AtGate, Command, Gate, InLine, Line


async def _new(line: Line) -> StepCommit:
    """An empty window from here on. The history stays searchable, the blocks stay."""
    head = await line.door.head(line.claim)
    epoch = first_epoch(
        head.agent,
        head.thread,
        await line.door.blocks(),
        next_message=line.claim.message_seq + 1,
        now=line.clock.now(),
    )
    return line.done("reply.new", StepCommit(epoch=epoch))


def _stop(gate: Gate) -> Sequence[NoticeDraft]:
    return gate.answer("reply.stopping" if gate.scope.request_cancel() else "reply.nothing_to_stop")


COMMANDS: tuple[Command, ...] = (InLine("new", _new), AtGate("stop", _stop))
