"""People who write line after line, on whichever platform, and what became of each line.

A process of its own for each platform, asked over HTTP: `GET /where` (what the bot's settings
need), `POST /script`, `POST /hush`, `GET /progress`, `GET /report`.

A marker in two messages of different texts is a second turn: the model's answers each have a
number of their own. In two of the same text it is a resend. A line whose turn ended in a notice stays
without an answer in what the model is shown, which may quote it whenever it answers a later one.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from agentcore.clock import SECOND, Micros, SystemClock
from benchmarks.asked import listen, told
from benchmarks.spoken import MARKER, answered_in, is_half, named_in
from bot.texts import text_of

ANSWERS_LOST = "answers to a send lost"
REPEATED = "updates delivered again"
FAULT_EVERY = 0.25
"""Seconds between two throws of the dice for the network."""
ENDINGS = tuple(
    text_of(f"turn.{key}", {}, "en")
    for key in ("error", "no_answer", "model_refused", "cancelled", "max_steps")
)
"""What somebody is told whose line gets no answer of its own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message of the bot's, as its reader sees it, and when it came. `ends`: it says that what
    was asked gets no answer, whatever its text.
    """

    message_id: int
    text: str
    at: Micros
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """At that moment the reader was shown, for so many seconds, that an answer is being made."""

    at: Micros
    seconds: float


class Reader(Protocol):
    """One person of a platform, alone with the bot; or a room, whoever of it writes."""

    def writes(self, line: str) -> None: ...

    def sees(self, after: int = 0) -> Sequence[Seen]:
        """The bot's messages with a larger id, oldest first, as they read now."""
        ...

    def signs(self) -> Sequence[Sign]: ...

    async def records(self) -> Sequence[str]:
        """All other texts that it was shown, or would be if it looked."""
        ...


class Platform(Protocol):
    """Where it takes place."""

    @property
    def refused(self) -> Mapping[int, int]:
        """How many calls of the bot's it has refused, by status."""
        ...

    def person(self, name: str) -> Reader: ...

    def now(self) -> Micros: ...

    def settings(self, url: str) -> Mapping[str, str]:
        """What the bot is told of it; `url` is where this process is asked."""
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


class AtTheService:
    """What is true of each `Platform` that is the service itself: it needs no settings of its own,
    and knows no way by which the service might refuse or miss anybody.
    """

    refused: Mapping[int, int] = {}

    def __init__(self, given: argparse.Namespace, tasks: asyncio.TaskGroup) -> None:
        self._given = given
        self._tasks = tasks
        self._clock = SystemClock()

    def now(self) -> Micros:
        return self._clock.now()

    def settings(self, _url: str) -> Mapping[str, str]:
        return {}

    def hears_strangers(self) -> bool:
        return True

    def unacknowledged(self) -> int:
        return 0


