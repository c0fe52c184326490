"""A request for a turn, from HTTP to the queue; and its answer, whole or as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fastapi import Request
from starlette.responses import Response

from adapters.web.event_stream import EventStream
from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.refusals import Invalid
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import Caller
from adapters.web.rest.seams.running import RunEnded, RunMessages
from adapters.web.rest.turns.message_bodies import ApprovalBody, AsyncTurnBody, TurnBody
from adapters.web.rest.turns.message_views import (
    Setting,
    Shape,
    View,
    compaction_view,
    message_views,
    step_of,
)
from adapters.web.rest.turns.run_views import failure_of, failure_view, stop_view, usage_view
from adapters.web.rest.turns.sse import PING_EVERY, RunStream, Wanted
from agentcore.errors import NotFound
from agentcore.records import (
    AgentId,
    CallDecision,
    GivenMessage,
    Message,
    MessageId,
    Requested,
    RunView,
    ThreadId,
    ToolCallPart,
    TurnId,
    TurnRequest,
    storable,
)

MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for a turn, of what, and how that came."""

    backend: Backend
    caller: Caller
    request: Request


async def taken(
    asking: Asking, agent_id: str, body: TurnBody, *, thread: str | None = None, streams: bool
) -> Response:
    """Put a turn in its agent's queue, and tell what comes of it: as it happens where the answer
    `streams`, else once it is over. Raises as `submitted` does.
    """
    backend = asking.backend
    asked = await submitted(asking, agent_id, body, thread=thread, background=body.background)
    if not streams:
        return await _answered(backend, asked.turn_id, body)
    wanted = Wanted(
        body.shape(), body.stream_tokens, body.include_pings, body.include_compaction_messages
    )
    return streamed(backend, asking.request, asked.turn_id, wanted)


async def submitted(
    asking: Asking,
    agent_id: str,
    body: TurnBody,
    *,
    thread: str | None = None,
    background: bool = False,
    approvals: bool = True,
) -> Requested:
    """Put a turn in its agent's queue, once for each request of the client. `approvals`: see
    `TurnOptions`.

    Raises:
        NotFound: there is no such agent for the caller, or the model isn't one of ours.
        Invalid, NotOffered: the body asks for nothing, or for what isn't there.
        Conflict, TooMany: see `Requests.submit`.
    """
    backend, request = asking.backend, asking.request
    asking.caller.require_agent(agent_id)
    body.require_sound()
    _require_model(backend, body.override_model)
    given = body.given()
    await _require_senders(asking, given)
    decided = [
        decision
        for approval in body.older_approvals()
        for decision in await _decisions(asking, agent_id, approval)
    ]
    return await backend.desk.submit(
        TurnRequest(
            AgentId(agent_id),
            given,
            (*body.answers(), *decided),
            replace(body.options(), approvals=approvals),
            thread=None if thread is None else ThreadId(thread),
            key=_key(request, body),
            digest=await _digest(request),
            retried=_retried(request),
            background=background,
            callback_url=body.callback_url if isinstance(body, AsyncTurnBody) else None,
            by=asking.caller.actor,
        )
    )


def _require_model(backend: Backend, handle: str | None) -> None:
    offers = backend.offers
    if handle is not None and not offers.offline_only and handle not in offers.models:
        raise NotFound(f"Handle {handle} not found: see /v1/models for those that there are.")


async def _require_senders(asking: Asking, given: Sequence[GivenMessage]) -> None:
    """Whoever has a token for one agent speaks for nobody but those whom it answers."""
    agent_id = asking.caller.agent
    senders = {each.sender for each in given} - {None}
    if agent_id is None or not senders:
        return
    found = await asking.backend.store.identities.of_agents([agent_id])
    for sender in senders - {each.identity_id for each in found[agent_id]}:
        raise NotFound(f"There is no identity {sender}.")


async def _decisions(
    asking: Asking, agent_id: str, approval: ApprovalBody
) -> Iterator[CallDecision]:
    """A word on all calls of a message, as one on each."""
    door = asking.backend.door(asking.caller, agent_id)
    asked = await door.pages.message(MessageId(approval.approval_request_id or ""))
    reason = storable(approval.reason or "")
    return (
        CallDecision(part.call.call_id, approval.approve is True, reason)
        for part in asked.message.parts
        if isinstance(part, ToolCallPart) and part.gated
    )


def _key(request: Request, body: TurnBody) -> str | None:
    """What names the request. A client's own words aren't kept for it, and a long name costs no more."""
    given = request.headers.get("idempotency-key")
    if given is not None and len(given) > MAX_KEY:
        raise Invalid(f"`Idempotency-Key` may have {MAX_KEY} characters at most.")
    named = body.own_key() if given is None else f"key:{given}"
    return None if named is None else hashlib.sha256(named.encode()).hexdigest()


async def _digest(request: Request) -> str:
    """Of what is asked for, where: a client that tries again sends the same bytes."""
    digest = hashlib.sha256(request.url.path.encode())
    digest.update(b"\n")
    digest.update(await request.body())
    return digest.hexdigest()


def _retried(request: Request) -> bool:
    count = request.headers.get("x-stainless-retry-count", "0")
    return count.isdecimal() and int(count) > 0


async def _answered(backend: Backend, turn_id: TurnId, body: TurnBody) -> Response:
    """Wait for a turn and tell what came of it. It goes on if nobody waits any more."""
    messages, run = await outcome(backend, turn_id)
    failure = failure_of(run)
    if failure is not None:
        response = answer(failure_view(failure), failure.status)
        # The same request again would get the same turn: the SDK heeds this.
        response.headers["x-should-retry"] = "false"
        return response
    return answer(
        {
            "messages": [*_compactions(run, body), *run_messages(messages, run, body.shape())],
            "stop_reason": stop_view(run.stop_reason),
            "usage": usage_view(run),
            "logprobs": None,
            "turns": None,
        }
    )


async def outcome(backend: Backend, turn_id: TurnId) -> tuple[list[Message], RunView]:
    """A turn's messages, once it is over."""
    messages: list[Message] = []
    async with backend.desk.follow(turn_id) as events:
        async for event in events:
            match event:
                case RunMessages(new):
                    messages.extend(new)
                case RunEnded(run):
                    return messages, run
                case _:
                    pass
    msg = f"The run {turn_id} was let go of before its end."
    raise AssertionError(msg)


def run_messages(messages: Sequence[Message], run: RunView, shape: Shape) -> Iterator[View]:
    """What a turn has said, as a client wants it."""
    for message in messages:
        yield from message_views(message, Setting(run.turn_id, step_of(message, run.steps)), shape)


def _compactions(run: RunView, body: TurnBody) -> Iterator[View]:
    if body.include_compaction_messages and "event_message" in body.shape().types:
        for step in run.steps:
            if step.outcome == "summarised":
                yield compaction_view(step, run.turn_id)


def streamed(backend: Backend, request: Request, turn_id: TurnId, wanted: Wanted) -> Response:
    """What happens in a turn, as it happens."""
    stream = RunStream(turn_id, wanted, backend.clock)
    following = backend.desk.follow(turn_id, pieces=wanted.tokens)
    return EventStream(
        lambda emit: stream.tell(following, emit),
        request.state.closing,
        PING_EVERY,
        stream.ping,
    )
