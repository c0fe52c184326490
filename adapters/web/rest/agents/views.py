"""Agents as the API shows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.web.rest.agents.making import KEPT
from adapters.web.rest.http.answers import moment
from adapters.web.rest.memory.block_views import block_view
from adapters.web.rest.seams.offers import OFFLINE, ApiOffers
from adapters.web.rest.tools.views import agent_tool_views
from adapters.web.rest.turns.message_views import instructions_id
from agentcore.records import Agent, AgentView
from agentcore.store.custom_tools import CustomTool

View = Mapping[str, Any]

AGENT_TYPE = "letta_v1_agent"
WINDOW = 16_000
"""Tokens that are sent at most where nothing else was agreed."""


@dataclass(frozen=True, slots=True)
class Besides:
    """What stands beside an agent in its view: the tools made over the API that it may have, and
    the identities that it answers (None: nobody asked for them). `secrets`: with their values.
    """

    tools: Sequence[CustomTool] = ()
    identities: Sequence[View] | None = None
    secrets: bool = False


def agent_view(view: AgentView, offers: ApiOffers, besides: Besides = Besides()) -> View:
    """The API's AgentState."""
    agent = view.agent
    blocks = [block_view(block) for block in view.blocks]
    kind = agent.extras.get("agent_type", AGENT_TYPE)
    shown = {name: agent.extras[name] for name in KEPT if name in agent.extras}
    state = {
        **_EMPTY,
        **shown,
        "id": agent.agent_id,
        "name": agent.name,
        "agent_type": kind,
        "description": agent.description,
        "metadata": agent.metadata,
        "system": agent.system,
        **_model(agent, offers),
        "blocks": blocks,
        "memory": {
            "blocks": blocks,
            "file_blocks": [],
            "agent_type": kind,
            "git_enabled": False,
            "prompt_template": "",
        },
        "tools": agent_tool_views(agent.tools, offers.tools, besides.tools),
        "tags": list(view.tags),
        "identity_ids": list(view.identities),
        "timezone": agent.time_zone or offers.zone,
        "hidden": agent.hidden,
        "created_at": moment(agent.created_at),
        "updated_at": moment(agent.updated_at),
    }
    if view.last is not None:
        state["last_run_completion"] = moment(view.last.finished_at)
        state["last_run_duration_ms"] = (view.last.finished_at - view.last.claimed_at) // 1_000
        state["last_stop_reason"] = view.last.reason
    if agent.template:
        state["template"] = agent.template
    if view.messages is not None:
        state["message_ids"] = [instructions_id(agent.agent_id), *view.messages]
    if besides.identities is not None:
        state["identities"] = besides.identities
    if besides.secrets:
        state["secrets"] = _secrets(agent)
        state["tool_exec_environment_variables"] = state["secrets"]
    return state


def _model(agent: Agent, offers: ApiOffers) -> View:
    """The agent's model, and who answers in its place where that can't be used here."""
    handle = agent.model or offers.model
    answering = handle if handle in offers.models else offers.model
    provider, slash, name = handle.partition("/")
    config = {
        **agent.extras.get("llm_config", {}),
        "model": name if slash else handle,
        "model_endpoint_type": provider if slash else OFFLINE,
        "provider_name": provider if slash else OFFLINE,
        "provider_category": "base",
        "handle": handle,
        "context_window": agent.context_window or offers.window or WINDOW,
    }
    return {
        "model": handle,
        "llm_config": {"model_endpoint": None, **config},
        "answered_by": answering,
        "context_window_limit": agent.context_window,
    }


def _secrets(agent: Agent) -> Sequence[View]:
    secrets: Mapping[str, str] = agent.extras.get("secrets", {})
    return [
        {"key": name, "value": value, "agent_id": agent.agent_id} for name, value in secrets.items()
    ]


def includes(wanted: Collection[str], what: str) -> bool:
    """Whether a client asks for this part of an agent."""
    return f"agent.{what}" in wanted


_EMPTY: View = {
    "sources": [],
    "tool_rules": [],
    "embedding": None,
    "embedding_config": None,
    "model_settings": None,
    "compaction_settings": None,
    "response_format": None,
    "message_buffer_autoclear": False,
    "enable_sleeptime": False,
    "message_ids": None,
    "max_files_open": None,
    "per_file_view_window_char_limit": None,
    "secrets": [],
    "tool_exec_environment_variables": [],
    "multi_agent_group": None,
    "managed_group": None,
    "pending_approval": None,
    "last_run_completion": None,
    "last_run_duration_ms": None,
    "last_stop_reason": None,
    "created_by_id": None,
    "last_updated_by_id": None,
    "project_id": None,
    "template_id": None,
    "base_template_id": None,
    "deployment_id": None,
    "entity_id": None,
}
