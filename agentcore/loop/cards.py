"""The card after a turn that changed the memory: what was noted, for its owner to see and to take
back. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentcore.clock import MINUTE, Micros
from agentcore.memory.changes import more_in
from agentcore.records import (
    API_PLATFORM,
    BlockId,
    CardChoice,
    Claim,
    EditActor,
    NoticeDraft,
    Revision,
)

FIRST_CARDS = 3
"""Shown whatever came before: they tell what the agent does with what it hears."""
QUIET = Micros(30 * MINUTE)
"""How long there is no further card after those."""
MOST_LINES, LONGEST_LINE = 5, 200


@dataclass(frozen=True, slots=True)
class Edited:
    """One edit of a turn: what a block said before and after it."""

    block_id: BlockId
    before: str
    after: str


def edited_in(turn: int, newest_first: Sequence[Revision]) -> list[Edited]:
    """What earlier attempts at a turn did, oldest first."""
    return [
        Edited(each.block_id, each.before, each.after)
        for each in reversed(newest_first)
        if each.turn == turn and each.actor is EditActor.TOOL
    ]


def card_of(claim: Claim, edits: Sequence[Edited], now: Micros) -> NoticeDraft | None:
    """The card, if there is something to tell and this is the time for one."""
    first = claim.first
    if not edits or first.platform == API_PLATFORM:  # a program is told what it asks for
        return None
    if not is_due(first.cards, claim.cards, claim.card_at, now):
        return None
    lines = list(_noted(edits))
    if not lines:
        return None
    shown = [_cut(line) for line in lines[:MOST_LINES]]
    if len(lines) > len(shown):
        shown.append("…")
    text = f" {shown[0]}" if len(shown) == 1 else "".join(f"\n• {line}" for line in shown)
    arguments: dict[str, str | int] = {"lines": text, "turn": claim.turn}
    return NoticeDraft(claim.address, "turn.noted", arguments, claim.agent_id)


def is_due(choice: CardChoice, shown: int, last: Micros | None, now: Micros) -> bool:
    """Whether a card may be shown, after so many, the last of them then."""
    if choice != "on":
        return choice == "always"
    return shown < FIRST_CARDS or last is None or now - last >= QUIET


def _noted(edits: Sequence[Edited]) -> Iterator[str]:
    """The lines that a turn brought into each block; of one that it only took from, those."""
    before: dict[BlockId, str] = {}
    after: dict[BlockId, str] = {}
    for edit in edits:
        before.setdefault(edit.block_id, edit.before)
        after[edit.block_id] = edit.after
    for block_id, old in before.items():
        new = after[block_id]
        written = [line.strip() for line in more_in(new, old)]
        yield from written or (f"✗ {line.strip()}" for line in more_in(old, new))


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1].rstrip()}…"
