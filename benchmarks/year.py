"""A year of one chat, replayed through the service on a clock of its own: what is remembered in the
end, what it costs, and what grows.

The model is `benchmarks.life.confidant`, a process of its own that is asked over HTTP through
litellm; then, for a few weeks, the offline model.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from agentcore.clock import DAY, HOUR, MINUTE, Micros
from agentcore.records import Role, StepRecord, StopReason, ToolReturnPart, TurnEnd
from agentcore.testing import FakeClock
from benchmarks.figures import Figure
from benchmarks.life.scenario import Life, Question, kinds, life
from benchmarks.processes import simulator
from bot.app import Replacements
from tests.house import FAST, House, house

ABOUT = (
    "A life from a seed, replayed through the service on a clock of its own. Its model is a process of "
    "ours behind litellm and HTTP, competent and not perfect: it forgets to note one fact in ten, and "
    "what is over it takes out of the block. It looks at what is in view, then searches twice at "
    "most, by words alone. Twice the same run gives the same answers."
)
DAYS, OFFLINE_DAYS = 300, 20
SHOWN = (1, 10, 50, 100, 200, 300)
DOLLARS_IN, DOLLARS_OUT = 3.0, 15.0
"""Per million tokens."""
QUIET = 30 * MINUTE
WHO = "ada"

Verdict = Literal["recalled", "mixed", "stale", "missing"]
Source = Literal["search", "view"]


@dataclass
class Spent:
    """Calls and their tokens."""

    calls: int = 0
    prompt: int = 0
    answer: int = 0
    largest: int = 0

    def add(self, step: StepRecord) -> None:
        self.calls += 1
        self.prompt += step.prompt_tokens
        self.answer += step.completion_tokens
        self.largest = max(self.largest, step.prompt_tokens)

    @property
    def dollars(self) -> float:
        return (self.prompt * DOLLARS_IN + self.answer * DOLLARS_OUT) / 1_000_000


@dataclass
class Day:
    """What one day came to, and how things stood in its evening."""

    turns: int = 0
    chat: Spent = field(default_factory=Spent)
    summaries: Spent = field(default_factory=Spent)
    sleep: Spent = field(default_factory=Spent)
    runs: int = 0
    tidied: int = 0
    block: int = 0
    database: int = 0
    messages: int = 0


@dataclass
class Diary:
    """A whole life as it went. `troubles`: how turns ended that didn't end well."""

    life: Life
    days: list[Day] = field(default_factory=list)
    exam: Day = field(default_factory=Day)
    verdicts: dict[str, tuple[Verdict, Source]] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)
    troubles: Counter[str] = field(default_factory=Counter)
    sleep_outcomes: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    seconds: float = 0.0

    @property
    def counts(self) -> Counter[Verdict]:
        return Counter(verdict for verdict, _ in self.verdicts.values())


class Replay:
    """One person, one chat, and the clock that their life goes by."""

    def __init__(self, home: House, clock: FakeClock, diary: Diary, database: Path) -> None:
        self._home = home
        self._clock = clock
        self._diary = diary
        self._database = database
        self._today = Day()

    async def live(self) -> None:
        """All days, one line after the other."""
        lines = iter(self._diary.life.lines)
        line = next(lines, None)
        for day in range(self._diary.life.days):
            self._today = today = Day()
            self._diary.days.append(today)
            while line is not None and line.day == day:
                await self._until(line.at)
                await self._say(line.text)
                line = next(lines, None)
            await self._rest(QUIET)
            await self._home.parts.store.purge()
            await self._look(today)

    async def examine(self) -> None:
        """Ask for everything that was ever said, a few questions at a sitting."""
        self._today = self._diary.exam
        for number, question in enumerate(self._diary.life.exam):
            await self._rest(HOUR if number % 20 == 0 else MINUTE)
            before = await self._newest()
            await self._say(question.text)
            self._diary.verdicts[question.key] = await self._judged(question, before)

    async def _until(self, moment: Micros) -> None:
        if (left := moment - self._clock.now()) > 0:
            await self._rest(Micros(left))

    async def _rest(self, span: int) -> None:
        """Let time pass, with the runs that fall due in it."""
        end = self._clock.now() + span
        for _ in range(10):
            due = await self._home.parts.store.sleep_times.next_due()
            if due is None or due > end:
                break
            self._clock.advance(max(0, due - self._clock.now()))
            await self._sleep()
        self._clock.advance(max(0, end - self._clock.now()))

    async def _sleep(self) -> None:
        (agent,) = await self._home.parts.store.list_agents()
        report = await self._home.parts.sleep.run_now(agent.agent_id)
        today = self._today
        self._diary.sleep_outcomes[report.outcome] += 1
        self._diary.refused += report.refused
        if report.step is not None:
            today.runs += 1
            today.tidied += len(report.changes)
            today.sleep.add(report.step)

    async def _say(self, text: str) -> TurnEnd:
        steps: list[StepRecord] = []
        await self._home.accept(WHO, text)
        (claim,) = await self._home.claim()
        end = await self._home.run(claim, stepped=steps.append)
        today = self._today
        today.turns += 1
        for step in steps:
            (today.summaries if step.outcome == "summarised" else today.chat).add(step)
            if step.outcome in {"failed", "malformed", "empty", "none"}:
                self._diary.troubles[f"a call {step.outcome}: {step.detail}"] += 1
        if end.reason is not StopReason.END_TURN:
            self._diary.troubles[f"a turn ended with {end.reason}"] += 1
        return end

    async def _look(self, today: Day) -> None:
        today.block = len(await self._home.block(WHO))
        today.messages = await self._newest()
        files = (self._database, self._database.with_name(f"{self._database.name}-wal"))
        today.database = sum(file.stat().st_size for file in files if file.exists())

    async def _newest(self) -> int:
        newest = await (await self._home.door(WHO)).history(limit=1)
        return newest[0].seq if newest else 0

    async def _judged(self, question: Question, before: int) -> tuple[Verdict, Source]:
        history = await (await self._home.door(WHO)).history(limit=20)
        fresh = [message for message in history if message.seq > before]
        reply = next((m.text for m in fresh if m.role is Role.ASSISTANT and m.text), "")
        parts = [part for message in fresh for part in message.parts]
        searched = any(
            isinstance(part, ToolReturnPart) and part.name == "conversation_search"
            for part in parts
        )
        self._diary.replies[question.key] = reply
        verdict = judged(self._diary.life, question.key, reply)
        return verdict, "search" if searched else "view"


