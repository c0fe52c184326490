"""Sleep-time: an agent's memory is put in order while its person is away."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import anyio
import pytest
import sqlalchemy as sa

from agentcore.clock import DAY, MINUTE
from agentcore.errors import BadInput, ModelError, ModelRefused, ModelUnavailable
from agentcore.loop.sleeping import MOST_TRIES
from agentcore.model import ModelAnswer, ModelRequest, Price, Usage
from agentcore.records import OWNER, Actor
from agentcore.testing import FakeClock, ScriptedModel, StaticCatalog
from bot.app import Replacements
from bot.door.parts import parts_commands
from tests.bot.commands.talk import told
from tests.house import FAST, PATIENCE, house, working
from tests.nights import QUIET, Nights, nights, saved, swap, tidy


async def test_after_a_quiet_time_the_memory_is_put_in_order(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I live in Paris.", *saved("Lives in Paris."))
        await it.say("I have moved to Lisbon, by the way.")
        ran = await it.pass_by(
            tidy(
                swap("Lives in Paris.", "2026-11: moved to Lisbon.", message=5),
                swap("2026-11: moved to Lisbon.", "Moved to Lisbon.", message=6),
            )
        )
        assert ran == 1
        assert await it.memory() == ["Moved to Lisbon."]
        (run,) = await it.runs()
        await it.say("Hello")
        await it.pass_by(tidy(swap("Moved to Lisbon.", "Moved to Lisbon in 2026-11.")))
        later, _ = await it.runs()
    assert run.state == "done"
    assert [change.reason for change in run.changes] == ["It is newer."] * 2
    assert [change.message for change in run.changes] == [5, 5], "no answer leads to anything"
    assert [change.message for change in later.changes] == [5], "what is reworded goes back to it"
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


PARIS, LISBON = "Lives in Paris.", "2026-11: moved to Lisbon."


async def moved(it: Nights) -> ModelAnswer:
    """Ada moves, and her agent doesn't write it down; what a tidy model answers to that."""
    await it.say("I live in Paris.", *saved(PARIS))
    await it.say("I have moved to Lisbon.")
    return tidy(swap(PARIS, LISBON, message=5, reason="You moved."))


