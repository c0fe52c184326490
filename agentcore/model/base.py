"""What a model is to the loop: its records and the two calls.

Knows nothing of HTTP, providers, agents or the store. Costs are integer millionths of a US
dollar; `None` is an unknown price, which is never the same as free.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from agentcore.records import MessageId, ToolCall

FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. Both 0: the model is known to cost nothing."""

    prompt: float
    completion: float

    def of(self, prompt: int, completion: int) -> int:
        """What so many tokens cost, in millionths of a dollar, rounded up."""
        return math.ceil(prompt * self.prompt + completion * self.completion)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the model can do, and for how much.

    `window` and `max_output` are in tokens. `tools` is "none" for models that can't call any:
    such a model is sent no schemas. `price` None: it isn't known.
    """

    window: int
    tools: Literal["native", "none"] = "native"
    parallel_tools: bool = True
    images: bool = False
    max_output: int | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class SystemPrompt:
    text: str
    role: Literal["system"] = "system"


@dataclass(frozen=True, slots=True)
class UserPrompt:
    text: str
    role: Literal["user"] = "user"


@dataclass(frozen=True, slots=True)
class AssistantPrompt:
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    role: Literal["assistant"] = "assistant"


@dataclass(frozen=True, slots=True)
class ToolPrompt:
    """The return of one tool call, `call_id` being the call's."""

    call_id: str
    name: str
    text: str
    role: Literal["tool"] = "tool"


Prompt = SystemPrompt | UserPrompt | AssistantPrompt | ToolPrompt


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool as the model is told of it; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call. `prompt` starts with at most one `SystemPrompt`; `timeout` is in seconds and
    covers the whole call with its retries; `max_output` is in tokens. Later requests will begin
    with the first `stable` of its prompts, too; None: with all of them.
    """

    prompt: Sequence[Prompt]
    tools: Sequence[ToolSchema] = ()
    max_output: int | None = None
    timeout: float = 120.0
    stable: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them. `cached_tokens` is the part of `prompt_tokens` that
    was read from its cache. `cost` is in millionths of a US dollar; None = unknown.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What the model said. Empty `text` without `tool_calls` is legal here; the loop decides.
    `message`, which it sets: the id under which the answer was shown while it was made.
    """

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish: FinishReason = "stop"
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    reasoning: str = ""
    message: MessageId | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer's text, while it is made. A preview: it may never be committed.

    The rest is set by the loop. `begins`: it is the first piece of an answer, and earlier ones are
    void. `message`: the id that the answer will have, if it is committed.
    """

    text: str
    begins: bool = False
    message: MessageId | None = None


Emit = Callable[[TextDelta], None]
"""Called on the event loop for every piece; must return at once. May raise `asyncio.CancelledError`
to stop the stream."""


class Model(Protocol):
    """One model at one provider.

    Both calls raise `ModelUnavailable` after their own retries are spent, `ModelRefused`,
    `ContextOverflow` or `MalformedAnswer`, and nothing else but cancellation.
    """

    @property
    def name(self) -> str:
        """The handle that templates and settings use, e.g. `openai/gpt-4o-mini`."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """One answer, whole."""
        ...

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        """The same answer, with its text passed to `emit` piece by piece as it comes.

        A stream that breaks before its end raises `ModelUnavailable`: half an answer is none.
        """
        ...


class ModelCatalog(Protocol):
    """The models that this service may use."""

    def ladder(self, name: str | None) -> Sequence[Model]:
        """The model of that name (None: the default) and then its fallbacks, best first.

        Raises:
            NotFound: the name isn't allowed here; the message lists those that are.
        """
        ...
