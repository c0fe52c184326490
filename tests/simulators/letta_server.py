"""A strict stand-in for a Letta server that agents move away from: what can be read of it, over real
HTTP, with its pages, its redirects and its bad days.

    server = LettaServer(token="key")
    agent = server.add_agent("Sam")
    server.say(agent, user_message("Hi"))
    async with server.running() as url: ...
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.simulators.loopback import serving

Record = dict[str, Any]

MOST = 100
"""Messages of one page."""
_PAGING = {"limit", "after", "before", "order"}
_KNOWN = {
    "/v1/agents/": _PAGING,
    "/v1/identities/": _PAGING,
    "messages": _PAGING | {"use_assistant_message"},
    "archival-memory": {"limit", "after", "before", "ascending", "search"},
}


class Dropped(Response):
    """An answer whose connection breaks in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"[{", "more_body": False})


class LettaServer:
    """`troubles` are how the next requests go wrong: a status, or None for a broken connection.
    `brief`: it lists agents without what belongs to them, as it does for newer clients.
    """

    def __init__(self, token: str | None = None, *, brief: bool = False) -> None:
        self.token = token
        self.brief = brief
        self.agents: list[Record] = []
        self.messages: dict[str, list[Record]] = {}
        self.passages: dict[str, list[Record]] = {}
        self.identities: list[Record] = []
        self.troubles: deque[int | None] = deque()
        self.requests: list[str] = []
        self._now = datetime(2025, 10, 31, tzinfo=UTC)

    def app(self) -> Starlette:
        routes = [
            Route("/v1/agents/", self._agents),
            Route("/v1/agents", _with_slash),
            Route("/v1/agents/{agent_id}", self._agent),
            Route("/v1/identities/", self._identities),
            Route("/v1/identities", _with_slash),
            Route("/v1/agents/{agent_id}/messages", self._messages),
            Route("/v1/agents/{agent_id}/archival-memory", self._archive),
        ]
        return Starlette(routes=routes)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        async with serving(self.app()) as url:
            yield url

    # What there is

    def add_agent(self, name: str, *blocks: Record, tools: Sequence[Record] = ()) -> Record:
        agent_id = f"agent-{uuid.uuid4()}"
        agent = {
            "id": agent_id,
            "name": name,
            "agent_type": "letta_v1_agent",
            "system": f"You are {name}.",
            "blocks": list(blocks),
            "memory": {"blocks": list(blocks), "file_blocks": []},
            "llm_config": {"handle": "openai/gpt-4o-mini", "context_window": 32000},
            "tools": list(tools),
            "sources": [],
            "tags": ["old"],
            "message_ids": [],
            "description": None,
            "metadata": {"team": 7},
            "timezone": "Europe/Lisbon",
            "hidden": None,
            "created_at": "2025-10-31T00:00:00Z",
        }
        self.agents.append(agent)
        self.messages[agent_id] = []
        self.passages[agent_id] = []
        head = {"message_type": "system_message", "content": f"You are {name}. <memory/>"}
        self.say(agent, head)
        return agent

    def say(self, agent: Record, *records: Record, in_view: bool = True) -> str:
        """One message, in as many records as it has parts."""
        message_id = f"message-{uuid.uuid4()}"
        self._now += timedelta(seconds=5)
        for record in records:
            told = {"id": message_id, "date": self._now.isoformat(), "otid": None, **record}
            self.messages[agent["id"]].append(told)
        if in_view:
            agent["message_ids"].append(message_id)
        return message_id

    def keep(self, agent: Record, text: str, *tags: str) -> None:
        self._now += timedelta(seconds=5)
        passage = {
            "id": f"passage-{uuid.uuid4()}",
            "text": text,
            "tags": list(tags),
            "embedding": [0.5] * 8,
            "created_at": self._now.isoformat(),
        }
        self.passages[agent["id"]].append(passage)

    # What is asked

    async def _agents(self, request: Request) -> Response:
        parts = {"blocks": [], "memory": {"blocks": []}, "tools": [], "tags": []}
        listed = [{**each, **parts} if self.brief else each for each in self.agents]
        return self._refusal(request) or _page(request, listed)

    async def _agent(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        for each in self.agents:
            if each["id"] == request.path_params["agent_id"]:
                wanted = {
                    name.removeprefix("agent.") for name in request.query_params.getlist("include")
                }
                left_out: Record = {
                    name: [] for name in ("blocks", "tools", "tags") if name not in wanted
                }
                return JSONResponse({**each, "memory": {"blocks": []}, **left_out})
        return JSONResponse({"detail": "Agent not found"}, 404)

    async def _identities(self, request: Request) -> Response:
        return self._refusal(request) or _page(request, self.identities)

    async def _messages(self, request: Request) -> Response:
        return self._refusal(request) or self._of_agent(request, self.messages)

    async def _archive(self, request: Request) -> Response:
        return self._refusal(request) or self._of_agent(request, self.passages)

    def _of_agent(self, request: Request, kept: dict[str, list[Record]]) -> Response:
        found = kept.get(request.path_params["agent_id"])
        if found is None:
            return JSONResponse({"detail": "Agent not found"}, 404)
        return _page(request, found)

    def _refusal(self, request: Request) -> Response | None:
        self.requests.append(str(request.url.path))
        if self.troubles:
            trouble = self.troubles.popleft()
            if trouble is None:
                return Dropped()
            return JSONResponse({"detail": "trouble"}, trouble, {"Retry-After": "0"})
        shown = request.headers.get("authorization")
        if self.token is not None and shown != f"Bearer {self.token}":
            return JSONResponse({"detail": "Unauthorized"}, 401)
        path = request.url.path
        known = _KNOWN.get(path) or _KNOWN.get(path.rsplit("/", 1)[-1]) or {"include"}
        if unknown := set(request.query_params) - known:
            return JSONResponse({"detail": f"unknown: {sorted(unknown)}"}, 422)
        return None


def _page(request: Request, records: Sequence[Record]) -> Response:
    """By messages, as the server counts them, whatever number of records each has."""
    query = request.query_params
    limit = int(query.get("limit", "50"))
    if not 1 <= limit <= MOST:
        return JSONResponse({"detail": "limit"}, 422)
    if query.get("order", "desc") != "asc" and query.get("ascending") != "true":
        records = records[::-1]
    ids = list(dict.fromkeys(each["id"] for each in records))
    start = 0
    if (after := query.get("after")) is not None:
        if after not in ids:
            return JSONResponse({"detail": f"{after} not found"}, 404)
        start = ids.index(after) + 1
    wanted = set(ids[start : start + limit])
    return JSONResponse([each for each in records if each["id"] in wanted])


async def _with_slash(request: Request) -> Response:
    return RedirectResponse(str(request.url.replace(path=f"{request.url.path}/")), 307)


def block(label: str, value: str) -> Record:
    return {
        "id": f"block-{uuid.uuid4()}",
        "label": label,
        "value": value,
        "limit": 20_000,
        "description": f"the {label}",
        "read_only": False,
        "metadata": {},
        "tags": [],
    }


def tool(name: str, source: str | None = None) -> Record:
    return {
        "id": f"tool-{uuid.uuid4()}",
        "name": name,
        "tool_type": "custom" if source else "letta_core",
        "source_code": source,
        "json_schema": {"name": name, "parameters": {"type": "object", "properties": {}}},
        "tags": [],
    }


def user_message(text: str) -> Record:
    return {"message_type": "user_message", "content": text, "otid": str(uuid.uuid4())}


def assistant_message(text: str) -> Record:
    return {"message_type": "assistant_message", "content": text}


def reasoning_message(text: str) -> Record:
    return {"message_type": "reasoning_message", "reasoning": text}


def tool_call(name: str, call_id: str) -> Record:
    call = {"name": name, "arguments": "{}", "tool_call_id": call_id}
    return {"message_type": "tool_call_message", "tool_call": call, "tool_calls": [call]}


def tool_return(call_id: str, text: str) -> Record:
    return {
        "message_type": "tool_return_message",
        "tool_return": text,
        "status": "success",
        "tool_call_id": call_id,
    }
