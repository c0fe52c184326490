"""What clients of the API may ask for and this server doesn't do: said, rather than not found.

Must come after all other resources: these paths take whatever is left of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from adapters.web.rest.http.refusals import NotOffered
from adapters.web.rest.http.unbuilt import BATCHES
from adapters.web.rest.seams.backend import Backend

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_FOLDERS = "files in folders; a text document sent in a chat is read there"
_HOSTED = "environments that the vendor hosts"
_GROUPS = "groups of agents that talk with each other"
_TOKENS = "tokens made by a client; `familiar token create --agent ID` makes one for an agent"
_SCHEDULES = "schedules; an agent sets its own reminders when it is told to"
_MCP = "MCP servers managed over the API"
_PROVIDERS = "providers set over the API; their keys are settings of this server"

BRANCHES: Mapping[str, str] = {
    "agents/{agent_id}/files": _FOLDERS,
    "agents/{agent_id}/folders": _FOLDERS,
    "agents/{agent_id}/groups": _GROUPS,
    "agents/{agent_id}/migrate": _HOSTED,
    "agents/{agent_id}/schedule": _SCHEDULES,
    "agents/{agent_id}/sources": _FOLDERS,
    "client-side-access-tokens": _TOKENS,
    "environments": _HOSTED,
    "folders": _FOLDERS,
    "groups": _GROUPS,
    "jobs": BATCHES,
    "mcp-servers": _MCP,
    "messages/batches": BATCHES,
    "projects": _HOSTED,
    "providers": _PROVIDERS,
    "sandbox-config": "sandboxes set over the API",
    "sources": _FOLDERS,
    "telemetry": "telemetry of the vendor",
    "tools/composio": "tools that the vendor hosts",
    "tools/mcp": _MCP,
    "voice-beta": "voice",
}
"""What the paths that begin so are for."""

_CONVERSATIONS = (
    "conversations changed, copied or deleted over the API. They are kept as long as their agent is; "
    "begin a new one instead"
)
_SUMMARIES = "summaries on demand; an agent makes them itself when its window is full"
_TEMPLATING = "templates made of agents; they are files in FAMILIAR_TEMPLATES_DIR"
_VERSIONS = "earlier versions of templates; they are files in FAMILIAR_TEMPLATES_DIR"
_TRACES = "traces; the log has one for each run"

LEAVES: Mapping[str, str] = {
    "PATCH /agents/{agent_id}/messages/{message_id}": "messages changed once they were said",
    "POST /agents/{agent_id}/messages/preview-raw-payload": (
        "prompts as they are sent; `/agents/{agent_id}/context` shows what they are made of"
    ),
    "POST /agents/{agent_id}/summarize": _SUMMARIES,
    "PATCH /conversations/{conversation_id}": _CONVERSATIONS,
    "DELETE /conversations/{conversation_id}": _CONVERSATIONS,
    "POST /conversations/{conversation_id}/cancel": (
        "what runs in one conversation called off; `/agents/{agent_id}/messages/cancel` calls off runs"
    ),
    "POST /conversations/{conversation_id}/compact": _SUMMARIES,
    "POST /conversations/{conversation_id}/fork": _CONVERSATIONS,
    "POST /conversations/{conversation_id}/recompile": _CONVERSATIONS,
    "POST /conversations/{conversation_id}/stream": "streams of a conversation; a run has one",
    "DELETE /runs/{run_id}": "runs deleted one by one; they go with their agent",
    "GET /runs/{run_id}/trace": _TRACES,
    "GET /steps/{step_id}/trace": _TRACES,
    "PATCH /steps/{step_id}/feedback": "feedback on steps",
    "POST /agents/search": "agents found by their text; `GET /agents?query_text=` finds them by name",
    "POST /agents/messages/search": "that search; it is at `/messages/search`",
    "GET /agents/{agent_id}/core-memory/variables": (
        "variables of an agent; its template's are filled in when it is made"
    ),
    "POST /agents/{agent_id}/template": _TEMPLATING,
    "POST /agents/{agent_id}/version-template": _TEMPLATING,
    "GET /identities/{identity_id}/agents": (
        "that list; `GET /agents?identity_id=` has the agents of an identity"
    ),
    "GET /identities/{identity_id}/blocks": "blocks of identities; attach them to their agents",
    "GET /templates/{project}/{name}/versions": _VERSIONS,
    "GET /templates/{project}/{name}/snapshot": _VERSIONS,
}
"""What single paths are for, by `METHOD path`."""


def router(_backend: Backend) -> APIRouter:
    routes = APIRouter(prefix="/v1", include_in_schema=False)
    for path, what in BRANCHES.items():
        for each in (f"/{path}", f"/{path}/{{rest:path}}"):
            routes.add_api_route(each, _refusal(what), methods=METHODS)
    for line, what in LEAVES.items():
        method, _, path = line.partition(" ")
        routes.add_api_route(path, _refusal(what), methods=[method])
    return routes


def _refusal(what: str) -> Callable[[], Coroutine[Any, Any, Response]]:
    async def refuse() -> Response:
        raise NotOffered(f"not offered by this server: {what}")

    return refuse
