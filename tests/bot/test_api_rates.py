"""How often a token may be used."""

from __future__ import annotations

import pytest

from agentcore.clock import SECOND
from agentcore.errors import TooMany
from agentcore.testing import FakeClock
from bot.api.rates import Rates


def test_a_minute_s_worth_may_come_at_once_then_as_many_as_the_rate_allows() -> None:
    clock = FakeClock()
    rates = Rates(60, clock)
    for _ in range(60):
        rates.take("one")
    with pytest.raises(TooMany) as refused:
        rates.take("one")
    assert refused.value.retry_after == pytest.approx(1.0)
    clock.advance(SECOND)
    rates.take("one")
    with pytest.raises(TooMany):
        rates.take("one")


def test_each_token_has_a_rate_of_its_own() -> None:
    rates = Rates(1, FakeClock())
    rates.take("one")
    rates.take("other")
    with pytest.raises(TooMany):
        rates.take("one")


def test_a_clock_that_is_set_back_takes_nothing_away() -> None:
    clock = FakeClock()
    rates = Rates(2, clock)
    rates.take("one")
    clock.advance(-60 * SECOND)
    rates.take("one")
    with pytest.raises(TooMany):
        rates.take("one")


def test_without_a_rate_nothing_is_counted() -> None:
    rates = Rates(0, FakeClock())
    for _ in range(10):
        rates.take("one")
