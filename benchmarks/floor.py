"""The floor: what a bare call of the model takes, through litellm, and over HTTP alone."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import httpx

Body = Mapping[str, Any]
_SENT = ("model", "messages", "tools", "tool_choice", "temperature")
"""What of a body is sent again: unstreamed."""


@dataclass(frozen=True, slots=True)
class Timed:
    """How long each of some calls took, and all of them together, in seconds."""

    each: Sequence[float]
    whole: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return len(self.each) / self.whole


class Floor:
    """Bare calls of the model at an OpenAI-compatible address. litellm is as it comes."""

    def __init__(self, base_url: str, client: httpx.AsyncClient) -> None:
        # Without it, the import asks the network for prices.
        os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # noqa: TID251 (litellm is told so)
        litellm: Any = importlib.import_module("litellm")
        litellm.suppress_debug_info = True
        self._litellm = litellm
        self._base_url = base_url
        self._client = client

    async def by_litellm(self, body: Body) -> None:
        await self._litellm.acompletion(
            model=f"openai/{body['model']}",
            api_base=self._base_url,
            api_key="sk-floor",
            messages=body["messages"],
            tools=body.get("tools"),
        )

    async def by_http(self, body: Body) -> None:
        sent = {name: body[name] for name in _SENT if name in body}
        answer = await self._client.post(f"{self._base_url}/chat/completions", json=sent)
        answer.raise_for_status()


async def seconds(call: Callable[[], Awaitable[object]]) -> float:
    """How long one call took."""
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


async def repeated(call: Callable[[], Awaitable[object]], times: int, at_once: int) -> Timed:
    """The same call again and again, so many at once."""
    took: list[float] = []
    left = iter(range(times))

    async def caller() -> None:
        for _ in left:
            one = await seconds(call)
            took.append(one)

    began = time.perf_counter()
    async with anyio.create_task_group() as tasks:
        for _ in range(at_once):
            tasks.start_soon(caller)
    return Timed(took, time.perf_counter() - began)
