"""Agents behind OpenAI's chat completions, for clients that know nothing else."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

import anyio
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.event_stream import Emit, EventStream
from adapters.web.rest.agents.templates import seed_from, template_of
from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.errors import told
from adapters.web.rest.http.ids import AGENT_ID
from adapters.web.rest.http.refusals import Invalid, NotOffered
from adapters.web.rest.openai.bodies import (
    MAX_USER,
    CompletionBody,
    completion_id,
    completion_view,
    error_view,
    finish_reason,
    usage,
)
from adapters.web.rest.openai.models import PREFIX, TEMPLATE
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import Caller, CallerHere, Forbidden
from adapters.web.rest.seams.running import RunEnded, RunMessages, RunPiece
from adapters.web.rest.turns.message_bodies import MessageBody, TurnBody
from adapters.web.rest.turns.message_views import View
from adapters.web.rest.turns.run_views import Failure, failure_of
from adapters.web.rest.turns.sse import DONE, PING_EVERY, block
from adapters.web.rest.turns.turning import Asking, outcome, submitted
from agentcore.clock import SECOND
from agentcore.errors import BadInput, NotFound
from agentcore.records import (
    AgentDraft,
    AgentId,
    IdentityId,
    IdentityKey,
    Message,
    Requested,
    Role,
    StopReason,
)
from agentcore.records.identities import IdentityQuery, NewIdentity
from agentcore.templates import Template

GAP = "\n\n"
"""Between two things that an agent says in one turn."""
_OPEN_WEBUI_USER = "x-openwebui-user-id"


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(tags=["chat completions"])
    reception = _Reception(backend)

    @routes.post(f"{PREFIX}/chat/completions", include_in_schema=False)
    @routes.post("/v1/chat/completions")
    async def complete(body: CompletionBody, caller: CallerHere, request: Request) -> Response:
        try:
            asked = await reception.asked(body, Asking(backend, caller, request))
        except (BadInput, Forbidden, NotOffered) as error:
            return _refused(error)
        if body.stream:
            closing = request.state.closing
            stream = CompletionStream(backend, asked, body)
            return EventStream(partial(stream.tell, closing), closing, PING_EVERY)
        messages, run = await outcome(backend, asked.turn_id)
        failure = failure_of(run)
        if failure is not None:
            response = answer(_failed(failure), failure.status)
            response.headers["x-should-retry"] = "false"  # it would get the same turn
            return response
        if run.stop_reason is StopReason.INSUFFICIENT_CREDITS:
            return answer(error_view("The budget for today is spent.", "insufficient_quota"), 429)
        return answer(completion_view(body.model, run, _text(messages)))

    return routes


def _refused(error: Exception) -> Response:
    """As elsewhere, in that API's form."""
    usual = told(error)
    response = answer(error_view(str(error), "invalid_request_error"), usual.status_code)
    if "retry-after" in usual.headers:
        response.headers["Retry-After"] = usual.headers["retry-after"]
    return response


def _failed(failure: Failure) -> View:
    return error_view(f"{failure.message} {failure.detail}".strip(), failure.kind)


def _text(messages: list[Message]) -> str:
    said = [each.text for each in messages if each.role is Role.ASSISTANT]
    return GAP.join(text for text in said if text.strip())


def _person(body: CompletionBody, request: Request) -> str:
    """Who talks: what `user` says, or how Open WebUI tells it.

    Raises:
        Invalid: neither is there, or it is too long for a name.
    """
    named = body.user or request.headers.get(_OPEN_WEBUI_USER, "")
    if not 0 < len(named) <= MAX_USER:
        raise Invalid(
            "With a template, `user` must name the person whose agent it is (in Open WebUI: "
            "ENABLE_FORWARD_USER_INFO_HEADERS). An agent's id as `model` needs none."
        )
    return named


