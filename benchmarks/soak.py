"""The kill soak: kill -9 at random moments under load, and nothing lost, doubled or disordered.

    python -m benchmarks.soak                          # everything at once, 30 minutes: SOAK.md
    python -m benchmarks.soak --minutes 4
    python -m benchmarks.soak --platform telegram      # one platform, killed every few seconds

Processes: a platform with its people for each (`*_people`), a model behind HTTP (`soak_model`), and
the service, which is killed and started again at once. Only the service dies; all others fail in
other ways. With everything at once, half of the time is a last life without a kill, over which memory
and open files are watched. Ends with exit code 1 on any violation; the report goes to SOAK.md
(SOAK-TELEGRAM.md, …).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.processes import ServiceProcess, simulator
from benchmarks.rest_people import COMMANDS as OF_CLIENTS
from benchmarks.soak_audit import audit
from benchmarks.soak_report import Course, Outcome, Plan, Sample, written_up
from benchmarks.spoken import name_of, script_of
from tests.simulators.loopback import unused_port

IN_STARTS = 4.0
"""The longest life is at least so many times what the first start took, for slow machines."""
PATIENCE = 180.0
"""Seconds without any delivery after which what isn't answered yet counts as lost."""
SAMPLE_EVERY = 5.0
SOON = 0.3, 0.2, 9.0
"""The share of lives that end soon after the start, and from how many to how many seconds. Many of
these kills fall into the start itself.
"""
COMMANDS = ("/memory", "/undo", "/stop", "/forget")
_BAD_NETWORK = ("--again", "0.05", "--floods", "0.03", "--cuts", "0.02", "--gateway", "0.02")
WEBHOOK_SECRET = "soak-secret-0123456789"  # noqa: S105 (of a bot that is a simulator's)


@dataclass(frozen=True, slots=True)
class Place:
    """A platform: the module that plays it, what goes wrong there, what people can command, and
    whether a stranger's first message is lost to a bot that is away, so that all have written once
    before the first kill.
    """

    people: str
    module: str
    troubles: Sequence[str]
    commands: Sequence[str] = COMMANDS
    rooms: int = 0
    needs_introduction: bool = False


_TELEGRAM = Place("telegram", "benchmarks.telegram_people", _BAD_NETWORK, rooms=2)
PLACES: Mapping[str, Place] = {
    "push": Place("push", "benchmarks.push_people", ("--again", "0.05")),
    "telegram": _TELEGRAM,
    "webhook": _TELEGRAM,
    "discord": Place(
        "discord",
        "benchmarks.discord_people",
        (*_BAD_NETWORK, "--leaves", "0.01"),
        rooms=2,
        needs_introduction=True,
    ),
    "web": Place(
        "web", "benchmarks.web_people", ("--again", "0.05", "--cuts", "0.05", "--losses", "0.05")
    ),
    "rest": Place(
        "rest", "benchmarks.rest_people", ("--again", "0.03", "--losses", "0.05"), OF_CLIENTS
    ),
}
WHOLE = ("telegram", "discord", "web", "rest")


class Crowds:
    """The people of all platforms."""

    def __init__(self, clients: Mapping[str, httpx.Client]) -> None:
        self._clients = clients

    def play(self, platform: str, scripts: Mapping[str, Sequence[str]], lead: int) -> None:
        self._clients[platform].post("/script", json={"chats": scripts, "lead": lead})

    def hush(self) -> None:
        for client in self._clients.values():
            client.post("/hush")

    def progress(self, *platforms: str) -> Mapping[str, Any]:
        """Of these, or of all."""
        named = platforms or tuple(self._clients)
        told = [self._clients[platform].get("/progress").json() for platform in named]
        return {
            "waiting": {marker for each in told for marker in each["waiting"]},
            "unwritten": sum(each["unwritten"] for each in told),
            "delivered": sum(each["delivered"] for each in told),
        }

    def reports(self) -> Mapping[str, Mapping[str, Any]]:
        return {name: client.get("/report").json() for name, client in self._clients.items()}


