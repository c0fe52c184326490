"""What is said when, what is asked, and what is true in the end: all of it from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from agentcore.clock import DAY, MINUTE, SECOND, Micros
from benchmarks.life import talk
from benchmarks.life.traits import OTHERS, OWN, PEOPLE, Trait

START = datetime(2026, 1, 5, tzinfo=UTC)
TURNS_A_DAY = 16.7
SESSIONS = ((7, 9), (12, 14), (18, 22))
"""Hours between which people sit down to write."""

Kind = Literal["chat", "fact", "meal", "plan", "ask"]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a line says of a subject. `value` None: that is over. `note`: what a good note of it
    reads; None where it is nothing to be noted. `due`: the day on which a plan is over.
    """

    key: str
    value: str | None
    note: str | None
    due: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """`query`: words that it is looked for with."""

    key: str
    text: str
    query: str


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the person's."""

    at: Micros
    day: int
    kind: Kind
    text: str


@dataclass
class Life:
    """All that is said, and what a reader who knew everything would make of it."""

    days: int
    lines: list[Said] = field(default_factory=list)
    statements: dict[str, Statement] = field(default_factory=dict)
    """By the text that states them."""
    questions: dict[str, Question] = field(default_factory=dict)
    """By their texts."""
    exam: list[Question] = field(default_factory=list)
    notes: dict[str, Statement] = field(default_factory=dict)
    """By what a note of them reads."""
    known: dict[str, list[Statement]] = field(default_factory=dict)
    """All that was stated of each subject, oldest first."""

    def truth(self, key: str) -> Statement:
        return self.known[key][-1]

    def earlier(self, key: str) -> set[str]:
        """Values that were true once, or were said by mistake."""
        values = {each.value for each in self.known[key] if each.value is not None}
        return values - {self.truth(key).value}


@dataclass(frozen=True, slots=True)
class _Subject:
    key: str
    trait: Trait
    name: str = ""

    @property
    def plainly(self) -> str:
        return f"friend {self.name}'s {self.trait.name}" if self.name else self.trait.name

    def fill(self, text: str, value: str, before: str = "") -> str:
        filled = text.format(v=value, o=before, n=self.name)
        return filled[:1].upper() + filled[1:]


@dataclass(frozen=True, slots=True)
class _Planned:
    """Something to be said on a day, before what is said by chance."""

    day: float
    kind: Kind
    text: str
    statement: Statement


def life(*, days: int, seed: int = 7, plain: bool = False) -> Life:
    """The life of that seed. `plain`: in the few forms that a model without a language
    understands.
    """
    return _Writer(days, random.Random(seed), plain=plain).write()  # noqa: S311 (chance, no secret)


