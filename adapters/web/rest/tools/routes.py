"""The routes of tools. They are an administrator's: what a tool does, it does for every agent that
has it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from adapters.web.rest.http.answers import answer, second
from adapters.web.rest.http.ids import ToolIdHere
from adapters.web.rest.http.paging import Page, PageHere
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere
from adapters.web.rest.tools.bodies import NewTool, SourceCall, ToolChange, ToolQuery, ToolSearch
from adapters.web.rest.tools.drafts import changed_draft, new_draft
from adapters.web.rest.tools.known import KnownTool, KnownTools
from adapters.web.rest.tools.search import ToolFilter, found_tools
from adapters.web.rest.tools.views import custom_view
from agentcore.store.custom_tools import CustomTool
from agentcore.tools.code import Code, CodeRunner


def _filter(query: Annotated[ToolQuery, Query()]) -> ToolFilter:
    return ToolFilter(
        names=_several([*(query.names or ()), *([query.name] if query.name else ())]),
        ids=_several(query.tool_ids),
        types=_several(query.tool_types),
        not_types=_several(query.exclude_tool_types) or frozenset(),
        search=(query.search or "").lower(),
        built_in=not query.exclude_letta_tools,
        custom=not query.return_only_letta_tools,
    )


FilterHere = Annotated[ToolFilter, Depends(_filter)]


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/tools", tags=["tools"])
    _add_finding(routes, KnownTools(backend))
    _add_trying(routes, backend)
    _add_making(routes, backend)
    _add_single(routes, backend)
    return routes


def _add_finding(routes: APIRouter, known: KnownTools) -> None:
    @routes.get("")
    async def list_tools(_caller: AdminHere, wanted: FilterHere, page: PageHere) -> Response:
        found = [each for each in await known.all() if wanted.takes(each)]
        return answer([each.view for each in paged(found, page)])

    @routes.get("/count")
    async def count(_caller: AdminHere, wanted: FilterHere) -> Response:
        return answer(sum(wanted.takes(each) for each in await known.all()))

    @routes.post("/search")
    async def search(body: ToolSearch, _caller: AdminHere) -> Response:
        if body.search_mode not in {"hybrid", "fts"}:
            raise NotOffered("not offered by this server: searching tools by vectors; use `fts`")
        return answer(found_tools(await known.all(), body))

    @routes.post("/add-base-tools")
    async def add_base_tools(_caller: AdminHere) -> Response:
        """They are always there."""
        return answer([each.view for each in known.built_in])


def _add_trying(routes: APIRouter, backend: Backend) -> None:
    @routes.post("/run")
    async def run(body: SourceCall, _caller: AdminHere) -> Response:
        await require_runner(backend.code)
        draft = new_draft(body, body.name)
        environment = body.env_vars or {}
        code = Code(draft.source, draft.name, body.args, draft.return_limit, environment)
        result = await backend.code.run(code)
        return answer(
            {
                "id": f"message-{uuid.uuid4()}",
                "date": second(backend.clock.now()),
                "message_type": "tool_return_message",
                "name": draft.name,
                "tool_call_id": "",
                "tool_return": result.text,
                "status": result.status,
                "stdout": printed(result.stdout),
                "stderr": printed(result.stderr),
            }
        )


def _add_making(routes: APIRouter, backend: Backend) -> None:
    known, tools = KnownTools(backend), backend.store.custom_tools

    async def made(body: NewTool) -> CustomTool:
        """The tool of that name as it is wanted; the one that is there, if it is so already."""
        await require_runner(backend.code)
        draft = new_draft(body)
        known.require_free(draft.name)
        for there in await tools.named([draft.name]):
            return there if there.draft == draft else await tools.change(there.tool_id, draft)
        return await tools.add(draft)

    @routes.post("")
    async def create(body: NewTool, _caller: AdminHere) -> Response:
        return answer(custom_view(await made(body)))

    @routes.put("")
    async def upsert(body: NewTool, _caller: AdminHere) -> Response:
        return answer(custom_view(await made(body)))


def _add_single(routes: APIRouter, backend: Backend) -> None:
    known, tools = KnownTools(backend), backend.store.custom_tools

    @routes.get("/{tool_id}")
    async def retrieve(tool_id: ToolIdHere, _caller: AdminHere) -> Response:
        return answer((await known.get(tool_id)).view)

    @routes.patch("/{tool_id}")
    async def update(tool_id: ToolIdHere, body: ToolChange, _caller: AdminHere) -> Response:
        before = await known.custom(tool_id)
        if body.source_code is not None or body.enabled:
            await require_runner(backend.code)
        draft = changed_draft(before.draft, body)
        known.require_free(draft.name)
        if draft == before.draft:
            return answer(custom_view(before))
        return answer(custom_view(await tools.change(before.tool_id, draft)))

    @routes.delete("/{tool_id}")
    async def delete(tool_id: ToolIdHere, _caller: AdminHere) -> Response:
        await tools.delete((await known.custom(tool_id)).tool_id)
        return answer(None)


async def require_runner(code: CodeRunner) -> None:
    """Raises NotOffered: nothing that brings its own code can be run here."""
    if (why := await code.obstacle()) is not None:
        raise NotOffered(why)


def printed(text: str) -> list[str]:
    """As the API tells it: what was printed, if anything was."""
    return [text] if text else []


def paged(tools: Sequence[KnownTool], page: Page) -> Sequence[KnownTool]:
    """A page of tools that stand in ascending order."""
    ordered = list(tools) if page.ascending else list(reversed(tools))
    places = {str(each.view["id"]): place for place, each in enumerate(ordered)}
    start = places.get(page.after or "", -1) + 1
    end = places.get(page.before or "", len(ordered))
    if page.before is not None and page.after is None:
        start = max(0, end - page.limit)
    return ordered[start:end][: page.limit]


def _several(values: Sequence[str] | None) -> frozenset[str] | None:
    """Repeated, or with commas between; None where nothing is said."""
    if not values:
        return None
    return frozenset(part.strip() for value in values for part in value.split(",") if part.strip())
