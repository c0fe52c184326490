"""The REST API from outside, beside litellm's own speed in the same run."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import anyio

from benchmarks.api_client import Api, api, bodies
from benchmarks.figures import Figure, milliseconds, quantiles, reached
from benchmarks.floor import Body, Floor, Timed, repeated, seconds
from benchmarks.processes import ServiceProcess, model_settings, simulator
from benchmarks.targets import CREATE, EDIT, FIRST_TOKEN, KEPT, THROUGHPUT, TURN
from benchmarks.window import same_beginning, wire_text
from tests.simulators.loopback import unused_port

ABOUT = (
    "A service as a process, this process as its client, and a model without delay behind it "
    "(`benchmarks.lean_model`) share the cores. The service reaches its model directly, as it does "
    "by default. The floor is a bare call of the same model with a body that the service sent: the "
    "last of a conversation of twenty turns. After an edit nothing but the call and its return is "
    "new in a prompt; the head of an agent made over the API is short, so that what is new is a "
    "larger part of its requests: of 4,768 characters the call itself is 215, its return with the "
    "block as it now reads 243. With a return of one word it would still be .94; the two are a "
    "twentieth of a prompt from some 8,700 characters on. At a level with one agent all turns are in "
    "its one thread, so that hundreds of messages come into view: building that prompt and counting "
    "it costs a fifth more, while a turn of the first rows has at most forty."
)
LEVELS = (1, 16, 64)
A_CONVERSATION = 20
"""Turns before the next agent is made."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    agents: int = 50
    turns: int = 100
    edits: int = 20
    streams: int = 20
    seconds: float = 12.0
    floors: tuple[int, ...] = (200, 600, 600)
    """Bare calls at each level."""


QUICK = Extent(10, 20, 5, 5, 2.0, (20, 64, 64))


@dataclass(frozen=True, slots=True)
class Prefix:
    """How much of each request's prompt was the one before."""

    shares: Sequence[float]
    perfect: Sequence[float]
    last: Body


@dataclass(frozen=True, slots=True)
class Level:
    """Turns by so many at once, one after the other each."""

    turns: Timed
    processor: float
    """Seconds that the service's process used for each."""


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    with (
        tempfile.TemporaryDirectory(prefix="familiar-bench-") as name,
        simulator(Path(name), "benchmarks.lean_model") as model,
    ):
        service = ServiceProcess(Path(name), unused_port(), **model_settings(model, "auto"))
        service.until_ready(service.spawn())
        try:
            return anyio.run(_measured, service, model, QUICK if quick else Extent())
        finally:
            service.stop()


async def _measured(service: ServiceProcess, model: str, extent: Extent) -> list[Figure]:
    async with api(service.url) as home:
        await home.say(await home.create(), "warm up")
        made = await repeated(home.create, extent.agents, 1)
        turns = await _turns(home, extent.turns)
        edits, changed = await _edits(home, extent.edits)
        streams = {tokens: await _streams(home, extent.streams, tokens) for tokens in (True, False)}
        levels = {level: await _level(home, service, level, extent.seconds) for level in LEVELS}
        kept = await _edits_kept(home)
        prefix = await _prefix(home, model)
        memory = service.memory()
        floor = Floor(model, home.client)
        bare, bare_http = await _floors(floor, prefix.last, extent)
    return [
        *_single(made, turns, edits, changed, bare[1], bare_http),
        reached(KEPT, kept, ours=f"{kept} of 8"),
        reached(
            FIRST_TOKEN,
            milliseconds(streams[True]),
            ours=f"{milliseconds(streams[True]):.2f} ms",
            note=f"{milliseconds(streams[False]):.2f} ms where whole steps are streamed",
        ),
        *_at_once(levels, bare),
        *_rest(prefix, memory),
    ]


# What is measured


async def _turns(home: Api, count: int) -> list[float]:
    took = []
    for first in range(0, count, A_CONVERSATION):
        agent = await home.create()
        await home.say(agent, "warm up")
        for number in range(first, first + A_CONVERSATION):
            one = await seconds(partial(home.say, agent, f"Hello number {number}"))
            took.append(one)
    return took


async def _edits(home: Api, count: int) -> tuple[list[float], int]:
    """Turns that note a name, and in how many the block has really changed."""
    took, changed = [], 0
    for number in range(count):
        agent, name = await home.create(), f"Cameron{number}"
        said = f"My name is {name}. Please store this."
        took.append(await seconds(partial(home.say, agent, said)))
        changed += name in await home.human(agent)
    return took, changed


async def _streams(home: Api, count: int, tokens: bool) -> list[float]:  # noqa: FBT001
    agent = await home.create()
    await home.say(agent, "warm up")
    return [
        await seconds(partial(home.until_first, agent, f"Stream {number}", tokens=tokens))
        for number in range(count)
    ]


