"""One model behind an endpoint that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpcore

from agentcore.direct_model.connections import connections
from agentcore.direct_model.endpoints import Endpoint
from agentcore.direct_model.events import Bound
from agentcore.direct_model.failures import (
    LONGEST_TEXT,
    Refused,
    failure_of,
    refused,
    unsendable_key,
)
from agentcore.direct_model.reading import answer_of, counted_in, parsed
from agentcore.direct_model.streaming import StreamedAnswer
from agentcore.direct_model.usage import usage_of
from agentcore.errors import ModelError
from agentcore.model import Capabilities, Emit, ModelAnswer, ModelRequest
from agentcore.providers.attempts import Attempt, Attempts, Preview, Sleep
from agentcore.providers.catalog import capabilities_for
from agentcore.providers.config import ProviderConfig
from agentcore.providers.wire import chat_messages, tool_definitions

OK = 200
HEADERS = (
    ("Content-Type", "application/json"),
    ("Accept", "application/json, text/event-stream"),
    ("Accept-Encoding", "identity"),  # so that pieces aren't held back
    ("User-Agent", "familiar"),
)
PATIENCE_AT_THE_END = 0.2
"""Seconds for what stands behind the end of a stream."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A request as it is sent, as often as that takes."""

    content: bytes
    has_tools: bool


class DirectModel:
    """`Model` over plain HTTP. Holds no connection and no state of a conversation."""

    def __init__(
        self,
        config: ProviderConfig,
        endpoint: Endpoint,
        *,
        sleep: Sleep = asyncio.sleep,
        luck: Callable[[], float] = random.random,  # noqa: S311 -- jitter
    ) -> None:
        self._config = config
        self._endpoint = endpoint
        self._attempts = Attempts(config, sleep=sleep, luck=luck)
        self._url = httpcore.URL(endpoint.url)
        self._headers = [*HEADERS]
        if config.api_key:
            self._headers.append(("Authorization", f"Bearer {config.api_key}"))
        self._capabilities: Capabilities | None = None

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def capabilities(self) -> Capabilities:
        """From the configuration, else from the table of models."""
        if self._capabilities is None:
            self._capabilities = capabilities_for(self._config)
        return self._capabilities

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        call = self._call(request)
        return await self._patiently(request, lambda: self._complete(call))

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        call = self._call(request, stream=True, stream_options={"include_usage": True})
        preview = Preview(emit)
        return await self._patiently(request, lambda: self._stream(call, preview), preview)

    async def _patiently(
        self, request: ModelRequest, attempt: Attempt, preview: Preview | None = None
    ) -> ModelAnswer:
        return await self._attempts.until_answered(
            attempt,
            within=request.timeout,
            failure_of=lambda error: failure_of(error, self.name),
            preview=preview,
        )

    async def _complete(self, call: _Call) -> ModelAnswer:
        async with self._sent(call) as response:
            body = parsed(await self._body(response, call))
        return answer_of(body, self.name, usage_of(counted_in(body), self._config))

    async def _stream(self, call: _Call, preview: Preview) -> ModelAnswer:
        answer = StreamedAnswer(self._config, preview, sent_tools=call.has_tools)
        async with self._sent(call) as response:
            if response.status != OK:
                raise await self._refused(response, call)
            content = aiter(response.aiter_stream())
            async for piece in content:
                answer.feed(piece)
                if answer.ended:
                    break
            await _use_up(content)
        return answer.whole()

    def _sent(self, call: _Call) -> AbstractAsyncContextManager[httpcore.Response]:
        return connections().post(self._url, self._headers, call.content)

    async def _body(self, response: httpcore.Response, call: _Call) -> bytes:
        if response.status != OK:
            raise await self._refused(response, call)
        bound, content = Bound(), []
        async for piece in response.aiter_stream():
            bound.add(piece)
            content.append(piece)
        return b"".join(content)

    async def _refused(self, response: httpcore.Response, call: _Call) -> ModelError:
        """What an answer means that isn't a success."""
        content = b""
        async for piece in response.aiter_stream():
            content += piece
            if len(content) > LONGEST_TEXT:
                break
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in response.headers}
        return refused(
            Refused(response.status, headers, content[:LONGEST_TEXT]),
            self.name,
            sent_tools=call.has_tools,
        )

    def _call(self, request: ModelRequest, **options: Any) -> _Call:
        """A request's body; what isn't said in it is the provider's to choose."""
        key = self._config.api_key or ""
        if not (key.isascii() and key.isprintable()):
            raise unsendable_key(self.name)
        has_tools = bool(request.tools) and self.capabilities.tools != "none"
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": chat_messages(request, with_tools=has_tools),
            **options,
        }
        if has_tools:
            body["tools"] = tool_definitions(request.tools)
        if request.max_output is not None:
            body[self._endpoint.bound] = request.max_output
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return _Call(text.encode("utf-8", "replace"), has_tools)


async def _use_up(content: AsyncIterator[bytes]) -> None:
    """Read what stands behind the end, mostly nothing: only then can the connection serve again.
    Nobody waits long for it.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_AT_THE_END):
            async for _ in content:
                pass
