"""A push platform as a process, with people who write line after line, and a network that hands
out an old update again now and then.

    python -m benchmarks.push_people --pause 1.6 --again 0.05 --seed 1

What is there says `scripted_people`; beside it stand the routes of `tests.simulators.push_platform`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.testing import PushPlatform, Update
from agentcore.clock import Micros, SystemClock
from benchmarks.processes import push_settings
from benchmarks.scripted_people import REPEATED, Seen, Sign, arguments, serve
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


@dataclass(frozen=True, slots=True)
class PushReader:
    """`Reader` of a chat."""

    platform: PushPlatform
    chat: str
    clock: SystemClock

    def writes(self, line: str) -> None:
        self.platform.write(self.chat, line)

    def sees(self, after: int = 0) -> Sequence[Seen]:
        now = self.clock.now()
        seen = self.platform.seen(self.chat)
        return [Seen(e.message_id, e.text, now) for e in seen if e.message_id > after]

    def signs(self) -> Sequence[Sign]:
        return ()

    async def records(self) -> Sequence[str]:
        return ()


class Push:
    """`Platform` over the push platform."""

    refused: Mapping[int, int] = {}

    def __init__(self, network: ForgetfulPlatform) -> None:
        self._network = network
        self._clock = SystemClock()
        self._told = 0

    def person(self, name: str) -> PushReader:
        return PushReader(self._network, name, self._clock)

    def now(self) -> Micros:
        return self._clock.now()

    def settings(self, url: str) -> Mapping[str, str]:
        return push_settings(url)

    def hears_strangers(self) -> bool:
        return True

    def unacknowledged(self) -> int:
        return len(self._network.unacknowledged)

    def throw(self, _chance: random.Random) -> Iterator[str]:
        while self._told < self._network.repeated:
            self._told += 1
            yield REPEATED


async def _play() -> None:
    given = arguments("A push platform, with people who write.", "again")
    simulator = Simulator()
    network = ForgetfulPlatform(given.again, random.Random(given.seed))  # noqa: S311 (repetitions)
    simulator.platform = network
    await serve(Push(network), given, *create_app(simulator).routes)


if __name__ == "__main__":
    asyncio.run(_play())
