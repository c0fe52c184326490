"""Turns that clients of the API ask for: what they hand over, and what of it is theirs alone."""

from __future__ import annotations

import json
from pathlib import Path

from agentcore.clock import SECOND
from agentcore.core import TurnControl
from agentcore.errors import ModelUnavailable
from agentcore.model import Capabilities, SystemPrompt, UserPrompt
from agentcore.records import (
    OWNER,
    Address,
    GivenMessage,
    Origin,
    Role,
    StopReason,
    TextPart,
    TurnOptions,
    TurnRequest,
)
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.api_turns import an_agent, asking, submitted, taken, texts_of, user
from tests.house import FAST, call, calls, house


async def test_messages_of_all_roles_are_stored_as_they_were_handed_over(tmp_path: Path) -> None:
    model = ScriptedModel("Four.")
    given = (
        GivenMessage("system", (TextPart("Be brief.", Origin.WEB),)),
        user("One and one?", otid="first"),
        GivenMessage("assistant", (TextPart("Two.", Origin.WEB),)),
        user("Two and two?", otid="second", name="Ada"),
    )
    async with house(tmp_path, model) as home:
        agent_id = await an_agent(home)
        run = await taken(home, TurnRequest(agent_id, given))
        history = list(reversed(await home.parts.store.for_agent(agent_id, OWNER).history(limit=9)))
        assert await texts_of(home, run.turn_id) == ["Four."], "what was handed over isn't answered"
    assert [(m.role, m.text, m.otid) for m in history] == [
        (Role.SYSTEM, "Be brief.", None),
        (Role.USER, "One and one?", "first"),
        (Role.ASSISTANT, "Two.", None),
        (Role.USER, "Two and two?", "second"),
        (Role.ASSISTANT, "Four.", None),
    ]
    origins = [part.origin for message in history[:4] for part in message.parts]
    assert origins == [Origin.OPERATOR, Origin.OWNER, Origin.AGENT, Origin.OWNER]
    assert [prompt.role for prompt in model.requests[0].prompt] == [
        "system",
        "user",
        "user",
        "assistant",
        "user",
    ]
    assert '| api | private | "Ada"]\nTwo and two?' in model.requests[0].prompt[-1].text


async def test_fifty_messages_at_once_are_one_turn(tmp_path: Path) -> None:
    model = ScriptedModel("Ok.")
    pairs = [
        (user(f"q{n}"), GivenMessage("assistant", (TextPart(f"a{n}", Origin.AGENT),)))
        for n in range(25)
    ]
    given = tuple(message for pair in pairs for message in pair)
    async with house(tmp_path, model) as home:
        agent_id = await an_agent(home)
        run = await taken(home, TurnRequest(agent_id, given))
        kept = await home.parts.store.for_agent(agent_id, OWNER).history(limit=99)
    assert run.stop_reason is StopReason.END_TURN
    assert len(kept) == 51


async def test_old_turns_leave_the_window_whoever_spoke_first_in_them(tmp_path: Path) -> None:
    model = ScriptedModel(*["Ok."] * 6, capabilities=Capabilities(window=2_000))
    async with house(tmp_path, model) as home:
        agent_id = await an_agent(home)
        for n in range(6):
            given = (
                GivenMessage("system", (TextPart(f"rule {n}", Origin.OPERATOR),)),
                user(f"{n} " + "word " * 300),
            )
            run = await taken(home, TurnRequest(agent_id, given))
            assert run.stop_reason is StopReason.END_TURN
    shown = "\n".join(prompt.text for prompt in model.requests[-1].prompt)
    assert "rule 5" in shown
    assert "rule 0" not in shown


async def test_a_turn_may_have_its_own_instructions_steps_and_model(tmp_path: Path) -> None:
    first, second = ScriptedModel("One.", name="first"), ScriptedModel(name="second")
    second.add(calls(call("conversation_search", "{}")), "Two.")
    async with house(tmp_path, first, second) as home:
        agent_id = await an_agent(home)
        options = TurnOptions(max_steps=1, model="second", system="Speak like a pirate.")
        run = await taken(home, asking(agent_id, "Hi", options=options))
        assert run.stop_reason is StopReason.MAX_STEPS
        assert run.state == "done"
        await taken(home, asking(agent_id, "Hi again"))
    head, *_ = second.requests[0].prompt
    assert isinstance(head, SystemPrompt)
    assert "Speak like a pirate." in head.text
    assert "You are Sam." not in head.text
    assert "I am Sam." in head.text, "its memory stands below"
    head, *_ = first.requests[0].prompt
    assert isinstance(head, SystemPrompt)
    assert "You are Sam." in head.text


async def test_a_model_that_is_not_allowed_is_not_asked(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hello.")) as home:
        agent_id = await an_agent(home)
        run = await taken(home, asking(agent_id, "Hi", options=TurnOptions(model="elsewhere")))
    assert run.stop_reason is StopReason.END_TURN


async def test_an_outage_ends_the_turn_instead_of_making_its_client_wait(tmp_path: Path) -> None:
    model = ScriptedModel(ModelUnavailable("overloaded"), "Hello.")
    async with house(tmp_path, model) as home:
        agent_id = await an_agent(home)
        run = await taken(home, asking(agent_id, "Hi"))
        assert (run.state, run.stop_reason) == ("failed", StopReason.LLM_API_ERROR)
        assert (run.error, run.failure) == ("overloaded", "model_unavailable")
        assert [step.outcome for step in run.steps] == ["unreachable"]
        again = await taken(home, asking(agent_id, "And now?"))
        assert await texts_of(home, again.turn_id) == ["Hello."]
    said = [p.text for p in model.requests[1].prompt if isinstance(p, UserPrompt)]
    assert [text.split("\n")[-1] for text in said] == ["Hi", "And now?"]


async def test_a_turn_that_is_cut_off_goes_on_under_its_id(tmp_path: Path) -> None:
    clock = FakeClock()
    model = ScriptedModel("Hello.")
    async with house(tmp_path, model, replacements=Replacements(clock, FAST)) as home:
        agent_id = await an_agent(home)
        turn_id = await submitted(home, asking(agent_id, "Hi"))
        await home.claim(lease=1)
        clock.advance(2 * SECOND)
        (claim,) = await home.claim()
        assert (claim.turn_id, claim.attempt) == (turn_id, 2)
        await home.run(claim)
        assert await texts_of(home, turn_id) == ["Hello."]


async def test_who_asks_for_a_stop_gets_one(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        agent_id = await an_agent(home)
        turn_id = await submitted(home, asking(agent_id, "Hi"))
        (claim,) = await home.claim()
        end = await home.run(claim, control=TurnControl(cancelled=True))
        assert end.reason is StopReason.CANCELLED
        assert (await home.parts.store.requests.run(turn_id)).state == "cancelled"


async def test_no_notice_is_left_for_whoever_reads_the_turn_itself(tmp_path: Path) -> None:
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "Ada"}))
    async with house(tmp_path, ScriptedModel(calls(insert), "Noted.", "", "")) as home:
        agent_id = await an_agent(home)
        await taken(home, asking(agent_id, "I'm Ada"))
        silent = await taken(home, asking(agent_id, "Hm"))
        assert silent.stop_reason is StopReason.INVALID_LLM_RESPONSE
        feed = await home.parts.store.feed(Address(f"api:{agent_id}:default"))
    assert feed.notices == ()
