"""Writing an agent file: plain fields for every reader, and under `familiar` what they don't tell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from agentcore.agentfile.form import MessageForm
from agentcore.agentfile.messages import Plain, read_plain, write_plain
from agentcore.clock import Micros, as_datetime
from agentcore.model import ToolSchema
from agentcore.records import MessageMeta, Part, ToolCallPart
from agentcore.records.content import (
    Content,
    PlainAgent,
    PlainBlock,
    PlainMessage,
    PlainRevision,
    PlainTool,
)

_PARTS: TypeAdapter[tuple[Part, ...]] = TypeAdapter(tuple[Part, ...])
_META: TypeAdapter[MessageMeta] = TypeAdapter(MessageMeta)
VERSION = 1
AGENT_TYPE = "letta_v1_agent"
WINDOW = 32_000
HEAD = "message-0"


def write_agent_file(
    content: Content, *, built_in: Mapping[str, ToolSchema], model: str, now: Micros
) -> bytes:
    """A file with these agents. Secrets are in none. `model`: the service's own, for agents that
    name none; `built_in`: the tools that the service brings.
    """
    names = dict.fromkeys(name for agent in content.agents for name in agent.tools)
    own = {tool.name: tool for tool in content.tools}
    offered = [name for name in names if name in own or name in built_in]
    tools = {name: f"tool-{number}" for number, name in enumerate(offered)}
    file = {
        "agents": [
            _agent(f"agent-{number}", each, content, tools, model)
            for number, each in enumerate(content.agents)
        ],
        "groups": [],
        "blocks": [_block(each) for each in content.blocks],
        "files": [],
        "sources": [],
        "tools": [
            _own_tool(tool_id, own[name])
            if name in own
            else _built_in_tool(tool_id, built_in[name])
            for name, tool_id in tools.items()
        ],
        "mcp_servers": [],
        "metadata": {},
        "created_at": _time(now),
        "familiar": {"version": VERSION},
    }
    return json.dumps(file, ensure_ascii=False, indent=1).encode()


def _agent(
    name: str, agent: PlainAgent, content: Content, tools: Mapping[str, str], model: str
) -> dict[str, Any]:
    first = agent.threads[0].first if agent.threads else None
    names = [each.name for each in agent.messages]
    place = names.index(first) if first is not None else len(names)
    in_view = [each.name for each in agent.messages[place:] if each.thread == 0]
    handle = agent.model or model
    calls: dict[str, str] = {}
    return {
        "id": name,
        "name": agent.name,
        "system": agent.system,
        "agent_type": AGENT_TYPE,
        "description": agent.description,
        "metadata": dict(agent.metadata),
        "tags": list(agent.tags),
        "timezone": agent.time_zone,
        "hidden": agent.hidden,
        "memory_blocks": [],
        "tools": [],
        "tool_rules": [],
        "tool_ids": [tools[each] for each in agent.tools if each in tools],
        "block_ids": list(agent.blocks),
        "source_ids": [],
        "include_base_tools": False,
        "llm_config": _model(handle, agent.context_window),
        "embedding_config": None,
        "context_window_limit": agent.context_window,
        "tool_exec_environment_variables": {},
        "in_context_message_ids": [HEAD, *in_view],
        "messages": [
            _head(agent, content, name),
            *(_message(each, name, calls) for each in agent.messages),
        ],
        "files_agents": [],
        "group_ids": [],
        "familiar": _ours(agent),
    }


def _ours(agent: PlainAgent) -> dict[str, Any]:
    return {
        "created_at": agent.created_at,
        "template": agent.template,
        "owner_kind": agent.owner_kind,
        "model": agent.model,
        "context_window": agent.context_window,
        "limits": dict(agent.limits),
        "extras": dict(agent.extras),
        "tools": list(agent.tools),
        "threads": [
            {
                "created_at": each.created_at,
                "audience": each.audience,
                "first": each.first,
                "summary": each.summary,
                "summary_origin": each.summary_origin,
            }
            for each in agent.threads
        ],
        "passages": [
            {
                "text": each.text,
                "tags": list(each.tags),
                "origin": each.origin,
                "created_at": each.created_at,
                "message": each.message,
            }
            for each in agent.passages
        ],
    }


def _model(handle: str, window: int | None) -> dict[str, Any]:
    provider, _, model = handle.rpartition("/")
    return {
        "handle": handle,
        "model": model,
        "model_endpoint_type": provider.partition("/")[0] or "openai",
        "model_endpoint": None,
        "context_window": window or WINDOW,
    }


def _head(agent: PlainAgent, content: Content, holder: str) -> dict[str, Any]:
    """The prompt's head as other readers want one: they take the first message for it."""
    blocks = {block.name: block for block in content.blocks}
    shown = (
        f"<{block.label}>\n{block.value}\n</{block.label}>"
        for block in (blocks[name] for name in agent.blocks)
    )
    text = "\n\n".join([agent.system, "<memory_blocks>", *shown, "</memory_blocks>"])
    return {
        "id": HEAD,
        "type": "message",
        "role": "system",
        "content": [{"type": "text", "text": text}],
        "agent_id": holder,
        "created_at": _time(agent.created_at),
        "familiar": {"head": True},
    }


