"""Turns that clients of the API ask for: in order, once, and followed to their end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio

from adapters.web.rest.running import RunEnded, RunEvent, RunMessages, RunPiece
from agentcore.records import (
    AgentId,
    GivenMessage,
    Origin,
    RunView,
    TextPart,
    TurnId,
    TurnRequest,
)
from agentcore.testing import ScriptedModel
from tests.house import PATIENCE, House, house, working


def asking(agent_id: AgentId, *texts: str, **more: Any) -> TurnRequest:
    messages = tuple(GivenMessage("user", (TextPart(each, Origin.OWNER),)) for each in texts)
    return TurnRequest(agent_id, messages, **more)


async def an_agent(home: House) -> AgentId:
    """Ada's, who has said hello."""
    receipt = await home.accept("ada", "Hello")
    await home.heard("ada", until=receipt.position)
    return await home.agent_of("ada")


async def followed(home: House, turn_id: TurnId, *, pieces: bool = False) -> Sequence[RunEvent]:
    with anyio.fail_after(PATIENCE):
        async with home.parts.desk.follow(turn_id, pieces=pieces) as events:
            return [event async for event in events]


async def asked(home: House, request: TurnRequest) -> Sequence[RunEvent]:
    requested = await home.parts.desk.submit(request)
    return await followed(home, requested.turn_id)


def said(events: Sequence[RunEvent]) -> list[str]:
    return [m.text for e in events if isinstance(e, RunMessages) for m in e.messages]


def ended(events: Sequence[RunEvent]) -> RunView:
    last = events[-1]
    assert isinstance(last, RunEnded)
    return last.run


async def test_a_turn_is_followed_to_its_end(tmp_path: Path) -> None:
    model = ScriptedModel("Hi Ada", "It is five")
    async with house(tmp_path, model) as home, working(home):
        agent_id = await an_agent(home)
        events = await asked(home, asking(agent_id, "What is two and three?"))
    assert said(events) == ["It is five"]
    run = ended(events)
    assert (run.state, run.stop_reason, len(run.steps)) == ("done", "end_turn", 1)
    assert "What is two and three?" in model.requests[-1].prompt[-1].text


async def test_pieces_come_before_what_they_are_of(tmp_path: Path) -> None:
    async with house(tmp_path, ScriptedModel("Hi", "One two three four")) as home, working(home):
        agent_id = await an_agent(home)
        requested = await home.parts.desk.submit(asking(agent_id, "Count"))
        events = await followed(home, requested.turn_id, pieces=True)
    pieces = [event for event in events if isinstance(event, RunPiece)]
    assert "".join(piece.text for piece in pieces) == "One two three four"
    (committed,) = [event for event in events if isinstance(event, RunMessages)]
    assert {piece.message for piece in pieces} == {committed.messages[0].message_id}
    assert events[-2:] == [committed, RunEnded(ended(events))]
