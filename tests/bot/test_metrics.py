"""What Prometheus is told."""

from __future__ import annotations

from pathlib import Path

from adapters.testing import Failure, FakePushAdapter, PushPlatform
from agentcore.errors import ModelUnavailable
from agentcore.model import Usage
from agentcore.records import Pulse
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from bot.measures import CallFigures
from bot.metrics import PrometheusMeasures
from tests.house import FAST, house, working

PULSE = Pulse(pending=3, oldest_pending=90, parked=1, to_send=2, unreachable=4)


def told(measures: PrometheusMeasures, pulse: Pulse | None = PULSE) -> dict[str, str]:
    """Each series with its value."""
    text = measures.exposition(pulse, {"terminal:local": "ok", "push:bot": "failed: OSError"})
    lines = [line for line in text.decode().splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


async def test_turns_are_counted_by_what_became_of_them_and_timed_to_the_answer(
    tmp_path: Path,
) -> None:
    measures = PrometheusMeasures()
    model = ScriptedModel(ModelUnavailable("down", retry_after=0.01), "Hello.")
    async with house(tmp_path, model, measures=measures) as home, working(home):
        receipt = await home.accept("ada", "Hi!")
        await home.heard("ada", until=receipt.position)
        receipt = await home.accept("ada", "/new")
        await home.heard("ada", until=receipt.position)

    found = told(measures)
    message = 'familiar_turns_total{kind="message",outcome="end_turn",platform="terminal"}'
    command = 'familiar_turns_total{kind="command",outcome="end_turn",platform="terminal"}'
    assert (found[message], found[command]) == ("1.0", "1.0")
    assert found['familiar_turns_put_off_total{why="model"}'] == "1.0"
    assert found["familiar_turn_seconds_count"] == "1.0", "a command is no answer of a model"
    assert found['familiar_turn_seconds_bucket{le="+Inf"}'] == "1.0"


async def test_chunks_are_counted_and_those_sent_again_apart(tmp_path: Path) -> None:
    measures, platform = PrometheusMeasures(), PushPlatform()
    platform.fail("ada", Failure("cut_after_delivery"))
    replacements = Replacements(
        limits=FAST, adapters=lambda context: [FakePushAdapter(context.service, platform)]
    )
    model = ScriptedModel("Hello.")
    async with (
        house(tmp_path, model, replacements=replacements, measures=measures) as home,
        working(home),
    ):
        platform.write("ada", "Hi!")
        await platform.until(lambda: len(platform.seen("ada")) == 2)

    found = told(measures)
    assert found['familiar_outbox_tries_total{outcome="waiting",platform="fakepush"}'] == "1.0"
    assert found['familiar_outbox_tries_total{outcome="sent",platform="fakepush"}'] == "1.0"
    assert found['familiar_outbox_resent_total{platform="fakepush"}'] == "1.0"


def test_money_is_told_by_model_and_an_unknown_price_is_never_zero() -> None:
    measures = PrometheusMeasures()
    priced = Usage(100, 20, cached_tokens=40, cost=1_250_000)
    measures.model_called(CallFigures("a", "answered", 0.4, 0.2, priced))
    measures.model_called(CallFigures("a", "unavailable", 60.0))
    measures.model_called(CallFigures("b", "answered", 0.4, None, Usage(1, 1)))

    found = told(measures)

    assert found['familiar_model_cost_usd_total{model="a"}'] == "1.25"
    assert found['familiar_model_tokens_total{kind="cached",model="a"}'] == "40.0"
    assert found['familiar_model_calls_total{model="a",outcome="unavailable"}'] == "1.0"
    assert found['familiar_model_seconds_count{model="a"}'] == "1.0", "only what was answered"
    assert found['familiar_model_first_token_seconds_count{model="a"}'] == "1.0"
    assert found['familiar_model_unpriced_calls_total{model="b"}'] == "1.0"
    assert 'familiar_model_cost_usd_total{model="b"}' not in found


def test_the_present_is_told_as_it_is_at_the_scrape() -> None:
    measures = PrometheusMeasures()

    found = told(measures)

    assert found["familiar_pending_messages"] == "3.0"
    assert found["familiar_oldest_pending_seconds"] == "90.0"
    assert found["familiar_parked_messages"] == "1.0"
    assert found["familiar_outbox_waiting"] == "2.0"
    assert found["familiar_unreachable_chats"] == "4.0"
    assert found['familiar_adapter_up{adapter="terminal:local"}'] == "1.0"
    assert found['familiar_adapter_up{adapter="push:bot"}'] == "0.0"
    assert found["familiar_database_up"] == "1.0"
    assert int(float(found["process_resident_memory_bytes"])) > 0


def test_a_database_that_does_not_answer_leaves_no_figure_of_yesterday() -> None:
    measures = PrometheusMeasures()
    told(measures)

    found = told(measures, None)

    assert found["familiar_database_up"] == "0.0"
    assert found["familiar_pending_messages"] == "NaN"


def test_two_services_in_one_process_do_not_meet() -> None:
    first, second = PrometheusMeasures(), PrometheusMeasures()
    first.turn_put_off("model")

    assert 'familiar_turns_put_off_total{why="model"}' not in told(second)
