"""The routes that look back: messages of an agent, of a conversation, of all agents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NaiveDatetime
from starlette.responses import Response

from adapters.web.rest.http.answers import answer, second
from adapters.web.rest.http.ids import AgentIdHere, MessageIdHere, pattern
from adapters.web.rest.http.paging import Page, PageHere
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.http.unbuilt import BATCHES, without
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import Caller, CallerHere
from adapters.web.rest.turns.histories import History, paged_views
from adapters.web.rest.turns.message_views import ALL_TYPES, PLAIN, MessageType, Shape, View
from agentcore.clock import SECOND, Micros
from agentcore.errors import NotFound
from agentcore.records import AgentId, MessageId, Role, SearchHit, StepId, ThreadId, TurnId
from agentcore.store import SearchQuery
from agentcore.store.pages import PageQuery, ThreadPlace

MOST_AGENTS = 1_000
"""How many agents one search goes through: the newest."""
DEFAULT = "default"
"""A conversation's name that means the agent's own."""

ThreadPattern = rf"{pattern('conv')}|^{DEFAULT}$"


def _shape(
    include_return_message_types: Annotated[
        list[MessageType] | None, Query(max_length=len(ALL_TYPES))
    ] = None,
    *,
    use_assistant_message: Annotated[bool, Query()] = True,
    assistant_message_tool_name: Annotated[
        str, Query(min_length=1, max_length=64)
    ] = "send_message",
    assistant_message_tool_kwarg: Annotated[str, Query(min_length=1, max_length=64)] = "message",
) -> Shape:
    wanted = include_return_message_types
    return Shape(
        ALL_TYPES if wanted is None else frozenset(wanted),
        use_assistant_message,
        assistant_message_tool_name,
        assistant_message_tool_kwarg,
    )


ShapeHere = Annotated[Shape, Depends(_shape)]
ThreadAsked = Annotated[str | None, Query(pattern=ThreadPattern)]


def page_query(
    page: Page, *, thread: str | None = None, turn: str | None = None, step: str | None = None
) -> PageQuery:
    """A page of messages as a client asks for it. They are in the order in which they were said, so
    that cursors mean the same whichever way the page is cut.
    """
    return PageQuery(
        limit=page.limit,
        thread=None if thread is None else ThreadId(thread),
        turn=None if turn is None else TurnId(turn),
        step=None if step is None else StepId(step),
        before=None if page.before is None else MessageId(page.before),
        after=None if page.after is None else MessageId(page.after),
        ascending=page.ascending,
    )


class SearchBody(BaseModel):
    """What to look for. Dates are inclusive; one without a zone is UTC."""

    model_config = ConfigDict(frozen=True)

    query: Annotated[str, Field(max_length=2_000)]
    agent_id: Annotated[str, Field(pattern=pattern("agent"))] | None = None
    conversation_id: Annotated[str, Field(pattern=ThreadPattern)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    search_mode: Literal["vector", "fts", "hybrid"] = "hybrid"
    start_date: AwareDatetime | NaiveDatetime | None = None
    end_date: AwareDatetime | NaiveDatetime | None = None

    def sought(self) -> SearchQuery:
        return SearchQuery(
            self.query,
            limit=self.limit,
            since=micros(self.start_date),
            until=micros(self.end_date),
        )


def micros(at: datetime | None) -> Micros | None:
    if at is None:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return Micros(round(at.timestamp() * SECOND))


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["messages"])

    @routes.get("/agents/{agent_id}/messages", dependencies=[without("group_id")])
    async def of_agent(
        agent_id: AgentIdHere,
        caller: CallerHere,
        page: PageHere,
        shape: ShapeHere,
        conversation_id: ThreadAsked = None,
    ) -> Response:
        history = History(backend.door(caller, agent_id), AgentId(agent_id), shape)
        thread = None if conversation_id == DEFAULT else conversation_id
        return answer(await history.page(page_query(page, thread=thread)))

    @routes.get("/messages")
    async def of_all(
        caller: CallerHere,
        page: PageHere,
        shape: ShapeHere,
        conversation_id: ThreadAsked = None,
    ) -> Response:
        thread, agent_id = None, caller.agent
        if conversation_id is not None and conversation_id != DEFAULT:
            thread = conversation_id
            agent_id = (await conversation_place(backend, caller, thread)).agent_id
        if agent_id is None:
            return answer(await _everywhere(backend, caller, page, shape))
        history = History(backend.door(caller, agent_id), agent_id, shape)
        return answer(await history.page(page_query(page, thread=thread)))

    @routes.post("/messages/search")
    async def search(body: SearchBody, caller: CallerHere) -> Response:
        return answer(await _found(backend, caller, body))

    @routes.get("/messages/batches", include_in_schema=False)
    async def batches() -> Response:
        raise NotOffered(f"not offered by this server: {BATCHES}")  # else it were a message's id

    @routes.get("/messages/{message_id}")
    async def retrieve(message_id: MessageIdHere, caller: CallerHere) -> Response:
        wanted = MessageId(message_id)
        agent_id = caller.agent or await backend.store.places.agent_of_message(wanted)
        paged = await backend.door(caller, agent_id).pages.message(wanted)
        return answer(paged_views(paged, PLAIN))

    return routes


async def conversation_place(backend: Backend, caller: Caller, thread_id: str) -> ThreadPlace:
    """Which agent's conversation it is.

    Raises:
        NotFound: there is none of that id for this caller.
    """
    place = await backend.store.places.thread(ThreadId(thread_id))
    if caller.agent is not None and place.agent_id != caller.agent:
        raise NotFound(f"There is no conversation {thread_id}.")
    return place


async def _everywhere(backend: Backend, caller: Caller, page: Page, shape: Shape) -> list[View]:
    """What was said last with any agent. Each agent's messages are read through its own door."""
    places = await backend.store.places.newest_messages(
        limit=page.limit,
        before=None if page.before is None else MessageId(page.before),
        after=None if page.after is None else MessageId(page.after),
        ascending=page.ascending,
    )
    wanted: defaultdict[AgentId, list[MessageId]] = defaultdict(list)
    for agent_id, message_id in places:
        wanted[agent_id].append(message_id)
    read = {
        each.message.message_id: each
        for agent_id, ids in wanted.items()
        for each in await backend.door(caller, agent_id).pages.these(ids)
    }
    return [
        view
        for _, message_id in places
        if message_id in read
        for view in paged_views(read[message_id], shape)
    ]


