"""`/sleep`, and what else a person sees of the runs over their agent's memory."""

from __future__ import annotations

from pathlib import Path

from agentcore.clock import MINUTE
from tests.bot.commands.talk import told
from tests.bot.commands.test_forget import rows_with
from tests.nights import nights, swap, tidy

LISBON = "2026-11: moved to Lisbon."


async def test_what_a_run_used_is_the_person_s_and_the_service_s_use(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I have moved to Lisbon.")
        await it.pass_by(tidy(swap(None, LISBON, message=1, reason="You said so.")))
        usage, why = await told(it.home, "ada", "/usage", "/why moved to Lisbon")
        statistics = await it.home.parts.store.statistics()
    assert "tokens: 750" in usage[1]
    assert "when I went over our conversations and put my memory in order: You said so." in why[1]
    assert "“I have moved to Lisbon.”" in why[1]
    assert {each.model: each.prompt_tokens for each in statistics.today.models}["cheap"] == 700
    assert statistics.today.turns == {"end_turn": 1, "sleep_time": 1}


async def test_a_person_sees_what_was_changed_and_switches_it(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I have moved to Lisbon.")
        before, asked, odd = await told(it.home, "ada", "/sleep", "/sleep now", "/sleep well")
        await it.pass_by(tidy(swap(None, LISBON, message=1, reason="You said so.")), after=0)
        after, nothing = await told(it.home, "ada", "/sleep show", "/sleep now")
        off, is_off = await told(it.home, "ada", "/sleep off", "/sleep")
        await it.say("I like it here.")
        assert await it.pass_by() == 0
        on = await told(it.home, "ada", "/sleep on")
        await it.say("Very much.")
        assert await it.pass_by(tidy()) == 1
    assert "After 30 minutes without a message" in before[1]
    assert "I haven't done so yet." in before[1]
    assert (asked[0], odd[0], nothing[0]) == (
        "reply.sleep_now",
        "reply.sleep_how",
        "reply.sleep_nothing_new",
    )
    assert f"✎ {LISBON}\n   You said so." in after[1]
    assert (off[0], is_off[0], on[0][0]) == (
        "reply.sleep_off",
        "reply.sleep_is_off",
        "reply.sleep_on",
    )


async def test_it_can_be_switched_off_for_all(tmp_path: Path) -> None:
    async with nights(tmp_path, sleep_minutes=0) as it:
        await it.say("Hello")
        assert await it.pass_by() == 0
        ((key, _),) = await told(it.home, "ada", "/sleep now")
    assert key == "reply.sleep_not_here"


async def test_reasons_go_with_what_was_forgotten(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I work at Nordwind.")
        await it.pass_by(
            tidy(swap(None, "Works at Nordwind.", message=1, reason="You bake at Nordwind."))
        )
        await told(it.home, "ada", "/forget nordwind", "/forget yes")
        ((_, shown),) = await told(it.home, "ada", "/sleep")
        assert "Nordwind" not in shown
        it.clock.advance(11 * MINUTE)
        assert await it.home.parts.store.forgettings.erase_due() == 1
        assert await it.memory() == []
    assert rows_with(tmp_path, "nordwind") == []


async def test_what_groups_may_see_is_left_to_the_person(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I play chess, and I owe Bob money.")
        await it.command("/share Plays chess.")
        await it.pass_by(tidy(swap(None, "Owes Bob money.", message=1, block="public")))
        (run,) = await it.runs()
        shared = await it.home.block("ada", "public")
    assert run.refused == 1
    assert shared == "Plays chess."
    assert "Plays chess." not in it.night.requests[0].prompt[1].text
