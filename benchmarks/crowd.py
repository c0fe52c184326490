"""Many chats of a platform at once, with a model that takes its time: does one wait for another, is
typing shown throughout, are the platform's limits kept?

All write at the same moment, round after round. What is sent overall can't be faster than the
platform takes messages, and everybody's first round has the terms besides.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import Figure, milliseconds
from benchmarks.processes import ServiceProcess, model_settings, simulator
from tests.simulators.loopback import unused_port

ABOUT = (
    "All write at the same moment, round after round; everybody's first contact is left out. What is "
    "sent overall can't be faster than the platform takes messages."
)
MODEL_SECONDS = 2.0
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Place:
    """A platform, the module that plays it, and how many messages a second it takes of a bot."""

    name: str
    module: str
    a_second: int


PLACES = (
    Place("Telegram", "benchmarks.telegram_people", 30),
    Place("Discord", "benchmarks.discord_people", 50),
)


def measure(*, quick: bool, places: Sequence[Place] = PLACES) -> list[Figure]:
    """The table's lines."""
    return [figure for place in places for figure in _measured(place, quick=quick)]


def _measured(place: Place, *, quick: bool) -> list[Figure]:
    chats, rounds = (20, 1) if quick else (200, 3)
    delay = ("--delay", str(MODEL_SECONDS), "--least", str(MODEL_SECONDS), "--numbered")
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as name:
        folder = Path(name)
        with (
            simulator(folder, "benchmarks.echo_model", *delay) as model,
            simulator(folder, place.module, "--pause", "0") as platform,
            httpx.Client(base_url=platform, trust_env=False, timeout=30.0) as client,
        ):
            settings = {**model_settings(model), **client.get("/where").json()}
            service = ServiceProcess(folder, unused_port(), **settings)
            service.until_ready(service.spawn())
            for number in range(rounds + 1):  # the first is everybody's first contact
                _play(client, chats, number)
            report = client.get("/report").json()
            service.stop()
    return _figures(place, report, chats, rounds)


def _play(client: httpx.Client, chats: int, number: int) -> None:
    """Everybody writes a line; returns when all have an answer."""
    script = {f"u{chat:03}": [f"Line #u{chat:03}-{number:02}"] for chat in range(chats)}
    client.post("/script", json={"chats": script, "lead": 1})
    end = time.perf_counter() + PATIENCE
    while (progress := client.get("/progress").json())["waiting"] or progress["unwritten"]:
        if time.perf_counter() > end:
            waiting = len(progress["waiting"])
            msg = f"{waiting} of {chats} chats got no answer within {PATIENCE:g} s"
            raise RuntimeError(msg)
        time.sleep(0.05)


def _figures(place: Place, report: dict[str, Any], chats: int, rounds: int) -> list[Figure]:
    waits = [each for index, each in enumerate(report["waits"]) if index % (rounds + 1)]
    took = [each["took"] for each in waits]
    floor = MODEL_SECONDS + chats / place.a_second
    return [
        Figure(
            f"{chats} {place.name} chats at once, model of {MODEL_SECONDS:g} s: answer, p50 / p95 / max",
            " / ".join(f"{milliseconds(took, share) / 1_000:.2f}" for share in (0.5, 0.95, 1))
            + " s",
            f"last ≥ {floor:.1f} s",
            f"from writing, debounce of 0.7 s included; {place.a_second} messages a second is the limit",
        ),
        Figure(
            "the same: first sign of typing, p50 / p95; longest without one before the answer",
            " / ".join(
                f"{milliseconds([each['typing'] for each in waits], share) / 1_000:.2f}"
                for share in (0.5, 0.95)
            )
            + f" s; {max(each['unseen'] for each in waits):.2f} s",
            "0 s",
            f"{rounds} rounds",
        ),
        Figure(
            f"the same: calls that {place.name} refused", str(sum(report["refused"].values())), "0"
        ),
    ]
