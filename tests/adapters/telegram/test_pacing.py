"""Who may write when: the numbers, without a server and without waiting."""

from __future__ import annotations

import gc
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.telegram.pacing import MANY_LANES, Kind, Pacer, _Call
from agentcore.clock import SECOND
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.flood import Flood, Limits
from tests.simulators.timeline import Bell, SteppedTimeline

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


def made(pacer: Pacer, chat: str, kind: Kind) -> float:
    """How long a call must wait; 0: it was made, and is over."""
    wait = pacer.take(chat, kind)
    if wait == 0:
        with pacer.until_landed(chat):
            pass
    return wait


def taken(pacer: Pacer, chat: str, kind: Kind) -> int:
    """How many go at once."""
    count = 0
    while made(pacer, chat, kind) == 0:
        count += 1
    return count


def test_a_chat_gets_a_few_messages_at_once_then_one_a_second(pacer: Pacer, time: Steps) -> None:
    assert taken(pacer, PRIVATE, Kind.MESSAGE) == 3
    assert pacer.take(PRIVATE, Kind.MESSAGE) == 1.0
    time.now += 1
    assert taken(pacer, PRIVATE, Kind.MESSAGE) == 1


def test_a_call_counts_until_a_while_after_its_end(pacer: Pacer, time: Steps) -> None:
    for number in range(27):
        made(pacer, str(number), Kind.MESSAGE)
    assert pacer.take("slow", Kind.MESSAGE) == 0
    with pacer.until_landed("slow"):
        time.now += 5
        assert taken(pacer, "quick", Kind.DRAFT) == 15
        for number in range(12):
            assert made(pacer, str(number), Kind.MESSAGE) == 0
        assert pacer.take("other", Kind.MESSAGE) == 1.0
    time.now += 0.5
    assert pacer.take("other", Kind.MESSAGE) == 0.5


def test_a_group_gets_twenty_a_minute(pacer: Pacer, time: Steps) -> None:
    sent = 0
    for _ in range(60):
        sent += taken(pacer, GROUP, Kind.MESSAGE)
        time.now += 1

    assert sent == 20
    assert made(pacer, GROUP, Kind.MESSAGE) <= 1
    assert pacer.take(PRIVATE, Kind.MESSAGE) == 0


@pytest.mark.parametrize("kind", [Kind.KEYBOARD, Kind.EDIT])
def test_what_matters_less_leaves_room_for_an_answer(pacer: Pacer, time: Steps, kind: Kind) -> None:
    for _ in range(59):
        taken(pacer, GROUP, kind)
        time.now += 1

    assert pacer.take(GROUP, kind) > 0
    assert taken(pacer, GROUP, Kind.MESSAGE) >= 2


def test_signs_take_no_message_s_place_and_messages_none_of_theirs(pacer: Pacer) -> None:
    for number in range(28):
        assert made(pacer, str(number), Kind.MESSAGE) == 0

    assert taken(pacer, PRIVATE, Kind.SIGN) == 100
    assert pacer.take(PRIVATE, Kind.MESSAGE) == 1.0


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
        pacer.free(str(number), Kind.SIGN)
    pacer.refused("1", 1_000)
    time.now += 100

    assert pacer.take("new", Kind.MESSAGE) == 0
    assert len(pacer._lanes) == 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*map(str, range(12)), "-1", "-2"]),
        st.sampled_from([Kind.MESSAGE, Kind.EDIT, Kind.KEYBOARD]),
        st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.3, 2.0]),
        st.sampled_from([0.0, 0.01, 0.9, 1.5]),
        st.sampled_from([0.0, 0.1]),
    ),
    min_size=50,
    max_size=200,
)


@given(STEPS)
def test_the_server_never_refuses_what_it_lets_through(
    steps: list[tuple[str, Kind, float, float, float]],
) -> None:
    timeline = SteppedTimeline()
    flood = Flood(Limits(), timeline)
    pacer = Pacer(lambda: timeline.now() / SECOND)

    for name, kind, pause, there, back in steps:
        chat = Chat(int(name), "group" if name[0] == "-" else "private", timeline, Bell())
        if pacer.take(name, kind) == 0:
            call = ExitStack()
            call.enter_context(pacer.until_landed(name))
            timeline.call_later(there, lambda chat=chat: flood.take(chat))  # type: ignore[misc]
            # Rounded up: the server counts in microseconds.
            timeline.call_later(there + back + 1e-6, call.close)
        timeline.advance(pause)
    timeline.advance(5)


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_calls_that_count_no_more_are_not_kept(pacer: Pacer, time: Steps, chat: str) -> None:
    before = kept_calls()
    for _ in range(100):
        time.now += 61
        assert made(pacer, chat, Kind.MESSAGE) == 0
    assert kept_calls() - before <= 2


def kept_calls() -> int:
    gc.collect()
    return sum(isinstance(each, _Call) for each in gc.get_objects())
