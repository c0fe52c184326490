"""`/sleep`: how the agent puts its memory in order while nobody talks to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentcore.memory.changes import brought_in, more_in
from agentcore.records import NoticeArguments, NoticeDraft, SleepChange, SleepRun
from bot.commands.base import AtGate, Command, Gate, Reader
from bot.commands.wording import MAX_CHANGED_LINES, quoted

LOOKED_BACK = 10
"""Runs among which the last one that came to something is looked for."""


def _sleep(gate: Gate) -> Sequence[NoticeDraft]:
    scope, minutes = gate.scope, gate.offers.sleep_minutes
    if scope.incognito():
        return gate.answer("reply.incognito_not_now")
    if scope.among_others():
        return gate.answer("reply.private_only")
    if not minutes:
        return gate.answer("reply.sleep_not_here")
    return _carried_out(gate, minutes)


def _carried_out(gate: Gate, minutes: int) -> Sequence[NoticeDraft]:
    scope, wanted = gate.scope, gate.scope.sleep.wanted()
    match gate.asked.argument.lower():
        case "on":
            scope.sleep.switch(on=True)
            return gate.answer("reply.sleep_on", {"minutes": minutes})
        case "off":
            scope.sleep.switch(on=False)
            return gate.answer("reply.sleep_off")
        case "now" if wanted:
            key = "reply.sleep_now" if scope.sleep.ask() else "reply.sleep_nothing_new"
            return gate.answer(key)
        case "" | "now" | "show":
            last = _last(scope.sleep.runs(limit=LOOKED_BACK), gate.reader())
            key = "reply.sleep" if wanted else "reply.sleep_is_off"
            return gate.answer(key, {"minutes": minutes, **last})
        case _:
            return gate.answer("reply.sleep_how")


def _last(runs: Sequence[SleepRun], reader: Reader) -> NoticeArguments:
    """What the last run that came to an end has done; its turn, if that can be taken back."""
    done = next((run for run in runs if run.state == "done"), None)
    if done is None:
        return {"last": reader.piece("reply.sleep_never")}
    arguments: dict[str, str | int] = {
        "date": reader.date(done.started_at),
        "messages": len(done.read),
        "changes": "\n".join(_shown(done.changes, reader)),
    }
    if not done.changes:
        return {"last": reader.piece("reply.sleep_last_idle", arguments)}
    return {"last": reader.piece("reply.sleep_last", arguments), "turn": done.turn}


def _shown(changes: Sequence[SleepChange], reader: Reader) -> Iterator[str]:
    for change in changes[:MAX_CHANGED_LINES]:
        yield from _lines(change)
        if change.reason:
            yield reader.piece("reply.sleep_reason", {"reason": quoted(change.reason)})
    if len(changes) > MAX_CHANGED_LINES:
        yield f"… ({len(changes) - MAX_CHANGED_LINES})"


def _lines(change: SleepChange) -> Iterator[str]:
    """What went (✗) and what was written (✎)."""
    for line in dict.fromkeys(more_in(change.before, change.after)):
        yield f"✗ {quoted(line)}"
    for line in brought_in(change.before, change.after):
        yield f"✎ {quoted(line)}"


COMMANDS: tuple[Command, ...] = (
    AtGate(
        "sleep",
        _sleep,
        wakes="sleep",
        interrupts=lambda argument: argument.lower() == "off",
    ),
)
