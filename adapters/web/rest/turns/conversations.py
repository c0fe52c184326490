"""The routes of conversations: each chat, topic or other place in which an agent talks has its own
window. They come to be where somebody talks; here they are begun, too, looked at, and talked in.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from adapters.web.rest.http.answers import answer, moment
from adapters.web.rest.http.ids import ThreadIdHere, pattern
from adapters.web.rest.http.paging import PageHere
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.http.unbuilt import without
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import CallerHere
from adapters.web.rest.turns.histories import History
from adapters.web.rest.turns.message_bodies import TurnBody
from adapters.web.rest.turns.message_lists import ShapeHere, conversation_place, page_query
from adapters.web.rest.turns.message_views import View
from adapters.web.rest.turns.turning import Asking, taken
from agentcore.records import AgentId, ThreadId
from agentcore.store.pages import ThreadPlace, ThreadQuery


class ConversationTurnBody(TurnBody):
    """As to an agent, but that it is streamed unless the client says otherwise."""

    streaming: bool = True


class NewConversation(BaseModel):
    """What clients may wish of a new conversation, and none has: its agent's model and memory are its
    own, and nobody keeps a title of it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: Any = None
    model_settings: Any = None
    context_window_limit: Any = None
    isolated_block_labels: Any = None
    summary: Any = None
    description: Any = None
    hidden: Any = None

    def require_offered(self) -> None:
        """Raises NotOffered."""
        for name in type(self).model_fields:
            if getattr(self, name):
                raise NotOffered(
                    f"not offered by this server: `{name}` of a conversation. Leave it out."
                )


def conversation_view(place: ThreadPlace) -> View:
    """A conversation, without what was said in it."""
    last = place.last_message_at
    return {
        "id": place.thread_id,
        "agent_id": place.agent_id,
        "created_at": moment(place.created_at),
        "updated_at": moment(place.created_at if last is None else last),
        "last_message_at": None if last is None else moment(last),
        "in_context_message_ids": list(place.in_view),
        "summary": None,
        "description": None,
        "model": None,
        "model_settings": None,
        "context_window_limit": None,
        "archived": False,
        "archived_at": None,
        "created_by_id": None,
        "last_updated_by_id": None,
        "isolated_block_ids": [],
    }


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/conversations", tags=["conversations"])

    @routes.get("", dependencies=[without("summary_search")])
    async def list_conversations(
        caller: CallerHere,
        page: PageHere,
        agent_id: Annotated[Annotated[str, Field(pattern=pattern("agent"))] | None, Query()] = None,
        archive_status: Annotated[Literal["unarchived", "archived", "all"], Query()] = "all",
    ) -> Response:
        if archive_status == "archived":  # none ever is
            return answer([])
        query = ThreadQuery(
            limit=page.limit,
            agent_id=caller.narrowed_to(agent_id),
            before=None if page.older_than is None else ThreadId(page.older_than),
            after=None if page.newer_than is None else ThreadId(page.newer_than),
            ascending=page.ascending,
        )
        found = await backend.store.places.threads(query)
        return answer([conversation_view(place) for place in found])

    @routes.get("/{conversation_id}")
    async def retrieve(conversation_id: ThreadIdHere, caller: CallerHere) -> Response:
        return answer(conversation_view(await conversation_place(backend, caller, conversation_id)))

    @routes.get("/{conversation_id}/messages")
    async def messages(
        conversation_id: ThreadIdHere, caller: CallerHere, page: PageHere, shape: ShapeHere
    ) -> Response:
        place = await conversation_place(backend, caller, conversation_id)
        history = History(backend.door(caller, place.agent_id), place.agent_id, shape)
        return answer(await history.page(page_query(page, thread=conversation_id)))

    _add_beginning(routes, backend)
    _add_turns(routes, backend)
    return routes


def _add_beginning(routes: APIRouter, backend: Backend) -> None:
    @routes.post("")
    async def create(
        agent_id: Annotated[str, Query(pattern=pattern("agent"))],
        caller: CallerHere,
        body: NewConversation | None = None,
    ) -> Response:
        """With nothing in view: what was said elsewhere is found by search, and memory is the same."""
        caller.require_agent(agent_id)
        if body is not None:
            body.require_offered()
        opened = await backend.store.requests.open_conversation(AgentId(agent_id))
        return answer(conversation_view(await backend.store.places.thread(opened)))


def _add_turns(routes: APIRouter, backend: Backend) -> None:
    @routes.post("/{conversation_id}/messages")
    async def create(
        conversation_id: ThreadIdHere,
        body: ConversationTurnBody,
        caller: CallerHere,
        request: Request,
    ) -> Response:
        place = await conversation_place(backend, caller, conversation_id)
        asking = Asking(backend, caller, request)
        return await taken(
            asking, place.agent_id, body, thread=conversation_id, streams=body.streaming
        )
