"""Cold start and memory of the real service, as a process of its own.

From the moment the process is spawned to the first 200 of `/readyz`; on a new folder, where the
schema is made too, and on an existing one. Then memory with two platforms, and with a model that is
reached directly, and through litellm, after load.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx

from benchmarks.figures import Figure, median, reached
from benchmarks.processes import ServiceProcess, model_settings, push_settings, simulator
from benchmarks.targets import COLD_START, MEMORY_BARE, MEMORY_LITELLM, MEMORY_PLATFORMS
from tests.simulators.loopback import unused_port

SETTLE = 1.5
"""Seconds after `/readyz` before memory is read."""
PATIENCE = 60.0
ABOUT = (
    "The real service as a process of its own, in a folder of its own. Without a model set it "
    "answers with the one that is built in. Medians, with the least and the most. The start that "
    "makes the database takes some 9 MiB more: it loads Alembic. Through litellm half of a turn's "
    "processor time is litellm and the OpenAI client under it, and more than a third of that the "
    "client's walk over each message of the prompt, type by type (by py-spy)."
)
PLATFORMS = ("benchmarks.telegram_people", "benchmarks.discord_people")


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    times = 2 if quick else 7
    fresh = [_start(Path(folder)) for folder in _folders(times)]
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as folder:
        _start(Path(folder))
        again = [_start(Path(folder)) for _ in range(times)]
    memory = median(memory for _, memory in again)
    return [
        reached(
            COLD_START,
            median(ready for ready, _ in again),
            ours=_seconds([ready for ready, _ in again]),
            note=f"from spawning it, {times} times, on an existing database",
        ),
        Figure(
            "cold start, new database", _seconds([ready for ready, _ in fresh]), "", "makes it too"
        ),
        reached(MEMORY_BARE, memory, ours=f"{memory:.0f} MiB"),
        _on_both_platforms(),
        *_after_load("direct", messages=20 if quick else 600),
        *_after_load("litellm", messages=20 if quick else 600),
    ]


def _folders(count: int) -> list[str]:
    """Names of new folders, each gone when the process ends."""
    _kept.extend(tempfile.TemporaryDirectory(prefix="familiar-bench-") for _ in range(count))
    return [each.name for each in _kept[-count:]]


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _seconds(values: list[float]) -> str:
    return f"{median(values):.2f} s ({min(values):.2f} to {max(values):.2f})"


def _start(folder: Path) -> tuple[float, float]:
    """Seconds until ready, and MiB a moment later."""
    service = ServiceProcess(folder, unused_port())
    try:
        ready = service.until_ready(service.spawn())
        time.sleep(SETTLE)
        return ready, service.memory()
    finally:
        service.stop()


def _on_both_platforms() -> Figure:
    """A service that is connected to Telegram and Discord, when it has answered on both."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="familiar-bench-")))
        urls = [stack.enter_context(simulator(folder, each, "--pause", "0")) for each in PLATFORMS]
        platforms = [
            stack.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=30.0))
            for url in urls
        ]
        settings = {"FAMILIAR_ACCESS": "open"}
        for platform in platforms:
            settings |= platform.get("/where").json()
        service = ServiceProcess(folder, unused_port(), **settings)
        try:
            service.until_ready(service.spawn())
            time.sleep(SETTLE)
            idle = service.memory()
            for platform in platforms:
                platform.post("/script", json={"chats": {"ada": ["Hello #ada-1"]}, "lead": 1})
            _until_turns(service, len(platforms))
            time.sleep(SETTLE)
            answered = service.memory()
        finally:
            service.stop()
    return reached(
        MEMORY_PLATFORMS,
        answered,
        ours=f"{answered:.0f} MiB",
        note=f"one reply sent on each; {idle:.0f} MiB before",
    )


def _after_load(way: str, *, messages: int) -> list[Figure]:
    """A service with a model: its start, and its memory when it has answered some."""
    with (
        tempfile.TemporaryDirectory(prefix="familiar-bench-") as name,
        simulator(
            Path(name), "benchmarks.push_people", "--pause", "0", "--look", "0.005"
        ) as platform,
        simulator(Path(name), "benchmarks.echo_model") as model,
        httpx.Client(base_url=platform, trust_env=False, timeout=30.0) as client,
    ):
        service = ServiceProcess(
            Path(name), unused_port(), **model_settings(model, way), **push_settings(platform)
        )
        try:
            began = service.spawn()
            ready = service.until_ready(began)
            at_ready = service.memory()
            client.post("/script", json={"chats": {"warm": ["Hello #warm-1"]}})
            first = _until_answered(client) - began
            warm = service.memory()
            spent, turning = service.processor_seconds(), time.perf_counter()
            per_user = 20
            chats = {
                f"u{user}": [f"Hello #u{user}-{line}" for line in range(per_user)]
                for user in range(max(1, messages // per_user))
            }
            client.post("/script", json={"chats": chats})
            rate = messages / (_until_answered(client) - turning)
            cost = (service.processor_seconds() - spent) / messages
            loaded = service.memory()
        finally:
            service.stop()
    loading = "imports litellm first" if way == "litellm" else ""
    return [
        Figure(f"cold start, model by {way}", f"{ready:.2f} s", "≤ 2 s", "/readyz"),
        Figure("… until the first reply was sent", f"{first:.2f} s", "", loading),
        _memory_after_load(
            way,
            loaded,
            f"{messages} turns; {at_ready:.0f} MiB at /readyz, {warm:.0f} after the first reply",
        ),
        Figure(
            f"turns/s over HTTP, model by {way}",
            f"{rate:.0f}/s",
            "",
            f"streamed; {1_000 * cost:.1f} ms of processor time per turn",
        ),
    ]


def _memory_after_load(way: str, mebibytes: float, note: str) -> Figure:
    ours = f"{mebibytes:.0f} MiB"
    if way == "litellm":
        return reached(MEMORY_LITELLM, mebibytes, ours=ours, note=note)
    return Figure(f"memory after load, model by {way}", ours, "", note)


def _until_turns(service: ServiceProcess, count: int) -> None:
    """Wait until so many turns have ended: the built-in model repeats no line.

    Raises:
        RuntimeError: that took too long.
    """
    end = time.perf_counter() + PATIENCE
    while service.log.read_text("utf-8").count('"turn ended"') < count:
        if time.perf_counter() > end:
            msg = f"{count} turns did not end within {PATIENCE:g} s"
            raise RuntimeError(msg)
        time.sleep(0.05)


def _until_answered(client: httpx.Client) -> float:
    """The moment when every line was answered."""
    while True:
        progress = client.get("/progress").json()
        if not progress["waiting"] and not progress["unwritten"]:
            return time.perf_counter()
        time.sleep(0.01)
