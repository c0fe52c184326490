"""Many Telegram chats at once, with a model that takes its time: does one wait for another, is
typing shown throughout, are the platform's limits kept?

All write at the same moment, round after round. What is sent overall can't be faster than the 30
messages a second that Telegram takes, and everybody's first round has the terms besides.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import Figure, milliseconds
from benchmarks.processes import ServiceProcess, model_settings, simulator
from tests.simulators.loopback import unused_port

MODEL_SECONDS = 2.0
A_SECOND = 30
"""Messages that Telegram takes, over all chats."""
PATIENCE = 120.0


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    chats, rounds = (20, 1) if quick else (200, 3)
    delay = ("--delay", str(MODEL_SECONDS), "--least", str(MODEL_SECONDS), "--numbered")
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as name:
        folder = Path(name)
        with (
            simulator(folder, "benchmarks.echo_model", *delay) as model,
            simulator(folder, "benchmarks.telegram_people", "--pause", "0") as platform,
            httpx.Client(base_url=platform, trust_env=False, timeout=30.0) as client,
        ):
            settings = {**model_settings(model), **client.get("/where").json()}
            service = ServiceProcess(folder, unused_port(), **settings)
            service.until_ready(service.spawn())
            for number in range(rounds + 1):  # the first is everybody's first contact
                _play(client, chats, number)
            report = client.get("/report").json()
            service.stop()
    return _figures(report, chats, rounds)


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


def _figures(report: dict[str, Any], chats: int, rounds: int) -> list[Figure]:
    waits = [each for index, each in enumerate(report["waits"]) if index % (rounds + 1)]
    took = [each["took"] for each in waits]
    floor = MODEL_SECONDS + chats / A_SECOND
    return [
        Figure(
            f"{chats} Telegram chats at once, model of {MODEL_SECONDS:g} s: answer, p50 / p95 / max",
            " / ".join(f"{milliseconds(took, share) / 1_000:.2f}" for share in (0.5, 0.95, 1))
            + " s",
            f"last ≥ {floor:.1f} s",
            f"from writing, debounce of 0.7 s included; {A_SECOND} messages a second is the limit",
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
        Figure("the same: calls that Telegram refused", str(sum(report["refused"].values())), "0"),
    ]
