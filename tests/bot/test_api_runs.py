"""Turns that clients of the API ask for: in order, once, and followed to their end."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from adapters.web.rest.seams.running import RunEnded, RunMessages, RunPiece
from agentcore.errors import NotFound
from agentcore.model import ModelAnswer, ModelRequest
from agentcore.records import OWNER, Role, RunView, new_turn_id
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from tests.api_turns import an_agent, asked, asking, ended, followed, said
from tests.house import FAST, PATIENCE, call, calls, house, replies, working
from tests.pushed import town


async def test_a_turn_is_followed_to_its_end(tmp_path: Path) -> None:
    model = ScriptedModel("It is five")
    async with house(tmp_path, model) as home, working(home):
        agent_id = await an_agent(home)
        events = await asked(home, asking(agent_id, "What is two and three?"))
    assert said(events) == ["It is five"]
    run = ended(events)
    assert (run.state, run.stop_reason, len(run.steps)) == ("done", "end_turn", 1)
    assert "What is two and three?" in model.requests[-1].prompt[-1].text


async def test_pieces_come_before_what_they_are_of(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("One two three four")) as home, working(home):
        agent_id = await an_agent(home)
        requested = await home.parts.desk.submit(asking(agent_id, "Count"))
        events = await followed(home, requested.turn_id, pieces=True)
    pieces = [event for event in events if isinstance(event, RunPiece)]
    assert "".join(piece.text for piece in pieces) == "One two three four"
    (committed,) = [event for event in events if isinstance(event, RunMessages)]
    assert {piece.message for piece in pieces} == {committed.messages[0].message_id}
    assert events[-2:] == [committed, RunEnded(ended(events))]


class SecondWaits:
    """Holds back all answers but the first."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self._asked = 0

    async def wait(self) -> None:
        self._asked += 1
        if self._asked > 1:
            await self.opened.wait()


