"""Archives over the API. Each agent has one, and no other can be made: `/v1/archives`, and the
search over passages, `/v1/passages/search`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.ids import AGENT_ID, ArchiveIdHere, PassageIdHere
from adapters.web.rest.http.paging import MOST, PageHere
from adapters.web.rest.http.refusals import Invalid, NotOffered
from adapters.web.rest.memory.archival import (
    FOUND,
    LONGEST_QUERY,
    LONGEST_TAG,
    MOST_TAGS,
    NewPassage,
    micros,
    removed,
)
from adapters.web.rest.memory.passage_views import agent_id_of, archive_view, hit_view, passage_view
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import Caller, CallerHere
from agentcore.records import AgentId, PassageQuery, storable

MOST_AT_ONCE = 1_000


class PassageSearch(BaseModel):
    """What to look for, and in whose archive."""

    query: str | None = Field(None, max_length=LONGEST_QUERY)
    agent_id: str | None = None
    archive_id: str | None = None
    tags: list[Annotated[str, Field(max_length=LONGEST_TAG)]] | None = Field(
        None, max_length=MOST_TAGS
    )
    tag_match_mode: Literal["any", "all"] = "any"
    limit: int = Field(FOUND, ge=1, le=MOST)
    start_date: datetime | None = None
    end_date: datetime | None = None


class NewPassages(BaseModel):
    """Texts to keep, all or none."""

    passages: list[NewPassage] = Field(max_length=MOST_AT_ONCE)


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["archives"])

    @routes.post("/passages/search", summary="Find texts in an agent's archive")
    async def search(caller: CallerHere, body: PassageSearch) -> Response:
        agent_id = _of_one_agent(caller, body.agent_id, body.archive_id)
        door = backend.door(caller, agent_id)
        await door.agent()
        query = PassageQuery(
            storable(body.query or ""),
            frozenset(body.tags or ()),
            body.tag_match_mode,
            body.limit,
            micros(body.start_date),
            micros(body.end_date),
        )
        hits = await door.archive.search(query)
        return answer([hit_view(hit, agent_id) for hit in hits])

    @routes.get("/archives", summary="The archive of an agent, as a list of one")
    async def listed(
        caller: CallerHere,
        page: PageHere,
        agent_id: Annotated[str | None, Query()] = None,
        name: Annotated[str | None, Query()] = None,
    ) -> Response:
        agent = await backend.door(caller, _of_one_agent(caller, agent_id, None)).agent()
        past = page.after is not None or page.before is not None
        if past or (name is not None and name != agent.name):
            return answer([])
        return answer([archive_view(agent)])

    @routes.get("/archives/{archive_id}", summary="An archive")
    async def one(caller: CallerHere, archive_id: ArchiveIdHere) -> Response:
        return answer(archive_view(await backend.door(caller, agent_id_of(archive_id)).agent()))

    _add_writing(routes, backend)
    _add_what_is_not_offered(routes)
    return routes


def _add_writing(routes: APIRouter, backend: Backend) -> None:
    @routes.post("/archives/{archive_id}/passages", summary="Keep a text")
    async def keep(caller: CallerHere, archive_id: ArchiveIdHere, body: NewPassage) -> Response:
        agent_id = agent_id_of(archive_id)
        passage = await backend.door(caller, agent_id).archive.add(body.draft())
        return answer(passage_view(passage, agent_id))

    @routes.post("/archives/{archive_id}/passages/batch", summary="Keep several texts")
    async def keep_all(
        caller: CallerHere, archive_id: ArchiveIdHere, body: NewPassages
    ) -> Response:
        agent_id = agent_id_of(archive_id)
        drafts = [each.draft() for each in body.passages]
        passages = await backend.door(caller, agent_id).archive.add_all(drafts)
        return answer([passage_view(each, agent_id) for each in passages])

    @routes.delete("/archives/{archive_id}/passages/{passage_id}", summary="Delete a text")
    async def delete(
        caller: CallerHere, archive_id: ArchiveIdHere, passage_id: PassageIdHere
    ) -> Response:
        await removed(backend.door(caller, agent_id_of(archive_id)), passage_id)
        return answer(None)


def _of_one_agent(caller: Caller, agent_id: str | None, archive_id: str | None) -> AgentId:
    """The agent whose archive is meant.

    Raises:
        Invalid: none is named, or not by an id.
    """
    named = agent_id
    if named is None and archive_id is not None:
        named = agent_id_of(archive_id)
    if named is None and caller.agent is not None:
        named = caller.agent
    if named is None or AGENT_ID.fullmatch(named) is None:
        msg = "Each agent has an archive of its own: name the agent, by `agent_id`."
        raise Invalid(msg)
    return AgentId(named)


def _add_what_is_not_offered(routes: APIRouter) -> None:
    """Making, changing and sharing archives."""

    @routes.post("/archives", summary="Archives can't be made")
    @routes.patch("/archives/{archive_id}", summary="Archives can't be changed")
    @routes.delete("/archives/{archive_id}", summary="Archives can't be deleted")
    @routes.patch("/agents/{agent_id}/archives/attach/{archive_id}", summary="Nor attached")
    @routes.patch("/agents/{agent_id}/archives/detach/{archive_id}", summary="Nor detached")
    async def refused(_caller: CallerHere) -> Response:
        msg = "not offered by this server: each agent has one archive of its own, and keeps it."
        raise NotOffered(msg)
