"""Which waiting rows make the next turn. Pure: decided from rows already read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from agentcore.clock import SECOND, Micros
from agentcore.records import API_PLATFORM, InboxItem, TurnId

MAX_COALESCED = 20
MAX_COALESCED_BYTES = 16_000
MAX_DEBOUNCE = 3 * SECOND
SPLIT_FROM_ATTEMPT = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """An inbox row that isn't done; `turn` is the one that holds it, `memory` see `Claim`. `called_off`:
    its sender wants no answer to it any more.
    """

    item: InboxItem
    due_at: Micros
    turn: int | None
    memory: int = 0
    called_off: bool = False


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn that an earlier claim started and nobody finished."""

    turn_id: TurnId
    attempts: int
    steps: int
    cancel_requested: bool
    trouble: str
    trace_id: str


def pick(
    waiting: Sequence[Waiting], number: int | None, turn: OpenTurn | None, now: Micros
) -> Sequence[Waiting]:
    """The rows of the agent's next turn; none when it must wait a moment longer."""
    if turn is not None:
        mine = [each for each in waiting if each.turn == number]
        # One bad message must not take its neighbours down: try it alone.
        return mine[:1] if turn.attempts >= SPLIT_FROM_ATTEMPT and turn.steps == 0 else mine
    batch = coalesced(waiting)
    ripe = bool(batch) and (settled_at(batch) <= now or len(batch) == MAX_COALESCED)
    return batch if ripe else ()


def settled_at(batch: Sequence[Waiting]) -> Micros:
    """When to stop waiting for more: somebody may still be typing, but not for ever."""
    return min(batch[-1].due_at, Micros(batch[0].item.received_at + MAX_DEBOUNCE))


def coalesced(waiting: Sequence[Waiting]) -> Sequence[Waiting]:
    """The first row without a turn, and its neighbours that go into one turn with it."""
    return tuple(_joined([each for each in waiting if each.turn is None]))


def _joined(fresh: Sequence[Waiting]) -> Iterator[Waiting]:
    """The first row, and those after it while they are messages from the same address."""
    if not fresh:
        return
    first = fresh[0]
    yield first
    if not _may_join(first.item):
        return
    size = first.item.size
    joined = takewhile(
        lambda each: _may_join(each.item) and _same_place(each.item, first.item),
        fresh[1:MAX_COALESCED],
    )
    for each in joined:
        size += each.item.size
        if size > MAX_COALESCED_BYTES:
            return
        yield each


def _same_place(one: InboxItem, other: InboxItem) -> bool:
    """At the same address there may be a conversation that is wiped, and one that isn't."""
    return (one.address, one.thread) == (other.address, other.thread)


def _may_join(item: InboxItem) -> bool:
    # Each REST call is answered by a turn of its own, as is what waits for just its answer.
    alone = item.platform == API_PLATFORM or item.answer_via is not None
    return item.kind == "message" and not alone
