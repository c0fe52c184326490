"""One model behind litellm: a call, its deadline, and its retries.

litellm's own retries and those of the clients under it are off: there is one policy, here, and it
knows how much time the caller has left.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from agentcore.errors import ModelError, ModelUnavailable
from agentcore.litellm_model.caching import knows_marks, marked
from agentcore.litellm_model.catalog import capabilities_of, is_listed
from agentcore.litellm_model.config import LitellmConfig, key_for
from agentcore.litellm_model.failures import failure_of
from agentcore.litellm_model.fragments import Fragments
from agentcore.litellm_model.library import library, warm_up
from agentcore.litellm_model.usage import usage_of
from agentcore.litellm_model.wire import answer_of, chat_messages, tool_definitions
from agentcore.model import Capabilities, Emit, ModelAnswer, ModelRequest, TextDelta

Attempt = Callable[[], Awaitable[ModelAnswer]]


class _Preview:
    """A listener, and whether it was told anything: what was shown must not be shown again."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.shown = False

    def show(self, piece: str) -> None:
        self.shown = True
        self._emit(TextDelta(piece))


class LitellmModel:
    """`Model` over litellm. Holds no connection and no state of a conversation."""

    def __init__(
        self,
        config: LitellmConfig,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        luck: Callable[[], float] = random.random,  # noqa: S311 -- jitter
    ) -> None:
        self._config = config
        self._sleep = sleep
        self._luck = luck
        self._capabilities: Capabilities | None = None

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def capabilities(self) -> Capabilities:
        """From the configuration, else from litellm's table, which is read without the import."""
        if self._capabilities is None:
            known = self._config.capabilities or capabilities_of(self._config.name)
            window = self._config.window or self._assumed_window() or known.window
            price = self._config.price or known.price
            self._capabilities = replace(known, window=window, price=price)
        return self._capabilities

    def _assumed_window(self) -> int | None:
        assumed = self._config.unlisted_window
        return assumed if assumed and not is_listed(self._config.name) else None

    async def warm_up(self) -> None:
        """Do now what the first call would otherwise wait for."""
        await warm_up()
        await asyncio.to_thread(lambda: self.capabilities)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        return await self._patiently(request, lambda: self._complete(request), lambda: False)

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        preview = _Preview(emit)
        return await self._patiently(
            request, lambda: self._stream(request, preview), lambda: preview.shown
        )

    async def _patiently(
        self, request: ModelRequest, attempt: Attempt, was_shown: Callable[[], bool]
    ) -> ModelAnswer:
        """Run attempts until one succeeds, or trying again can't help or fit in the time left."""
        await warm_up()  # before the clock starts: the import is no fault of the provider
        sends_tools = self._sends_tools(request)
        deadline = time.monotonic() + request.timeout
        failures = 0
        while True:
            left = deadline - time.monotonic()
            outcome = await self._try_once(attempt, left, sent_tools=sends_tools)
            if isinstance(outcome, ModelAnswer):
                return outcome
            failures += 1
            wait = self._wait(outcome, failures, deadline - time.monotonic())
            if wait is None or was_shown():
                raise outcome
            await self._sleep(wait)

    async def _try_once(
        self, attempt: Attempt, left: float, *, sent_tools: bool
    ) -> ModelAnswer | ModelError:
        """One attempt's answer or its failure.

        The failure is returned, and raised outside of any `except`, so that it doesn't carry the
        provider's error, with the prompt in it, along.
        """
        limit = min(round(left, 1), self._config.timeout)
        try:
            async with asyncio.timeout(limit):
                return await attempt()
        except TimeoutError:
            return ModelUnavailable(f"{self.name} did not answer within {limit:g} s")
        except Exception as error:  # noqa: BLE001 -- whatever litellm raises is mapped
            return failure_of(error, self.name, sent_tools=sent_tools)

    def _wait(self, failure: ModelError, failures: int, left: float) -> float | None:
        if not isinstance(failure, ModelUnavailable):
            return None
        return self._config.patience.wait(
            failures, wish=failure.retry_after, left=left, luck=self._luck()
        )

    async def _complete(self, request: ModelRequest) -> ModelAnswer:
        response = await self._call(request)
        usage = usage_of(getattr(response, "usage", None), self._config)
        return answer_of(response, self.name, usage)

    async def _stream(self, request: ModelRequest, preview: _Preview) -> ModelAnswer:
        chunks = await self._call(request, stream=True, stream_options={"include_usage": True})
        fragments = Fragments()
        try:
            async for chunk in chunks:
                if piece := fragments.add(chunk):
                    preview.show(piece)
        finally:
            await chunks.aclose()
        # litellm makes up a "stop" for a stream that just ends; its own field tells.
        if getattr(chunks, "received_finish_reason", None) is None:
            raise ModelUnavailable(f"the answer of {self.name} broke off")
        return fragments.whole(self.name, usage_of(fragments.usage, self._config))

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