def judged(of: Life, key: str, reply: str) -> Verdict:
    """By what the reply says: the value that is true, one that isn't any more, or both."""
    said, truth = reply.casefold(), of.truth(key)
    old = any(value.casefold() in said for value in of.earlier(key))
    if truth.value is None:
        over = any(word in said for word in ("over", "no longer", "any more", "gone"))
        return "recalled" if over and not old else "stale" if old else "missing"
    if truth.value.casefold() not in said:
        return "stale" if old else "missing"
    return "mixed" if old else "recalled"


async def replay(folder: Path, of: Life, **settings: Any) -> Diary:
    """A life through the service, and the questions at its end."""
    clock = FakeClock(of.lines[0].at - MINUTE)
    diary = Diary(of)
    began = time.perf_counter()
    replacements = Replacements(clock=clock, limits=FAST)
    settings |= {"daily_messages_per_user": 1_000_000, "sleep_minutes": QUIET // MINUTE}
    async with house(folder, replacements=replacements, **settings) as home:
        run = Replay(home, clock, diary, folder / "familiar.db")
        await run.live()
        clock.advance(DAY)
        await run.examine()
    diary.seconds = time.perf_counter() - began
    return diary


# The report


def measure(*, quick: bool) -> list[Figure]:
    """The table's lines."""
    days, offline_days = (3, 2) if quick else (DAYS, OFFLINE_DAYS)
    return [
        *_report(asyncio.run(_with_the_confidant(days)), ""),
        *_report(asyncio.run(_offline(offline_days)), "offline model: "),
    ]


async def _with_the_confidant(days: int) -> Diary:
    with tempfile.TemporaryDirectory(prefix="familiar-year-") as folder:
        arguments = ("--days", str(days))
        with simulator(Path(folder), "benchmarks.life.confidant", *arguments) as url:
            return await replay(
                Path(folder),
                life(days=days),
                model="openai/gpt-4o-mini",
                model_base_url=url,
                model_api_key="sk-benchmark-0123456789",
            )


async def _offline(days: int) -> Diary:
    with tempfile.TemporaryDirectory(prefix="familiar-year-") as folder:
        return await replay(Path(folder), life(days=days, plain=True))


def _report(diary: Diary, of: str) -> list[Figure]:
    shown = [day for day in SHOWN if day <= len(diary.days)]
    if len(diary.days) not in shown:
        shown.append(len(diary.days))
    figures = [*_remembered(diary), *_over_time(diary, shown), *_in_all(diary)]
    return [Figure(f"{of}{each.name}", each.ours, each.aim, each.note) for each in figures]


def _remembered(diary: Diary) -> list[Figure]:
    counts, total = diary.counts, len(diary.verdicts)
    by = Counter(source for verdict, source in diary.verdicts.values() if verdict == "recalled")
    told = kinds(diary.life)
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(told.items()))
    changed = sum(1 for each in diary.life.known.values() if len(each) > 1)
    missed = Counter(
        "a meal, once" if key.startswith("meal/") else "a fact"
        for key, (verdict, _) in diary.verdicts.items()
        if verdict == "missing"
    )
    return [
        Figure(
            "asked at the end, right by then",
            f"{counts['recalled']} of {total} ({counts['recalled'] / max(1, total):.1%})",
            "",
            f"{by['view']} from what was in view, {by['search']} after a search; {changed} had changed",
        ),
        Figure(
            "… a value that isn't true any more",
            f"{counts['stale']}; beside the true one {counts['mixed']}",
        ),
        Figure(
            "… not found",
            f"{counts['missing']}",
            "",
            ", ".join(f"{count} of {what}" for what, count in sorted(missed.items())),
        ),
        Figure(
            "what was said", f"{len(diary.life.lines):,} lines in {len(diary.days)} days", "", said
        ),
    ]


