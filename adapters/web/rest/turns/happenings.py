"""The routes by which an agent is followed: a stream of what happens to it, and webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import Field
from pydantic_core import to_json
from starlette.responses import Response

from adapters.web.event_stream import Emit, EventStream
from adapters.web.rest.http.answers import answer, moment
from adapters.web.rest.http.fields import Body
from adapters.web.rest.http.ids import AgentIdHere
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere, CallerHere
from adapters.web.rest.turns.happening_views import happening_view, place_text, read_place
from agentcore.records import AgentId
from agentcore.records.happenings import KINDS, HappeningKind, HappeningPlace, Webhook
from agentcore.store.happenings import Following

BEGINNING = "start"
LONGEST = 3_600.0
"""Seconds that a stream lasts: whoever comes back, and they do by themselves, shows their token again."""
WebhookIdHere = Annotated[str, Path(pattern=r"^webhook-[0-9a-f]{32}$")]
Kinds = Annotated[list[HappeningKind], Field(min_length=1, max_length=10)]


class NewWebhook(Body):
    """An address that is to be told what happens to an agent."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    events: Kinds | None = None


class ChangedWebhook(Body):
    """A webhook that was disabled is told again."""

    enabled: Literal[True]


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/agents/{agent_id}", tags=["events"])
    _add_stream(routes, backend)
    _add_webhooks(routes, backend)
    return routes


def _add_stream(routes: APIRouter, backend: Backend) -> None:
    @routes.get("/events")
    async def follow(
        agent_id: AgentIdHere,
        caller: CallerHere,
        request: Request,
        kinds: Annotated[list[HappeningKind] | None, Query()] = None,
        after: Annotated[str | None, Query(max_length=50_000)] = None,
        last_event_id: Annotated[str | None, Header(max_length=50_000)] = None,
    ) -> Response:
        door, known = backend.door(caller, agent_id), last_event_id or after
        now = await door.following.place()  # whoever follows a person's agent is seen doing it
        place = now if known is None else _place(known)
        teller = _Teller(backend, AgentId(agent_id), door.following, frozenset(kinds or KINDS))

        async def produce(emit: Emit) -> None:
            with anyio.move_on_after(LONGEST):
                await teller.tell(place, emit)

        return EventStream(produce, request.state.closing)


def _place(known: str) -> HappeningPlace:
    return HappeningPlace() if known == BEGINNING else read_place(known)


class _Teller:
    """Tells one reader what happens to an agent."""

    def __init__(
        self,
        backend: Backend,
        agent_id: AgentId,
        following: Following,
        kinds: frozenset[HappeningKind],
    ) -> None:
        self._newsroom = backend.newsroom
        self._agent_id = agent_id
        self._following = following
        self._kinds = kinds

    async def tell(self, place: HappeningPlace, emit: Emit) -> None:
        """From a place on, without an end. First the place itself, so that whoever is cut off before
        anything happens goes on from here.
        """
        with self._newsroom.follow(self._agent_id) as news:
            await emit(b"id: %s\nevent: place\ndata: {}\n\n" % place_text(place).encode())
            while True:
                found = await self._following.after(place)
                for each in found.items:
                    if each.kind in self._kinds:
                        known = place_text(each.place).encode()
                        view = to_json(happening_view(self._agent_id, each))
                        kind = each.kind.encode()
                        await emit(b"id: %s\nevent: %s\ndata: %s\n\n" % (known, kind, view))
                if found.place == place:
                    await news.wait()
                place = found.place


def _add_webhooks(routes: APIRouter, backend: Backend) -> None:
    webhooks = backend.store.webhooks

    @routes.post("/webhooks")
    async def create(agent_id: AgentIdHere, body: NewWebhook, caller: AdminHere) -> Response:
        await backend.outside.require_allowed(body.url)
        kinds: Sequence[HappeningKind] = tuple(dict.fromkeys(body.events or KINDS))
        hook, secret = await webhooks.create(AgentId(agent_id), body.url, kinds, caller.actor)
        backend.newsroom.webhooks_changed()
        return answer({**webhook_view(hook), "secret": secret})

    @routes.get("/callback-secret")
    async def callback_secret(agent_id: AgentIdHere, caller: AdminHere) -> Response:
        await backend.store.for_agent(AgentId(agent_id), caller.actor).agent()
        return answer({"secret": backend.newsroom.callback_secret(AgentId(agent_id))})

    @routes.get("/webhooks")
    async def list_webhooks(agent_id: AgentIdHere, _caller: AdminHere) -> Response:
        return answer([webhook_view(each) for each in await webhooks.list(AgentId(agent_id))])

    @routes.patch("/webhooks/{webhook_id}")
    async def enable(
        agent_id: AgentIdHere, webhook_id: WebhookIdHere, body: ChangedWebhook, _caller: AdminHere
    ) -> Response:
        hook = await webhooks.enable(AgentId(agent_id), webhook_id)
        if body.enabled:
            backend.newsroom.webhooks_changed()
        return answer(webhook_view(hook))

    @routes.delete("/webhooks/{webhook_id}")
    async def delete(
        agent_id: AgentIdHere, webhook_id: WebhookIdHere, _caller: AdminHere
    ) -> Response:
        await webhooks.remove(AgentId(agent_id), webhook_id)
        return answer(None)


def webhook_view(hook: Webhook) -> Mapping[str, Any]:
    """A webhook, and how it fares."""
    return {
        "id": hook.webhook_id,
        "agent_id": hook.agent_id,
        "url": hook.url,
        "events": list(hook.kinds),
        "created_at": moment(hook.created_at),
        "enabled": hook.disabled_at is None,
        "disabled_at": None if hook.disabled_at is None else moment(hook.disabled_at),
        "disabled_reason": hook.reason,
        "failing_since": None if hook.failing_since is None else moment(hook.failing_since),
        "failed_tries": hook.tries,
        "next_try_at": None if hook.next_at is None else moment(hook.next_at),
        "last_status": hook.status,
        "last_error": hook.error,
    }
