"""Calls that wait for an answer from outside: a client's own tools, and those that need a yes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentcore.clock import SECOND
from agentcore.errors import Conflict
from agentcore.model import ToolPrompt
from agentcore.records import (
    OWNER,
    AgentId,
    CallDecision,
    ClientReturn,
    ClientTool,
    IdentityKey,
    Message,
    Role,
    StopReason,
    TurnOptions,
)
from agentcore.testing import FakeClock, ScriptedModel
from bot.app import Replacements
from tests.agentcore.loop.test_faults import Crash, Outside
from tests.api_turns import (
    ASKS_FIRST,
    an_agent,
    answering,
    asking,
    submitted,
    taken,
    texts_of,
)
from tests.house import FAST, House, call, calls, house

DOOR = ClientTool("open_door", "Opens the door.", {"type": "object", "properties": {}})
WITH_DOOR = TurnOptions(client_tools=(DOOR,))
OPEN = call("open_door", "{}", "call-door")
MAIL = call("send_mail", "{}", "call-mail")


def insert(text: str) -> str:
    return json.dumps({"label": "human", "new_string": text})


async def history(home: House, agent_id: AgentId) -> list[Message]:
    door = home.parts.store.for_agent(agent_id, OWNER)
    return list(reversed(await door.history(limit=99)))


def returns(model: ScriptedModel) -> list[tuple[str, str]]:
    """What the last request shows that calls have come to."""
    prompt = model.requests[-1].prompt
    return [(each.call_id, each.text) for each in prompt if isinstance(each, ToolPrompt)]


async def test_a_clients_tool_is_called_by_the_client(tmp_path: Path) -> None:
    model = ScriptedModel(calls(OPEN, text="One moment."), "It is open.")
    async with house(tmp_path, model) as home:
        agent_id = await an_agent(home)
        run = await taken(home, asking(agent_id, "Open up", options=WITH_DOOR))
        assert (run.state, run.stop_reason) == ("done", StopReason.REQUIRES_APPROVAL)
        assert [tool.name for tool in model.requests[0].tools] == ["memory_insert", "open_door"]
        assert (await history(home, agent_id))[-1].waits

        back = ClientReturn("call-door", "it creaks")
        run = await taken(home, answering(agent_id, back, options=WITH_DOOR))
        assert run.stop_reason is StopReason.END_TURN
        assert await texts_of(home, run.turn_id) == ["It is open."]
        (returned,) = [m for m in await history(home, agent_id) if m.role is Role.TOOL]
    assert returns(model) == [("call-door", "it creaks")]
    assert [part.origin.trusted for part in returned.parts] == [False]


async def test_who_says_that_a_clients_tool_has_saved_it_is_believed(tmp_path: Path) -> None:
    model = ScriptedModel(calls(OPEN), "I've saved that.")
    async with house(tmp_path, model) as home:
        agent_id = await an_agent(home)
        await taken(home, asking(agent_id, "Keep this", options=WITH_DOOR))
        back = ClientReturn("call-door", "stored")
        run = await taken(home, answering(agent_id, back, options=WITH_DOOR))
        assert await texts_of(home, run.turn_id) == ["I've saved that."]
    assert len(model.requests) == 2


async def test_what_needs_a_yes_is_carried_out_with_it_and_what_came_beside_it_too(
    tmp_path: Path,
) -> None:
    mail, beside = Outside(), call("memory_insert", insert("Mail sent"), "call-note")
    model = ScriptedModel(calls(MAIL, beside), "Done.")
    async with house(tmp_path, model, replacements=Replacements(tools=(mail,))) as home:
        agent_id = await an_agent(home, "send_mail", rules=[ASKS_FIRST])
        await taken(home, asking(agent_id, "Send it"))
        assert mail.keys == []
        run = await taken(home, answering(agent_id, CallDecision("call-mail", approve=True)))
        assert run.stop_reason is StopReason.END_TURN
        blocks = await home.parts.store.for_agent(agent_id, OWNER).blocks()
    assert len(mail.keys) == 1
    assert [each.value for each in blocks if each.label == "human"] == ["Likes tea.\nMail sent"]
    assert [call_id for call_id, _ in returns(model)] == ["call-mail", "call-note"]
    assert returns(model)[0] == ("call-mail", "Sent.")


async def test_what_is_denied_is_not_carried_out_and_the_model_reads_why(tmp_path: Path) -> None:
    mail = Outside()
    model = ScriptedModel(calls(MAIL), "I see.")
    async with house(tmp_path, model, replacements=Replacements(tools=(mail,))) as home:
        agent_id = await an_agent(home, "send_mail", rules=[ASKS_FIRST])
        await taken(home, asking(agent_id, "Send it"))
        no = CallDecision("call-mail", approve=False, reason="too late")
        await taken(home, answering(agent_id, no))
    assert mail.keys == []
    ((_, text),) = returns(model)
    assert text == "Not approved, and not carried out. The reason given: too late"


async def test_a_call_that_was_let_through_is_made_once_whatever_dies(tmp_path: Path) -> None:
    clock, mail = FakeClock(), Outside(crashes=1)
    model = ScriptedModel(calls(MAIL), "I don't know whether it went out.")
    real = Replacements(clock, FAST, tools=(mail,))
    async with house(tmp_path, model, replacements=real) as home:
        agent_id = await an_agent(home, "send_mail", rules=[ASKS_FIRST])
        await taken(home, asking(agent_id, "Send it"))
        await submitted(home, answering(agent_id, CallDecision("call-mail", approve=True)))
        (claim,) = await home.claim(lease=1)
        with pytest.raises(BaseException, match=r".*") as caught:
            await home.run(claim)
        assert caught.group_contains(Crash)
        clock.advance(2 * SECOND)
        (claim,) = await home.claim()
        assert (await home.run(claim)).reason is StopReason.END_TURN
    assert len(mail.keys) == 1
    ((_, text),) = returns(model)
    assert "outcome is unknown" in text


async def test_returns_that_are_stored_are_not_asked_for_again(tmp_path: Path) -> None:
    clock, mail = FakeClock(), Outside()

    def crash(_request: object) -> None:
        raise Crash

    model = ScriptedModel(calls(MAIL), crash, "Sent.")  # type: ignore[arg-type]
    real = Replacements(clock, FAST, tools=(mail,))
    async with house(tmp_path, model, replacements=real) as home:
        agent_id = await an_agent(home, "send_mail", rules=[ASKS_FIRST])
        await taken(home, asking(agent_id, "Send it"))
        await submitted(home, answering(agent_id, CallDecision("call-mail", approve=True)))
        (claim,) = await home.claim(lease=1)
        with pytest.raises(Crash):
            await home.run(claim)
        clock.advance(2 * SECOND)
        (claim,) = await home.claim()
        assert (await home.run(claim)).reason is StopReason.END_TURN
    assert len(mail.keys) == 1


async def test_only_what_waits_can_be_answered_and_only_by_answers(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel(calls(OPEN), "Open.")) as home:
        agent_id = await an_agent(home)
        with pytest.raises(Conflict, match="No tool call is currently awaiting approval"):
            await submitted(home, answering(agent_id, ClientReturn("call-door", "ok")))
        await taken(home, asking(agent_id, "Open up", options=WITH_DOOR))
        with pytest.raises(Conflict, match="waiting for approval on a tool call"):
            await submitted(home, asking(agent_id, "Well?"))
        with pytest.raises(Conflict, match="call-door"):
            await submitted(home, answering(agent_id, ClientReturn("call-window", "ok")))
        run = await taken(home, answering(agent_id, ClientReturn("call-door", "ok")))
        assert run.state == "done"


async def test_of_two_answers_to_one_call_the_second_finds_nothing_to_answer(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, ScriptedModel(calls(OPEN), "Open.")) as home:
        agent_id = await an_agent(home)
        await taken(home, asking(agent_id, "Open up", options=WITH_DOOR))
        first = await submitted(home, answering(agent_id, ClientReturn("call-door", "ok")))
        second = await submitted(home, answering(agent_id, ClientReturn("call-door", "no")))
        for _ in range(2):
            (claim,) = await home.claim()
            await home.run(claim)
        requests = home.parts.store.requests
        assert (await requests.run(first)).state == "done"
        turned_away = await requests.run(second)
    assert (turned_away.state, turned_away.stop_reason) == ("failed", StopReason.ERROR)
    assert turned_away.failure == "nothing_waits"


async def test_a_message_that_was_behind_a_call_that_waits_now_is_turned_away(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, ScriptedModel(calls(OPEN), "Open.")) as home:
        agent_id = await an_agent(home)
        await submitted(home, asking(agent_id, "Open up", options=WITH_DOOR))
        behind = await submitted(home, asking(agent_id, "And close it"))
        for _ in range(2):
            (claim,) = await home.claim()
            await home.run(claim)
        turned_away = await home.parts.store.requests.run(behind)
        assert (turned_away.state, turned_away.failure) == ("failed", "calls_wait")
        assert (await history(home, agent_id))[-1].waits, "the call waits on"
        run = await taken(home, answering(agent_id, ClientReturn("call-door", "ok")))
        assert run.state == "done"


async def test_a_chat_message_is_a_no_to_what_waits_there(tmp_path: Path) -> None:
    model = ScriptedModel("Hello.", calls(OPEN), "As you like.")
    async with house(tmp_path, model) as home:
        await home.say("ada", "Hi")
        agent_id = await home.agent_of("ada")
        here = (await home.parts.store.for_agent(agent_id, OWNER).turns(limit=1))[0].thread_id
        await taken(home, asking(agent_id, "Open up", options=WITH_DOOR, thread=here))
        end = await home.say("ada", "Leave it")
        assert end.reason is StopReason.END_TURN
        roles = [message.role for message in await home.history("ada")]
    assert roles[-4:] == [Role.ASSISTANT, Role.TOOL, Role.USER, Role.ASSISTANT]
    assert returns(model) == [("call-door", "Not approved, and not carried out.")]
    prompt = [each.role for each in model.requests[-1].prompt]
    assert prompt[-3:] == ["assistant", "tool", "user"]


async def test_a_chat_goes_without_tools_that_need_a_yes(tmp_path: Path) -> None:
    mail = Outside()
    model = ScriptedModel("Hello.", calls(MAIL), "I can't.")
    async with house(tmp_path, model, replacements=Replacements(tools=(mail,))) as home:
        ada = IdentityKey("terminal", "local", "ada")
        await home.say("ada", "Hi")
        standing = await home.parts.store.standing(ada)
        assert standing is not None
        who = (standing.identity_id,)
        await an_agent(home, "send_mail", rules=[ASKS_FIRST], identities=who)
        end = await home.say("ada", "Send it")
        assert end.reason is StopReason.END_TURN
    assert mail.keys == []
    assert [tool.name for tool in model.requests[1].tools] == ["memory_insert"]
    assert "There is no tool `send_mail`" in returns(model)[0][1]
