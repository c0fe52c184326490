"""Empties the outbox: chunk by chunk, in order per address, many addresses at once.

Invariant: a chunk is taken under a lease before it is sent and marked after. A process that dies
in between may send it again; that is counted, and happens at most once for each such death.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import anyio
import structlog

from adapters.base import (
    Adapter,
    ChatAddress,
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    RateLimited,
    WindowClosed,
)
from agentcore.clock import SECOND, Clock, Micros, seconds
from agentcore.errors import StoreError, stack_of
from agentcore.records import Address, OutboxRow
from agentcore.store import OutboxResult, Store
from bot.hints import Hints

_log = structlog.get_logger(__name__)

BATCH = 100
LEASE = 60.0
MAX_ATTEMPTS = 12
MAX_UNCERTAIN = 2
LONGEST_PAUSE = 300.0
LOOK_AGAIN = 2.0


class Sender:
    """One per process that has push adapters."""

    def __init__(
        self,
        holder: str,
        store: Store,
        adapters: Mapping[str, Adapter],
        hints: Hints,
        clock: Clock,
        *,
        look_again: float = LOOK_AGAIN,
    ) -> None:
        self._holder = holder
        self._store = store
        self._adapters = adapters
        self._hints = hints
        self._clock = clock
        self._look_again = look_again
        self._stopping = False

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Send until `stop`, then finish the chunks that are in the air."""
        async with anyio.create_task_group() as tasks:
            ready()
            while not self._stopping:
                try:
                    rows = await self._store.claim_outbox(
                        self._holder, limit=BATCH, lease=seconds(LEASE)
                    )
                    wait = 0.0 if rows else await self._until_due()
                except StoreError as error:
                    _log.error("claiming the outbox failed", error=str(error))
                    rows, wait = (), self._look_again
                for address, chunks in groupby(rows, key=lambda row: row.address):
                    tasks.start_soon(self._send_all, address, list(chunks))
                if wait > 0:
                    await self._hints.outbox.wait(at_most=wait)

    def stop(self) -> None:
        self._stopping = True
        self._hints.outbox.ring()

    async def _until_due(self) -> float:
        due = await self._store.next_outbox()
        if due is None:
            return self._look_again
        left = (due - self._clock.now()) / SECOND
        return min(self._look_again, max(left, 0.02))

    async def _send_all(self, address: Address, rows: Sequence[OutboxRow]) -> None:
        """One address's chunks, until one must wait; those after it are given back."""
        for at, row in enumerate(rows):
            result = await self._send(ChatAddress.parse(address), row)
            results = [result]
            if result.state == "waiting":
                results += [_given_back(each) for each in rows[at + 1 :]]
            try:
                await self._store.finish_outbox(results)
            except StoreError as error:
                # Its lease runs out, and it is sent again: better twice than not at all.
                _log.error("marking a chunk failed", error=str(error))
                return
            self._hints.outbox.ring()
            if result.state in {"waiting", "unreachable"}:
                return

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
            reply_to=row.reply_to,
            uncertain=row.uncertain,
        )
        try:
            sent = await adapter.send(chunk)
        except DeliveryError as error:
            return self._not_delivered(adapter, row, error)
        except Exception as error:  # noqa: BLE001 (a bug in an adapter counts as unknown)
            _log.error("sending failed", adapter=adapter.name, stack=stack_of(error))
            return self._perhaps_again(row, type(error).__name__)
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
                return OutboxResult(row, "unreachable", error=str(error))
            case MessageRejected() | WindowClosed():
                _log.warning("chunk refused", adapter=adapter.name, error=type(error).__name__)
                return OutboxResult(row, "failed", error=str(error))
            case OutcomeUnknown():
                return self._perhaps_again(row, str(error))
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

    def _perhaps_again(self, row: OutboxRow, error: str) -> OutboxResult:
        """It may have arrived. Once more is better than never; more often than that is spam."""
        if row.attempts >= MAX_UNCERTAIN:
            return OutboxResult(row, "failed", error=error, uncertain=True)
        due = Micros(self._clock.now() + seconds(1.0))
        return OutboxResult(row, "waiting", due, error=error, uncertain=True)


def _given_back(row: OutboxRow) -> OutboxResult:
    return OutboxResult(row, "waiting", uncertain=row.uncertain, counts=False)