async def _found(backend: Backend, caller: Caller, body: SearchBody) -> list[View]:
    """The best of all agents that were to be searched."""
    if body.conversation_id not in {None, DEFAULT}:
        raise NotOffered("not offered by this server: `conversation_id`. Name an `agent_id`.")
    if body.search_mode != "hybrid":
        raise NotOffered("not offered by this server: `search_mode`. It is always hybrid.")
    if body.agent_id is not None or caller.agent is not None:
        agents = [AgentId(body.agent_id or caller.agent or "")]
    else:
        listed = await backend.store.list_agents(limit=MOST_AGENTS)
        agents = [agent.agent_id for agent in listed if agent.absorbed_by is None]
    hits: list[tuple[AgentId, SearchHit]] = []
    for agent_id in agents:
        found = await backend.door(caller, agent_id).search(body.sought())
        hits.extend((agent_id, hit) for hit in found)
    best = sorted(hits, key=lambda each: each[1].score, reverse=True)
    best = best[: body.limit]
    threads: dict[MessageId, ThreadId] = {}
    for agent_id in {agent_id for agent_id, _ in best}:
        ids = [hit.message.message_id for whose, hit in best if whose == agent_id]
        for paged in await backend.door(caller, agent_id).pages.these(ids):
            threads[paged.message.message_id] = paged.thread_id
    return [_hit_view(agent_id, hit, threads) for agent_id, hit in best]


def _hit_view(agent_id: AgentId, hit: SearchHit, threads: Mapping[MessageId, ThreadId]) -> View:
    message = hit.message
    kind = "user_message" if message.role is Role.USER else "assistant_message"
    return {
        "message_type": kind,
        "message_id": message.message_id,
        "agent_id": agent_id,
        "conversation_id": threads.get(message.message_id),
        "content": message.text,
        "created_at": second(message.created_at),
    }
