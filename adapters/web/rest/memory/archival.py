"""What an agent keeps in its archive: `/v1/agents/{id}/archival-memory`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.ids import AgentIdHere, PassageIdHere
from adapters.web.rest.http.paging import MOST
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.memory.passage_views import found_view, passage_view
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import CallerHere
from agentcore.clock import SECOND, Micros
from agentcore.errors import NotFound
from agentcore.records import (
    AgentId,
    Origin,
    Passage,
    PassageDraft,
    PassageId,
    PassagePage,
    PassageQuery,
    storable,
)
from agentcore.store import AgentStore

LONGEST = 100_000
"""Characters of one passage."""
MOST_TAGS = 50
LONGEST_TAG = 100
LONGEST_QUERY = 10_000
FOUND = 5
"""Passages that a search finds, if it doesn't say how many."""

_Tag = Annotated[str, Field(max_length=LONGEST_TAG)]
_Moment = Annotated[datetime | None, Query()]
TagsHere = Annotated[list[_Tag] | None, Query(max_length=MOST_TAGS)]


class NewPassage(BaseModel):
    """A text to keep."""

    text: str = Field(min_length=1, max_length=LONGEST)
    tags: list[_Tag] | None = Field(None, max_length=MOST_TAGS)
    created_at: datetime | None = Field(None, description="When it came to be; now, if left out.")

    def draft(self) -> PassageDraft:
        """As the archive takes it: an operator's words."""
        tags = dict.fromkeys(storable(tag) for tag in self.tags or ())
        at = micros(self.created_at)
        return PassageDraft(storable(self.text), tuple(tags), Origin.OPERATOR, at)


def micros(at: datetime | None) -> Micros | None:
    """A moment that a request names; without a zone it is UTC."""
    if at is None:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return Micros(round(aware.timestamp() * SECOND))


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/agents/{agent_id}/archival-memory", tags=["archival memory"])
    _add_reading(routes, backend)
    _add_writing(routes, backend)
    return routes


def _add_writing(routes: APIRouter, backend: Backend) -> None:

    @routes.post("", summary="Keep a text")
    async def create(caller: CallerHere, agent_id: AgentIdHere, body: NewPassage) -> Response:
        passage = await backend.door(caller, agent_id).archive.add(body.draft())
        return answer([passage_view(passage, AgentId(agent_id))])

    @routes.delete("/{passage_id}", summary="Delete a text")
    async def delete(
        caller: CallerHere, agent_id: AgentIdHere, passage_id: PassageIdHere
    ) -> Response:
        await removed(backend.door(caller, agent_id), passage_id)
        return answer({"message": f"Memory id={passage_id} successfully deleted"})

    @routes.patch("/{passage_id}", summary="Texts can't be changed")
    async def change(
        caller: CallerHere, agent_id: AgentIdHere, passage_id: PassageIdHere
    ) -> Response:
        caller.require_agent(agent_id)
        msg = f"{passage_id} can't be changed: delete it, and keep the new text."
        raise NotOffered(msg)


def _add_reading(routes: APIRouter, backend: Backend) -> None:
    @routes.get("", summary="List what is kept, or what is found")
    async def listed(  # noqa: PLR0913 (each is a parameter of the query)
        caller: CallerHere,
        agent_id: AgentIdHere,
        search: Annotated[str | None, Query(max_length=LONGEST_QUERY)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
        before: str | None = None,
        after: str | None = None,
        *,
        ascending: bool = True,
    ) -> Response:
        door = backend.door(caller, agent_id)
        await door.agent()
        page = PassagePage(
            limit,
            None if after is None else PassageId(after),
            None if before is None else PassageId(before),
            oldest_first=ascending,
        )
        passages = (
            await _found(door, search, page)
            if search is not None and search.strip()
            else await door.archive.passages(page)
        )
        return answer([passage_view(each, AgentId(agent_id)) for each in passages])

    @routes.get("/search", summary="Find texts by words, tags and times")
    async def search(  # noqa: PLR0913 (each is a parameter of the query)
        caller: CallerHere,
        agent_id: AgentIdHere,
        query: Annotated[str, Query(max_length=LONGEST_QUERY)],
        top_k: Annotated[int | None, Query(ge=1, le=MOST)] = None,
        tags: TagsHere = None,
        tag_match_mode: Literal["any", "all"] = "any",
        start_datetime: _Moment = None,
        end_datetime: _Moment = None,
    ) -> Response:
        door = backend.door(caller, agent_id)
        await door.agent()
        wanted = PassageQuery(
            storable(query),
            frozenset(tags or ()),
            tag_match_mode,
            top_k or FOUND,
            micros(start_datetime),
            micros(end_datetime),
        )
        return answer(found_view(await door.archive.search(wanted)))


async def removed(door: AgentStore, passage_id: str) -> None:
    """Delete a passage.

    Raises:
        NotFound: there is none of that id in the agent's archive.
    """
    if not await door.archive.delete(PassageId(passage_id)):
        msg = f"There is no passage {passage_id} in this archive."
        raise NotFound(msg)


async def _found(door: AgentStore, words: str, page: PassagePage) -> list[Passage]:
    """The best first, cut where the page says."""
    hits = await door.archive.search(PassageQuery(storable(words), limit=_ALL))
    found = [hit.passage for hit in hits]
    places = {each.passage_id: place for place, each in enumerate(found)}
    start, end = 0, len(found)
    if page.after is not None:
        start = places.get(page.after, end) + 1
    if page.before is not None:
        end = places.get(page.before, 0)
        start = max(start, end - page.limit) if page.after is None else start
    return found[start:end][: page.limit]


_ALL = 1_000_000
"""More than an archive holds."""
