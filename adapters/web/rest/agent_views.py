"""Agents as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.web.rest.answers import moment
from adapters.web.rest.block_views import block_view
from adapters.web.rest.offers import OFFLINE, ApiOffers
from adapters.web.rest.tool_views import agent_tool_views
from agentcore.custom_tools import CustomTool
from agentcore.records import AgentView

AGENT_TYPE = "letta_v1_agent"
WINDOW = 16_000


def agent_view(
    view: AgentView, offers: ApiOffers, custom: Sequence[CustomTool] = ()
) -> Mapping[str, Any]:
    """The API's AgentState."""
    agent = view.agent
    blocks = [block_view(block) for block in view.blocks]
    handle = agent.model or offers.model
    kind = agent.extras.get("agent_type", AGENT_TYPE)
    return {
        **agent.extras,
        "id": agent.agent_id,
        "name": agent.name,
        "agent_type": kind,
        "description": agent.description,
        "metadata": agent.metadata,
        "system": agent.system,
        "model": handle,
        "llm_config": _llm_config(handle, agent.context_window or offers.window or WINDOW),
        "blocks": blocks,
        "memory": {
            "blocks": blocks,
            "file_blocks": [],
            "agent_type": kind,
            "git_enabled": False,
            "prompt_template": "",
        },
        "tools": agent_tool_views(agent.tools, offers.tools, custom),
        "sources": [],
        "tags": list(view.tags),
        "identity_ids": list(view.identities),
        "timezone": agent.time_zone or offers.zone,
        "hidden": agent.hidden,
        "created_at": moment(agent.created_at),
        "updated_at": moment(agent.updated_at),
    }


def _llm_config(handle: str, window: int) -> Mapping[str, Any]:
    provider, slash, name = handle.partition("/")
    return {
        "model": name if slash else handle,
        "model_endpoint_type": provider if slash else OFFLINE,
        "model_endpoint": None,
        "provider_name": provider if slash else OFFLINE,
        "provider_category": "base",
        "handle": handle,
        "context_window": window,
    }