async def test_each_step_is_told_when_it_is_committed(tmp_path: Path) -> None:
    gate = SecondWaits()
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "Ada"}))
    model = ScriptedModel(calls(insert, text="Wait."), "Noted.", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        agent_id = await an_agent(home)
        requested = await home.parts.desk.submit(asking(agent_id, "I'm Ada"))
        with anyio.fail_after(PATIENCE):
            async with home.parts.desk.follow(requested.turn_id) as events:
                first = await anext(events)
                gate.opened.set()
                rest = [event async for event in events]
    assert isinstance(first, RunMessages)
    assert [m.role for m in first.messages] == [Role.ASSISTANT, Role.TOOL]
    assert [step.number for step in first.steps] == [1]
    assert said(rest) == ["Noted."]


async def test_eight_requests_at_once_are_eight_turns_in_order(tmp_path: Path) -> None:
    names = [f"n{n}" for n in range(8)]

    def noting(request: ModelRequest) -> ModelAnswer:
        text = request.prompt[-1].text.split("\n")[-1]
        arguments = json.dumps({"label": "human", "new_string": text})
        return calls(call("memory_insert", arguments, f"call-{text}"))

    model = ScriptedModel(*[line for _ in names for line in (noting, "Noted.")])
    got: dict[str, RunView] = {}
    async with house(tmp_path, model) as home, working(home):
        agent_id = await an_agent(home)

        async def one(name: str) -> None:
            got[name] = ended(await asked(home, asking(agent_id, name)))

        async with anyio.create_task_group() as tasks:
            for name in names:
                tasks.start_soon(one, name)
        (block,) = [
            each
            for each in await home.parts.store.for_agent(agent_id, OWNER).blocks()
            if each.label == "human"
        ]
    assert {run.state for run in got.values()} == {"done"}
    assert len({run.turn_id for run in got.values()}) == 8
    in_order = [name for name, run in sorted(got.items(), key=lambda each: each[1].claimed_at or 0)]
    assert block.value.split("\n")[1:] == in_order


async def test_chat_and_api_share_one_queue(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("Hello.", "one", "two", "three", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        gate.set()
        receipt = await home.accept("ada", "Hi")
        await home.heard("ada", until=receipt.position)
        agent_id = await home.agent_of("ada")
        gate.clear()
        await home.accept("ada", "chat one")
        requested = await home.parts.desk.submit(asking(agent_id, "by the API"))
        last = await home.accept("ada", "chat two")
        gate.set()
        events = await followed(home, requested.turn_id)
        told = replies(await home.heard("ada", until=last.position))
    assert said(events) == ["two"]
    assert told == ["Hello.", "one", "three"]


async def test_who_follows_is_told_that_it_was_called_off(tmp_path: Path) -> None:
    gate = asyncio.Event()
    model = ScriptedModel("never said", gate=gate)
    async with house(tmp_path, model) as home, working(home):
        agent_id = await an_agent(home)
        desk = home.parts.desk
        running = (await desk.submit(asking(agent_id, "one"))).turn_id
        waiting = (await desk.submit(asking(agent_id, "two"))).turn_id
        await model.called.wait()
        assert await desk.cancel(agent_id) == {running: "running", waiting: "cancelled"}
        for turn_id in (running, waiting):
            run = ended(await followed(home, turn_id))
            assert (run.state, run.stop_reason) == ("cancelled", "cancelled")
    assert len(model.requests) == 1


async def test_who_stops_following_does_not_stop_the_turn(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with house(tmp_path, ScriptedModel("Here.", gate=gate)) as home, working(home):
        agent_id = await an_agent(home)
        turn_id = (await home.parts.desk.submit(asking(agent_id, "Hi"))).turn_id
        async with home.parts.desk.follow(turn_id):
            pass
        gate.set()
        assert said(await followed(home, turn_id)) == ["Here."]
        assert said(await followed(home, turn_id)) == ["Here."], "and once more when it is over"


async def test_a_second_request_of_one_key_gets_the_first_ones_turn(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Once.")) as home, working(home):
        agent_id = await an_agent(home)
        request = asking(agent_id, "Hi", key="k", digest="d")
        first, second = await asked(home, request), await asked(home, request)
    assert ended(first) == ended(second)
    assert said(second) == ["Once."]


async def test_nothing_of_it_goes_to_a_push_platform(tmp_path: Path) -> None:
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "Ada"}))
    model = ScriptedModel("Hello.", calls(insert), "By the API.", "", "", "Bye.")
    async with town(tmp_path, model) as place:
        await place.write("ada", "Hi")
        await place.until("ada", 1)
        (agent,) = await place.home.parts.store.list_agents()
        (turn,) = await place.home.parts.store.for_agent(agent.agent_id, OWNER).turns(limit=1)
        for text in ("I'm Ada", "Hm"):
            await asked(place.home, asking(agent.agent_id, text, thread=turn.thread_id))
        await place.write("ada", "Bye")
        assert await place.until("ada", 2) == ["Hello.", "Bye."]


async def test_a_turn_that_keeps_failing_ends_and_is_set_aside_nowhere(tmp_path: Path) -> None:
    def bug(_request: ModelRequest) -> ModelAnswer:
        raise RuntimeError

    limits = replace(FAST, attempts=2)
    real = Replacements(limits=limits)
    model = ScriptedModel(bug, bug, "Fine.")
    async with house(tmp_path, model, replacements=real) as home, working(home):
        agent_id = await an_agent(home)
        run = ended(await asked(home, asking(agent_id, "Hi")))
        assert (run.state, run.stop_reason, run.error) == ("failed", "error", "RuntimeError")
        assert run.failure == "given_up"
        assert await home.parts.store.parked() == ()
        assert said(await asked(home, asking(agent_id, "And now?"))) == ["Fine."]


async def test_who_begins_to_follow_when_it_is_over_is_told_all(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Here.")) as home:
        agent_id = await an_agent(home)
        turn_id = (await home.parts.desk.submit(asking(agent_id, "Hi"))).turn_id
        (claim,) = await home.claim()
        await home.run(claim)
        assert said(await followed(home, turn_id)) == ["Here."], "though nobody rang"


async def test_there_must_be_something_to_follow(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel()) as home:
        with pytest.raises(NotFound, match="no run"):
            await followed(home, new_turn_id())


async def test_a_turn_that_a_kill_cut_off_is_carried_to_its_end_by_the_next_process(
    tmp_path: Path,
) -> None:
    insert = call("memory_insert", json.dumps({"label": "human", "new_string": "Ada"}))

    def killed(_request: ModelRequest) -> ModelAnswer:
        raise KeyboardInterrupt

    async with house(tmp_path, ScriptedModel(calls(insert), killed)) as home:
        agent_id = await an_agent(home)
        turn_id = (await home.parts.desk.submit(asking(agent_id, "I'm Ada"))).turn_id
        behind = (await home.parts.desk.submit(asking(agent_id, "And?"))).turn_id
        (claim,) = await home.claim()
        with pytest.raises(KeyboardInterrupt):
            await home.run(claim)
    async with house(tmp_path, ScriptedModel("Noted.", "So.")) as home, working(home):
        events = await followed(home, turn_id)
        assert said(events) == ["Noted."]
        assert [step.number for step in ended(events).steps] == [1, 2]
        assert said(await followed(home, behind)) == ["So."]
        revisions = await home.parts.store.for_agent(agent_id, OWNER).revisions(label="human")
    assert [each.version for each in revisions] == [2, 1], "the edit was made once"
