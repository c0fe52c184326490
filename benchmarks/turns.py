"""A whole service in this process, on the fake push platform, with a model that takes no time.

What is left is ours: the gate, the queue, the prompt, the commits and the way out.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import anyio

from adapters.addresses import ChatAddress
from adapters.base import Inbound, InboundPart, Sender
from adapters.testing import FakePushAdapter, PushPlatform, SendAttempt
from agentcore.testing import StaticCatalog
from benchmarks.echo_model import EDIT_WORD, EchoModel
from benchmarks.figures import Figure, milliseconds, quantiles, reached
from benchmarks.statements import Statements, counted
from benchmarks.targets import REPLY, STATEMENTS
from bot.app import Parts, Replacements, opened
from bot.host.logs import set_up
from bot.work import Supervisor, running
from config.settings import Settings

ABOUT = (
    "The service in this process on a fake push platform, with a model that takes no time and no "
    "debounce: what is left is ours. From writing to the reply's being handed to the platform."
)
USERS = 50
LINES = 40
"""Per user: the gate lets 60 a minute in."""


class TimedPlatform(PushPlatform):
    """Knows when each chat was last handed a message, and lets its user wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._arrived: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._at: dict[str, float] = {}

    async def send_message(self, attempt: SendAttempt) -> int:
        self._at[attempt.chat] = time.perf_counter()
        self._arrived[attempt.chat].set()
        return await super().send_message(attempt)

    async def ask(self, chat: str, text: str) -> float:
        """Write a line; seconds until its reply was handed over."""
        self._arrived[chat].clear()
        began = time.perf_counter()
        self.write(chat, text)
        await self._arrived[chat].wait()
        return self._at[chat] - began


@dataclass
class Bench:
    """The service at work and the platform that it is on."""

    parts: Parts
    platform: TimedPlatform
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def ask(self, chat: str, text: str = "How was your day, and what comes next?") -> float:
        return await self.platform.ask(chat, f"{text} #{chat}-{next(self.numbers)}")


