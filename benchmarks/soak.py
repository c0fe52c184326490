"""The kill soak: kill -9 at random moments under load, and nothing lost, doubled or disordered.

    python -m benchmarks.soak --kills 20 --users 50 --lines 100 --seed 1
    python -m benchmarks.soak --platform telegram

Three processes: a platform with its users, a model behind HTTP, and the service, which is
killed and started again at once. Only the service dies. The platform is a plain push platform, or
Telegram's server with floods, lost answers and repeated updates, polled or with a webhook, or
Discord's with the same and a gateway that cuts, invalidates and forgets sessions. Ends
with exit code 1 on any violation; the report goes to SOAK.md (SOAK-TELEGRAM.md, …).
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import heading, median
from benchmarks.processes import (
    ServiceProcess,
    model_settings,
    push_settings,
    simulator,
)
from benchmarks.scripted_people import ANSWERS_LOST
from benchmarks.soak_audit import Audit, audit
from tests.simulators.loopback import unused_port

SHORTEST, LONGEST = 0.2, 9.0
"""Seconds between a start and the next kill. Many fall into the start itself."""
IN_STARTS = 4.0
"""The longest life is at least so many times what the first start took, for slow machines."""
PATIENCE = 60.0
"""Seconds without any delivery after which what isn't answered yet counts as lost."""
POLL = 0.05
PAUSES = {"push": 1.6, "telegram": 4.0, "webhook": 4.0, "discord": 4.0}
"""Seconds that a user thinks before each line, in the mean: the gate lets 60 a minute in, and
Telegram 30 a second out.
"""
_BAD_NETWORK = ("--floods", "0.03", "--cuts", "0.02", "--gateway", "0.02")
PLATFORMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "push": ("benchmarks.bench_platform", ()),
    "telegram": ("benchmarks.telegram_people", _BAD_NETWORK),
    "webhook": ("benchmarks.telegram_people", _BAD_NETWORK),
    "discord": ("benchmarks.discord_people", (*_BAD_NETWORK, "--leaves", "0.03")),
}
"""The module that plays each platform, and what goes wrong there."""
NEEDS_INTRODUCTION = frozenset({"discord"})
"""Where a stranger's first message to a bot that is away can be found by nobody, so that all have
written once before the first kill.
"""
TITLES = {
    "push": "Kill soak",
    "telegram": "Kill soak, Telegram (polling)",
    "webhook": "Kill soak, Telegram (webhook)",
    "discord": "Kill soak, Discord",
}


@dataclass(frozen=True, slots=True)
class Plan:
    kills: int
    users: int
    lines: int
    seed: int
    lead: int = 2
    pause: float = PAUSES["push"]
    delay: float = 0.3
    edits: int = 7
    again: float = 0.05
    platform: str = "push"


@dataclass(slots=True)
class Course:
    """What happened: for every kill, how long it took until things were as before."""

    uptimes: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    first_answer: list[float] = field(default_factory=list)
    caught_up: list[float] = field(default_factory=list)
    under_load: int = 0
    own_deaths: int = 0
    open_at_kill: list[int] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    plan: Plan
    course: Course
    report: Mapping[str, Any]
    repeated: int
    audit: Audit
    exit_code: int

    def violations(self) -> list[str]:
        found = list(self.audit.violations)
        report = self.report
        found += [
            f"{name}: {len(report[name])}, first {report[name][:3]}"
            for name in ("unanswered", "doubled", "disordered")
            if report[name]
        ]
        if report["unwritten"] or report["unacknowledged"]:
            found.append(f"{report['unwritten']} not written, {report['unacknowledged']} not taken")
        unknown = self.plan.kills + report.get("troubles", {}).get(ANSWERS_LOST, 0)
        if report["resent"] > unknown:
            found.append(f"{report['resent']} resends for {unknown} unknown outcomes")
        if self.course.own_deaths:
            found.append(f"{self.course.own_deaths} times the service ended before it was killed")
        if self.exit_code != 0:
            found.append(f"the last, orderly stop ended with code {self.exit_code}")
        return found


