"""What a turn costs when much is stored: after a long history, and among many agents.

Both are seeded straight into the database. What is compared takes turns, so that noise meets all.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio

from benchmarks.api_client import Api, api, bodies
from benchmarks.figures import Figure, milliseconds, reached
from benchmarks.floor import Floor, seconds
from benchmarks.processes import ServiceProcess, model_settings, simulator
from benchmarks.seeding import add_agents, add_messages
from benchmarks.targets import AGENTS, HISTORY
from tests.simulators.loopback import unused_port

ABOUT = (
    "Over the REST API, as in `rest`. A long history has the messages in view that a compaction "
    "leaves there. The floor of a turn is a bare call with the very body that this turn sent, made "
    "right after it. For the target the service, too, asks its model through litellm, so that "
    "litellm's own time, which grows with the body, is in both; reached directly, as by default, a "
    "turn with much in view takes less than litellm's call alone."
)
SIZES = (10, 1_000, 100_000)
IN_VIEW = 250
A_CONVERSATION = 10
"""Turns before a short history is left for another, or it would be short no longer."""
WAYS = ("litellm", "auto")


@dataclass(slots=True)
class Costs:
    """Seconds of each turn, and of the bare calls with the same bodies."""

    turns: list[float] = field(default_factory=list)
    through: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    sizes, rounds = ((10, 100, 400), 3) if quick else (SIZES, 60)
    with (
        tempfile.TemporaryDirectory(prefix="familiar-bench-") as name,
        simulator(Path(name), "benchmarks.lean_model") as model,
    ):
        folder = Path(name)
        return [
            *_histories(folder / "histories", model, sizes, rounds),
            *_crowds(folder / "crowds", model, sizes, rounds),
        ]


def _service(folder: Path, model: str, way: str = "auto") -> ServiceProcess:
    folder.mkdir(parents=True, exist_ok=True)
    return ServiceProcess(folder, unused_port(), **model_settings(model, way))


async def _made(url: str, count: int) -> list[str]:
    """Agents that have been spoken to once."""
    async with api(url) as home:
        agents = [await home.create() for _ in range(count)]
        for agent in agents:
            await home.say(agent, "Hello")
    return agents


def _agents(service: ServiceProcess, count: int) -> list[str]:
    """The same, made by a service that is stopped then."""
    service.until_ready(service.spawn())
    try:
        return anyio.run(_made, service.url, count)
    finally:
        service.stop()


# History


def _histories(folder: Path, model: str, sizes: Sequence[int], rounds: int) -> list[Figure]:
    first, *later = sizes
    short = -(-rounds // A_CONVERSATION)
    service = _service(folder, model)
    agents = _agents(service, len(WAYS) * short + len(later))
    longs = {size: agents.pop() for size in later}
    for agent in agents:
        add_messages(service.database, agent, first - 2, in_view=first)
    for size, agent in longs.items():
        add_messages(service.database, agent, size - 2, in_view=min(size, IN_VIEW))
    found = {}
    for way in WAYS:
        shorts, agents = agents[:short], agents[short:]
        of = {first: shorts, **{size: [agent] for size, agent in longs.items()}}
        asking = _service(folder, model, way)
        asking.until_ready(asking.spawn())
        try:
            found[way] = anyio.run(_side_by_side, asking.url, model, of, rounds)
        finally:
            asking.stop()
    return _told_of_histories(found)


async def _side_by_side(
    url: str, model: str, agents: Mapping[int, Sequence[str]], rounds: int
) -> Mapping[int, Costs]:
    costs: dict[int, Costs] = {size: Costs() for size in agents}
    async with api(url) as home:
        floor = Floor(model, home.client)
        for some in agents.values():
            await home.say(some[0], "How are you?")
            await floor.by_litellm((await bodies(home.client, model, 1))[0])
        for number in range(rounds):
            for size, some in agents.items():
                agent, cost = some[number // A_CONVERSATION % len(some)], costs[size]
                said = partial(home.say, agent, f"How was your day? {number}")
                cost.turns.append(await seconds(said))
                sent = (await bodies(home.client, model, 1))[0]
                cost.through.append(await seconds(partial(floor.by_litellm, sent)))
                cost.alone.append(await seconds(partial(floor.by_http, sent)))
    return costs


def _told_of_histories(found: Mapping[str, Mapping[int, Costs]]) -> list[Figure]:
    def row(values: Sequence[float]) -> str:
        return " → ".join(f"{each:.1f}" for each in values)

    turns = {
        way: [milliseconds(each.turns) for each in costs.values()] for way, costs in found.items()
    }
    through = [milliseconds(each.through) for each in found["litellm"].values()]
    alone = [milliseconds(each.alone) for each in found["litellm"].values()]
    ours = [turn - floor for turn, floor in zip(turns["litellm"], through, strict=True)]
    direct = [
        milliseconds(each.turns) - milliseconds(each.alone) for each in found["auto"].values()
    ]
    ratio = ours[-1] / ours[0]
    return [
        reached(
            HISTORY,
            ratio,
            ours=f"{row(ours)} ms: {ratio:.2f} times",
            floor=f"{row(through)} ms ({row(alone)})",
            note=f"whole turns: {row(turns['litellm'])} ms; reached directly, as by default: "
            f"{row(turns['auto'])} ms",
        ),
        Figure(
            "reached directly, turn minus the same body over HTTP alone",
            f"{row(direct)} ms: {direct[-1] / direct[0]:.2f} times",
            "",
            "what is in view is read, counted and written out, too",
        ),
    ]


# Many agents


def _crowds(folder: Path, model: str, sizes: Sequence[int], rounds: int) -> list[Figure]:
    template = _service(folder / "template", model)
    (agent,) = _agents(template, 1)
    services = {}
    with ExitStack() as stack:
        for size in sizes:
            service = _service(folder / str(size), model)
            shutil.copytree(template.database.parent, service.database.parent)
            add_agents(service.database, agent, size - 1)
            service.until_ready(service.spawn())
            stack.callback(service.stop)
            services[size] = service.url
        took = anyio.run(_turn_about, services, agent, rounds)
    medians = [milliseconds(each) for each in took.values()]
    ratio = medians[-1] / medians[0]
    told = " → ".join(f"{each:.1f}" for each in medians)
    return [reached(AGENTS, ratio, ours=f"{told} ms: {ratio:.2f} times", note="p50 of whole turns")]


async def _turn_about(
    services: Mapping[int, str], agent: str, rounds: int
) -> Mapping[int, list[float]]:
    took: dict[int, list[float]] = {size: [] for size in services}
    async with AsyncExitStack() as stack:
        homes: dict[int, Api] = {
            size: await stack.enter_async_context(api(url)) for size, url in services.items()
        }
        for number in range(rounds + 2):
            for size, home in homes.items():
                one = await seconds(partial(home.say, agent, f"Hello {number}"))
                if number > 1:
                    took[size].append(one)
    return took
