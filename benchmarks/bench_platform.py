"""The push platform as a process, with users who pause before they write on, and who wait for
answers; and with a network that hands out an old update again now and then.

    python -m benchmarks.bench_platform --pause 1.4 --again 0.05 --seed 1

Beside the routes of `tests.simulators.push_platform`: `GET /progress`, cheap enough to poll.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import socket
import sys
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.testing import PushPlatform, Update
from tests.simulators.push_platform import Simulator, create_app


class ForgetfulPlatform(PushPlatform):
    """Hands out an update again, although it was acknowledged, with probability `again`."""

    def __init__(self, again: float, chance: random.Random) -> None:
        super().__init__()
        self._again = again
        self._chance = chance
        self._recent: list[Update] = []
        self.repeated = 0

    async def get_updates(self, offset: int, *, limit: int = 100, wait: float = 0) -> list[Update]:
        batch = await super().get_updates(offset, limit=limit, wait=wait)
        old = [each for each in self._recent if each.update_id < offset]
        self._recent = [*self._recent, *batch][-200:]
        if batch and old and self._chance.random() < self._again:
            self.repeated += 1
            return [self._chance.choice(old), *batch]
        return batch


class PacedSimulator(Simulator):
    """Users who think before each line, for `pause` seconds in the mean."""

    def __init__(self, *, pause: float, again: float, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)  # noqa: S311 (pauses)
        self._pause = pause
        self._thinking: set[str] = set()
        self.network = ForgetfulPlatform(again, self._chance)
        self.platform = self.network

    def go_on(self, chat: str) -> None:
        """Write the next line after a pause, unless one is being thought of."""
        script = self.scripts.get(chat)
        if not script or not script.lines or chat in self._thinking:
            return
        if len(script.waiting) >= self.lead:
            return
        self._thinking.add(chat)
        pause = self._chance.uniform(0.1, 1.9) * self._pause
        asyncio.get_running_loop().call_later(pause, self._write, chat)

    def _write(self, chat: str) -> None:
        self._thinking.discard(chat)
        script = self.scripts[chat]
        lead, self.lead = self.lead, len(script.waiting) + 1
        super().go_on(chat)  # exactly one line
        self.lead = lead
        self.go_on(chat)

    def progress(self) -> dict[str, Any]:
        """Lines not answered yet, lines not written yet, and messages delivered so far."""
        scripts = self.scripts.values()
        return {
            "waiting": [marker for script in scripts for marker in script.waiting],
            "unwritten": sum(len(script.lines) for script in scripts),
            "delivered": len(self.platform.attempts),
            "repeated": self.network.repeated,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="A push platform with users who pause.")
    parser.add_argument("--pause", type=float, default=1.4)
    parser.add_argument("--again", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    simulator = PacedSimulator(pause=given.pause, again=given.again, seed=given.seed)

    async def progress(_: Request) -> JSONResponse:
        return JSONResponse(simulator.progress())

    logging.disable()  # a client that is killed in the middle of a request is no news
    app = create_app(simulator)
    app.router.routes.append(Route("/progress", progress))
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sys.stdout.write(f"listening on http://127.0.0.1:{sock.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    uvicorn.Server(config).run(sockets=[sock])


if __name__ == "__main__":
    main()