@dataclass(slots=True)
class Life:
    """What is known of the service's present one. `open`: lines that the last has left without an
    answer; `delivered`: how much there was by then.
    """

    open: set[str] = field(default_factory=set)
    delivered: int = 0
    ready: bool = False
    answered: bool = False


class Soak:
    def __init__(self, plan: Plan, service: ServiceProcess, crowds: Crowds) -> None:
        self._plan = plan
        self._service = service
        self._crowds = crowds
        self._chance = random.Random(plan.seed)  # noqa: S311 (when to kill)
        self._course = Course()
        self._life = Life()
        self._longest = plan.lives[1]

    def run(self) -> Course:
        """All lives, and after them everything answered (or `PATIENCE` at its end)."""
        plan, course = self._plan, self._course
        began = start = self._service.spawn()
        self._longest = max(self._longest, IN_STARTS * self._service.until_ready(began))
        self._begin(began)
        end = time.perf_counter() + 60 * plan.minutes
        while began < end or len(course.uptimes) < plan.kills:
            began = self._kill_once(began)
        calm = time.perf_counter() + 60 * plan.calm
        self._watch(began, calm if plan.calm else began)
        self._crowds.hush()
        self._watch(began, None)
        course.seconds = time.perf_counter() - start
        return course

    def _begin(self, began: float) -> None:
        """Everybody begins to write; no kill before those have said hello who need to."""
        introduced = [name for name in self._plan.platforms if PLACES[name].needs_introduction]
        for platform in self._plan.platforms:
            scripts = self._scripts(PLACES[platform])
            if platform in introduced:
                scripts = {name: lines[:1] for name, lines in scripts.items()}
            self._crowds.play(platform, scripts, self._plan.lead)
        for platform in introduced:
            self._watch(began, None, platform)
            rest = {name: lines[1:] for name, lines in self._scripts(PLACES[platform]).items()}
            self._crowds.play(platform, rest, self._plan.lead)

    def _scripts(self, place: Place) -> Mapping[str, Sequence[str]]:
        plan = self._plan
        seconds = 60 * (plan.minutes + plan.calm) + plan.kills * self._longest
        lines = round(seconds / plan.pause * 2) + 10
        rooms = min(place.rooms, plan.users)
        names = [name_of(place.people, number) for number in range(plan.users - rooms)]
        names += [name_of(place.people, number, room=True) for number in range(rooms)]
        return {
            name: list(script_of(name, lines, plan.seed, () if "room" in name else place.commands))
            for name in names
        }

    def _kill_once(self, began: float) -> float:
        """Let it live for a while, kill it, start it again. Returns when it was started."""
        share, least, most = SOON
        soon = self._chance.random() < share
        lasts = self._chance.uniform(
            *((least, most) if soon else (self._plan.lives[0], self._longest))
        )
        self._watch(began, began + lasts)
        self._course.uptimes.append(time.perf_counter() - began)
        self._course.own_deaths += not self._service.alive
        self._service.kill()
        progress = self._crowds.progress()
        self._life = Life(progress["waiting"], progress["delivered"])
        self._course.open_at_kill.append(len(progress["waiting"]))
        return self._service.spawn()

    def _watch(self, began: float, deadline: float | None, *platforms: str) -> None:
        """Note when this life is ready, first delivers, and has answered what the last one left;
        and what it takes.

        Until the deadline; without one, until all is answered, or nothing more is delivered.
        """
        newest = self._crowds.progress()["delivered"]
        sampled = 0.0
        patience = time.perf_counter() + PATIENCE
        with httpx.Client(trust_env=False, timeout=2.0) as client:
            while (now := time.perf_counter()) < (deadline or patience):
                progress = self._crowds.progress(*platforms)
                self._note(client, progress, now - began)
                if deadline is None and not progress["waiting"] and not progress["unwritten"]:
                    return
                if progress["delivered"] > newest:
                    newest, patience = progress["delivered"], now + PATIENCE
                if now - sampled >= SAMPLE_EVERY and self._service.alive:
                    sampled = now
                    self._sample(began, now)
                time.sleep(max(0.0, min(self._plan.poll, (deadline or patience) - now)))

    def _note(self, client: httpx.Client, progress: Mapping[str, Any], lived: float) -> None:
        """What happens for the first time in this life."""
        course, life = self._course, self._life
        if not life.ready and _is_ready(client, self._service.url):
            course.ready.append(lived)
            life.ready = True
        if not life.answered and progress["delivered"] > life.delivered:
            course.first_answer.append(lived)
            life.answered = True
        if life.open and not life.open & progress["waiting"]:
            course.caught_up.append(lived)
            life.open = set()

    def _sample(self, began: float, now: float) -> None:
        """What this life takes; of those before, nothing is kept."""
        samples = self._course.samples
        if samples and samples[-1].seconds > now - began:
            samples.clear()
        open_files = len(list(Path(f"/proc/{self._service.pid}/fd").iterdir()))
        samples.append(Sample(now - began, self._service.memory(), open_files))


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def soak(plan: Plan, folder: Path) -> Outcome:
    """Run the plan in a folder."""
    seeded = ("--seed", str(plan.seed))
    with ExitStack() as stack:
        port = unused_port()
        url = f"http://127.0.0.1:{port}"
        paced = ("--pause", str(plan.pause), "--look", str(plan.poll), "--service", url, *seeded)

        def play(module: str, *arguments: str) -> httpx.Client:
            at = stack.enter_context(simulator(folder, module, *arguments))
            return stack.enter_context(httpx.Client(base_url=at, trust_env=False, timeout=60.0))

        delayed = ("--delay", str(plan.delay), "--faults", str(plan.faults))
        model = play("benchmarks.soak_model", *delayed, *seeded)
        clients = {
            name: play(PLACES[name].module, *paced, *PLACES[name].troubles)
            for name in plan.platforms
        }
        service = ServiceProcess(folder, port, **_settings(plan, [model, *clients.values()], url))
        crowds = Crowds(clients)
        try:
            course = Soak(plan, service, crowds).run()
            # What was delivered last is marked, and acknowledged, a moment later.
            time.sleep(2.0)
            reports, model_report = crowds.reports(), model.get("/report").json()
            exit_code = service.stop()
        finally:
            if service.alive:
                service.kill()
        return Outcome(plan, course, reports, model_report, audit(service.database), exit_code)


