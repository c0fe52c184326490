"""Passages and archives as the API shows them: an agent's archive is one, with the agent's own UUID."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.web.rest.http.answers import moment, second
from agentcore.records import Agent, AgentId, Passage, PassageHit

_ARCHIVE, _AGENT = "archive-", "agent-"


def archive_id_of(agent_id: AgentId) -> str:
    """The id of an agent's archive."""
    return _ARCHIVE + agent_id.removeprefix(_AGENT)


def agent_id_of(archive_id: str) -> AgentId:
    """Whose archive it is."""
    return AgentId(_AGENT + archive_id.removeprefix(_ARCHIVE))


def passage_view(passage: Passage, holder: AgentId) -> dict[str, Any]:
    """A passage in the archive of `holder`. Vectors stay inside."""
    return {
        "id": passage.passage_id,
        "text": passage.text,
        "tags": list(passage.tags),
        "created_at": moment(passage.created_at),
        "updated_at": None,
        "archive_id": archive_id_of(holder),
        "embedding": None,
        "embedding_config": None,
        "file_id": None,
        "file_name": None,
        "source_id": None,
        "metadata": {},
        "is_deleted": False,
        "created_by_id": None,
        "last_updated_by_id": None,
    }


def found_view(hits: Sequence[PassageHit]) -> dict[str, Any]:
    """What a search in one agent's archive has found, as its own tool tells it."""
    results = [
        {
            "id": hit.passage.passage_id,
            "content": hit.passage.text,
            "timestamp": second(hit.passage.created_at),
            "tags": list(hit.passage.tags),
        }
        for hit in hits
    ]
    return {"count": len(results), "results": results}


def hit_view(hit: PassageHit, holder: AgentId) -> dict[str, Any]:
    """A found passage with how well it fits."""
    return {"passage": passage_view(hit.passage, holder), "score": hit.score, "metadata": {}}


def archive_view(agent: Agent) -> dict[str, Any]:
    """An agent's archive."""
    return {
        "id": archive_id_of(agent.agent_id),
        "name": agent.name,
        "description": None,
        "created_at": moment(agent.created_at),
        "updated_at": None,
        "vector_db_provider": "native",
        "embedding_config": None,
        "metadata": {"agent_id": agent.agent_id},
        "created_by_id": None,
        "last_updated_by_id": None,
    }
