"""Who may write when: the numbers, without a server and without waiting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.pacing import MANY_LANES, Kind, Pacer
from agentcore.clock import SECOND
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.flood import Flood, Limits
from tests.simulators.telegram_server.timeline import Bell, SteppedTimeline

PRIVATE, GROUP = "7", "-100"


class Steps:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Steps:
    return Steps()


@pytest.fixture
def pacer(time: Steps) -> Pacer:
    return Pacer(time)


def taken(pacer: Pacer, chat: str, kind: Kind) -> int:
    """How many go at once."""
    count = 0
    while pacer.take(chat, kind) == 0:
        count += 1
    return count


def test_a_chat_gets_a_few_messages_at_once_then_one_a_second(pacer: Pacer, time: Steps) -> None:
    assert taken(pacer, PRIVATE, Kind.MESSAGE) == 3
    assert pacer.take(PRIVATE, Kind.MESSAGE) == 1.0
    time.now += 1
    assert taken(pacer, PRIVATE, Kind.MESSAGE) == 1


def test_a_place_that_is_worth_the_wait_is_taken_ahead_of_time(pacer: Pacer) -> None:
    taken(pacer, PRIVATE, Kind.MESSAGE)

    assert pacer.take(PRIVATE, Kind.MESSAGE, patience=1.5) == 1.0
    assert pacer.take(PRIVATE, Kind.MESSAGE, patience=1.5) == 2.0
    assert pacer.take(PRIVATE, Kind.MESSAGE, patience=1.5) == 2.0, "nothing was taken"


def test_a_group_gets_twenty_a_minute(pacer: Pacer, time: Steps) -> None:
    sent = 0
    for _ in range(60):
        sent += taken(pacer, GROUP, Kind.MESSAGE)
        time.now += 1

    assert sent == 20
    assert pacer.take(GROUP, Kind.MESSAGE) <= 1
    assert pacer.take(PRIVATE, Kind.MESSAGE) == 0


@pytest.mark.parametrize("kind", [Kind.KEYBOARD, Kind.EDIT])
def test_what_matters_less_leaves_room_for_an_answer(pacer: Pacer, time: Steps, kind: Kind) -> None:
    for _ in range(60):
        taken(pacer, GROUP, kind)
        time.now += 1

    assert pacer.take(GROUP, kind) > 0
    assert taken(pacer, GROUP, Kind.MESSAGE) >= 2


def test_signs_take_no_place_and_are_dropped_when_there_are_few(pacer: Pacer) -> None:
    for _ in range(50):
        assert pacer.take(PRIVATE, Kind.SIGN) == 0
    for number in range(18):
        assert pacer.take(str(number), Kind.MESSAGE) == 0

    assert pacer.take(PRIVATE, Kind.SIGN) > 0
    assert pacer.take(PRIVATE, Kind.MESSAGE) == 0


def test_drafts_take_none_of_their_chats_places_and_leave_some_of_the_bots(pacer: Pacer) -> None:
    assert taken(pacer, PRIVATE, Kind.DRAFT) == 16
    assert not pacer.free(PRIVATE, Kind.DRAFT)
    assert pacer.free(PRIVATE, Kind.MESSAGE)

    assert taken(pacer, PRIVATE, Kind.MESSAGE) == 3


def test_a_refused_chat_is_left_alone_and_others_are_not(pacer: Pacer, time: Steps) -> None:
    pacer.refused(PRIVATE, 35)

    assert pacer.take(PRIVATE, Kind.MESSAGE) == 35
    assert pacer.take(PRIVATE, Kind.SIGN) == 35
    assert pacer.take("8", Kind.MESSAGE) == 0
    time.now += 35
    assert pacer.take(PRIVATE, Kind.MESSAGE) == 0


def test_several_refused_chats_mean_the_bot(pacer: Pacer, time: Steps) -> None:
    for number, seconds in enumerate((35, 30, 40)):
        assert pacer.take("others", Kind.SIGN) == 0
        pacer.refused(str(number), seconds)
        time.now += 1

    assert pacer.take("others", Kind.MESSAGE) == 28


def test_chats_that_are_quiet_again_are_forgotten(pacer: Pacer, time: Steps) -> None:
    for number in range(MANY_LANES):
        pacer.take(str(number), Kind.SIGN)
    pacer.refused("1", 1_000)
    time.now += 100

    assert pacer.take("new", Kind.MESSAGE) == 0
    assert len(pacer._lanes) == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*map(str, range(12)), "-1", "-2"]),
        st.sampled_from([Kind.MESSAGE, Kind.EDIT, Kind.KEYBOARD]),
        st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.3, 2.0]),
    ),
    min_size=50,
    max_size=200,
)


@given(STEPS)
def test_the_server_never_refuses_what_it_lets_through(
    steps: list[tuple[str, Kind, float]],
) -> None:
    timeline = SteppedTimeline()
    flood = Flood(Limits(), timeline)
    pacer = Pacer(lambda: timeline.now() / SECOND)

    for name, kind, pause in steps:
        chat = Chat(int(name), "group" if name[0] == "-" else "private", timeline, Bell())
        wait = pacer.take(name, kind, patience=1.5)
        if wait <= 1.5:
            # Rounded up: the server counts in microseconds.
            timeline.call_later(wait + 1e-6, lambda chat=chat: flood.take(chat))  # type: ignore[misc]
        timeline.advance(pause)
    timeline.advance(5)
