"""`/retry`: the last message is answered again, and nothing is lost or doubled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from agentcore.clock import HOUR
from agentcore.errors import ModelRefused
from agentcore.model import ModelRequest
from agentcore.records import NewTimer, Origin, Role
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.bot.commands.talk import insert, said, told
from tests.house import FAST, House, address_of, calls, house, notices, replies, working


def words(request: ModelRequest) -> list[str]:
    """What was said, as a request shows it, without metadata lines."""
    return [prompt.text.rpartition("\n")[2] for prompt in request.prompt[1:]]


async def ask(home: House, line: str) -> tuple[list[str], list[str]]:
    """A line, until it is dealt with: all replies and all notices so far."""
    receipt = await home.accept("ada", line)
    events = await home.heard("ada", until=receipt.position)
    return replies(events), notices(events)


async def test_another_answer_takes_the_place_of_the_last_for_the_model(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.", "Bad.", "Worse.", "Good.", "Fine.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "Hello", "A joke!")
        await said(home, "ada", "/retry", "/retry", "Thanks")
        history = [(m.role, m.text) for m in await home.history("ada")]
        shown, _ = await ask(home, "/help")
    assert [words(request) for request in model.requests] == [
        ["Hello"],
        ["Hello", "Hi.", "A joke!"],
        ["Hello", "Hi.", "A joke!"],
        ["Hello", "Hi.", "A joke!"],
        ["Hello", "Hi.", "A joke!", "Good.", "Thanks"],
    ]
    assert [text for role, text in history if role is Role.USER] == ["Hello", "A joke!", "Thanks"]
    assert shown == ["Hi.", "Bad.", "Worse.", "Good.", "Fine."]  # nothing is lost


async def test_what_was_remembered_stays_and_is_in_the_head(tmp_path: Path) -> None:
    model = ScriptedModel(calls(insert("Likes tea.")), "Bad.", "Good.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea.", "/retry")
        assert await home.block("ada") == "Likes tea."
    head, *rest = model.requests[-1].prompt
    assert "1→ Likes tea." in head.text
    assert len(rest) == 1


async def test_what_a_retry_remembers_is_traced_to_the_message_it_answers(tmp_path: Path) -> None:
    model = ScriptedModel("Bad.", calls(insert("Likes tea.")), "Good.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea!", "/retry")
        answers = await told(home, "ada", "/memory", "/why 1")
    assert "“I like tea!”" in answers[1][1]


async def test_a_retry_of_untrusted_words_knows_that_they_are(tmp_path: Path) -> None:
    model = ScriptedModel("Bad.", calls(insert("Likes tea.")), "Good.")
    async with house(tmp_path, model) as home, working(home):
        inbound = home.inbound("ada", "Remember: likes tea.")
        forwarded = replace(inbound, parts=(replace(inbound.parts[0], origin="forwarded"),))
        receipt = await home.parts.gateway.accept(forwarded)
        await home.heard("ada", until=receipt.position)
        await said(home, "ada", "/retry")
        (held,) = await (await home.door("ada")).held_edits()
    assert held.origin is Origin.FORWARDED


async def test_a_turn_that_ended_without_an_answer_is_answered(tmp_path: Path) -> None:
    model = ScriptedModel(ModelRefused("no"), "Good.", "Yes.")
    async with house(tmp_path, model) as home, working(home):
        first = await ask(home, "Hello")
        second = await ask(home, "/retry")
        await said(home, "ada", "More")
    assert first == ([], ["turn.model_refused"])
    assert second[0] == ["Good."]
    assert words(model.requests[-1]) == ["Hello", "Good.", "More"]


async def test_a_message_that_was_set_aside_is_taken_up_again(tmp_path: Path) -> None:
    def broken(_request: ModelRequest) -> Any:
        raise RuntimeError

    model = ScriptedModel("Hi.", broken, "Good.", "Again.")
    limits = replace(FAST, attempts=1)
    replaced = Replacements(limits=limits)
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", "Hello")
        first = await ask(home, "A joke!")
        (parked,) = await home.parts.store.parked()
        receipt = await home.accept("ada", "/retry")
        await home.heard("ada", until=receipt.position)
        events = await home.heard("ada", until=receipt.position)
        while "Good." not in replies(events):
            events = await home.heard("ada", until=receipt.position)
        assert await home.parts.store.parked() == ()
        counts = await home.parts.store.counts()
        history = [m.text for m in await home.history("ada")]
        again, _ = await ask(home, "/retry")
    assert first == (["Hi."], ["turn.error"])
    assert parked.seq == 2
    assert history == ["Hello", "Hi.", "A joke!", "Good."]
    assert counts["pending"] == 0
    assert again == ["Hi.", "Good.", "Again."]


async def test_what_was_set_aside_long_before_the_last_message_stays_so(tmp_path: Path) -> None:
    def broken(_request: ModelRequest) -> Any:
        raise RuntimeError

    model = ScriptedModel(broken, "Hi.", "Hi again.")
    replaced = Replacements(limits=replace(FAST, attempts=1))
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", "A joke!", "Hello", "/retry")
        assert len(await home.parts.store.parked()) == 1
    assert words(model.requests[-1]) == ["Hello"]


async def test_a_turn_set_aside_half_done_is_answered_and_no_longer_set_aside(
    tmp_path: Path,
) -> None:
    def broken(_request: ModelRequest) -> Any:
        raise RuntimeError

    model = ScriptedModel(calls(insert("Likes tea.")), broken, "Good.")
    replaced = Replacements(limits=replace(FAST, attempts=1))
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", "I like tea.")
        assert len(await home.parts.store.parked()) == 1
        await said(home, "ada", "/retry")
        assert await home.parts.store.parked() == ()
        history = [m.text for m in await home.history("ada") if m.role is Role.USER]
    assert history == ["I like tea."]
    assert words(model.requests[-1]) == ["I like tea."]


async def test_where_nothing_was_said_there_is_nothing_to_retry(tmp_path: Path) -> None:
    model = ScriptedModel("Hi.")
    async with house(tmp_path, model) as home, working(home):
        ((first, _),) = await told(home, "ada", "/retry")
        await said(home, "ada", "Hello", "/new")
        ((second, _),) = await told(home, "ada", "/retry")
    assert (first, second) == ("reply.nothing_to_retry", "reply.nothing_to_retry")


async def test_a_reminder_in_between_stays_in_view(tmp_path: Path) -> None:
    model = ScriptedModel("Bad.", "Time for tea.", "Good.", "Better.")
    clock = FakeClock()
    replaced = Replacements(clock=clock, limits=FAST)
    async with house(tmp_path, model, replacements=replaced) as home, working(home):
        await said(home, "ada", "A joke!")
        door = await home.door("ada")
        identity = (await home.history("ada"))[0].author
        address = str(address_of("ada"))
        due = type(clock.now())(clock.now() + HOUR)
        await door.add_timer(NewTimer("reminder", address, 1, identity, due, "Tea now."))  # type: ignore[arg-type]
        clock.advance(HOUR)
        await home.parts.store.fire_timers(limit=1)
        home.parts.hints.work.look()
        while len(model.requests) < 2:
            await home.heard("ada", until=1)
        await home.heard("ada", until=2)
        await said(home, "ada", "/retry", "/retry")
    again = [words(request) for request in model.requests[2:]]
    assert again[0][0] == "A joke!"
    assert again[0][2] == "Time for tea."
    assert "another answer" in again[0][3]
    assert again[1] == again[0]


async def test_a_retry_that_is_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    def killed(_request: ModelRequest) -> Any:
        raise RuntimeError

    model = ScriptedModel("Bad.", calls(insert("Likes tea.")), killed, "Good.", "Yes.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "I like tea.", "/retry", "More")
        history = [m.text for m in await home.history("ada") if m.role is Role.USER]
        assert await home.block("ada") == "Likes tea."
    assert history == ["I like tea.", "More"]
    assert words(model.requests[3])[0] == "I like tea."
    assert "Bad." not in words(model.requests[3])
    assert words(model.requests[4])[-2:] == ["Good.", "More"]


async def test_a_redelivered_retry_answers_once(tmp_path: Path) -> None:
    model = ScriptedModel("Bad.", "Good.")
    async with house(tmp_path, model) as home, working(home):
        await said(home, "ada", "A joke!")
        receipt = await home.accept("ada", "/retry", update_id="r")
        assert (await home.accept("ada", "/retry", update_id="r")).outcome == "duplicate"
        await home.heard("ada", until=receipt.position)
    assert len(model.requests) == 2
