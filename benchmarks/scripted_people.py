"""People who write line after line, on whichever platform, and what became of each line.

Over HTTP: `POST /script`, `GET /progress`, `GET /report` as on the push platform
(`tests.simulators.push_platform`), and `GET /where` with what a bot's settings need.

A marker in two messages of different texts is a second turn: the model's answers each have a
number of their own. In two of the same text it is a resend.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from agentcore.clock import SECOND, Micros
from benchmarks.echo_model import MARKER
from bot.http.server import bind

ANSWERS_LOST = "answers to a send lost"
REPEATED = "updates delivered again"
LOOK_EVERY = 0.02
FAULT_EVERY = 0.25
"""Seconds between two throws of the dice for the network."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot's, as its reader sees it, and when it came."""

    message_id: int
    text: str
    at: Micros


@dataclass(frozen=True, slots=True)
class Sign:
    """At that moment the reader was shown, for so many seconds, that an answer is being made."""

    at: Micros
    seconds: float


class Reader(Protocol):
    """One person of a platform, alone with the bot."""

    def writes(self, line: str) -> None: ...

    def sees(self, after: int = 0) -> Sequence[Seen]:
        """The bot's messages with a larger id, oldest first, as they read now."""
        ...

    def signs(self) -> Sequence[Sign]: ...


class Platform(Protocol):
    """Where it takes place."""

    @property
    def refused(self) -> Mapping[int, int]:
        """How many calls of the bot's it has refused, by status."""
        ...

    def person(self, name: str) -> Reader: ...

    def now(self) -> Micros: ...

    def settings(self) -> Mapping[str, str]:
        """What the bot is told of it."""
        ...

    def hears_strangers(self) -> bool:
        """Whether somebody's first message would be heard now, or found later."""
        ...

    def unacknowledged(self) -> int:
        """How many updates the bot has not yet taken."""
        ...

    def throw(self, chance: random.Random) -> Iterator[str]:
        """Let go wrong what the dice say; gives the name of each trouble."""
        ...


@dataclass(slots=True)
class Teller:
    """One person with a script."""

    reader: Reader
    lines: list[str] = field(default_factory=list)
    written: dict[str, Micros] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    answers: set[int] = field(default_factory=set)
    """The bot's messages that hold markers, by id."""
    seen: int = 0
    answered_at: dict[str, Micros] = field(default_factory=dict)
    thinking: bool = False


class ScriptedPeople:
    """Plays the scripts and judges the outcome."""

    def __init__(self, platform: Platform, *, pause: float, seed: int) -> None:
        self._platform = platform
        self._pause = pause
        self._chance = random.Random(seed)  # noqa: S311 (pauses and troubles)
        self._tellers: dict[str, Teller] = {}
        self._lead = 1
        self.troubles: Counter[str] = Counter()

    def play(self, chats: Mapping[str, Sequence[str]], lead: int) -> None:
        """Everybody begins to write, at most `lead` lines ahead of the answers."""
        self._lead = lead
        for name, lines in chats.items():
            if name not in self._tellers:
                self._tellers[name] = Teller(self._platform.person(name))
            self._tellers[name].lines.extend(lines)
            self._go_on(self._tellers[name])

    def _go_on(self, teller: Teller) -> None:
        if teller.thinking or not teller.lines or len(teller.waiting) >= self._lead:
            return
        teller.thinking = True
        pause = self._chance.uniform(0.1, 1.9) * self._pause
        asyncio.get_running_loop().call_later(pause, self._write, teller)

    def _write(self, teller: Teller) -> None:
        teller.thinking = False
        if not teller.answers and not self._platform.hears_strangers():
            self._go_on(teller)
            return
        line = teller.lines.pop(0)
        marker = MARKER.findall(line)[0]
        teller.written[marker] = self._platform.now()
        teller.waiting.add(marker)
        teller.reader.writes(line)
        self._go_on(teller)

    async def watch(self) -> None:
        """Note what people see, without end."""
        while True:
            for teller in self._tellers.values():
                for message in teller.reader.sees(teller.seen):
                    self._note(teller, message)
                self._go_on(teller)
            await asyncio.sleep(LOOK_EVERY)

    def _note(self, teller: Teller, message: Seen) -> None:
        teller.seen = message.message_id
        markers = set(MARKER.findall(message.text))
        if markers:
            teller.answers.add(message.message_id)
        for marker in markers & teller.waiting:
            teller.answered_at[marker] = message.at
        teller.waiting -= markers

    async def trouble(self) -> None:
        """Throw the dice for the network, without end."""
        while True:
            await asyncio.sleep(FAULT_EVERY)
            self.troubles.update(self._platform.throw(self._chance))

    def progress(self) -> dict[str, Any]:
        """As the push platform's: what waits, what is unwritten, how much was delivered."""
        tellers = self._tellers.values()
        return {
            "waiting": [marker for teller in tellers for marker in teller.waiting],
            "unwritten": sum(len(teller.lines) for teller in tellers),
            "delivered": sum(len(teller.answers) for teller in tellers),
            "repeated": self.troubles[REPEATED],
        }

    def report(self) -> dict[str, Any]:
        lost, doubled, disordered, resent = list[str](), list[str](), list[str](), 0
        for name, teller in self._tellers.items():
            texts = [
                each.text for each in teller.reader.sees() if each.message_id in teller.answers
            ]
            resent += len(texts) - len(set(texts))
            answers = [
                m for text in dict.fromkeys(texts) for m in dict.fromkeys(MARKER.findall(text))
            ]
            counts = Counter(answers)
            lost += [marker for marker in teller.written if marker not in counts]
            doubled += [marker for marker, count in counts.items() if count > 1]
            if list(dict.fromkeys(answers)) != [m for m in teller.written if m in counts]:
                disordered.append(f"{name}: answered as {' '.join(answers)}")
        tellers = self._tellers.values()
        return {
            "written": sum(len(teller.written) for teller in tellers),
            "unwritten": sum(len(teller.lines) for teller in tellers),
            "unanswered": lost,
            "doubled": doubled,
            "disordered": disordered,
            "resent": resent,
            "unacknowledged": self._platform.unacknowledged(),
            "troubles": dict(self.troubles),
            "refused": {str(status): n for status, n in self._platform.refused.items()},
            "waits": [wait for teller in tellers for wait in _waits(teller)],
        }