@dataclass(slots=True)
class Teller:
    """One person with a script."""

    name: str
    reader: Reader
    lines: list[str] = field(default_factory=list)
    written: dict[str, Micros] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    """Lines that waited when a message said that there is no answer."""
    answers: set[int] = field(default_factory=set)
    """The bot's messages that hold markers, by id."""
    commands: int = 0
    remarks: int = 0
    """Messages of the bot's without a marker."""
    noted: set[int] = field(default_factory=set)
    seen: int = 0
    """Everything up to this id is noted."""
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
        self._foreign: list[str] = []
        self._hushed = False
        self.troubles: Counter[str] = Counter()

    def play(self, chats: Mapping[str, Sequence[str]], lead: int) -> None:
        """Everybody begins to write, at most `lead` lines ahead of the answers."""
        self._lead = lead
        for name, lines in chats.items():
            if name not in self._tellers:
                self._tellers[name] = Teller(name, self._platform.person(name))
            self._tellers[name].lines.extend(lines)
            self._go_on(self._tellers[name])

    def hush(self) -> None:
        """Nobody begins anything new, and nothing goes wrong any more."""
        self._hushed = True
        for teller in self._tellers.values():
            teller.lines.clear()

    def _go_on(self, teller: Teller) -> None:
        if teller.thinking or not teller.lines or len(teller.waiting) >= self._lead:
            return
        teller.thinking = True
        pause = self._chance.uniform(0.1, 1.9) * self._pause
        asyncio.get_running_loop().call_later(pause, self._write, teller)

    def _write(self, teller: Teller) -> None:
        teller.thinking = False
        if not teller.lines:  # hushed meanwhile
            return
        if not teller.answers and not self._platform.hears_strangers():
            self._go_on(teller)
            return
        line = teller.lines.pop(0)
        if markers := MARKER.findall(line):
            teller.written[markers[0]] = self._platform.now()
            teller.waiting.add(markers[0])
        else:
            teller.commands += 1
        teller.reader.writes(line)
        self._go_on(teller)

    async def watch(self, every: float) -> None:
        """Note what people see, without end; `every` so many seconds."""
        while True:
            self.look()
            await asyncio.sleep(every)

    def look(self) -> None:
        """Note what people have seen since."""
        for teller in self._tellers.values():
            growing = False
            for message in teller.reader.sees(teller.seen):
                if is_half(message.text):
                    growing = True  # looked at again, until it is all there
                    continue
                if message.message_id not in teller.noted:
                    self._note(teller, message)
                if not growing:
                    teller.seen = message.message_id
            self._go_on(teller)

    def _note(self, teller: Teller, message: Seen) -> None:
        teller.noted.add(message.message_id)
        self._look_for_others(teller, message.text)
        markers = set(answered_in(message.text))
        if markers:
            teller.answers.add(message.message_id)
        else:
            teller.remarks += 1
            if message.ends or any(each in message.text for each in ENDINGS):
                teller.ended |= teller.waiting
                teller.waiting.clear()
        for marker in markers & teller.waiting:
            teller.answered_at[marker] = message.at
        teller.waiting -= markers

    def _look_for_others(self, teller: Teller, text: str) -> None:
        if others := named_in(text) - {teller.name}:
            self._foreign.append(f"{teller.name} saw of {', '.join(sorted(others))}: {text[:200]}")

    async def trouble(self) -> None:
        """Throw the dice for the network."""
        while not self._hushed:
            await asyncio.sleep(FAULT_EVERY)
            self.troubles.update(self._platform.throw(self._chance))

    def progress(self) -> dict[str, Any]:
        """What waits, what is unwritten, how much was delivered."""
        tellers = self._tellers.values()
        return {
            "waiting": [marker for teller in tellers for marker in teller.waiting],
            "unwritten": sum(len(teller.lines) for teller in tellers),
            "delivered": sum(len(teller.answers) for teller in tellers),
            "repeated": self.troubles[REPEATED],
        }

    async def report(self) -> dict[str, Any]:
        """What became of it all. Lists hold what is wrong."""
        for teller in self._tellers.values():
            for text in await teller.reader.records():
                self._look_for_others(teller, text)
        tellers = self._tellers.values()
        judged = [_judged(teller) for teller in tellers]
        return {
            "written": sum(len(teller.written) for teller in tellers),
            "commands": sum(teller.commands for teller in tellers),
            "unwritten": sum(len(teller.lines) for teller in tellers),
            "ended": sum(each.ended for each in judged),
            "unanswered": [marker for each in judged for marker in each.lost],
            "doubled": [marker for each in judged for marker in each.doubled],
            "disordered": [told for each in judged for told in each.disordered],
            "foreign": self._foreign,
            "unheard": [
                f"{each.name}: {each.remarks} remarks on {each.commands} commands"
                for each in tellers
                if each.remarks < each.commands
            ],
            "resent": sum(each.resent for each in judged),
            "half": sum(each.half for each in judged),
            "unacknowledged": self._platform.unacknowledged(),
            "troubles": dict(self.troubles),
            "refused": {str(status): n for status, n in self._platform.refused.items()},
            "waits": [wait for teller in tellers for wait in _waits(teller)],
        }


@dataclass(frozen=True, slots=True)
class _Judged:
    lost: Sequence[str]
    ended: int
    doubled: Sequence[str]
    disordered: Sequence[str]
    resent: int
    half: int
    """Half-written messages that are left."""


def _judged(teller: Teller) -> _Judged:
    seen = teller.reader.sees()
    texts = [each.text for each in seen if each.message_id in teller.answers]
    once = dict.fromkeys(texts)
    answers = [marker for text in once for marker in dict.fromkeys(answered_in(text))]
    counts = Counter(answers)
    unanswered = [marker for marker in teller.written if marker not in counts]
    in_order = [marker for marker in teller.written if marker in counts]
    disordered = list(dict.fromkeys(answers)) != in_order
    return _Judged(
        [marker for marker in unanswered if marker not in teller.ended],
        sum(marker in teller.ended for marker in unanswered),
        [each for each, count in counts.items() if count > 1 and each not in teller.ended],
        [f"{teller.name}: answered as {' '.join(answers)}"] if disordered else [],
        len(texts) - len(once),
        sum(is_half(each.text) for each in seen),
    )


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


async def serve(platform: Platform, given: argparse.Namespace, *routes: BaseRoute) -> None:
    """Let them play until this is cancelled; says on stdout where they are listening. `routes`: what
    is asked there besides.
    """
    people = ScriptedPeople(platform, pause=given.pause, seed=given.seed)

    async def where(request: Request) -> JSONResponse:
        return JSONResponse(dict(platform.settings(str(request.base_url).rstrip("/"))))

    async def script(request: Request) -> JSONResponse:
        body = await request.json()
        people.play(body["chats"], body.get("lead", 1))
        return JSONResponse({})

    async def hush(_: Request) -> JSONResponse:
        people.hush()
        return JSONResponse({})

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(people.watch(given.look))
        tasks.create_task(people.trouble())
        await listen(
            Route("/script", script, methods=["POST"]),
            Route("/hush", hush, methods=["POST"]),
            told("/progress", people.progress),
            told("/report", people.report),
            Route("/where", where),
            *routes,
        )


def arguments(description: str, *troubles: str) -> argparse.Namespace:
    """What the command line says: where the service is, how long people pause, and how likely each
    trouble is.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--service", default="", help="where the service will be")
    parser.add_argument("--pause", type=float, default=4.0)
    parser.add_argument("--look", type=float, default=0.02, help="seconds between two looks")
    parser.add_argument("--seed", type=int, default=1)
    for trouble in troubles:
        parser.add_argument(f"--{trouble}", type=float, default=0.0)
    logging.disable()  # a client that is killed in the middle of a request is no news
    return parser.parse_args()
