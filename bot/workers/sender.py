"""Empties the outbox: chunk by chunk, in order per address, many addresses at once.

Invariant: a chunk is taken under a lease before it is sent and marked after. A process that dies
in between may send it again; that is counted, and happens at most once for each such death.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby

import anyio
import structlog
from anyio.abc import TaskGroup

from adapters.addresses import ChatAddress
from adapters.base import Adapter
from adapters.delivery import (
    Attachment,
    Button,
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    RateLimited,
    WindowClosed,
)
from agentcore.clock import Clock, Micros, seconds
from agentcore.errors import StoreError, stack_of
from agentcore.records import API_PLATFORM, Address, OutboxResult, OutboxRow
from agentcore.store import Store
from bot.measures import Measures
from bot.platforms.typing_signs import TypingSigns
from bot.waking.hints import Hints
from bot.wording.actions import button_token

_log = structlog.get_logger(__name__)

AT_ONCE = 8
"""Chunks in the air at the same time, for each platform account. Those that are when the process
is killed are sent again: the more there are, the more people get something twice.
"""
BATCH = 100
LEASE = 60.0
MAX_ATTEMPTS = 12
HARMLESS_ATTEMPTS = 6
"""Tries of a chunk whose outcome isn't known where the platform drops repeats: a quarter of a minute."""
LONGEST_PAUSE = 300.0
LOOK_AGAIN = 2.0
GRACE = 5.0
"""Seconds that chunks in the air have at a stop; what isn't known to have arrived by then is sent
again at the next start, marked uncertain.
"""
SOON = 0.02
"""Seconds to pause before looking again for a chunk that is due and could not be had."""


@dataclass(frozen=True, slots=True)
class Couriers:
    """Who carries chunks to their platforms, and what keeps count of it."""

    adapters: Mapping[str, Adapter]
    measures: Measures
    typing: TypingSigns