def _over_time(diary: Diary, shown: Sequence[int]) -> list[Figure]:
    days = "day " + " / ".join(str(day) for day in shown)

    def row(name: str, value: Callable[[Sequence[Day]], str], note: str = "") -> Figure:
        # The ten days up to that one: a single day has too few calls.
        told = [value(diary.days[max(0, day - 10) : day]) for day in shown]
        return Figure(f"{name}, {days}", " / ".join(told), "", note)

    def so_far(value: Callable[[Day], int]) -> str:
        sums = [sum(value(each) for each in diary.days[:day]) for day in shown]
        return " / ".join(f"{each:,}" for each in sums)

    return [
        row("prompt of a call, mean tokens", _mean_prompt, "of the ten days up to it"),
        row("… longest", lambda some: f"{max(each.chat.largest for each in some):,}"),
        row("a turn, tokens in", lambda some: f"{_per_turn(some).prompt:,}", "without sleep-time"),
        row("… tokens out", lambda some: f"{_per_turn(some).answer:,}"),
        row(
            "a turn, cost", _cost, f"at ${DOLLARS_IN:g} and ${DOLLARS_OUT:g} per million, no cache"
        ),
        Figure(f"summaries so far, {days}", so_far(lambda day: day.summaries.calls)),
        Figure(f"sleep-time runs so far, {days}", so_far(lambda day: day.runs)),
        Figure(f"… changes made, {days}", so_far(lambda day: day.tidied)),
        row("block `human`, characters", lambda some: f"{some[-1].block:,}"),
        row("messages stored, with calls and notes", lambda some: f"{some[-1].messages:,}"),
        row("database, MiB", lambda some: f"{some[-1].database / 2**20:.1f}"),
    ]


def _mean_prompt(some: Sequence[Day]) -> str:
    calls = sum(each.chat.calls for each in some)
    return f"{sum(each.chat.prompt for each in some) // max(1, calls):,}"


def _per_turn(some: Sequence[Day]) -> Spent:
    """Of the chat and of the summaries that it needed."""
    turns = max(1, sum(each.turns for each in some))
    spent = [each for day in some for each in (day.chat, day.summaries)]
    return Spent(
        prompt=sum(each.prompt for each in spent) // turns,
        answer=sum(each.answer for each in spent) // turns,
    )


def _cost(some: Sequence[Day]) -> str:
    return f"${_per_turn(some).dollars:.4f}"


def _in_all(diary: Diary) -> list[Figure]:
    def total(kind: str) -> Spent:
        spent = [getattr(day, kind) for day in diary.days]
        return Spent(
            sum(each.calls for each in spent),
            sum(each.prompt for each in spent),
            sum(each.answer for each in spent),
        )

    def all_of(kind: str) -> str:
        spent = total(kind)
        return f"{spent.calls:,} calls, {spent.prompt:,} tokens in, {spent.answer:,} out"

    outcomes = ", ".join(f"{count} {what}" for what, count in diary.sleep_outcomes.most_common())
    troubles = ", ".join(f"{count}: {what}" for what, count in diary.troubles.most_common(5))
    turns = sum(day.turns for day in diary.days)
    return [
        Figure(
            "in all: the chat", all_of("chat"), "", f"${total('chat').dollars:.2f}; {turns:,} turns"
        ),
        Figure("in all: summaries", all_of("summaries"), "", f"${total('summaries').dollars:.2f}"),
        Figure(
            "in all: sleep-time", all_of("sleep"), "", f"${total('sleep').dollars:.2f}; {outcomes}"
        ),
        Figure("turns and calls that went wrong", f"{diary.troubles.total()}", "0", troubles),
        Figure("the run itself", f"{diary.seconds:.0f} s"),
    ]
