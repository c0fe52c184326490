"""What a soak was to be like, how it went, what is wrong with that, and how it reads."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from benchmarks.figures import heading, median
from benchmarks.scripted_people import ANSWERS_LOST
from benchmarks.soak_audit import Audit

MORE_MEMORY = 8.0
"""MiB by which the second half of a life may grow."""
MORE_FILES = 10
"""Open files by which the end of a life may exceed its beginning."""
LONG_ENOUGH = 10.0
"""Minutes without a kill from which on memory is judged, not only told."""
MOST_ENDED = 0.05
"""The share of lines that may end in a notice, with all that goes wrong."""
_WRONG = ("unanswered", "doubled", "disordered", "foreign", "unheard")
"""What of a platform's report must be empty."""
TITLES = {
    "push": "Kill soak, a push platform",
    "telegram": "Kill soak, Telegram (polling)",
    "webhook": "Kill soak, Telegram (webhook)",
    "discord": "Kill soak, Discord",
    "web": "Kill soak, the web page",
    "rest": "Kill soak, the REST API",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`minutes` with kills, so many `kills` at least, then `calm` ones without; `lives`: the seconds that most of them last, at
    least and at most. `pause`: seconds that people think before each line, in the mean; `lead`: how
    many lines they are ahead of the answers; `delay`: the model's, at most; `faults`: the share of its
    answers that goes wrong.
    """

    platforms: Sequence[str]
    users: int
    minutes: float
    calm: float
    lives: tuple[float, float]
    pause: float
    poll: float
    seed: int
    lead: int = 2
    delay: float = 0.3
    faults: float = 0.04
    window: int = 6_000
    kills: int = 0

    @classmethod
    def of_all(cls, platforms: Sequence[str], minutes: float, users: int, seed: int) -> Self:
        """Everything at once, at a pace that leaves a small machine air."""
        half = minutes / 2
        scale = min(1.0, half / 15)
        return cls(platforms, users, half, half, (40 * scale, 130 * scale), 24.0, 0.5, seed)

    @classmethod
    def of_one(cls, platform: str, minutes: float, users: int, seed: int) -> Self:
        """As fast as the platform lets people write, killed every few seconds."""
        pause = 1.6 if platform == "push" else 4.0
        return cls((platform,), users, minutes, 0, (0.2, 9.0), pause, 0.05, seed)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the service takes after so many seconds of a life: MiB of memory, open files."""

    seconds: float
    memory: float
    files: int


@dataclass(slots=True)
class Course:
    """What happened: for every kill, how long it took until things were as before."""

    uptimes: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    first_answer: list[float] = field(default_factory=list)
    caught_up: list[float] = field(default_factory=list)
    own_deaths: int = 0
    open_at_kill: list[int] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    """Of the last life."""
    seconds: float = 0.0

    @property
    def under_load(self) -> int:
        """How many kills left something unanswered."""
        return sum(map(bool, self.open_at_kill))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reports`: each platform's; `model`: what the model saw."""

    plan: Plan
    course: Course
    reports: Mapping[str, Mapping[str, Any]]
    model: Mapping[str, Any]
    audit: Audit
    exit_code: int

    def violations(self) -> list[str]:
        """One sentence each; none if all went as it must."""
        found = list(self.audit.violations)
        for platform, report in self.reports.items():
            found += [f"{platform}: {each}" for each in self._of(report)]
        if mixed := self.model["mixed"]:
            found.append(f"prompts with words of several: {len(mixed)}, first {mixed[0]}")
        if self.course.own_deaths:
            found.append(f"{self.course.own_deaths} times the service ended before it was killed")
        if self.exit_code != 0:
            found.append(f"the last, orderly stop ended with code {self.exit_code}")
        if self.plan.calm >= LONG_ENOUGH:
            found += growth(self.course.samples)
        return found

    def _of(self, report: Mapping[str, Any]) -> Iterator[str]:
        for name in _WRONG:
            if report[name]:
                yield f"{name}: {len(report[name])}, first {report[name][:3]}"
        if report["unwritten"] or report["unacknowledged"]:
            yield f"{report['unwritten']} not written, {report['unacknowledged']} not taken"
        unknown = len(self.course.uptimes) + report["troubles"].get(ANSWERS_LOST, 0)
        for name, what in (("resent", "resends"), ("half", "half-written messages left")):
            if report[name] > unknown:
                yield f"{report[name]} {what} for {unknown} unknown outcomes"
        if report["ended"] > MOST_ENDED * report["written"]:
            yield f"{report['ended']} of {report['written']} lines ended in a notice"


def growth(samples: Sequence[Sample]) -> Iterator[str]:
    """What isn't flat in a life: memory over its second half, open files over all of it."""
    half = samples[len(samples) // 2 :]
    moments, memory = [each.seconds for each in half], [each.memory for each in half]
    grown = statistics.linear_regression(moments, memory).slope * (moments[-1] - moments[0])
    if grown > MORE_MEMORY:
        yield f"memory grew by {grown:.1f} MiB in the second half of the last life"
    tenths = _tenths(samples)
    first, last = (median(each.files for each in tenths[at]) for at in (1, -1))
    if last > first + MORE_FILES:
        yield f"open files grew from {first:.0f} to {last:.0f} in the last life"


def _tenths(samples: Sequence[Sample]) -> Sequence[Sequence[Sample]]:
    count = len(samples)
    parts = [samples[count * at // 10 : count * (at + 1) // 10] for at in range(10)]
    return [each for each in parts if each]


def written_up(outcome: Outcome) -> str:
    """The report in Markdown."""
    violations = outcome.violations()
    platforms = outcome.plan.platforms
    title = TITLES[platforms[0]] if len(platforms) == 1 else "Soak of the whole"
    lines = [
        heading(title),
        *_course(outcome),
        "",
        *_people(outcome.reports),
        "",
        *_troubles(outcome),
        "",
        *_life(outcome.course.samples),
        "",
        "In the database:",
        "",
        *(f"- {name}: {count}" for name, count in outcome.audit.counts.items()),
        "",
        "Violations: none." if not violations else "Violations:",
        *(f"- {each}" for each in violations),
    ]
    return "\n".join(lines) + "\n"


def _course(outcome: Outcome) -> Iterator[str]:
    plan, course = outcome.plan, outcome.course
    lives = course.uptimes
    calm = f", and then a life of {plan.calm:g} minutes without a kill" if plan.calm else ""
    yield (
        f"{len(lives)} times kill -9 within {plan.minutes:g} minutes{calm}; {course.seconds:.0f} s "
        f"in all, until everything was answered. On each platform {plan.users} people, who think "
        f"{plan.pause:g} s before a line in the mean, at most {plan.lead} of them unanswered. The "
        f"model, behind HTTP, takes up to {plan.delay * 1_000:.0f} ms, now and then seconds; "
        f"{plan.faults:.0%} of its answers go wrong; its window has {plan.window} tokens. Seed "
        f"{plan.seed}."
    )
    yield ""
    if lives:
        yield (
            f"- the service lived {min(lives):.1f} to {max(lives):.1f} s (median "
            f"{median(lives):.1f}) between kills; {course.under_load} under load"
        )
        yield (
            f"- lines without an answer at a kill: median {median(course.open_at_kill):.0f}, "
            f"most {max(course.open_at_kill)}"
        )
    yield f"- `/readyz` after a start: {_spread(course.ready)}"
    yield f"- first delivery after a start: {_spread(course.first_answer)}"
    yield f"- everything left open by a kill answered: {_spread(course.caught_up)} after the start"
    turns = outcome.audit.counts["turns"]
    yield f"- {turns / course.seconds:.1f} turns/s in the mean, restarts included"
    yield (
        f"- prompts of {outcome.model['prompts']} model calls that held words of more than one: "
        f"{len(outcome.model['mixed'])}"
    )


def _people(reports: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    rows: Mapping[str, Callable[[Mapping[str, Any]], int]] = {
        "lines written": lambda r: r["written"],
        "commands": lambda r: r["commands"],
        "ended in a notice": lambda r: r["ended"],
        "lost": lambda r: len(r["unanswered"]),
        "second turns": lambda r: len(r["doubled"]),
        "out of order": lambda r: len(r["disordered"]),
        "texts of another's": lambda r: len(r["foreign"]),
        "commands without a word": lambda r: len(r["unheard"]),
        "resends after an unknown outcome": lambda r: r["resent"],
        "half-written messages left after one": lambda r: r["half"],
    }
    yield "| | " + " | ".join(reports) + " |"
    yield "|---|" + "---|" * len(reports)
    for name, figure in rows.items():
        yield f"| {name} | " + " | ".join(str(figure(each)) for each in reports.values()) + " |"


def _troubles(outcome: Outcome) -> Iterator[str]:
    """What went wrong besides kills, as it was meant to."""
    yield "What went wrong besides:"
    yield ""
    for platform, report in outcome.reports.items():
        told = Counter(report["troubles"])
        if told:
            yield f"- {platform}: " + ", ".join(f"{name}: {n}" for name, n in told.most_common())
    told = Counter(outcome.model["troubles"])
    yield "- " + ", ".join(f"{name}: {n}" for name, n in told.most_common())


def _life(samples: Sequence[Sample]) -> Iterator[str]:
    """The last life, a tenth on each line."""
    yield "| the last life | memory, MiB: min / median / max | open files: min / median / max |"
    yield "|---|---|---|"
    for part in _tenths(samples):
        cells = [
            f"{min(each):.0f} / {median(each):.0f} / {max(each):.0f}"
            for each in ([s.memory for s in part], [s.files for s in part])
        ]
        yield f"| {part[0].seconds:.0f}-{part[-1].seconds:.0f} s | {' | '.join(cells)} |"


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    return f"median {median(seconds):.1f} s, most {max(seconds):.1f} s ({len(seconds)} times)"
