"""Telegram's server as a process, with people who write line after line, and with a bad network.

    python -m benchmarks.telegram_people --pause 4 --again 0.05 --floods 0.03 --cuts 0.02 --seed 1

Prints `listening on URL`. There: `POST /script`, `GET /progress`, `GET /report` as on the push
platform (`tests.simulators.push_platform`), and `GET /where` with what a bot's settings need.

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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from agentcore.clock import SECOND, Micros
from benchmarks.echo_model import MARKER
from bot.http.server import bind
from tests.simulators.faults import ConnectionCut
from tests.simulators.telegram_server.chats import DRAFT_SECONDS, TYPING_SECONDS, Record
from tests.simulators.telegram_server.faults import bad_gateway, flood_wait
from tests.simulators.telegram_server.people import Person
from tests.simulators.telegram_server.server import TelegramServer

ANSWERS_LOST = "answers to a send lost"
LOOK_EVERY = 0.02
FAULT_EVERY = 0.25
"""Seconds between two throws of the dice for the network."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How likely each trouble is, at each throw of the dice."""

    again: float = 0.0
    floods: float = 0.0
    cuts: float = 0.0
    gateway: float = 0.0


@dataclass(slots=True)
class Teller:
    """One person with a script."""

    person: Person
    lines: list[str] = field(default_factory=list)
    written: dict[str, Micros] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    answers: dict[int, str] = field(default_factory=dict)
    """The bot's messages that hold markers, by id, each as it was first shown in full."""
    seen: int = 0
    answered_at: dict[str, Micros] = field(default_factory=dict)
    thinking: bool = False


class TelegramPeople:
    """Plays the scripts and judges the outcome."""

    def __init__(
        self, server: TelegramServer, weather: Weather, *, pause: float, seed: int
    ) -> None:
        self._server = server
        self._weather = weather
        self._pause = pause
        self._chance = random.Random(seed)  # noqa: S311 (pauses and troubles)
        self._tellers: dict[str, Teller] = {}
        self._lead = 1
        self.troubles: Counter[str] = Counter()

    def play(self, chats: dict[str, list[str]], lead: int) -> None:
        """Everybody begins to write, at most `lead` lines ahead of the answers."""
        self._lead = lead
        for name, lines in chats.items():
            if name not in self._tellers:
                self._tellers[name] = Teller(self._server.person(name))
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
        line = teller.lines.pop(0)
        marker = MARKER.findall(line)[0]
        teller.written[marker] = self._server.timeline.now()
        teller.waiting.add(marker)
        teller.person.writes(line)
        self._go_on(teller)

    async def watch(self) -> None:
        """Note what people see, without end."""
        while True:
            for teller in self._tellers.values():
                for record in _new_records(teller):
                    self._note(teller, record)
                self._go_on(teller)
            await asyncio.sleep(LOOK_EVERY)

    def _note(self, teller: Teller, record: Record) -> None:
        text = record.shown().text
        markers = set(MARKER.findall(text))
        if markers:
            teller.answers[record.id] = text
        for marker in markers & teller.waiting:
            teller.answered_at[marker] = record.at
        teller.waiting -= markers

    async def trouble(self) -> None:
        """Throw the dice for the network, without end."""
        while True:
            await asyncio.sleep(FAULT_EVERY)
            self._throw()

    def _throw(self) -> None:
        weather, faults = self._weather, self._server.faults
        confirmed = self._server.world.updates.confirmed
        if confirmed and self._chance.random() < weather.again:
            self._server.world.updates.again(self._chance.choice(confirmed[-200:]))
            self.troubles["updates delivered again"] += 1
        if self._chance.random() < weather.floods:
            faults.befall("sendMessage", flood_wait(self._chance.randint(1, 3)))
            self.troubles["429s"] += 1
        if self._chance.random() < weather.cuts:
            faults.befall("sendMessage", ConnectionCut(carried_out=True))
            self.troubles[ANSWERS_LOST] += 1
        if self._chance.random() < weather.gateway:
            faults.befall("*", bad_gateway())
            faults.befall("getUpdates", bad_gateway())
            self.troubles["502s"] += 1

    def progress(self) -> dict[str, Any]:
        """As the push platform's: what waits, what is unwritten, how much was delivered."""
        tellers = self._tellers.values()
        return {
            "waiting": [marker for teller in tellers for marker in teller.waiting],
            "unwritten": sum(len(teller.lines) for teller in tellers),
            "delivered": sum(len(teller.answers) for teller in tellers),
            "repeated": self.troubles["updates delivered again"],
        }

    def report(self) -> dict[str, Any]:
        lost, doubled, disordered, resent = list[str](), list[str](), list[str](), 0
        for name, teller in self._tellers.items():
            texts = list(teller.answers.values())
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
            "unacknowledged": len(self._server.world.updates.pending),
            "troubles": dict(self.troubles),
            "refused": {str(status): n for status, n in self._server.refused.items()},
            "waits": [wait for teller in tellers for wait in _waits(teller)],
        }