@asynccontextmanager
async def bench(folder: Path, *, at_work: bool = True) -> AsyncGenerator[Bench, None]:
    """A service over a new database."""
    platform = TimedPlatform()
    replacements = Replacements(
        models=StaticCatalog(EchoModel()),
        adapters=lambda context: [FakePushAdapter(context.service, platform)],
    )
    async with opened(Settings(data_dir=folder), replacements) as parts:
        if not at_work:
            yield Bench(parts, platform)
            return
        async with running(parts, Supervisor(parts.adapters)):
            yield Bench(parts, platform)


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines. The log goes nowhere, but is written as in a service."""
    set_up(StringIO())
    try:
        return [
            *asyncio.run(_created(40 if quick else 400)),
            *asyncio.run(_counted(3 if quick else 20)),
            *asyncio.run(_turns(4 if quick else USERS, 3 if quick else LINES)),
        ]
    finally:
        set_up()


# First contact


async def _created(count: int) -> list[Figure]:
    figures = []
    for callers in (1, 16):
        with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
            async with bench(Path(folder), at_work=False) as home:
                await _first_contacts(home, "warm", 5, 1)
                began, spent = time.perf_counter(), time.process_time()
                times = await _first_contacts(home, "new", count, callers)
                rate = count / (time.perf_counter() - began)
                cost = (time.process_time() - spent) / count
        figures.append(
            Figure(
                f"first contact, {callers} at once, p50 / p99",
                quantiles(times),
                "",
                f"makes user, agent and all; {rate:.0f}/s{_costing(cost)}",
            )
        )
    return figures


def _costing(seconds: float) -> str:
    """What each took of the processor, which tells more than the clock on a busy machine."""
    return f", {1_000 * seconds:.1f} ms of processor time each"


async def _first_contacts(home: Bench, prefix: str, count: int, callers: int) -> list[float]:
    times: list[float] = []
    waiting = iter(range(count))

    async def caller() -> None:
        for number in waiting:
            name = f"{prefix}{number}"
            inbound = Inbound(
                update_id=name,
                address=ChatAddress("fakepush", "bot", name),
                sender=Sender(name, "Ada"),
                parts=(InboundPart("Hello, who are you?"),),
            )
            began = time.perf_counter()
            await home.parts.gateway.accept(inbound)
            times.append(time.perf_counter() - began)

    async with anyio.create_task_group() as tasks:
        for _ in range(callers):
            tasks.start_soon(caller)
    return times


# Statements


async def _counted(times: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        async with bench(Path(folder)) as home:
            for _ in range(2):
                await _settled(home, "Hello")
            plain = await _statements(home, "How was your day?", times)
            edits = await _statements(home, f"Please {EDIT_WORD} that I like tea.", times)
    sys.stdout.write(_listing("plain turn", plain, times) + _listing("edit turn", edits, times))
    totals = [sum(each.counts.values()) / times for each in (plain, edits)]
    idle = [_looking(each) / times for each in (plain, edits)]
    return [
        reached(
            STATEMENTS,
            *totals,
            ours=f"{totals[0]:.1f} / {totals[1]:.1f}",
            note="accept to marked sent; of them, only looking for more work: "
            f"{idle[0]:.1f} / {idle[1]:.1f}",
        )
    ]


async def _settled(home: Bench, text: str) -> None:
    await home.ask("ada", text)
    # Longer than anybody who was woken goes on looking for more work.
    await anyio.sleep(0.2)


async def _statements(home: Bench, text: str, times: int) -> Statements:
    with counted() as statements:
        for _ in range(times):
            await _settled(home, text)
    return statements


def _looking(statements: Statements) -> int:
    """How many of them only look for more work."""
    return sum(count for unit, count in statements.units.items() if _looks(unit))


def _looks(unit: str) -> bool:
    return unit in {"leases.next_ready", "outgoing.next_outbox"}


def _listing(title: str, statements: Statements, times: int) -> str:
    lines = [f"{title}: statements by storage function\n"]
    lines += [f"  {count / times:5.2f}  {name}\n" for name, count in statements.counts.items()]
    return "".join(lines)


# Latency and throughput


async def _turns(users: int, lines: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        async with bench(Path(folder)) as home:
            names = [f"u{number}" for number in range(users)]
            for name in names:
                await home.ask(name)
            alone, alone_note = await _one_after_the_other(home, names[: max(1, users // 5)], lines)
            # A minute of the gate's later: the first ones have used up theirs.
            together, together_note = await _all_at_once(home, names[users // 5 :], lines)
    return [
        reached(
            REPLY,
            milliseconds(alone),
            milliseconds(alone, 0.99),
            ours=quantiles(alone),
            note=f"one user at a time; {alone_note}",
        ),
        Figure(
            f"the same, {users - users // 5} users at once",
            quantiles(together),
            "",
            f"each writes on as soon as answered; {together_note}",
        ),
    ]


async def _one_after_the_other(
    home: Bench, names: Sequence[str], lines: int
) -> tuple[list[float], str]:
    began, spent = time.perf_counter(), time.process_time()
    times = [await home.ask(name) for _ in range(lines) for name in names]
    return times, _rate(len(times), began, spent)


def _rate(count: int, began: float, spent: float) -> str:
    per_second = count / (time.perf_counter() - began)
    return f"{per_second:.0f} turns/s{_costing((time.process_time() - spent) / count)}"


async def _all_at_once(home: Bench, names: Sequence[str], lines: int) -> tuple[list[float], str]:
    times: list[float] = []

    async def user(name: str) -> None:
        for _ in range(lines):
            took = await home.ask(name)
            times.append(took)

    began, spent = time.perf_counter(), time.process_time()
    async with anyio.create_task_group() as tasks:
        for name in names:
            tasks.start_soon(user, name)
    return times, _rate(len(times), began, spent)
