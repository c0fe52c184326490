"""Many visitors of the web page at once, with a model that takes its time: does one wait for
another, and does memory stay flat?

Each opens the page, follows its events and says something in every round, all at the same moment.
The time is from sending to the final reply in the visitor's own stream.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx

from benchmarks.figures import Figure, milliseconds
from benchmarks.processes import ServiceProcess, model_settings, simulator
from tests.simulators.loopback import unused_port

ABOUT = "Client, service and model share the cores, and all visitors begin in the same moment."
MODEL_SECONDS = 2.0


@dataclass
class Visitor:
    """One browser: its client, and how long its replies took, in seconds."""

    client: httpx.AsyncClient
    took: list[float] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        async with self.client.stream("GET", "/chat/events") as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: ") and '"role":"assistant"' in line:
                    self._came.set()

    async def say(self, number: int) -> None:
        """Say something, and wait for the reply."""
        self._came.clear()
        body = {"text": f"hello #{number}", "client_id": uuid.uuid4().hex}
        began = time.perf_counter()
        answer = await self.client.post("/chat/messages", json=body)
        if json.loads(answer.text).get("outcome") != "accepted":
            msg = f"a message was not accepted: {answer.status_code} {answer.text}"
            raise RuntimeError(msg)
        await self._came.wait()
        self.took.append(time.perf_counter() - began)


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    count, rounds = (10, 2) if quick else (200, 6)
    arguments = ("--delay", str(MODEL_SECONDS), "--least", str(MODEL_SECONDS))
    with tempfile.TemporaryDirectory(prefix="familiar-bench-") as name:
        folder = Path(name)
        with simulator(folder, "benchmarks.echo_model", *arguments) as model_url:
            service = ServiceProcess(folder, unused_port(), **model_settings(model_url))
            service.until_ready(service.spawn())
            took, memory = anyio.run(_crowd, service, count, rounds)
            service.stop()
    first, *later = memory
    return [
        Figure(
            f"{count} visitors at once, model of {MODEL_SECONDS:g} s: final reply, p50 / p95 / max",
            " / ".join(f"{milliseconds(took, share) / 1_000:.2f}" for share in (0.5, 0.95, 1))
            + " s",
            "",
            f"from sending, {rounds} rounds over HTTP and SSE",
        ),
        Figure(
            "the same: memory after the first round, and after each later one",
            " / ".join(f"{each:.0f}" for each in (first, *later)) + " MiB",
            "flat",
        ),
    ]


async def _crowd(
    service: ServiceProcess, count: int, rounds: int
) -> tuple[list[float], list[float]]:
    """How long each reply took, and the service's memory after each round."""
    visitors = [
        Visitor(httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=120))
        for _ in range(count)
    ]
    memory: list[float] = []
    async with anyio.create_task_group() as streams:
        for visitor in visitors:
            (await visitor.client.get("/")).raise_for_status()
            streams.start_soon(visitor.follow)
        for number in range(rounds):
            async with anyio.create_task_group() as talk:
                for visitor in visitors:
                    talk.start_soon(visitor.say, number)
            memory.append(service.memory())
        streams.cancel_scope.cancel()
    for visitor in visitors:
        await visitor.client.aclose()
    return [each for visitor in visitors for each in visitor.took], memory
