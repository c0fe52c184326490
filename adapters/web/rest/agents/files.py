"""Agents as files: `/v1/agents/{id}/export` and `/v1/agents/import`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, File, Form, Query, UploadFile
from starlette.responses import Response

from adapters.web.rest.http.answers import answer
from adapters.web.rest.http.ids import AgentIdHere
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import AdminHere, CallerHere
from agentcore.agentfile import (
    MAX_BYTES,
    Wishes,
    adapted,
    read_agent_file,
    without_messages,
    write_agent_file,
)
from agentcore.errors import NotFound
from agentcore.records import AgentId

_NO_SECRETS = frozenset({"", "null", "{}"})

_Text = Annotated[str | None, Form(max_length=1_000)]
_Secrets = Annotated[str | None, Form(max_length=1_000_000)]


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/agents", tags=["agents"])
    _add_export(routes, backend)
    _add_import(routes, backend)
    return routes


def _add_export(routes: APIRouter, backend: Backend) -> None:
    offers = backend.offers

    @routes.get("/{agent_id}/export", summary="An agent as a file")
    async def export(
        caller: CallerHere,
        agent_id: AgentIdHere,
        *,
        scrub_messages: Annotated[bool, Query(description="Without what was said.")] = False,
        use_legacy_format: bool = False,
        conversation_id: str | None = None,
    ) -> Response:
        caller.require_agent(agent_id)
        if use_legacy_format:
            raise NotOffered("not offered by this server: files of the older format.")
        if conversation_id is not None:
            raise NotOffered("not offered by this server: files of one conversation.")
        content = await backend.store.content.read([AgentId(agent_id)], caller.actor)
        if scrub_messages:
            content = without_messages(content)
        data = await anyio.to_thread.run_sync(
            partial(
                write_agent_file,
                content,
                built_in={tool.name: tool for tool in offers.tools},
                model=offers.model,
                now=backend.clock.now(),
            )
        )
        name = f'attachment; filename="{agent_id}.af"'
        return Response(data, media_type="application/json", headers={"Content-Disposition": name})


def _add_import(routes: APIRouter, backend: Backend) -> None:
    offers = backend.offers

    @routes.post("/import", summary="Agents from a file")
    async def import_file(  # noqa: PLR0913 (each is a field of the form)
        _caller: AdminHere,
        file: Annotated[UploadFile, File(description="An agent file (`.af`).")],
        *,
        name: _Text = None,
        override_name: _Text = None,
        model: _Text = None,
        override_model_handle: _Text = None,
        append_copy_suffix: Annotated[bool, Form()] = False,
        override_existing_tools: Annotated[bool, Form()] = False,
        strip_messages: Annotated[bool, Form()] = False,
        secrets: _Secrets = None,
        env_vars_json: _Secrets = None,
    ) -> Response:
        if not {secrets or "", env_vars_json or ""} <= _NO_SECRETS:
            raise NotOffered("not offered by this server: secrets of tools.")
        wishes = Wishes(
            name=name or override_name,
            model=_allowed(backend, model or override_model_handle),
            as_copy=append_copy_suffix,
            without_messages=strip_messages,
        )
        data = await file.read(MAX_BYTES + 1)
        read = await anyio.to_thread.run_sync(
            partial(
                read_agent_file,
                data,
                built_in={tool.name for tool in offers.tools},
                now=backend.clock.now(),
            )
        )
        read = adapted(read, wishes, None if offers.offline_only else offers.models)
        taken_in = await backend.store.content.add(
            read.content, replace_tools=override_existing_tools
        )
        return answer(
            {
                "agent_ids": list(taken_in.agents),
                "left_out": [*read.left_out, *taken_in.remarks],
                "tools_to_switch_on": list(taken_in.new_tools),
            }
        )


def _allowed(backend: Backend, handle: str | None) -> str | None:
    if handle and not backend.offers.offline_only and handle not in backend.offers.models:
        msg = f"The model {handle} isn't offered here. `/v1/models` lists those that are."
        raise NotFound(msg)
    return handle or None