def _settings(plan: Plan, asked: Sequence[httpx.Client], url: str) -> Mapping[str, str]:
    """What everybody says the service needs, and what lets people talk as much as they do."""
    settings = {
        "FAMILIAR_DAILY_MESSAGES_PER_USER": "1000000",
        "FAMILIAR_SLEEP_MINUTES": "1",
        "FAMILIAR_CONTEXT_WINDOW": str(plan.window),
    }
    for each in asked:
        settings |= each.get("/where").json()
    if "webhook" in plan.platforms:
        settings |= {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_URL": f"{url}/telegram/webhook",
            "TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET,
        }
    return settings


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill a service under load, again and again.")
    parser.add_argument("--platform", choices=["all", *sorted(PLACES)], default="all")
    parser.add_argument("--minutes", type=float, help="default: 30 for all at once, 3 for one")
    parser.add_argument("--users", type=int, default=50, help="on each platform")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to keep the database and the log")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    if given.platform == "all":
        plan = Plan.of_all(WHOLE, given.minutes or 30, given.users, given.seed)
    else:
        plan = Plan.of_one(given.platform, given.minutes or 3, given.users, given.seed)
    name = "SOAK.md" if given.platform == "all" else f"SOAK-{given.platform.upper()}.md"
    output = given.output or Path(__file__).with_name(name)
    with tempfile.TemporaryDirectory(prefix="familiar-soak-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = soak(plan, folder)
    text = written_up(outcome)
    output.write_text(text, "utf-8")
    sys.stdout.write(text)
    sys.exit(1 if outcome.violations() else 0)


if __name__ == "__main__":
    main()
