"""What the command line may have done with the tokens of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentcore.clock import Micros, as_datetime
from agentcore.records import AgentId
from agentcore.store import Store
from agentcore.store.tokens import ApiToken

Arguments = Mapping[str, Any]


async def token_create(store: Store, arguments: Arguments) -> Mapping[str, Any]:
    """A new token; nobody can be shown its text again."""
    agent = arguments.get("agent_id")
    agent_id = None if agent is None else AgentId(str(agent))
    made = await store.tokens.create(str(arguments["name"]), agent_id)
    return {**_told(made.token), "token": made.text}


async def token_list(store: Store, arguments: Arguments) -> Sequence[Mapping[str, Any]]:
    found = await store.tokens.list(limit=int(arguments.get("limit", 100)))
    return [_told(token) for token in found]


async def token_revoke(store: Store, arguments: Arguments) -> Mapping[str, Any]:
    return _told(await store.tokens.revoke(str(arguments["id"])))


def _told(token: ApiToken) -> Mapping[str, Any]:
    return {
        "id": token.token_id,
        "name": token.name,
        "agent_id": token.agent_id,
        "created_at": _time(token.created_at),
        "last_used_at": _time(token.last_used_at),
        "revoked_at": _time(token.revoked_at),
    }


def _time(at: Micros | None) -> str | None:
    return None if at is None else as_datetime(at).isoformat(timespec="seconds")
