"""Turns that clients of the API ask for: in order, once, and followed to their end."""

from __future__ import annotations

from pathlib import Path

from adapters.web.rest.running import RunEnded, RunMessages, RunPiece
from agentcore.testing import ScriptedModel
from tests.api_turns import an_agent, asked, asking, ended, followed, said
from tests.house import house, working


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