def _message(message: PlainMessage, holder: str, calls: dict[str, str]) -> dict[str, Any]:
    """`calls`: the tool of each call so far; those of this message are added."""
    plain = write_plain(message.role, message.parts)
    ours: dict[str, Any] = {"thread": message.thread}
    read = read_plain(MessageForm(id="", **plain), calls)
    calls |= {
        part.call.call_id: part.call.name
        for part in message.parts
        if isinstance(part, ToolCallPart)
    }
    if read is None or read.role is not message.role:
        ours["role"] = message.role
    if read is None or read != Plain(read.role, message.parts):
        ours["parts"] = _PARTS.dump_python(message.parts, mode="json")
    if message.meta is not None:
        ours["meta"] = _META.dump_python(message.meta, mode="json", exclude_defaults=True)
    return {
        "id": message.name,
        **plain,
        "otid": message.otid,
        "agent_id": holder,
        "created_at": _time(message.created_at),
        "familiar": ours,
    }


def _block(block: PlainBlock) -> dict[str, Any]:
    return {
        "id": block.name,
        "label": block.label,
        "value": block.value,
        "limit": block.limit,
        "description": block.description,
        "read_only": block.read_only,
        "metadata": dict(block.metadata),
        "is_template": False,
        "familiar": {
            "shared": block.shared,
            "tags": list(block.tags),
            "extras": dict(block.extras),
            "revisions": _revisions(block.revisions),
        },
    }


def _revisions(revisions: Sequence[PlainRevision]) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = []
    last = ""
    for each in revisions:
        written.append(
            {
                "version": each.version,
                **({} if each.before == last else {"before": each.before}),
                "after": each.after,
                "actor": each.actor,
                "origin": each.origin,
                "created_at": each.created_at,
                "label": each.label,
                "limit": each.limit,
                "description": each.description,
                "read_only": each.read_only,
                "message": each.message,
                "undoes": each.undoes,
                "template": each.template,
                "tool_call_id": each.tool_call_id,
            }
        )
        last = each.after
    return written


def _own_tool(tool_id: str, tool: PlainTool) -> dict[str, Any]:
    return {
        "id": tool_id,
        "name": tool.name,
        "description": tool.description,
        "tool_type": "custom",
        "source_type": "python",
        "source_code": tool.source,
        "json_schema": {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
        },
        "tags": list(tool.tags),
        "return_char_limit": tool.return_limit,
        "default_requires_approval": tool.needs_approval,
        "metadata_": {},
        "familiar": {"extras": dict(tool.extras)},
    }


def _built_in_tool(tool_id: str, schema: ToolSchema) -> dict[str, Any]:
    return {
        "id": tool_id,
        "name": schema.name,
        "description": schema.description,
        "tool_type": "letta_core",
        "source_type": "python",
        "source_code": None,
        "json_schema": {
            "name": schema.name,
            "description": schema.description,
            "parameters": dict(schema.parameters),
        },
        "tags": [],
        "return_char_limit": 50_000,
        "metadata_": {},
    }


def _time(at: Micros) -> str:
    return as_datetime(at).isoformat()