class Sender:
    """One per process that has push adapters."""

    def __init__(
        self,
        holder: str,
        store: Store,
        couriers: Couriers,
        hints: Hints,
        clock: Clock,
        *,
        look_again: float = LOOK_AGAIN,
    ) -> None:
        self._holder = holder
        self._store = store
        self._adapters = couriers.adapters
        self._clock = clock
        self._measures = couriers.measures
        self._typing = couriers.typing
        self._look_again = look_again
        self._stopping = False
        self._agenda = hints.outbox
        self._lanes: dict[str, anyio.CapacityLimiter] = {}

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Send until `stop`, then once more what is due by then, within `GRACE`."""
        async with anyio.create_task_group() as tasks:
            ready()
            while not self._stopping:
                await self._try_sending(tasks)
                await self._agenda.wait(self._clock.now(), at_most=self._look_again)
            tasks.cancel_scope.deadline = anyio.current_time() + GRACE
            await self._try_sending(tasks)

    def stop(self) -> None:
        self._stopping = True
        self._agenda.look()

    async def _try_sending(self, tasks: TaskGroup) -> None:
        try:
            await self._send_due(tasks)
        except StoreError as error:
            _log.error("claiming the outbox failed", error=str(error))
            self._agenda.look(Micros(self._clock.now() + seconds(self._look_again)))

    async def _send_due(self, tasks: TaskGroup) -> None:
        """Start on what is due."""
        due = self._agenda.take(self._clock.now())
        if not due.look and not any(self._pushes(address) for address in due.keys):
            return
        rows = await self._store.claim_outbox(self._holder, limit=BATCH, lease=seconds(LEASE))
        for address, chunks in groupby(rows, key=lambda row: row.address):
            self._agenda.begin(address)
            tasks.start_soon(self._send_all, address, list(chunks))
        if len(rows) == BATCH or (due.look and rows):
            self._agenda.look()
        elif due.look and (later := await self._store.next_outbox()) is not None:
            self._agenda.look(max(later, Micros(self._clock.now() + seconds(SOON))))

    def _pushes(self, address: Address) -> bool:
        """Whether anything can wait there: clients of the API and of pull platforms read by
        themselves.
        """
        place = ChatAddress.parse(address)
        if place.platform == API_PLATFORM:
            return False
        adapter = self._adapters.get(place.source)
        return adapter is None or adapter.capabilities.delivery == "push"

    async def _send_all(self, at: Address, rows: Sequence[OutboxRow]) -> None:
        """One address's chunks, until one must wait; those after it are given back."""
        address = ChatAddress.parse(at)
        lane = self._lanes.setdefault(address.source, anyio.CapacityLimiter(AT_ONCE))
        in_time = Micros(self._clock.now() + seconds(LEASE / 2))
        going_on = True
        try:
            while rows and going_on:
                # Whoever waits for just this sees by themselves that it is to come.
                async with self._in(lane, at if rows[0].answer_via is None else None):
                    going_on = await self._send_first(address, rows, in_time)
                rows = rows[1:]
        finally:
            self._agenda.end(at)

    @asynccontextmanager
    async def _in(
        self, lane: anyio.CapacityLimiter, at: Address | None
    ) -> AsyncGenerator[None, None]:
        """In a lane of one's own; whoever waits for theirs sees that more is to come."""
        try:
            lane.acquire_nowait()
        except anyio.WouldBlock:
            async with self._typing.shown(at):
                await lane.acquire()
        try:
            yield
        finally:
            lane.release()

    async def _send_first(
        self, address: ChatAddress, rows: Sequence[OutboxRow], in_time: Micros
    ) -> bool:
        """Send and mark the first of an address's chunks. False: no more of them now."""
        if self._clock.now() > in_time:  # the lease may run out on the way, and others take it
            results = [_given_back(each) for each in rows]
        else:
            results = [await self._send(address, rows[0])]
            self._measures.chunk_sent(address.platform, results[0].state, again=rows[0].uncertain)
            if results[0].state == "waiting":
                results += [_given_back(each) for each in rows[1:]]
        try:
            await self._store.finish_outbox(results)
        except StoreError as error:
            # Its lease runs out, and it is sent again: better twice than not at all.
            _log.error("marking a chunk failed", error=str(error))
            self._agenda.look(Micros(self._clock.now() + seconds(LEASE)))
            return False
        if results[0].state == "waiting":
            self._agenda.note(rows[0].address, results[0].due_at or self._clock.now())
        return results[0].state not in {"waiting", "unreachable"}

    async def _send(self, address: ChatAddress, row: OutboxRow) -> OutboxResult:
        adapter = self._adapters.get(address.source)
        if adapter is None:
            return self._later(row, f"no adapter for {address.source} is running")
        chunk = Outbound(
            address=address,
            text=row.text,
            part=row.part,
            parts=row.parts,
            nonce=row.nonce,
            format=row.format,
            file=None if row.file is None else Attachment(row.file.name, row.file.content),
            reply_to=row.reply_to,
            answer_via=row.answer_via,
            uncertain=row.uncertain,
            buttons=tuple(
                Button(each.label, button_token(row.nonce, number), each.kind, each.prompt)
                for number, each in enumerate(row.actions)
            ),
        )
        try:
            sent = await adapter.send(chunk)
        except DeliveryError as error:
            return self._not_delivered(adapter, row, error)
        except Exception as error:  # noqa: BLE001 (a bug in an adapter counts as unknown)
            _log.error("sending failed", adapter=adapter.name, stack=stack_of(error))
            return self._perhaps_again(adapter, row, type(error).__name__)
        return OutboxResult(
            row, "sent", platform_message_id=sent.platform_message_id, uncertain=row.uncertain
        )

    def _not_delivered(
        self, adapter: Adapter, row: OutboxRow, error: DeliveryError
    ) -> OutboxResult:
        match error:
            case RateLimited(retry_after=after):
                return self._later(row, str(error), after=after, counts=False)
            case ChatUnreachable():
                home = Address(str(ChatAddress.parse(row.address).home))
                return OutboxResult(row, "unreachable", error=str(error), home=home)
            case MessageRejected() | WindowClosed():
                _log.warning("chunk refused", adapter=adapter.name, error=type(error).__name__)
                return OutboxResult(row, "failed", error=str(error))
            case OutcomeUnknown():
                return self._perhaps_again(adapter, row, str(error))
            case _:
                return self._later(row, str(error))

    def _later(
        self, row: OutboxRow, error: str, *, after: float | None = None, counts: bool = True
    ) -> OutboxResult:
        if row.attempts >= MAX_ATTEMPTS:
            return OutboxResult(row, "failed", error=error, uncertain=row.uncertain)
        pause = after if after is not None else min(LONGEST_PAUSE, 0.5 * 2**row.attempts)
        due = Micros(self._clock.now() + seconds(pause))
        return OutboxResult(
            row, "waiting", due, error=error, uncertain=row.uncertain, counts=counts
        )

    def _perhaps_again(self, adapter: Adapter, row: OutboxRow, error: str) -> OutboxResult:
        """It may have arrived. Once more is better than never; more often than that is spam, but
        where repeats are dropped. Tries that are known to have failed don't count.
        """
        harmless = adapter.capabilities.drops_repeats and row.answer_via is None
        if row.uncertain and not (harmless and row.attempts < HARMLESS_ATTEMPTS):
            return OutboxResult(row, "failed", error=error, uncertain=True)
        due = Micros(self._clock.now() + seconds(min(row.attempts, 10) if harmless else 1.0))
        return OutboxResult(row, "waiting", due, error=error, uncertain=True)


def _given_back(row: OutboxRow) -> OutboxResult:
    return OutboxResult(row, "waiting", uncertain=row.uncertain, counts=False)
