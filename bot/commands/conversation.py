"""`/new`, `/retry`, `/incognito` and `/stop`: what steers the conversation itself."""

from __future__ import annotations

from collections.abc import Sequence

from agentcore.loop.window import first_epoch
from agentcore.records import RETRY, Message, NoticeDraft, Role, StepCommit
from bot.commands.base import AtGate, Command, Gate, InLine, Line


async def _new(line: Line) -> StepCommit:
    """An empty window from here on. The history stays searchable, the blocks stay."""
    head = await line.door.head(line.claim)
    if head.thread.ephemeral:
        return line.done("reply.incognito_over", StepCommit(ends_thread=True))
    epoch = first_epoch(
        head.agent,
        head.thread,
        await line.blocks(),
        next_message=line.claim.message_seq + 1,
        now=line.clock.now(),
    )
    return line.done("reply.new", StepCommit(epoch=epoch))


async def _retry(line: Line) -> StepCommit | None:
    """Answer the person's last message once more: one that was given up waits again, any other
    is for the model.
    """
    if line.claim.steps:  # the model has begun
        return None
    head = await line.door.head(line.claim)
    seen: list[Message] = []
    if head.epoch is not None:
        stored = await line.door.window(line.claim.thread, first=head.epoch.first_message)
        seen = [message for message in stored if message.role is Role.USER]
    given_up = await line.door.set_aside(line.claim)
    if given_up is not None and (not seen or seen[-1].created_at < given_up.received_at):
        return line.done("reply.retrying", StepCommit(take_up=given_up.seqs))
    return None if seen else line.done("reply.nothing_to_retry")


def _incognito(gate: Gate) -> Sequence[NoticeDraft]:
    """Begin a conversation that is wiped, or end it. At the gate: each message belongs to the
    conversation that was on when it came, whatever still waits before it.
    """
    on = gate.scope.incognito()
    if on and gate.asked.argument.lower() == "on":
        return gate.answer("reply.incognito_begun")
    if on:
        gate.scope.end_incognito()
        return gate.answer("reply.incognito_over")
    if gate.asked.argument.lower() == "off":
        return gate.answer("reply.incognito_not_on")
    if gate.scope.audience != "private":
        return gate.answer("reply.private_only")
    gate.scope.begin_incognito()
    return gate.answer("reply.incognito_begun")


def _stop(gate: Gate) -> Sequence[NoticeDraft]:
    return gate.answer("reply.stopping" if gate.scope.request_cancel() else "reply.nothing_to_stop")


COMMANDS: tuple[Command, ...] = (
    InLine("new", _new),
    InLine(RETRY, _retry),
    AtGate("incognito", _incognito, wakes="wiping"),
    AtGate("stop", _stop, wakes="turns"),
)
