"""A client of the REST API, with the requests that the benchmarks make, and a service to talk to."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

MODEL = "openai/gpt-4o-mini"
PERSONA = {"label": "persona", "value": "I am a friendly AI assistant."}
HUMAN = {"label": "human", "value": "Name: User\nFirst interaction: bench"}


@dataclass(frozen=True, slots=True)
class Api:
    """What a program asks of the service. Any refusal is an `httpx.HTTPStatusError`."""

    client: httpx.AsyncClient

    async def create(self, *, human: str = HUMAN["value"]) -> str:
        """A new agent's id."""
        blocks = [PERSONA, {**HUMAN, "value": human}]
        answer = await self.client.post(
            "/v1/agents/", json={"model": MODEL, "memory_blocks": blocks}
        )
        return str(answer.raise_for_status().json()["id"])

    async def say(self, agent: str, text: str) -> None:
        """A turn.

        Raises:
            RuntimeError: it brought no answer.
        """
        answer = await self.client.post(f"/v1/agents/{agent}/messages", json=_message(text))
        said = answer.raise_for_status().json()["messages"]
        if not any(each["message_type"] == "assistant_message" for each in said):
            msg = f"a turn brought no answer, but {[each['message_type'] for each in said]}"
            raise RuntimeError(msg)

    async def until_first(self, agent: str, text: str, *, tokens: bool) -> None:
        """A streamed turn, up to the first event of its answer.

        Raises:
            RuntimeError: it brought no answer.
        """
        body = {**_message(text), "stream_tokens": tokens}
        path = f"/v1/agents/{agent}/messages/stream"
        async with self.client.stream("POST", path, json=body) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                given = line.removeprefix("data:").strip()
                if not line.startswith("data:") or given == "[DONE]":
                    continue
                if json.loads(given).get("message_type") == "assistant_message":
                    return
        msg = "a streamed turn brought no answer"
        raise RuntimeError(msg)

    async def human(self, agent: str) -> str:
        """What the agent has noted of the person."""
        answer = await self.client.get(f"/v1/agents/{agent}/core-memory/blocks/human")
        return str(answer.raise_for_status().json()["value"])


def _message(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


@asynccontextmanager
async def api(url: str) -> AsyncGenerator[Api, None]:
    """A client of the service at this address."""
    limits = httpx.Limits(max_connections=128, max_keepalive_connections=128)
    async with httpx.AsyncClient(
        base_url=url, timeout=120, trust_env=False, limits=limits
    ) as client:
        yield Api(client)


async def bodies(client: httpx.AsyncClient, model_url: str, last: int) -> Sequence[dict[str, Any]]:
    """What the lean model was asked last, oldest first."""
    answer = await client.get(f"{model_url.removesuffix('/v1')}/bodies/{last}")
    return list(answer.raise_for_status().json())
