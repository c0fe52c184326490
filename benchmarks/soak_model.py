"""The soak's model behind HTTP: it tells everything that it was shown, fails and dawdles, and keeps
an eye on whose words its prompts hold.

    python -m benchmarks.soak_model --delay 0.3 --faults 0.04 --seed 1

Its answer quotes the marker of each line of the turn once, as `echo_model` does, and besides every
secret and every name that stands anywhere in the prompt: what one user's agent was shown of another,
the user sees. Prints `listening on URL`: there `GET /where` tells the bot's settings, `GET /report`
what came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from agentcore.memory.tidying import TASK
from benchmarks.asked import listen, told
from benchmarks.echo_model import newest_turn
from benchmarks.processes import model_settings
from benchmarks.spoken import SECRET, named_in
from tests.simulators.openai_replies import Answer, Body, Call, Cut, Drop, Failure, Raw, Reply
from tests.simulators.openai_rules import Refusal
from tests.simulators.openai_server import OpenAIServer

TIDYING = TASK.partition(".")[0]
"""How a prompt begins that has memory put in order."""
EDIT_EVERY = 7
"""One line in so many has something noted."""
SLOW = 0.04, 2.0, 8.0
"""The share of answers that take their time, and from how many to how many seconds."""
FAULTS: Mapping[str, tuple[float, Callable[[Answer], Reply]]] = {
    "500": (3, lambda _: Failure(Refusal(500, "The server had an error.", kind="server_error"))),
    "429": (3, lambda _: Failure(Refusal(429, "Rate limit reached."), {"retry-after": "1"})),
    "stream cut": (3, lambda answer: Cut(answer, 2)),
    "stream ended early": (2, lambda answer: Cut(answer, 2, abruptly=False)),
    "connection dropped": (2, lambda _: Drop()),
    "no JSON": (2, lambda _: Raw(b'{"choices": [{"message": ')),
    "empty answer": (2, lambda _: Answer("")),
    "malformed tool call": (2, lambda _: Answer(calls=(Call("memory_insert", '{"label": "hu'),))),
    "unknown tool": (1, lambda _: Answer(calls=(Call("no_such_tool", "{}"),))),
    "refusal": (1, lambda _: Failure(Refusal(400, "Invalid prompt.", code="invalid_prompt"))),
}
"""What goes wrong with an answer, and how often beside the others."""


class TellingBrain:
    """The model; one for all."""

    def __init__(self, *, delay: float, faults: float, seed: int) -> None:
        self._delay = delay
        self._odds = faults
        self._chance = random.Random(seed)  # noqa: S311 (delays and faults)
        self._numbers = count(1)
        self.prompts = 0
        self.mixed: list[str] = []
        """Prompts that hold words of several, by whose."""
        self.troubles: Counter[str] = Counter()

    async def __call__(self, body: Body) -> Reply:
        text = json.dumps(body["messages"])
        names = named_in(text)
        self.prompts += 1
        if len(names) > 1:
            self.mixed.append(f"a prompt of {', '.join(sorted(names))}")
        await asyncio.sleep(self._pause())
        answer = self._answer(body, names, sorted({each[0] for each in SECRET.finditer(text)}))
        if self._chance.random() < self._odds:
            weights = [weight for weight, _ in FAULTS.values()]
            (fault,) = self._chance.choices(list(FAULTS), weights)
            self.troubles[f"model: {fault}"] += 1
            return FAULTS[fault][1](answer)
        return answer

    def _pause(self) -> float:
        share, least, most = SLOW
        if self._chance.random() < share:
            self.troubles["model: slow"] += 1
            return self._chance.uniform(least, most)
        return self._chance.uniform(0, self._delay)

    def _answer(self, body: Body, names: set[str], secrets: Sequence[str]) -> Answer:
        known = f"knowing {' '.join(secrets)} of {' '.join(sorted(names))}."
        if TIDYING in body["messages"][0]["content"]:
            return Answer('{"changes": []}')
        if not body.get("tools"):  # a summary
            return Answer(known, fragment=40)
        turn = newest_turn(body["messages"])
        markers = [each for each in turn if each.startswith("#")]
        if markers and "tool" not in turn and _noteworthy(markers[0]):
            noted = f"said {markers[0][1:]} {' '.join(secrets)}".rstrip()
            call = json.dumps({"label": "human", "new_string": noted})
            return Answer(calls=(Call("memory_insert", call, f"call_{markers[0][1:]}"),))
        heard = " ".join(["Heard", *markers])
        return Answer(f"{heard}, as answer {next(self._numbers)}, {known}", fragment=40)

    def report(self) -> Mapping[str, Any]:
        return {"prompts": self.prompts, "mixed": self.mixed, "troubles": dict(self.troubles)}


def _noteworthy(marker: str) -> bool:
    return marker.endswith("-000") or zlib.crc32(marker.encode()) % EDIT_EVERY == 0


async def _serve(given: argparse.Namespace) -> None:
    brain = TellingBrain(delay=given.delay, faults=given.faults, seed=given.seed)

    async def answer(body: Body) -> Reply:
        server.requests.clear()  # nobody looks at them, and they are many
        server.keys.clear()
        return await brain(body)

    server = OpenAIServer(brain=answer, api_key=None)
    await server.start()
    await listen(
        told("/where", lambda: model_settings(server.base_url)), told("/report", brain.report)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="A model that tells what it is shown.")
    parser.add_argument("--delay", type=float, default=0.3, help="longest delay, in seconds")
    parser.add_argument("--faults", type=float, default=0.0, help="share of answers gone wrong")
    parser.add_argument("--seed", type=int, default=1)
    logging.disable()  # a service that is killed in the middle of a request is no news
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