class Soak:
    def __init__(self, plan: Plan, service: ServiceProcess, platform: httpx.Client) -> None:
        self._plan = plan
        self._service = service
        self._platform = platform
        self._chance = random.Random(plan.seed)  # noqa: S311 (when to kill)
        self._course = Course()
        self._open: Sequence[str] = ()
        """The lines without an answer when the last life ended."""
        self._longest = LONGEST

    def run(self) -> Course:
        """All kills, and after them everything answered (or `PATIENCE` at its end)."""
        began = self._service.spawn()
        start = began
        self._longest = max(LONGEST, IN_STARTS * self._service.until_ready(began))
        script = self._script()
        if self._plan.platform in NEEDS_INTRODUCTION:
            self._play({name: lines[:1] for name, lines in script.items()})
            self._watch(began, (), None)
            script = {name: lines[1:] for name, lines in script.items()}
            began = time.perf_counter()
        self._play(script)
        for _ in range(self._plan.kills):
            began = self._kill_once(began)
        self._watch(began, self._open, None)
        self._course.seconds = time.perf_counter() - start
        return self._course

    def _play(self, script: Mapping[str, Sequence[str]]) -> None:
        self._platform.post("/script", json={"chats": script, "lead": self._plan.lead})

    def _script(self) -> Mapping[str, Sequence[str]]:
        return {
            f"u{user:02}": [
                f"Line {line} of mine #u{user:02}-{line:03}" for line in range(self._plan.lines)
            ]
            for user in range(self._plan.users)
        }

    def _kill_once(self, began: float) -> float:
        """Let it live for a while, kill it, start it again. Returns when it was started."""
        moment = began + self._chance.uniform(SHORTEST, self._longest)
        self._watch(began, self._open, moment)
        time.sleep(max(0.0, moment - time.perf_counter()))
        self._course.uptimes.append(time.perf_counter() - began)
        self._course.own_deaths += not self._service.alive
        self._service.kill()
        progress = self._progress()
        self._open = progress["waiting"]
        self._course.open_at_kill.append(len(self._open))
        self._course.under_load += bool(self._open or progress["unwritten"])
        return self._service.spawn()

    def _watch(
        self,
        began: float,
        left_over: Sequence[str],
        deadline: float | None,
    ) -> None:
        """Note when this life is ready, first delivers, and has answered what the last one left.

        Until the deadline; without one, until all is answered, or nothing more is delivered.
        """
        delivered = newest = self._progress()["delivered"]
        open_before, ready, answered = set(left_over), False, False
        patience = time.perf_counter() + PATIENCE
        with httpx.Client(trust_env=False, timeout=2.0) as client:
            while (now := time.perf_counter()) < (deadline or patience):
                if not ready and _is_ready(client, self._service.url):
                    self._course.ready.append(now - began)
                    ready = True
                progress = self._progress()
                if not answered and progress["delivered"] > delivered:
                    self._course.first_answer.append(now - began)
                    answered = True
                if open_before and not open_before & set(progress["waiting"]):
                    self._course.caught_up.append(now - began)
                    open_before = set()
                if deadline is None and not progress["waiting"] and not progress["unwritten"]:
                    return
                if progress["delivered"] > newest:
                    newest, patience = progress["delivered"], now + PATIENCE
                time.sleep(POLL)

    def _progress(self) -> Mapping[str, Any]:
        return dict(self._platform.get("/progress").json())


