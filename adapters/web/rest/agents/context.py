"""The routes of what an agent has in view: its next prompt, told part by part, and made anew."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from adapters.web.rest.agents.showing import AgentShowing
from adapters.web.rest.http.answers import answer, second
from adapters.web.rest.http.dialect import LegacyHere
from adapters.web.rest.http.ids import AgentIdHere
from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.seams.backend import Backend
from adapters.web.rest.seams.callers import CallerHere
from adapters.web.rest.seams.contexts import Overview
from adapters.web.rest.turns.message_views import View
from agentcore.records import AgentId, Message, Role

_ROLES = {Role.NOTE: "user", Role.SUMMARY: "user"}


class ResetBody(BaseModel):
    """How a window begins anew."""

    model_config = ConfigDict(frozen=True)

    add_default_initial_messages: bool = False


def overview_view(overview: Overview) -> View:
    """The API's ContextWindowOverview."""
    return {
        "context_window_size_max": overview.window,
        "context_window_size_current": overview.tokens,
        "num_messages": len(overview.messages),
        "num_archival_memory": overview.passages,
        "num_recall_memory": overview.stored,
        "num_tokens_external_memory_summary": 0,
        "external_memory_summary": "",
        "num_tokens_system": overview.system_tokens,
        "system_prompt": overview.system,
        "num_tokens_core_memory": overview.memory_tokens,
        "core_memory": overview.memory,
        "num_tokens_summary_memory": overview.summary_tokens,
        "summary_memory": overview.summary or None,
        "num_tokens_functions_definitions": overview.tools_tokens,
        "functions_definitions": None,
        "num_tokens_messages": overview.messages_tokens,
        "messages": [_message_view(each, overview) for each in overview.messages],
    }


def _message_view(message: Message, overview: Overview) -> View:
    return {
        "id": message.message_id,
        "agent_id": overview.agent.agent_id,
        "role": _ROLES.get(message.role, message.role.value),
        "content": [{"type": "text", "text": message.text}],
        "created_at": second(message.created_at),
    }


def router(backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1/agents/{agent_id}", tags=["context"])
    contexts, showing = backend.contexts, AgentShowing(backend)

    @routes.get("/context")
    async def context(agent_id: AgentIdHere, caller: CallerHere) -> Response:
        return answer(overview_view(await contexts.overview(backend.door(caller, agent_id))))

    @routes.post("/recompile")
    async def recompile(
        agent_id: AgentIdHere,
        caller: CallerHere,
        *,
        dry_run: Annotated[bool, Query()] = False,
    ) -> Response:
        """The prompt's head as it is from now on; with `dry_run`, as it would be."""
        door = backend.door(caller, agent_id)
        return answer(await contexts.recompiled(door, dry_run=dry_run))

    @routes.patch("/reset-messages")
    async def reset(
        agent_id: AgentIdHere, caller: CallerHere, legacy: LegacyHere, body: ResetBody | None = None
    ) -> Response:
        """An empty window. What was said stays in the history: `/messages` lists it, and the agent
        finds it. To have it forgotten, delete the agent, or have its person say `/forget`.
        """
        if body is not None and body.add_default_initial_messages:
            raise NotOffered("not offered by this server: `add_default_initial_messages`.")
        await contexts.reset(backend.door(caller, agent_id))
        shown: Any = None
        if legacy:
            view = await backend.store.agents.view(AgentId(agent_id), caller.actor, messages=True)
            shown = await showing.view(view)
        return answer(shown)

    return routes
