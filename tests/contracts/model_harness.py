"""What tests of a network model need: the simulator, a wish for a model, and both ways to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from agentcore.model import (
    Capabilities,
    Model,
    ModelAnswer,
    ModelRequest,
    Prompt,
    SystemPrompt,
    TextDelta,
    ToolSchema,
    UserPrompt,
)
from tests.simulators.openai_replies import Call
from tests.simulators.openai_server import API_KEY, OpenAIServer

MARKER = "xyzzy-secret-words"
TOOLS = (
    ToolSchema(
        "memory_insert",
        "Add a line to a memory block.",
        {
            "type": "object",
            "properties": {"label": {"type": "string"}, "new_string": {"type": "string"}},
            "required": ["label", "new_string"],
        },
    ),
)
INSERT = Call("memory_insert", '{"label": "human", "new_string": "Name: Ada"}', "call_a")
SEARCH = Call("conversation_search", '{"query": "Lisbon"}', "call_b")
BOUND = 10.0
"""Seconds that a test waits for something that must happen."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a test wants its model. `timeout` bounds one attempt."""

    name: str = "gpt-4o-mini"
    api_key: str = API_KEY
    capabilities: Capabilities | None = None
    timeout: float = 5.0
    waits: list[float] = field(default_factory=list)


Connect = Callable[[str, Wish], Model]


def request_of(*prompt: Prompt, tools: tuple[ToolSchema, ...] = TOOLS) -> ModelRequest:
    said = prompt or (SystemPrompt("You are a familiar."), UserPrompt(f"Hello, {MARKER}"))
    return ModelRequest(said, tools)


@dataclass(frozen=True, slots=True)
class Ways:
    """Both calls of a model as one, so that every test runs through both."""

    streamed: bool
    pieces: list[str] = field(default_factory=list)

    async def ask(self, model: Model, request: ModelRequest) -> ModelAnswer:
        if not self.streamed:
            return await model.complete(request)
        return await model.stream(request, self._take)

    def _take(self, delta: TextDelta) -> None:
        self.pieces.append(delta.text)


class ModelHarness:
    """The fixtures of a model's tests; the subclass adds `connect`."""

    @pytest.fixture
    async def server(self) -> AsyncIterator[OpenAIServer]:
        async with OpenAIServer() as running:
            yield running

    @pytest.fixture(params=[False, True], ids=["whole", "streamed"])
    def ways(self, request: pytest.FixtureRequest) -> Ways:
        return Ways(streamed=request.param)
