"""Short ways to ask for a turn at the store as clients of the API do."""

from __future__ import annotations

from typing import Any

from agentcore.records import (
    Admission,
    AgentId,
    AskedTurn,
    Claim,
    GivenMessage,
    NewMessage,
    Origin,
    Requested,
    Role,
    RunView,
    StepCommit,
    StopReason,
    TextPart,
    TurnEnd,
    TurnId,
    TurnRequest,
)
from tests.contracts.store_world import World


def a_request(agent_id: AgentId, text: str = "Hi", **more: Any) -> TurnRequest:
    sender = more.pop("sender", None)
    said = GivenMessage("user", (TextPart(text, Origin.OWNER),), sender=sender)
    return TurnRequest(agent_id, (said,), **more)


async def submit(world: World, request: TurnRequest, **limits: Any) -> Requested:
    return await world.store.requests.submit(request, Admission(**limits))


async def an_agent(world: World) -> AgentId:
    return await world.talk("Hello")


async def run(world: World, turn_id: TurnId) -> RunView:
    return await world.store.requests.run(turn_id)


async def replied(world: World, claim: Claim, *messages: NewMessage, **end: Any) -> None:
    reason = end.pop("reason", StopReason.END_TURN)
    said = messages or (world.message(Role.ASSISTANT, "Hi there"),)
    given = [
        world.message(Role.USER, part.text)
        for each in (claim.asked or AskedTurn()).messages
        for part in each.parts
    ]
    done = TurnEnd(reason, **end)
    step = StepCommit((*given, *said), step=world.step(), end=done)
    await world.commit(claim, step)