class _Reception:
    """Finds whom a client wants to talk with."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._first_contact = anyio.Lock()

    async def asked(self, body: CompletionBody, asking: Asking) -> Requested:
        """Put what is said in the queue of the agent that it is said to.

        Raises:
            NotFound: there is no such agent or template.
            Invalid, NotOffered: the request can't be served as it is.
        """
        body.require_offered()
        text = body.said()
        sender: str | None = None
        if body.model.startswith(TEMPLATE):
            asking.caller.require_admin()
            agent_id, sender = await self._agent_of(
                body.model.removeprefix(TEMPLATE), _person(body, asking.request), asking.caller
            )
        elif AGENT_ID.match(body.model):
            agent_id = AgentId(body.model)
        else:
            raise NotFound(
                f"There is no agent {body.model}: `model` is an agent's id, or `template:NAME`."
            )
        said = MessageBody(role="user", content=text, sender_id=sender)
        return await submitted(asking, agent_id, TurnBody(messages=[said]), approvals=False)

    async def _agent_of(self, handle: str, user: str, caller: Caller) -> tuple[AgentId, IdentityId]:
        """The agent of that template that somebody has, made if there is none yet."""
        template = template_of(self._backend.offers, handle)
        key = self._backend.identity_keys.read(user)
        found = await self._known(template, key, caller)
        if found is not None:
            return found
        async with self._first_contact:
            return await self._known(template, key, caller) or await self._made(
                handle, NewIdentity(key, user), caller
            )

    async def _known(
        self, template: Template, key: IdentityKey, caller: Caller
    ) -> tuple[AgentId, IdentityId] | None:
        store = self._backend.store
        for whose in await store.identities.identities(IdentityQuery(key=key, limit=1)):
            for agent_id in reversed(whose.agents):
                view = await store.agents.view(agent_id, caller.actor)
                if view.agent.template.partition(":")[0] == template.name:
                    return agent_id, whose.identity_id
        return None

    async def _made(
        self, handle: str, new: NewIdentity, caller: Caller
    ) -> tuple[AgentId, IdentityId]:
        store = self._backend.store
        whose = await store.identities.upsert(new, caller.actor)
        seed = seed_from(self._backend.offers, handle, {})
        draft = AgentDraft(seed, identities=(whose.identity_id,))
        return (await store.agents.create(draft)).agent.agent_id, whose.identity_id


class CompletionStream:
    """A turn as chunks of a completion. What was committed and hadn't been shown, or not so, follows.

    These clients know no other way to stop an answer than to leave: a turn that nobody follows to
    its end is called off.
    """

    def __init__(self, backend: Backend, asked: Requested, body: CompletionBody) -> None:
        self._desk = backend.desk
        self._asked = asked
        self._model = body.model
        self._with_usage = body.stream_options is not None and body.stream_options.include_usage
        self._created = backend.clock.now() // SECOND
        self._shown: defaultdict[str, str] = defaultdict(str)
        self._speaking: str | None = None

    async def tell(self, closing: asyncio.Event, emit: Emit) -> None:
        """Everything, from whose turn it is to `[DONE]`, also if the turn is erased meanwhile.
        `closing`: set where it is the service that leaves.
        """
        try:
            await self._told(emit)
        except NotFound as error:
            await emit(block(error_view(str(error), "not_found")) + DONE)
        except anyio.get_cancelled_exc_class():
            if not (closing.is_set() or self._asked.joined):  # the first may still be read
                with anyio.CancelScope(shield=True):
                    await self._desk.cancel(self._asked.agent_id, [self._asked.turn_id])
            raise

    async def _told(self, emit: Emit) -> None:
        await emit(self._chunk({"role": "assistant", "content": ""}))
        async with self._desk.follow(self._asked.turn_id, pieces=True) as events:
            async for event in events:
                match event:
                    case RunPiece(text=text, message=str() as message_id):
                        # Of an answer whose beginning was missed, the whole will do.
                        if event.begins or message_id in self._shown:
                            await emit(self._said(message_id, text))
                    case RunMessages(messages):
                        if new := b"".join(self._committed(messages)):
                            await emit(new)
                    case RunEnded():
                        await emit(b"".join(self._ended(event)))
                        return
                    case _:
                        pass

    def _said(self, message_id: str, text: str) -> bytes:
        gap = GAP if self._speaking not in {None, message_id} else ""
        self._speaking = message_id
        self._shown[message_id] += text
        return self._chunk({"content": f"{gap}{text}"})

    def _committed(self, messages: tuple[Message, ...]) -> Iterator[bytes]:
        for message in messages:
            if message.role is Role.ASSISTANT:
                rest = message.text.removeprefix(self._shown.get(message.message_id, ""))
                if rest.strip():
                    yield self._said(message.message_id, rest)

    def _ended(self, event: RunEnded) -> Iterator[bytes]:
        failure = failure_of(event.run)
        if failure is not None:
            yield block(_failed(failure))
        else:
            yield self._chunk({}, finish_reason(event.run))
            if self._with_usage:
                yield block({**self._frame(), "choices": [], "usage": usage(event.run)})
        yield DONE

    def _chunk(self, delta: View, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return block({**self._frame(), "choices": [choice]})

    def _frame(self) -> View:
        return {
            "id": completion_id(self._asked.turn_id),
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
            "system_fingerprint": None,
        }
