"""When what was noted is shown, and what of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from agentcore.clock import MINUTE, Micros
from agentcore.loop.cards import Edited, card_of, is_due
from agentcore.records import (
    API_PLATFORM,
    Address,
    AgentId,
    BlockId,
    CardChoice,
    Claim,
    InboxItem,
    TurnId,
)

HUMAN, PERSONA = BlockId("human"), BlockId("persona")
NOW = Micros(1_000 * MINUTE)


@pytest.mark.parametrize(
    ("choice", "shown", "minutes_ago", "due"),
    [
        ("on", 0, None, True),
        ("on", 2, 0, True),
        ("on", 3, 29, False),
        ("on", 3, 30, True),
        ("on", 900, 31, True),
        ("off", 0, None, False),
        ("off", 5, 600, False),
        ("always", 900, 0, True),
    ],
)
def test_the_first_three_are_shown_then_one_in_half_an_hour(
    choice: CardChoice, shown: int, minutes_ago: int | None, due: bool
) -> None:
    last = None if minutes_ago is None else Micros(NOW - minutes_ago * MINUTE)

    assert is_due(choice, shown, last, NOW) is due


def claim() -> Claim:
    item = InboxItem(1, "message", Address("a"), 1, None, None, (), NOW, "test")
    return Claim(
        AgentId("agent-1"), 7, 7, TurnId("run-1"), 1, (item,), 1, item.address, 0, False, 0, 0, NOW
    )


EDITS = [
    pytest.param([(HUMAN, "", "tea")], " tea", id="one line"),
    pytest.param([(HUMAN, "a", "a\ntea\n rye ")], "\n• tea\n• rye", id="several"),
    pytest.param(
        [(HUMAN, "tea", "coffee")], " coffee", id="a replaced line is told as the new one"
    ),
    pytest.param([(HUMAN, "a\ntea", "a")], " ✗ tea", id="a line that went"),
    pytest.param([(HUMAN, "", "x"), (HUMAN, "x", "tea")], " tea", id="the turn's edits as one"),
    pytest.param([(HUMAN, "", "tea"), (PERSONA, "a", "b")], "\n• tea\n• b", id="several blocks"),
    pytest.param([(HUMAN, "", "\n".join("abcdefg"))], "\n• a\n• b\n• c\n• d\n• e\n• …", id="many"),
    pytest.param([(HUMAN, "", "x" * 300)], f" {'x' * 199}…", id="a long line"),
]


@pytest.mark.parametrize(("edits", "lines"), EDITS)
def test_a_card_tells_what_is_new(edits: Sequence[tuple[BlockId, str, str]], lines: str) -> None:
    card = card_of(claim(), [Edited(*edit) for edit in edits], NOW)

    assert card is not None
    assert card.arguments == {"lines": lines, "turn": 7}


def test_what_came_to_nothing_is_no_news() -> None:
    there_and_back = [Edited(HUMAN, "a", "b"), Edited(HUMAN, "b", "a")]

    assert card_of(claim(), there_and_back, NOW) is None
    assert card_of(claim(), [], NOW) is None


def test_a_program_is_shown_none() -> None:
    item = replace(claim().first, platform=API_PLATFORM)

    assert card_of(replace(claim(), items=(item,)), [Edited(HUMAN, "", "tea")], NOW) is None
