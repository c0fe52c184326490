"""What is due for whom: nothing that was noted is forgotten, nothing is handed out too early."""

from __future__ import annotations

import anyio
from hypothesis import given
from hypothesis import strategies as st

from agentcore.clock import SECOND, Micros
from bot.waking.agenda import Agenda

NOW = Micros(1_000 * SECOND)
LATER = Micros(NOW + 60 * SECOND)


def fresh() -> Agenda[str]:
    """An agenda after its first look."""
    agenda: Agenda[str] = Agenda()
    assert agenda.take(NOW).look
    return agenda


def test_the_first_thing_to_do_is_to_look() -> None:
    assert Agenda[str]().take(Micros(0)).look


def test_what_is_noted_is_due_from_its_moment_on_and_once() -> None:
    agenda = fresh()
    agenda.note("ada", LATER)
    assert not agenda.take(NOW)
    assert agenda.take(LATER).keys == {"ada"}
    assert not agenda.take(LATER)


def test_the_earlier_of_two_moments_counts() -> None:
    agenda = fresh()
    agenda.note("ada", LATER)
    agenda.note("ada", NOW)
    assert agenda.take(NOW).keys == {"ada"}


def test_what_comes_during_the_work_is_due_at_its_end() -> None:
    agenda = fresh()
    agenda.begin("ada")
    agenda.note("ada", NOW)
    assert not agenda.take(NOW)
    agenda.end("ada")
    assert agenda.take(NOW).keys == {"ada"}


def test_an_end_with_nothing_behind_it_makes_nothing_due() -> None:
    agenda = fresh()
    agenda.begin("ada")
    agenda.end("ada")
    assert not agenda.take(NOW)


async def test_waiting_ends_when_something_is_noted() -> None:
    agenda = fresh()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: agenda.wait(NOW, at_most=60.0))
        await anyio.lowlevel.checkpoint()
        agenda.note("ada", NOW)
    assert agenda.take(NOW).keys == {"ada"}


async def test_waiting_does_not_outlast_what_is_due() -> None:
    agenda = fresh()
    agenda.note("ada", Micros(NOW + 1))
    await agenda.rung(at_most=0)  # the ring of the note itself
    await agenda.wait(NOW, at_most=60.0)
    assert not agenda.take(NOW).look, "nobody has to look: it is known what is due"


async def test_after_a_while_without_news_it_is_time_to_look() -> None:
    agenda = fresh()
    await agenda.wait(NOW, at_most=0)
    assert agenda.take(NOW).look


MOVES = st.lists(
    st.tuples(st.sampled_from(["note", "begin", "end", "take"]), st.sampled_from("abc")),
    max_size=40,
)


@given(MOVES)
def test_whatever_is_noted_comes_up_once_its_key_is_free(moves: list[tuple[str, str]]) -> None:
    agenda = fresh()
    owed: set[str] = set()
    busy: set[str] = set()
    for move, key in moves:
        if move == "note":
            agenda.note(key, NOW)
            owed.add(key)
        elif move == "begin":
            agenda.begin(key)
            busy.add(key)
        elif move == "end":
            agenda.end(key)
            busy.discard(key)
        else:
            assert agenda.take(NOW).keys == owed - busy
            owed &= busy
    for key in busy:
        agenda.end(key)
    assert agenda.take(NOW).keys == owed
