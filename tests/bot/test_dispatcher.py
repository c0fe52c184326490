"""The dispatcher: in order per agent, many agents at once, and nothing lost on the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from adapters.feed import Cursor, FeedAnswered, FeedPreview
from agentcore.clock import Micros, seconds
from agentcore.errors import ModelUnavailable
from agentcore.model import ModelAnswer, ModelRequest
from agentcore.records import Address, NewTimer
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from tests.house import FAST, PATIENCE, House, address_of, house, notices, replies, working


def echo(request: ModelRequest) -> ModelAnswer:
    """Answers with the last line of what it was told."""
    return ModelAnswer(request.prompt[-1].text.rsplit("\n", maxsplit=1)[-1].upper())


def crash_on_poison(request: ModelRequest) -> ModelAnswer:
    if any("poison" in prompt.text for prompt in request.prompt[1:]):
        raise RuntimeError("a bug")
    return echo(request)


async def test_what_is_said_is_answered_and_the_feed_tells_when(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hello.")) as home, working(home):
        receipt = await home.accept("ada", "Hi!")
        events = await home.heard("ada", until=receipt.position)
    assert replies(events) == ["Hello."]
    last = events[-1]
    assert isinstance(last, FeedAnswered)
    assert not last.failed


async def test_one_slow_turn_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def wait_for_ada(request: ModelRequest) -> None:
        if "slow" in request.prompt[-1].text:
            await gate.wait()

    class Mixed(ScriptedModel):
        async def complete(self, request: ModelRequest) -> ModelAnswer:
            await wait_for_ada(request)
            return echo(request)

    async with house(tmp_path, Mixed()) as home, working(home):
        slow = await home.accept("ada", "slow")
        for number in range(20):
            user = f"user{number}"
            receipt = await home.accept(user, f"hello {number}")
            assert replies(await home.heard(user, until=receipt.position)) == [f"HELLO {number}"]
        gate.set()
        assert replies(await home.heard("ada", until=slow.position)) == ["SLOW"]


async def test_lines_that_come_during_a_turn_are_answered_next_together_in_order(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("One.", "Two and three.", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        await home.accept("ada", "1")
        await model.called.wait()
        await home.accept("ada", "2")
        receipt = await home.accept("ada", "3")
        gate.set()
        events = await home.heard("ada", until=receipt.position)
        history = [message.text for message in await home.history("ada")]
    assert replies(events) == ["One.", "Two and three."]
    assert history == ["1", "One.", "2", "3", "Two and three."]


async def test_a_command_in_the_queue_keeps_its_place(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("One.", "Two.", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        await home.accept("ada", "1")
        await model.called.wait()
        await home.accept("ada", "/new")
        receipt = await home.accept("ada", "2")
        gate.set()
        events = await home.heard("ada", until=receipt.position)
    assert notices(events) == ["reply.new"]
    assert not [p for p in model.requests[1].prompt if p.text.endswith("\n1")], "a fresh page"


async def test_what_no_turn_could_take_along_is_taken_up_at_once_after_it(tmp_path: Path) -> None:
    model = ScriptedModel("one", "two")
    patient = Replacements(limits=replace(FAST, look_again=600))
    async with house(tmp_path, model, replacements=patient) as home:
        for line in ("1", "/undo"):
            await home.accept("ada", line)
        last = await home.accept("ada", "2")
        agenda = home.parts.hints.work
        (agent,) = agenda.take(home.parts.clock.now()).keys
        agenda.note(agent, Micros(0))  # one word for all three
        async with working(home):
            events = await home.heard("ada", until=last.position)
    assert replies(events) == ["one", "two"]


async def test_a_model_that_is_down_is_said_once_and_answered_later(tmp_path: Path) -> None:
    down = [ModelUnavailable("503", retry_after=0.01) for _ in range(4)]
    model = ScriptedModel(*down, "Back.")
    async with house(tmp_path, model) as home, working(home):
        receipt = await home.accept("ada", "Hi!")
        events = await home.heard("ada", until=receipt.position)
        (turn,) = await (await home.door("ada")).turns(limit=5)
    assert notices(events) == ["turn.model_waiting"]
    assert replies(events) == ["Back."]
    assert turn.attempts == 1, "an outage is no attempt"


async def test_a_message_that_breaks_the_turn_is_parked_and_the_agent_goes_on(
    tmp_path: Path,
) -> None:
    model = ScriptedModel(*[crash_on_poison] * 20)
    replacements = Replacements(limits=replace(FAST, attempts=3))
    async with house(tmp_path, model, replacements=replacements) as home, working(home):
        await home.accept("ada", "poison")
        receipt = await home.accept("ada", "fine")
        events = await home.heard("ada", until=receipt.position)
        (parked,) = await home.parts.store.parked()
    assert notices(events) == ["turn.error"]
    assert replies(events) == ["FINE"]
    assert parked.error == "RuntimeError"


async def test_neighbours_of_a_bad_message_are_answered_without_it(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("First.", *[crash_on_poison] * 20, gate=gate)
    replacements = Replacements(limits=replace(FAST, attempts=3))
    async with house(tmp_path, model, replacements=replacements) as home, working(home):
        await home.accept("ada", "first")
        await model.called.wait()
        await home.accept("ada", "poison")  # these two go into one turn
        receipt = await home.accept("ada", "fine")
        gate.set()
        events = await home.heard("ada", until=receipt.position)
        assert len(await home.parts.store.parked()) == 1
    assert replies(events) == ["First.", "FINE"]


async def test_a_parked_message_can_be_tried_again(tmp_path: Path) -> None:
    replacements = Replacements(limits=replace(FAST, attempts=1))
    broken = ScriptedModel(crash_on_poison)
    async with house(tmp_path, broken, replacements=replacements) as home, working(home):
        receipt = await home.accept("ada", "poison")
        await home.heard("ada", until=receipt.position)
    async with house(tmp_path, ScriptedModel("Mended.")) as home:
        (parked,) = await home.parts.store.parked()
        assert await home.parts.store.retry_parked(parked.agent_id, parked.seq)
        async with working(home):
            await until_replies(home, "ada", ["Mended."])
        assert await home.parts.store.parked() == ()


async def test_turns_that_may_have_killed_the_process_run_one_at_a_time(tmp_path: Path) -> None:
    users = ["ada", "bob", "cleo"]
    async with house(tmp_path, ScriptedModel()) as home:
        for user in users:
            await home.accept(user, f"hello {user}")
        for _ in range(2):  # two processes that died over them
            assert len(await home.claim()) == 3
            await home.parts.store.release_all_leases()
    running, most = 0, 0

    class Counting(ScriptedModel):
        async def complete(self, request: ModelRequest) -> ModelAnswer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            for _ in range(20):
                await anyio.lowlevel.checkpoint()
            running -= 1
            return echo(request)

    replacements = Replacements(limits=replace(FAST, suspect_pause=0.01))
    async with house(tmp_path, Counting(), replacements=replacements) as home, working(home):
        for user in users:
            await until_replies(home, user, [f"HELLO {user.upper()}"])
    assert most == 1


@pytest.mark.parametrize(("deaths", "parked"), [(3, 1), (4, 0)])
async def test_a_turn_that_keeps_killing_the_process_is_parked_in_the_end(
    tmp_path: Path, deaths: int, parked: int
) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        receipt = await home.accept("ada", "hello")
        for _ in range(3):
            assert len(await home.claim()) == 1
            await home.parts.store.release_all_leases()
    replacements = Replacements(limits=replace(FAST, deaths=deaths))
    async with house(tmp_path, ScriptedModel(echo), replacements=replacements) as home:
        async with working(home):
            await home.heard("ada", until=receipt.position)
        assert len(await home.parts.store.parked()) == parked


async def until_replies(home: House, user: str, expected: list[str]) -> None:
    """Wait until the feed holds these replies."""
    heard: list[str] = []
    feed = home.parts.gateway.watch(address_of(user), Cursor())
    with anyio.fail_after(PATIENCE):
        async for event in feed:
            heard += replies([event])
            if heard == expected:
                break
    await feed.aclose()


async def test_stop_ends_a_turn_in_the_middle_of_the_model(tmp_path: Path) -> None:
    model = ScriptedModel("Never.", "Next.", gate=asyncio.Event())
    async with house(tmp_path, model) as home, working(home):
        await home.accept("ada", "Write a novel.")
        await model.called.wait()
        receipt = await home.accept("ada", "/stop")
        events = await home.heard("ada", until=receipt.position)
    assert notices(events) == ["reply.stopping", "turn.cancelled"]
    assert replies(events) == []


async def test_stop_before_a_turn_has_begun_takes_in_what_was_said_and_asks_no_model(
    tmp_path: Path,
) -> None:
    model = ScriptedModel("I know you don't want the novel.")
    async with house(tmp_path, model) as home:
        await home.accept("ada", "Write a novel.")
        receipt = await home.accept("ada", "/stop")
        async with working(home):
            events = await home.heard("ada", until=receipt.position)
            asked_before = len(model.requests)
            receipt = await home.accept("ada", "What did I want?")
            events += await home.heard("ada", until=receipt.position)
    assert asked_before == 0
    assert notices(events)[:2] == ["reply.stopping", "turn.cancelled"]
    assert replies(events) == ["I know you don't want the novel."]
    assert any("Write a novel." in each.text for each in model.requests[-1].prompt)


async def test_the_end_of_the_service_waits_for_running_turns(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Said at the last moment.", gate=gate)
    async with house(tmp_path, model) as home:
        async with working(home):
            receipt = await home.accept("ada", "Hi!")
            await model.called.wait()
            home.parts.dispatcher.stop()
            gate.set()
        assert replies(await home.heard("ada", until=receipt.position)) == [
            "Said at the last moment."
        ]


async def test_a_turn_that_outlasts_the_grace_is_handed_back_and_resumed(tmp_path: Path) -> None:
    stuck = ScriptedModel("Never.", gate=asyncio.Event())
    replacements = Replacements(limits=replace(FAST, grace=0.01))
    async with house(tmp_path, stuck, replacements=replacements) as home, working(home):
        receipt = await home.accept("ada", "Hi!")
        await stuck.called.wait()
    async with house(tmp_path, ScriptedModel("Here.")) as home, working(home):
        assert replies(await home.heard("ada", until=receipt.position)) == ["Here."]
        (turn,) = await (await home.door("ada")).turns(limit=5)
    assert turn.attempts == 1, "a hand-back at the end of the service is no attempt"


async def test_previews_come_before_the_message_that_they_become(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("A rather long answer.", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        await home.accept("ada", "Hi!")
        feed = home.parts.gateway.watch(address_of("ada"), Cursor())
        await model.called.wait()
        events = [await anext(feed)]
        gate.set()
        with anyio.fail_after(PATIENCE):
            while not replies(events):
                events.append(await anext(feed))
        await feed.aclose()
    pieces = [event for event in events if isinstance(event, FeedPreview)]
    assert "".join(piece.text for piece in pieces) == "A rather long answer."
    assert [piece.begins for piece in pieces] == [True] + [False] * (len(pieces) - 1)


async def test_a_timer_that_is_due_is_told_to_the_model_as_a_note(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", "Time for tea.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hi!")
        door = await home.door("ada")
        now = home.parts.clock.now()
        timer = NewTimer(
            "reminder", Address(str(address_of("ada"))), 1, None, now, "Reminder: tea."
        )
        assert await door.add_timer(timer) == 1
        async with working(home):
            await until_replies(home, "ada", ["Hello.", "Time for tea."])
    assert model.requests[1].prompt[-1].text == "[note] Reminder: tea."


async def test_more_turns_than_allowed_at_once_wait_for_a_place(tmp_path: Path) -> None:
    running, most = 0, 0
    gate = asyncio.Event()

    class Counting(ScriptedModel):
        async def complete(self, request: ModelRequest) -> ModelAnswer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await gate.wait()
            running -= 1
            return echo(request)

    replacements = Replacements(limits=replace(FAST, turns=3))
    async with house(tmp_path, Counting(), replacements=replacements) as home, working(home):
        receipts = {f"user{n}": await home.accept(f"user{n}", "hi") for n in range(8)}
        with anyio.fail_after(PATIENCE):
            while running < 3:
                await anyio.lowlevel.checkpoint()
        gate.set()
        for user, receipt in receipts.items():
            assert replies(await home.heard(user, until=receipt.position)) == ["HI"]
    assert most == 3


async def test_a_long_turn_keeps_its_lease(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("At last.", gate=gate)
    replacements = Replacements(limits=replace(FAST, lease=2.4))
    async with house(tmp_path, model, replacements=replacements) as home, working(home):
        receipt = await home.accept("ada", "Hi!")
        await model.called.wait()
        for _ in range(2):
            await renewed(home)
            assert await home.parts.store.claim("thief", limit=5, lease=seconds(5)) == ()
        gate.set()
        assert replies(await home.heard("ada", until=receipt.position)) == ["At last."]


async def renewed(home: House) -> None:
    """Wait until the lease's end has moved on."""
    before = await home.parts.store.next_ready()
    with anyio.fail_after(PATIENCE):
        while await home.parts.store.next_ready() == before:
            await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
async def test_an_empty_message_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        receipt = await home.accept("ada", text)
    assert receipt.outcome == "refused"
    assert "nothing in that message" in receipt.text
