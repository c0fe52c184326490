"""Short ways to ask an agent for a turn as a client of the API does, without HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio

from adapters.web.rest.seams.running import RunEnded, RunEvent, RunMessages
from agentcore.records import (
    Admission,
    AgentDraft,
    AgentId,
    AgentSeed,
    CallAnswer,
    GivenMessage,
    IdentityId,
    Origin,
    RunView,
    TextPart,
    TurnId,
    TurnOptions,
    TurnRequest,
)
from tests.contracts.store_world import a_block
from tests.house import PATIENCE, House

ASKS_FIRST = {"type": "requires_approval", "tool_name": "send_mail"}


def user(text: str, **more: Any) -> GivenMessage:
    return GivenMessage("user", (TextPart(text, Origin.OWNER),), **more)


def asking(agent_id: AgentId, *texts: str, **more: Any) -> TurnRequest:
    """A request with these messages of a user."""
    return TurnRequest(agent_id, tuple(user(each) for each in texts), **more)


def answering(
    agent_id: AgentId, *answers: CallAnswer, options: TurnOptions | None = None
) -> TurnRequest:
    return TurnRequest(agent_id, answers=answers, options=options or TurnOptions())


async def an_agent(
    home: House,
    *tools: str,
    rules: Sequence[object] = (),
    model: str | None = None,
    identities: tuple[IdentityId, ...] = (),
) -> AgentId:
    """One that the API has made, with these tools beside `memory_insert`."""
    seed = AgentSeed(
        owner_kind="api",
        name="Sam",
        template="",
        system="You are Sam.",
        tools=("memory_insert", *tools),
        blocks=(a_block("persona", "I am Sam."), a_block()),
        model=model,
    )
    extras = {"tool_rules": list(rules)} if rules else {}
    draft = AgentDraft(seed, identities=identities, extras=extras)
    return (await home.parts.store.agents.create(draft)).agent.agent_id


async def submitted(home: House, request: TurnRequest) -> TurnId:
    return (await home.parts.store.requests.submit(request, Admission())).turn_id


async def taken(home: House, request: TurnRequest) -> RunView:
    """A request and its turn, without the dispatcher."""
    turn_id = await submitted(home, request)
    (claim,) = await home.claim()
    assert claim.turn_id == turn_id
    await home.run(claim)
    return await home.parts.store.requests.run(turn_id)


async def texts_of(home: House, turn_id: TurnId) -> list[str]:
    """What the agent has said in a turn."""
    progress = await home.parts.store.requests.progress(turn_id)
    return [message.text for message in progress.messages if message.text]


async def followed(home: House, turn_id: TurnId, *, pieces: bool = False) -> Sequence[RunEvent]:
    """All that happens in a turn; needs `working`."""
    with anyio.fail_after(PATIENCE):
        async with home.parts.desk.follow(turn_id, pieces=pieces) as events:
            return [event async for event in events]


async def asked(home: House, request: TurnRequest) -> Sequence[RunEvent]:
    """A request that is followed to its end; needs `working`."""
    requested = await home.parts.desk.submit(request)
    return await followed(home, requested.turn_id)


def said(events: Sequence[RunEvent]) -> list[str]:
    return [m.text for e in events if isinstance(e, RunMessages) for m in e.messages if m.text]


def ended(events: Sequence[RunEvent]) -> RunView:
    last = events[-1]
    assert isinstance(last, RunEnded)
    return last.run
