"""One model behind litellm. Its own retries and those of the clients under it are off."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from agentcore.errors import ModelUnavailable
from agentcore.litellm_model.caching import knows_marks, marked
from agentcore.litellm_model.failures import failure_of
from agentcore.litellm_model.keys import key_for
from agentcore.litellm_model.library import library, warm_up
from agentcore.litellm_model.reading import answer_of, piece_of
from agentcore.litellm_model.usage import usage_of
from agentcore.model import Capabilities, Emit, ModelAnswer, ModelRequest
from agentcore.providers.attempts import Attempt, Attempts, Preview, Sleep
from agentcore.providers.catalog import capabilities_for
from agentcore.providers.config import ProviderConfig
from agentcore.providers.fragments import Fragments
from agentcore.providers.wire import chat_messages, tool_definitions


class LitellmModel:
    """`Model` over litellm. Holds no connection and no state of a conversation."""

    def __init__(
        self,
        config: ProviderConfig,
        *,
        sleep: Sleep = asyncio.sleep,
        luck: Callable[[], float] = random.random,  # noqa: S311 -- jitter
    ) -> None:
        self._config = config
        self._attempts = Attempts(config, sleep=sleep, luck=luck)
        self._capabilities: Capabilities | None = None

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def capabilities(self) -> Capabilities:
        """From the configuration, else from litellm's table, which is read without the import."""
        if self._capabilities is None:
            self._capabilities = capabilities_for(self._config)
        return self._capabilities

    async def warm_up(self) -> None:
        """Do now what the first call would otherwise wait for."""
        await warm_up()
        await asyncio.to_thread(lambda: self.capabilities)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        return await self._patiently(request, lambda: self._complete(request))

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        preview = Preview(emit)
        return await self._patiently(request, lambda: self._stream(request, preview), preview)

    async def _patiently(
        self, request: ModelRequest, attempt: Attempt, preview: Preview | None = None
    ) -> ModelAnswer:
        await warm_up()  # before the clock starts: the import is no fault of the provider
        sent_tools = self._sends_tools(request)
        return await self._attempts.until_answered(
            attempt,
            within=request.timeout,
            failure_of=lambda error: failure_of(error, self.name, sent_tools=sent_tools),
            preview=preview,
        )

    async def _complete(self, request: ModelRequest) -> ModelAnswer:
        response = await self._call(request)
        usage = usage_of(getattr(response, "usage", None), self._config)
        return answer_of(response, self.name, usage)

    async def _stream(self, request: ModelRequest, preview: Preview) -> ModelAnswer:
        chunks = await self._call(request, stream=True, stream_options={"include_usage": True})
        fragments, reported = Fragments(), None
        try:
            async for chunk in chunks:
                reported = getattr(chunk, "usage", None) or reported
                piece = piece_of(chunk)
                fragments.add(piece)
                if piece.text:
                    preview.show(piece.text)
        finally:
            await chunks.aclose()
        # litellm makes up a "stop" for a stream that just ends; its own field tells.
        if getattr(chunks, "received_finish_reason", None) is None:
            raise ModelUnavailable(f"the answer of {self.name} broke off")
        return fragments.whole(self.name, usage_of(reported, self._config))

    async def _call(self, request: ModelRequest, **options: Any) -> Any:
        """One call of litellm, with everything said explicitly and nothing retried."""
        with_tools = self._sends_tools(request)
        messages = chat_messages(request, with_tools=with_tools)
        if knows_marks(self.name):
            messages = marked(messages, stable=request.stable)
        return await library().acompletion(
            model=self.name,
            messages=messages,
            api_key=key_for(self._config),
            api_base=self._config.api_base,
            max_tokens=request.max_output,
            # Constant: litellm keeps one connection pool for each value. The deadline is ours.
            timeout=self._config.timeout,
            num_retries=0,
            max_retries=0,
            drop_params=True,
            # Else a request with tools imports the `mcp` package, which may not be there.
            _skip_mcp_handler=True,
            **({"tools": tool_definitions(request.tools)} if with_tools else {}),
            **options,
        )

    def _sends_tools(self, request: ModelRequest) -> bool:
        return bool(request.tools) and self.capabilities.tools != "none"