class _Writer:
    def __init__(self, days: int, chance: random.Random, *, plain: bool) -> None:
        self.life = Life(days)
        self.days = days
        self.chance = chance
        self.plain = plain
        self.turns = round(days * TURNS_A_DAY)
        self.seen: set[str] = set()

    def write(self) -> Life:
        planned = sorted(
            [*self._facts(), *self._plans(), *self._meals()], key=lambda each: each.day
        )
        by_day: dict[int, list[_Planned]] = {}
        for each in planned:
            by_day.setdefault(int(each.day), []).append(each)
        for day in range(self.days):
            self._live(day, by_day.get(day, []))
        for key in self.life.known:
            self.life.exam.append(self._question(key))
        self.chance.shuffle(self.life.exam)
        return self.life

    # What there is to say

    def _facts(self) -> Iterator[_Planned]:
        subjects = [_Subject(trait.name, trait) for trait in OWN]
        for name in PEOPLE:
            subjects += [_Subject(f"{name}/{trait.name}", trait, name) for trait in OTHERS]
        self.chance.shuffle(subjects)
        self.subjects = {each.key: each for each in subjects[: max(4, self.turns // 14)]}
        for subject in self.subjects.values():
            yield from self._course(subject)

    def _course(self, subject: _Subject) -> Iterator[_Planned]:
        """How one subject goes through the year."""
        chance, trait = self.chance, subject.trait
        values = chance.sample(trait.values, len(trait.values))
        day = self.days * chance.betavariate(0.8, 2.2)
        value, wrong = values.pop(), values[-1]
        if chance.random() < 0.08:
            yield self._states(subject, day, wrong)
            yield self._corrects(subject, day + 0.001, value, wrong)
        else:
            yield self._states(subject, day, value)
        for _ in range(chance.choices((0, 1, 2, 3), (30, 35, 20, 15))[0]):
            day = chance.uniform(day + 2, self.days)
            if day >= self.days - 1 or not values:
                return
            before, value = value, values.pop()
            if chance.random() < 0.4:
                yield self._states(subject, day, value)
            else:
                yield self._changes(subject, day, value, before)
        if trait.over and not self.plain and chance.random() < 0.3 and day < self.days - 6:
            ending = subject.fill(chance.choice(trait.over), "", value)
            gone = Statement(subject.key, None, None)
            yield _Planned(chance.uniform(day + 2, self.days - 1), "fact", ending, gone)

    def _states(self, subject: _Subject, day: float, value: str) -> _Planned:
        text = subject.fill(self.chance.choice(subject.trait.states), value)
        if self.plain:
            text = f"My {subject.plainly} is {value}."
        return self._fact(subject, day, value, text)

    def _changes(self, subject: _Subject, day: float, value: str, before: str) -> _Planned:
        if self.plain:
            return self._states(subject, day, value)
        text = subject.fill(self.chance.choice(subject.trait.changes), value, before)
        return self._fact(subject, day, value, text)

    def _corrects(self, subject: _Subject, day: float, value: str, wrong: str) -> _Planned:
        if self.plain:
            return self._states(subject, day, value)
        right = subject.fill(subject.trait.states[0], value)
        text = f"No, wait, not {wrong}, I mixed that up: {right}"
        return self._fact(subject, day, value, text)

    def _fact(self, subject: _Subject, day: float, value: str, text: str) -> _Planned:
        note = subject.fill(subject.trait.line, value)
        return _Planned(day, "fact", text, Statement(subject.key, value, note))

    def _plans(self) -> Iterator[_Planned]:
        for what in self._some(talk.PLANS, self.days // 6):
            day = self.chance.uniform(0, self.days - 0.5)
            due = int(day) + self.chance.randint(3, 16)
            when = _day_of_year(due)
            text = self._pick(talk.PLAN_SAID).format(v=when, w=what)
            if self.plain:
                text = f"My {what} is on {when}."
            statement = Statement(f"plan/{what}", when, f"{what}: {when}.", due)
            yield _Planned(day, "plan", text, statement)

    def _meals(self) -> Iterator[_Planned]:
        pairs = [(dish, name) for dish in talk.listed(talk.DISHES) for name in PEOPLE]
        firsts, seconds = talk.FIRST.split("|"), talk.SECOND.split("|")
        places = [f"{first} {second}" for first in firsts for second in seconds]
        self.chance.shuffle(pairs)
        self.chance.shuffle(places)
        few = min(len(pairs), len(places), self.days // 3)
        for (dish, name), place in zip(pairs[:few], places[:few], strict=True):
            text = self._pick(talk.MEALS).format(p=place, n=name, d=dish)
            day = self.chance.uniform(0, self.days - 0.5)
            yield _Planned(day, "meal", text, Statement(f"meal/{dish}/{name}", place, None))

    # A day

    def _live(self, day: int, planned: Sequence[_Planned]) -> None:
        turns = max(len(planned) + 2, round(self.chance.gauss(TURNS_A_DAY, 4)))
        kinds: list[_Planned | None] = [None] * (turns - len(planned))
        for each in planned:  # in their order
            at = max((n + 1 for n, other in enumerate(kinds) if other is not None), default=0)
            kinds.insert(self.chance.randint(at, len(kinds)), each)
        for at, fixed in zip(self._moments(day, len(kinds)), kinds, strict=True):
            if fixed is not None:
                self._state(at, day, fixed)
            elif self.life.known and self.chance.random() < 0.06:
                question = self._question(self.chance.choice(list(self.life.known)))
                self._say(at, day, "ask", question.text)
            else:
                self._say(at, day, "chat", self._small_talk())

    def _moments(self, day: int, count: int) -> list[Micros]:
        """A few sittings, with minutes between their lines and hours between them."""
        moments: list[int] = []
        share = -(-count // len(SESSIONS))
        for first, last in SESSIONS:
            at = day * DAY + self.chance.randint(first * 60, last * 60) * MINUTE
            for _ in range(min(share, count - len(moments))):
                moments.append(at)
                at += self.chance.randint(20, 400) * SECOND
        begin = int(START.timestamp()) * SECOND
        return [Micros(begin + at) for at in moments]

    def _state(self, at: Micros, day: int, each: _Planned) -> None:
        text, statement = each.text, each.statement
        if not self.plain and self.chance.random() < 0.5:
            text = f"{self._topic()} {text}"
        clash = self.life.statements.setdefault(text, statement)
        if clash.key != statement.key:
            msg = f"{text!r} states both {clash.key} and {statement.key}"
            raise AssertionError(msg)
        self._say(at, day, each.kind, text)
        self.life.statements[text] = statement
        self.life.known.setdefault(statement.key, []).append(statement)
        if statement.note is not None:
            self.life.notes[statement.note] = statement

    def _say(self, at: Micros, day: int, kind: Kind, text: str) -> None:
        self.life.lines.append(Said(at, day, kind, text))

    def _question(self, key: str) -> Question:
        asked = Question(key, *self._asked(key))
        self.life.questions[asked.text] = asked
        return asked

    def _asked(self, key: str) -> tuple[str, str]:
        kind, _, rest = key.partition("/")
        if kind == "plan":
            text = "When is my {w}?" if self.plain else self._pick(talk.PLAN_ASKS)
            return text.format(w=rest), f"{rest} date on"
        if kind == "meal":
            dish, _, name = rest.partition("/")
            text = self._pick(talk.MEAL_ASKS).format(d=dish, n=name)
            return text, f"{dish} {name}"
        subject = self.subjects[key]
        if self.plain:
            return f"What is my {subject.plainly}?", key
        text = subject.fill(self.chance.choice(subject.trait.asks), "")
        return text, subject.trait.query.format(n=subject.name)

    def _small_talk(self) -> str:
        text = ""
        for _ in range(20):
            topics = [self._topic() for _ in range(self.chance.choice((1, 1, 2, 3)))]
            opening, closing = self._pick(talk.OPENINGS), self._pick(talk.CLOSINGS)
            text = " ".join(f"{opening} {' '.join(topics)} {closing}".split())
            if text not in self.seen:
                break
        self.seen.add(text)
        return text

    def _topic(self) -> str:
        slots = {name: self.chance.choice(of.split("|")) for name, of in talk.SLOTS.items()}
        text = self._pick(talk.TOPICS).format(**slots)
        return text[:1].upper() + text[1:]

    def _pick(self, texts: str) -> str:
        return self.chance.choice(talk.listed(texts))

    def _some(self, texts: str, count: int) -> Iterator[str]:
        listed = talk.listed(texts)
        for _ in range(count):
            yield self.chance.choice(listed)


def day_of(today: date) -> int:
    """Days since the beginning."""
    return (today - START.date()).days


def _day_of_year(day: int) -> str:
    when = START + timedelta(days=day)
    return f"{when.day} {when:%B}"


def kinds(of: Life) -> Mapping[Kind, int]:
    """How many lines of each kind there are."""
    counts: dict[Kind, int] = {}
    for line in of.lines:
        counts[line.kind] = counts.get(line.kind, 0) + 1
    return counts