def _waits(teller: Teller) -> Iterator[Mapping[str, float]]:
    """For each answered line, in seconds: how long it took, when it was first shown that an answer
    is coming (by a sign, or its text so far), and how long nothing was shown in between.
    """
    shown = sorted((each.at, each.seconds) for each in teller.reader.signs())
    for marker, written in teller.written.items():
        answered = teller.answered_at.get(marker)
        if answered is None:
            continue
        signs = [(at, lasts) for at, lasts in shown if written <= at <= answered]
        begun = seen_until = signs[0][0] if signs else answered
        unseen = 0
        for at, lasts in [*signs, (answered, 0)]:
            unseen += max(0, at - seen_until)
            seen_until = max(seen_until, Micros(round(at + lasts * SECOND)))
        yield {
            "took": (answered - written) / SECOND,
            "typing": (begun - written) / SECOND,
            "unseen": unseen / SECOND,
        }


async def serve(platform: Platform, given: argparse.Namespace) -> None:
    """Let them play until this is cancelled; says on stdout where they are listening."""
    async with asyncio.TaskGroup() as tasks:
        people = ScriptedPeople(platform, pause=given.pause, seed=given.seed)
        tasks.create_task(people.watch())
        tasks.create_task(people.trouble())
        sock = bind("127.0.0.1", 0)
        sys.stdout.write(f"listening on http://127.0.0.1:{sock.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            _create_app(people, platform), log_config=None, lifespan="off", ws="none"
        )
        await uvicorn.Server(config).serve(sockets=[sock])


def _create_app(people: ScriptedPeople, platform: Platform) -> Starlette:
    async def script(request: Request) -> JSONResponse:
        body = await request.json()
        people.play(body["chats"], body.get("lead", 1))
        return JSONResponse({})

    def told(path: str, what: Callable[[], Mapping[str, Any]]) -> Route:
        async def answer(_: Request) -> JSONResponse:
            return JSONResponse(dict(what()))

        return Route(path, answer)

    return Starlette(
        routes=[
            Route("/script", script, methods=["POST"]),
            told("/progress", people.progress),
            told("/report", people.report),
            told("/where", platform.settings),
        ]
    )


def arguments(description: str, *troubles: str) -> argparse.Namespace:
    """What the command line says: how long people pause, and how likely each trouble is."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--pause", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    for trouble in troubles:
        parser.add_argument(f"--{trouble}", type=float, default=0.0)
    logging.disable()  # a client that is killed in the middle of a request is no news
    return parser.parse_args()