async def _level(home: Api, service: ServiceProcess, level: int, during: float) -> Level:
    agents = [await home.create() for _ in range(level)]
    took: list[float] = []
    began, spent = time.perf_counter(), service.processor_seconds()

    async def talk(agent: str) -> None:
        while time.perf_counter() < began + during:
            took.append(await seconds(partial(home.say, agent, f"Hello {len(took)}")))

    async with anyio.create_task_group() as tasks:
        for agent in agents:
            tasks.start_soon(talk, agent)
    turns = Timed(took, time.perf_counter() - began)
    return Level(turns, (service.processor_seconds() - spent) / len(took))


async def _edits_kept(home: Api) -> int:
    """Of eight messages that reach one agent at once, each with something to note."""
    names = [f"Cameron{number}" for number in range(8)]
    agent = await home.create(human="")
    async with anyio.create_task_group() as tasks:
        for name in names:
            tasks.start_soon(home.say, agent, f"My name is {name}. Please store this.")
    noted = await home.human(agent)
    return sum(name in noted for name in names)


async def _prefix(home: Api, model: str) -> Prefix:
    agent = await home.create()
    for turn in range(A_CONVERSATION):
        await home.say(agent, "My name is Cameron." if turn == 4 else f"Tell me fact {turn} please")
    asked = await bodies(home.client, model, A_CONVERSATION + 1)
    texts = [wire_text(each.get("tools") or [], each["messages"]) for each in asked]
    return Prefix(
        [same_beginning(one, other) / len(other) for one, other in pairwise(texts)],
        [min(1.0, len(one) / len(other)) for one, other in pairwise(texts)],
        asked[-1],
    )


async def _floors(floor: Floor, body: Body, extent: Extent) -> tuple[Mapping[int, Timed], Timed]:
    """Bare calls through litellm at each level, and over HTTP alone, one at a time."""
    through, alone = partial(floor.by_litellm, body), partial(floor.by_http, body)
    await through()
    await alone()
    bare = {
        level: await repeated(through, times, level)
        for level, times in zip(LEVELS, extent.floors, strict=True)
    }
    return bare, await repeated(alone, extent.floors[0], 1)


# What is told of it


def _single(
    made: Timed,
    turns: Sequence[float],
    edits: Sequence[float],
    changed: int,
    bare: Timed,
    bare_http: Timed,
) -> list[Figure]:
    """One request at a time."""
    least = milliseconds(bare.each)
    floor = f"{least:.1f} ms ({milliseconds(bare_http.each):.1f})"
    half, most = (milliseconds(turns, share) / least for share in (0.5, 0.99))
    edited = milliseconds(edits)
    return [
        reached(
            CREATE,
            milliseconds(made.each),
            milliseconds(made.each, 0.99),
            ours=quantiles(made.each),
        ),
        reached(
            TURN,
            half,
            most,
            ours=f"{quantiles(turns)}: {half:.2f} / {most:.2f} floors",
            floor=floor,
        ),
        reached(
            EDIT,
            edited / (2 * least),
            ours=f"{edited:.2f} ms: {edited / (2 * least):.2f} floors",
            floor=f"{2 * least:.1f} ms, two calls",
            note=f"the block really changed in {changed} of {len(edits)}",
        ),
        Figure(
            "floor: a bare call through litellm, p50 / p99",
            quantiles(bare.each),
            "",
            f"over HTTP alone: {quantiles(bare_http.each)}",
        ),
    ]


def _at_once(levels: Mapping[int, Level], bare: Mapping[int, Timed]) -> list[Figure]:
    rates = [each.turns.rate for each in levels.values()]
    floors = [bare[level].rate for level in levels]
    ratios = [rate / floor for rate, floor in zip(rates, floors, strict=True)]

    def row(values: Sequence[float], form: str) -> str:
        return " / ".join(f"{each:{form}}" for each in values)

    return [
        reached(
            THROUGHPUT,
            *ratios,
            ours=f"{row(rates, '.0f')}: {row(ratios, '.2f')} floors",
            floor=row(floors, ".0f"),
        ),
        *(
            Figure(
                f"turns with {level} at once, p50 / p99",
                quantiles(each.turns.each),
                "",
                f"{1_000 * each.processor:.1f} ms of the service's processor time each; bare calls "
                f"{quantiles(bare[level].each)}",
            )
            for level, each in levels.items()
        ),
    ]


def _rest(prefix: Prefix, memory: float) -> list[Figure]:
    mean, perfect = statistics.fmean(prefix.shares), statistics.fmean(prefix.perfect)
    least = min(range(len(prefix.shares)), key=lambda at: prefix.shares[at])
    return [
        Figure(
            "share of a prompt that was the one before, mean",
            f"{mean:.4f}",
            "",
            f"perfectly append-only {perfect:.4f}; least {prefix.shares[least]:.4f}, where that "
            f"would be {prefix.perfect[least]:.4f}",
        ),
        Figure("memory at the end, model reached directly", f"{memory:.0f} MiB"),
    ]