def _is_ready(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def soak(plan: Plan, folder: Path) -> Outcome:
    """Run the plan in a folder."""
    module, troubles = PLATFORMS[plan.platform]
    platform_arguments = ("--pause", str(plan.pause), "--again", str(plan.again), *troubles)
    model_arguments = ("--delay", str(plan.delay), "--edits", str(plan.edits), "--numbered")
    seeded = ("--seed", str(plan.seed))
    with (
        simulator(folder, module, *platform_arguments, *seeded) as platform,
        simulator(folder, "benchmarks.echo_model", *model_arguments, *seeded) as model,
        httpx.Client(base_url=platform, trust_env=False, timeout=30.0) as client,
    ):
        port = unused_port()
        settings = _platform_settings(plan, client, port)
        service = ServiceProcess(folder, port, **model_settings(model), **settings)
        try:
            course = Soak(plan, service, client).run()
            # What was delivered last is marked, and acknowledged, a moment later.
            time.sleep(1.0)
            report = client.get("/report").json()
            repeated = client.get("/progress").json()["repeated"]
            exit_code = service.stop()
        finally:
            if service.alive:
                service.kill()
        return Outcome(plan, course, report, repeated, audit(service.database), exit_code)


def _platform_settings(plan: Plan, platform: httpx.Client, port: int) -> Mapping[str, str]:
    if plan.platform == "push":
        return push_settings(str(platform.base_url))
    settings = dict(platform.get("/where").json())
    if plan.platform == "webhook":
        settings |= {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram/webhook",
            "TELEGRAM_WEBHOOK_SECRET": "soak-secret-0123456789",
        }
    return settings


def written_up(outcome: Outcome) -> str:
    """The report in Markdown."""
    plan, course, report = outcome.plan, outcome.course, outcome.report
    violations = outcome.violations()
    turns = outcome.audit.counts["turns"]
    lines = [
        heading(TITLES[plan.platform]),
        f"{plan.kills} times kill -9 ({course.under_load} under load) over {course.seconds:.0f} s, "
        f"{plan.users} users with {plan.lines} lines each, at most {plan.lead} of them unanswered; "
        f"model behind HTTP with up to {plan.delay * 1_000:.0f} ms of delay, one turn in "
        f"{plan.edits} edits memory; seed {plan.seed}. The service lived {min(course.uptimes):.1f} "
        f"to {max(course.uptimes):.1f} s (median {median(course.uptimes):.1f}) between kills.",
        "",
        f"- lost: {len(report['unanswered'])} of {report['written']}",
        f"- second turns: {len(report['doubled'])}",
        f"- out of order: {len(report['disordered'])}",
        f"- resends after an unknown outcome: {report['resent']} ({report['resent'] / max(1, plan.kills):.2f} per kill)"
        + (f"; sends marked uncertain: {report['uncertain']}" if "uncertain" in report else ""),
        _handed_out_again(outcome),
        f"- lines without an answer at a kill: median {median(course.open_at_kill):.0f}, "
        f"most {max(course.open_at_kill)}",
        f"- `/readyz` after a start: {_spread(course.ready)}",
        f"- first delivery after a start: {_spread(course.first_answer)}",
        f"- everything left open by a kill answered: {_spread(course.caught_up)} after the start",
        *(f"- {name}: {count}" for name, count in report.get("troubles", {}).items()),
        f"- {turns / course.seconds:.1f} turns/s in the mean, restarts included",
        *(f"- {name}: {count}" for name, count in outcome.audit.counts.items()),
        "",
        "Violations: none." if not violations else "Violations:",
        *(f"- {each}" for each in violations),
    ]
    return "\n".join(lines) + "\n"


def _handed_out_again(outcome: Outcome) -> str:
    before = outcome.report.get("redelivered")  # not every platform tells
    if before is None:
        return f"- updates handed out again after they were acknowledged: {outcome.repeated}"
    return (
        f"- updates handed out again: {before} before they were acknowledged, "
        f"{outcome.repeated} after"
    )


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    return f"median {median(seconds):.1f} s, most {max(seconds):.1f} s ({len(seconds)} times)"


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill a service under load, again and again.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--lines", type=int, default=0, help="per user; default: as kills need")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to keep the database and the log")
    parser.add_argument("--platform", choices=sorted(PLATFORMS), default="push")
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    pause = PAUSES[given.platform]
    lines = given.lines or round(given.kills * (SHORTEST + LONGEST) / 2 / pause * 0.8) + 10
    plan = Plan(given.kills, given.users, lines, given.seed, pause=pause, platform=given.platform)
    name = "SOAK.md" if plan.platform == "push" else f"SOAK-{plan.platform.upper()}.md"
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