async def test_a_message_calls_the_run_off_and_is_answered_without_waiting(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with nights(tmp_path, gate=gate) as it:
        answer = await moved(it)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(it.pass_by, answer)
            await it.night.called.wait()
            await it.say("Are you there?", "Here.")
        assert not gate.is_set(), "the run's model never answered"
        assert [run.state for run in await it.runs()] == ["cancelled"]
        assert await it.memory() == [PARIS]
        found = await (await it.home.door("ada")).sleep.material(None)
        assert not isinstance(found, str)
        assert found.tries == 0, "it was no fault of the run"
        gate.set()
        await it.pass_by(answer)
        assert await it.memory() == [LISBON]
        assert [run.state for run in await it.runs()] == ["done", "cancelled"]
        assert "| Are you there?" in it.night.requests[-1].prompt[1].text


async def test_the_next_turn_s_model_is_told_what_changed(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.pass_by(await moved(it))
        await it.say("Hello again")
        before, after = it.day.requests[-2].prompt, it.day.requests[-1].prompt
        note = after[-2].text
    assert after[: len(before)] == before, "the prompt only grows"
    assert note.startswith("[note] The memory block `human` was edited elsewhere.")
    assert LISBON in note


async def test_a_run_is_taken_back_as_one_and_its_lines_are_left_alone_then(
    tmp_path: Path,
) -> None:
    async with nights(tmp_path) as it:
        answer = await moved(it)
        await it.pass_by(tidy(swap(PARIS, LISBON), swap(None, "Likes the sea.")))
        assert await it.memory() == [LISBON, "Likes the sea."]
        await it.command("/undo")
        assert await it.memory() == [PARIS]
        await it.say("What a day!")
        await it.pass_by(answer)
        assert await it.memory() == [PARIS]
        assert (await it.runs())[0].refused == 1


async def test_what_a_person_took_back_is_not_written_down_in_their_sleep(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("I live in Paris.", *saved(PARIS))
        await it.command("/undo")
        await it.say("Good night.")
        await it.pass_by(tidy(swap(None, PARIS)))
        assert await it.memory() == []
        assert "I live in Paris." not in it.night.requests[0].prompt[1].text


async def test_a_line_that_came_with_foreign_words_is_neither_shown_nor_touched(
    tmp_path: Path,
) -> None:
    async with nights(tmp_path) as it:
        await it.say("Hello", *saved("Likes tea."))
        await it.run_sql("UPDATE block_revision SET origin = 'web' WHERE turn IS NOT NULL")
        await it.pass_by(tidy(swap("Likes tea.", "Likes tea a lot.")))
        assert await it.memory() == ["Likes tea."]
        assert "Likes tea." not in it.night.requests[0].prompt[1].text


@pytest.mark.parametrize(
    "answer",
    [
        ModelAnswer("Sure, I'll tidy up!"),
        ModelAnswer('{"changes": [{"block": "human", "put_in": 7}]}'),
        ModelUnavailable("down"),
        ModelRefused("no such key"),
    ],
)
async def test_a_run_that_fails_is_tried_again_ever_later_and_nobody_notices(
    tmp_path: Path, answer: ModelAnswer | ModelError
) -> None:
    async with nights(tmp_path) as it:
        answer_at_last = await moved(it)
        waited = []
        it.night.add(*[answer] * MOST_TRIES)
        for _ in range(MOST_TRIES):
            before = it.clock.now()
            while not await it.pass_by():
                pass
            waited.append((it.clock.now() - before) // QUIET)
        assert waited == [1, 1, 2, 4, 8]
        assert await it.pass_by(after=2 * DAY) == 0, "not before something new is said"
        await it.say("Hello", "Hello, Ada.")
        await it.pass_by(answer_at_last)
        assert await it.memory() == [LISBON]
        assert [run.state for run in await it.runs()] == ["done", *["failed"] * MOST_TRIES]
        assert await it.home.parts.store.sleep_times.next_due() is None


async def test_a_bug_while_the_disk_is_full_stops_nobody_else(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.say("Hello")
        engine = it.home.parts.store._database._engine  # type: ignore[attr-defined]

        def refuse(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.startswith("UPDATE agent_lease"):
                cause = sqlite3.OperationalError("database or disk is full")
                raise sa.exc.OperationalError(statement, None, cause)

        def fails(_request: ModelRequest) -> ModelAnswer:
            sa.event.listen(engine, "before_cursor_execute", refuse)
            raise ValueError

        assert await it.pass_by(fails) == 1
        sa.event.remove(engine, "before_cursor_execute", refuse)
        assert it.night.exhausted


async def test_of_a_day_s_budget_the_last_fifth_is_left_to_people_who_wait(tmp_path: Path) -> None:
    # A short call may cost 0.05 $ at most; four fifths of 0.20 $ are 0.16 $.
    async with nights(tmp_path, price=Price(10, 10), daily_budget_usd="0.20") as it:
        await it.say("Hello", ModelAnswer("Hello.", usage=Usage(1, 1, cost=120_000)))
        assert await it.pass_by() == 1
        assert it.night.requests == [], "it was not even asked"
        await it.say("Are you there?", ModelAnswer("Here.", usage=Usage(1, 1, cost=1)))
        assert await it.pass_by(tidy(), after=DAY) == 1
        assert [(run.state, run.cost) for run in await it.runs()] == [("done", 90), ("failed", 0)]


async def test_a_service_at_work_finds_who_is_due_and_calls_runs_off_when_it_stops(
    tmp_path: Path,
) -> None:
    clock, gate = FakeClock(), asyncio.Event()
    gate.set()

    def tidied(_request: ModelRequest) -> ModelAnswer:
        raise AssertionError("it was called off")

    model = ScriptedModel("Hello.", tidied, gate=gate)
    given = Replacements(clock=clock, limits=FAST, models=StaticCatalog(model))
    async with house(tmp_path, replacements=given) as home:
        async with working(home):
            await home.heard("ada", until=(await home.accept("ada", "Hello")).position)
            gate.clear()
            model.called.clear()
            clock.advance(QUIET)
            home.parts.hints.sleep_asked.ring()
            with anyio.fail_after(PATIENCE):
                await model.called.wait()
        (run,) = await (await home.door("ada")).sleep.runs(limit=5)
    assert (run.state, run.error) == ("cancelled", "called off")


async def test_who_chose_a_model_is_read_by_that_one_alone(tmp_path: Path) -> None:
    async with nights(tmp_path, model="scripted", models="scripted") as it:
        await it.say("Hello")
        await it.command("/model scripted")
        it.day.add(tidy())
        await it.pass_by()
        assert it.night.requests == []
        assert it.day.requests[-1].prompt[0].text.startswith("You put an assistant's memory in")


async def test_a_preview_asks_the_same_and_writes_nothing(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        answer = await moved(it)
        ask = parts_commands(it.home.parts)["agents.sleep"]
        it.night.add(answer, answer)
        agent_id = (await it.home.parts.store.list_agents())[0].agent_id
        before = it.rows()
        preview = await ask({"who": agent_id, "preview": True})
        assert it.rows() == before
        done = await ask({"who": agent_id})
        assert await it.memory() == [LISBON]
        again = await ask({"who": agent_id})
        with pytest.raises(BadInput, match="familiar agents list"):
            await ask({"who": "nobody"})
    first, second = it.night.requests
    assert first == second
    assert {**preview, "preview": False} == done
    assert done["changes"] == [
        {
            "block": "human",
            "taken_out": [PARIS],
            "put_in": [LISBON],
            "reason": "You moved.",
            "message": 5,
        }
    ]
    assert (done["read"], done["cost_usd"], again["outcome"]) == (
        [1, 4, 5, 6],
        0.00009,
        "nothing new",
    )


async def test_in_a_group_nobody_s_words_get_into_another_s_line(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        await it.in_group("ada", "I live in Lisbon.", *saved("Ada lives in Lisbon."))
        await it.in_group("bob", "My sister is called Mia. What is yours called, Ada?")
        await it.in_group("ada", "I have none, Bob.")
        await it.pass_by(
            tidy(
                swap(None, "Bob has a sister, Mia.", message=5),
                swap(None, "Ada has a sister, Mia.", message=1),
                swap(None, "Ada likes Mia.", message=7),
                swap("Ada lives in Lisbon.", "Both know Lisbon.", message=5),
                swap(None, "They like it here."),
            )
        )
        (agent,) = await it.home.parts.store.list_agents()
        door = it.home.parts.store.for_agent(agent.agent_id, OWNER)
        (run,) = await door.sleep.runs(limit=5)
        value = next(b.value for b in await door.blocks() if b.label == "human")
        said = it.night.requests[0].prompt[1].text
        await it.home.parts.store.erasures.erase(await it.user("bob"), Actor("operator"))
        left = next(b.value for b in await door.blocks() if b.label == "human")
        (redacted,) = await door.sleep.runs(limit=5)
    assert '"Bob":\n| My sister is called Mia. What' in said
    assert value.endswith("Ada lives in Lisbon.\nBob has a sister, Mia.")
    assert run.refused == 4
    assert "Mia" not in left
    assert "Ada lives in Lisbon." in left
    assert redacted.changes == ()


async def test_what_is_forgotten_during_a_run_is_in_nothing_that_comes_of_it(
    tmp_path: Path,
) -> None:
    gate, line = asyncio.Event(), "Works at Nordwind."
    async with nights(tmp_path, gate=gate) as it:
        await it.say("I like tea.")
        await it.say("I work at Nordwind.", *saved(line))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(it.pass_by, tidy(swap(line, "Bakes at Nordwind.", message=3)))
            await it.night.called.wait()
            answers = await told(it.home, "ada", "/forget nordwind", "/forget yes")
            gate.set()
        assert answers[-1][0] == "reply.forgotten"
        assert await it.memory() == []
        assert [run.changes for run in await it.runs()] == [()]
        await it.pass_by(tidy(swap(None, "Likes tea.", message=1, reason="Nothing on Nordwind.")))
        assert "nordwind" not in it.night.requests[-1].prompt[1].text.casefold()
        assert await it.memory() == ["Likes tea."]


async def test_what_is_due_is_found_after_a_restart(tmp_path: Path) -> None:
    async with nights(tmp_path) as it:
        answer = await moved(it)
    async with nights(tmp_path) as it:
        assert await it.pass_by(answer) == 1
        assert await it.memory() == [LISBON]
