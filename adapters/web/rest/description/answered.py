"""Which operation answers what: for the description of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from adapters.web.rest.description import shapes as s
from adapters.web.rest.description import turn_shapes as t

_AGENT, _ARCHIVE, _BLOCK, _IDENTITY = (
    f"/v1/{each}s/{{{each}_id}}" for each in ("agent", "archive", "block", "identity")
)
_CHAT, _RUN, _STEP, _TOOL = (
    "/v1/conversations/{conversation_id}",
    "/v1/runs/{run_id}",
    "/v1/steps/{step_id}",
    "/v1/tools/{tool_id}",
)
_CORE = f"{_AGENT}/core-memory"

SHAPES: Mapping[str, Any] = {
    "GET /v1/health": s.Health,
    "GET /v1/ready": s.Health,
    "GET /v1/models": list[s.Model],
    "GET /v1/models/embedding": list[s.EmbeddingModel],
    "POST /v1/agents": s.AgentState,
    "GET /v1/agents": list[s.AgentState],
    "GET /v1/agents/count": int,
    f"GET {_AGENT}": s.AgentState,
    f"PATCH {_AGENT}": s.AgentState,
    f"DELETE {_AGENT}": s.Done,
    "GET /v1/tags": list[str],
    f"GET {_CORE}": s.Memory,
    f"GET {_CORE}/blocks": list[s.Block],
    f"GET {_CORE}/blocks/{{block_label}}": s.Block,
    f"PATCH {_CORE}/blocks/{{block_label}}": s.Block,
    f"PATCH {_CORE}/blocks/attach/{{block_id}}": s.AgentState,
    f"PATCH {_CORE}/blocks/detach/{{block_id}}": s.AgentState,
    "POST /v1/blocks": s.Block,
    "GET /v1/blocks": list[s.Block],
    "GET /v1/blocks/count": int,
    f"GET {_BLOCK}": s.Block,
    f"PATCH {_BLOCK}": s.Block,
    f"DELETE {_BLOCK}": None,
    f"GET {_BLOCK}/agents": list[s.AgentState],
    f"GET {_AGENT}/tools": list[s.Tool],
    f"PATCH {_AGENT}/tools/attach/{{tool_id}}": s.AgentState | None,
    f"PATCH {_AGENT}/tools/detach/{{tool_id}}": s.AgentState | None,
    f"PATCH {_AGENT}/tools/approval/{{tool_name}}": s.AgentState | None,
    f"POST {_AGENT}/tools/{{tool_name}}/run": s.ToolRun,
    "GET /v1/tools": list[s.Tool],
    "GET /v1/tools/count": int,
    "POST /v1/tools": s.Tool,
    "PUT /v1/tools": s.Tool,
    "POST /v1/tools/search": list[s.ToolHit],
    "POST /v1/tools/add-base-tools": list[s.Tool],
    "POST /v1/tools/run": s.ToolReturn,
    f"GET {_TOOL}": s.Tool,
    f"PATCH {_TOOL}": s.Tool,
    f"DELETE {_TOOL}": None,
    "POST /v1/chat/completions": t.Completion,
    "GET /openai/v1/models": s.OpenAiModels,
    f"GET {_AGENT}/webhooks": list[s.Webhook],
    f"POST {_AGENT}/webhooks": s.WebhookMade,
    f"PATCH {_AGENT}/webhooks/{{webhook_id}}": s.Webhook,
    f"DELETE {_AGENT}/webhooks/{{webhook_id}}": None,
    f"GET {_AGENT}/callback-secret": s.Secret,
    f"GET {_AGENT}/export": s.AgentFile,
    "POST /v1/agents/import": s.AgentsMade,
    f"GET {_AGENT}/context": s.Context,
    f"POST {_AGENT}/recompile": str,
    f"PATCH {_AGENT}/reset-messages": s.AgentState | None,
    f"POST {_AGENT}/messages": t.Answer,
    f"POST {_AGENT}/messages/stream": t.Answer,
    f"POST {_AGENT}/messages/async": t.Run,
    f"POST {_AGENT}/messages/cancel": dict[str, str],
    f"GET {_AGENT}/messages": list[t.Message],
    "GET /v1/messages": list[t.Message],
    "GET /v1/messages/{message_id}": list[t.Message],
    "POST /v1/messages/search": list[t.MessageHit],
    "GET /v1/runs": list[t.Run],
    f"GET {_RUN}": t.Run,
    f"POST {_RUN}/stream": t.Answer,
    f"GET {_RUN}/messages": list[t.Message],
    f"GET {_RUN}/usage": t.RunUsage,
    f"GET {_RUN}/steps": list[t.Step],
    "GET /v1/steps": list[t.Step],
    f"GET {_STEP}": t.Step,
    f"GET {_STEP}/metrics": t.StepMetrics,
    f"GET {_STEP}/messages": list[t.Message],
    "GET /v1/conversations": list[t.Conversation],
    "POST /v1/conversations": t.Conversation,
    f"GET {_CHAT}": t.Conversation,
    f"GET {_CHAT}/messages": list[t.Message],
    f"POST {_CHAT}/messages": t.Answer,
    f"GET {_AGENT}/archival-memory": list[s.Passage],
    f"POST {_AGENT}/archival-memory": list[s.Passage],
    f"GET {_AGENT}/archival-memory/search": s.Found,
    f"DELETE {_AGENT}/archival-memory/{{passage_id}}": s.Done,
    "POST /v1/passages/search": list[s.Hit],
    "GET /v1/archives": list[s.Archive],
    f"GET {_ARCHIVE}": s.Archive,
    f"POST {_ARCHIVE}/passages": s.Passage,
    f"POST {_ARCHIVE}/passages/batch": list[s.Passage],
    f"DELETE {_ARCHIVE}/passages/{{passage_id}}": None,
    "GET /v1/identities": list[s.Identity],
    "POST /v1/identities": s.Identity,
    "PUT /v1/identities": s.Identity,
    "GET /v1/identities/count": int,
    "GET /v1/identities/{identity_id}": s.Identity,
    "PATCH /v1/identities/{identity_id}": s.Identity,
    "PUT /v1/identities/{identity_id}/properties": s.Identity,
    "DELETE /v1/identities/{identity_id}": None,
    f"PATCH {_AGENT}/identities/attach/{{identity_id}}": None,
    f"PATCH {_AGENT}/identities/detach/{{identity_id}}": None,
    "GET /v1/templates": s.Templates,
    "GET /v1/templates/{template_version}": s.Template,
    "POST /v1/templates/{template_version}/agents": s.AgentsMade,
    "POST /v1/templates/{project}/{template_version}/agents": s.AgentsMade,
}

STREAMS = frozenset(
    {
        f"POST {_AGENT}/messages",
        f"POST {_AGENT}/messages/stream",
        f"POST {_RUN}/stream",
        f"POST {_CHAT}/messages",
        "POST /v1/chat/completions",
    }
)
"""Those that answer with server-sent events, always or when that is asked for."""

FEEDS = frozenset({f"GET {_AGENT}/events"})
"""Those that answer with server-sent events, without an end."""

REFUSED = frozenset(
    {
        "POST /v1/archives",
        f"PATCH {_ARCHIVE}",
        f"DELETE {_ARCHIVE}",
        f"PATCH {_AGENT}/archives/attach/{{archive_id}}",
        f"PATCH {_AGENT}/archives/detach/{{archive_id}}",
        f"PATCH {_AGENT}/archival-memory/{{passage_id}}",
    }
)
"""Those that only say why not, with the status 501."""

_PLACE = "#/components/schemas/{model}"
_NAMES, _DEFINITIONS = GenerateJsonSchema(ref_template=_PLACE).generate_definitions(
    [
        (name, "serialization", TypeAdapter(shape).core_schema)
        for name, shape in (*SHAPES.items(), ("", s.Error | s.Failure))
    ]
)

ANSWERS: Mapping[str, Mapping[str, Any]] = {
    name: schema for (name, _mode), schema in _NAMES.items() if name
}
"""The schema of what an operation answers, by `METHOD path`."""


def schemas() -> Mapping[str, Any]:
    """The schemas that those are made of."""
    return {str(name): schema for name, schema in _DEFINITIONS.items()}
