"""Sleep-time: an agent's memory is put in order while its person is away."""

from __future__ import annotations

from pathlib import Path

from agentcore.clock import MINUTE
from tests.nights import nights, saved, swap, tidy


async def test_after_a_quiet_time_the_memory_is_put_in_order(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I live in Paris.", *saved("Lives in Paris."))
        await it.say("I have moved to Lisbon, by the way.")
        ran = await it.pass_by(
            tidy(swap("Lives in Paris.", "2026-11: moved to Lisbon.", message=6))
        )
        assert ran == 1
        assert await it.memory() == ["2026-11: moved to Lisbon."]
        (run,) = await it.runs()
    assert run.state == "done"
    assert [change.reason for change in run.changes] == ["It is newer."]
    assert (run.models, run.prompt_tokens, run.cost) == (("cheap",), 700, 90)


async def test_the_model_sees_memory_with_dates_and_what_was_said_since(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I live in Paris.", *saved("Lives in Paris."))
        await it.pass_by(tidy())
        await it.say("I have moved to Lisbon.")
        await it.pass_by(tidy())
    first, second = (request.prompt[1].text for request in it.night.requests)
    assert "\n2026-11-20 | Lives in Paris.\n" in first
    assert "| I live in Paris." in first
    assert "| I live in Paris." not in second, "it was read before"
    assert "| I have moved to Lisbon." in second


async def test_nobody_is_read_twice_and_nobody_who_said_nothing(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("Hello")
        assert await it.pass_by(after=29 * MINUTE) == 0, "not yet"
        assert await it.pass_by(tidy(), after=MINUTE) == 1
        assert await it.pass_by() == 0
        await it.home.accept("ada", "/persona coach")
        (claim,) = await it.home.claim()
        await it.home.parts.dispatcher.crew.commands.run(claim)
        await it.pass_by()
        assert len(it.night.requests) == 1
