"""What the command line may ask of a service, the same whether it runs or not.

Each takes the store and plain arguments and gives back plain data. What an operator reads of a
person leaves an audit row, so these write, and go through a running service.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from agentcore.clock import Micros, as_datetime
from agentcore.errors import BadInput
from agentcore.records import (
    Actor,
    Agent,
    AgentId,
    ModelUse,
    PersonView,
    Span,
    TurnView,
    UserId,
)
from agentcore.store import Store
from bot.door.tokens import token_create, token_list, token_revoke

Arguments = Mapping[str, Any]
StoreCommand = Callable[[Store, Arguments], Awaitable[Any]]

USERNAME = "username"
"""Where an adapter keeps the name of its bot."""
OPERATOR = Actor("operator", "command line")
REBUILT_AT_ONCE = 20
"""Pieces of a re-index that one call works on: some seconds."""


async def _agents_list(store: Store, arguments: Arguments) -> Sequence[Mapping[str, Any]]:
    limit = int(arguments.get("limit", 100))
    return [_agent(agent) for agent in await store.list_agents(limit=limit)]


async def _agents_show(store: Store, arguments: Arguments) -> Mapping[str, Any]:
    agent_id = AgentId(str(arguments["agent_id"]))
    if not agent_id.startswith("agent-") or len(agent_id) != len("agent-") + 36:
        msg = f"{agent_id!r} is not an agent's id. `familiar agents list` shows them."
        raise BadInput(msg)
    door = store.for_agent(agent_id, OPERATOR)
    agent = await door.agent()
    blocks = await door.blocks()
    return {
        **_agent(agent),
        "tools": list(agent.tools),
        "blocks": [
            {
                "label": block.label,
                "value": block.value,
                "characters": len(block.value),
                "limit": block.limit,
                "version": block.version,
            }
            for block in blocks
        ],
        "turns": [_turn(turn) for turn in await door.turns(limit=10)],
    }


def _agent(agent: Agent) -> Mapping[str, Any]:
    return {
        "id": agent.agent_id,
        "name": agent.name,
        "owner": agent.owner_kind,
        "template": agent.template,
        "model": agent.model,
        "created_at": _time(agent.created_at),
        "absorbed_by": agent.absorbed_by,
    }


def _turn(turn: TurnView) -> Mapping[str, Any]:
    return {
        "id": turn.turn_id,
        "kind": turn.kind,
        "state": turn.state,
        "stop_reason": None if turn.stop_reason is None else turn.stop_reason.value,
        "attempts": turn.attempts,
        "started_at": _time(turn.claimed_at),
        "error": turn.error,
    }


def _time(at: Micros) -> str:
    return as_datetime(at).isoformat(timespec="seconds")


async def _counts(store: Store, _arguments: Arguments) -> Mapping[str, int]:
    return await store.counts()


async def _parked_list(store: Store, arguments: Arguments) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "id": f"{item.agent_id}/{item.seq}",
            "agent_id": item.agent_id,
            "received_at": _time(item.received_at),
            "parked_at": _time(item.parked_at),
            "error": item.error,
        }
        for item in await store.parked(limit=int(arguments.get("limit", 100)))
    ]


async def _parked_retry(store: Store, arguments: Arguments) -> Mapping[str, bool]:
    agent_id, _, number = str(arguments["id"]).partition("/")
    if not (
        number.isascii()
        and number.isdecimal()
        and await store.retry_parked(AgentId(agent_id), int(number))
    ):
        msg = f"No message {arguments['id']!r} is parked. `familiar parked list` shows those that are."
        raise BadInput(msg)
    return {"retried": True}


async def _stats(store: Store, _arguments: Arguments) -> Mapping[str, Any]:
    found = await store.statistics()
    return {
        "counts": dict(found.counts),
        "database_bytes": found.database_bytes,
        "today": _span(found.today),
        "week": _span(found.week),
    }


def _span(span: Span) -> Mapping[str, Any]:
    return {"turns": dict(span.turns), "models": [_use(use) for use in span.models]}


def _use(use: ModelUse) -> Mapping[str, Any]:
    return {
        "model": use.model,
        "steps": use.steps,
        "prompt_tokens": use.prompt_tokens,
        "completion_tokens": use.completion_tokens,
        "cached_tokens": use.cached_tokens,
        "cost_usd": use.cost / 1_000_000,
        "unpriced_steps": use.unpriced,
    }


async def _users_list(store: Store, arguments: Arguments) -> Sequence[Mapping[str, Any]]:
    waiting, limit = bool(arguments.get("waiting")), int(arguments.get("limit", 100))
    return [person_view(each) for each in await store.people(waiting=waiting, limit=limit)]


async def _users_show(store: Store, arguments: Arguments) -> Mapping[str, Any]:
    return person_view(await store.person(UserId(str(arguments["user_id"]))))


async def _users_forget(store: Store, arguments: Arguments) -> Mapping[str, Any]:
    receipt = await store.erasures.erase(UserId(str(arguments["user_id"])), OPERATOR)
    files = receipt.files
    return {
        "erased_at": _time(receipt.erased_at),
        "deleted": dict(receipt.deleted),
        "redacted": dict(receipt.redacted),
        "platforms": list(receipt.platforms),
        "files": {**asdict(files), "clean": files.clean},
    }


async def _index_rebuild(store: Store, arguments: Arguments) -> Mapping[str, Any]:
    """A share of the work: to be called again until it is done."""
    if arguments.get("from_the_start"):
        await store.search_index.start_over()
    for _ in range(REBUILT_AT_ONCE):
        if await store.search_index.reindex():
            return {"done": True}
    return {"done": False}


def person_view(person: PersonView) -> Mapping[str, Any]:
    """A person as the command line prints them."""
    return {
        "id": person.user_id,
        "names": list(person.names),
        "access": person.access,
        "consent": person.consent,
        "language": person.language,
        "since": _time(person.created_at),
        "last_seen": None if person.last_seen is None else _time(person.last_seen),
        "code": person.code,
        "agents": list(person.agents),
    }


async def _users_invite(store: Store, arguments: Arguments) -> Mapping[str, Any]:
    """A new invitation, and the name that the bot has on its platform, as far as it is known."""
    adapter = arguments.get("adapter")
    username = None if adapter is None else await store.get_state(str(adapter), USERNAME)
    return {"token": await store.invite(), "username": username or None}


COMMANDS: Mapping[str, StoreCommand] = {
    "users.forget": _users_forget,
    "users.invite": _users_invite,
    "users.list": _users_list,
    "users.show": _users_show,
    "agents.list": _agents_list,
    "agents.show": _agents_show,
    "counts": _counts,
    "index.rebuild": _index_rebuild,
    "parked.list": _parked_list,
    "parked.retry": _parked_retry,
    "stats": _stats,
    "token.create": token_create,
    "token.list": token_list,
    "token.revoke": token_revoke,
}


def door_commands(store: Store) -> Mapping[str, Callable[[Arguments], Awaitable[Any]]]:
    """The commands over one store, for the door."""
    return {name: partial(command, store) for name, command in COMMANDS.items()}