def _waits(teller: Teller) -> Iterator[Mapping[str, float]]:
    """For each answered line, in seconds: how long it took, when it was first shown that an answer
    is coming (by a sign, or its text so far), and how long nothing was shown in between.
    """
    chat = teller.person.chat
    shown = [(each.at, TYPING_SECONDS) for each in chat.actions]
    shown += [(each.at, DRAFT_SECONDS) for each in chat.drafts]
    for marker, written in teller.written.items():
        answered = teller.answered_at.get(marker)
        if answered is None:
            continue
        signs = sorted((at, lasts) for at, lasts in shown if written <= at <= answered)
        begun = seen_until = signs[0][0] if signs else answered
        unseen = 0
        for at, lasts in [*signs, (answered, 0)]:
            unseen += max(0, at - seen_until)
            seen_until = max(seen_until, Micros(at + lasts * SECOND))
        yield {
            "took": (answered - written) / SECOND,
            "typing": (begun - written) / SECOND,
            "unseen": unseen / SECOND,
        }


def _new_records(teller: Teller) -> Iterator[Record]:
    records = teller.person.chat.records
    for number in sorted(each for each in records if each > teller.seen):
        teller.seen = number
        if records[number].by_bot:
            yield records[number]


async def _serve(given: argparse.Namespace) -> None:
    weather = Weather(given.again, given.floods, given.cuts, given.gateway)
    async with TelegramServer() as server, asyncio.TaskGroup() as tasks:
        people = TelegramPeople(server, weather, pause=given.pause, seed=given.seed)
        tasks.create_task(people.watch())
        tasks.create_task(people.trouble())
        app = _create_app(people, server)
        sock = bind("127.0.0.1", 0)
        sys.stdout.write(f"listening on http://127.0.0.1:{sock.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none")
        await uvicorn.Server(config).serve(sockets=[sock])


def _create_app(people: TelegramPeople, server: TelegramServer) -> Starlette:
    async def script(request: Request) -> JSONResponse:
        body = await request.json()
        people.play(body["chats"], body.get("lead", 1))
        return JSONResponse({})

    async def progress(_: Request) -> JSONResponse:
        return JSONResponse(people.progress())

    async def report(_: Request) -> JSONResponse:
        return JSONResponse(people.report())

    async def where(_: Request) -> JSONResponse:
        return JSONResponse(
            {
                "TELEGRAM_BOT_TOKEN": server.token,
                "TELEGRAM_API_BASE_URL": server.base_url,
                "TELEGRAM_FILE_BASE_URL": server.file_url,
            }
        )

    return Starlette(
        routes=[
            Route("/script", script, methods=["POST"]),
            *(Route(f"/{each.__name__}", each) for each in (progress, report, where)),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Telegram's server, with people who write.")
    parser.add_argument("--pause", type=float, default=4.0)
    parser.add_argument("--seed", type=int, default=1)
    for trouble in ("again", "floods", "cuts", "gateway"):
        parser.add_argument(f"--{trouble}", type=float, default=0.0)
    logging.disable()  # a client that is killed in the middle of a request is no news
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
