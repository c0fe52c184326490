"""The fakes that stand beside the engine's seams, for the tests of whoever builds on it."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from agentcore.clock import Micros
from agentcore.errors import ModelError, ModelUnavailable, NotFound
from agentcore.memory.summary import asks_for_summary
from agentcore.model import (
    Capabilities,
    Embeddings,
    Emit,
    Model,
    ModelAnswer,
    ModelRequest,
    Price,
    TextDelta,
    Usage,
)
from agentcore.tools.code import Code, CodeResult

ScriptLine = ModelAnswer | ModelError | str | Callable[[ModelRequest], ModelAnswer]
"""An answer, an error to raise, the text of a plain answer, or a function that makes an answer."""

_WIDE = Capabilities(window=100_000, price=Price(0, 0))


class Gate(Protocol):
    """What holds an answer back, e.g. an `asyncio.Event`."""

    async def wait(self) -> object: ...


class ScriptedModel:
    """A model that says what it was told to, in order, and keeps the requests that it got.

    With a `gate`, every answer waits for it: `requests` already holds the request then. Asked for
    a running summary, it says `summary`, and keeps the request apart.
    """

    def __init__(
        self,
        *script: ScriptLine,
        name: str = "scripted",
        capabilities: Capabilities = _WIDE,
        gate: Gate | None = None,
        summary: ScriptLine = "",
    ) -> None:
        self._script = deque(script)
        self._gate = gate
        self._name = name
        self._capabilities = capabilities
        self.summary = summary
        self.summaries: list[ModelRequest] = []
        self.requests: list[ModelRequest] = []
        self.called = asyncio.Event()
        """Set by the first request."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def exhausted(self) -> bool:
        """Whether the whole script was used."""
        return not self._script

    def add(self, *script: ScriptLine) -> None:
        """More lines at the end of the script."""
        self._script.extend(script)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        if asks_for_summary(request.prompt[0].text):
            self.summaries.append(request)
            return self._said(self.summary, request)
        self.requests.append(request)
        self.called.set()
        assert self._script, (
            f"{self._name} was called {len(self.requests)} times, and its script is shorter; "
            f"the last prompt: {request.prompt[-1:]}"
        )
        line = self._script.popleft()
        if self._gate is not None:
            await self._gate.wait()
        return self._said(line, request)

    def _said(self, line: ScriptLine, request: ModelRequest) -> ModelAnswer:
        match line:
            case ModelAnswer():
                return line
            case str():
                return ModelAnswer(text=line, model=self._name)
            case ModelError():
                raise line
            case _:
                return line(request)

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        answer = await self.complete(request)
        for piece in answer.text.splitlines(keepends=True):
            for start in range(0, len(piece), 8):
                emit(TextDelta(piece[start : start + 8]))
        return answer


class StaticCatalog:
    """A fixed list of models, best first; each one's fallbacks are those after it."""

    def __init__(self, *models: Model) -> None:
        self._models = models

    def ladder(self, name: str | None) -> Sequence[Model]:
        names = [model.name for model in self._models]
        if name is None:
            return self._models
        if name not in names:
            raise NotFound(f"no model {name!r} here; there are: {', '.join(names) or 'none'}")
        return self._models[names.index(name) :]


class WordEmbedder:
    """An embedder whose vectors count words: texts with the same ones lie close together. It
    keeps the texts that it got.

    Args:
        meanings: words that stand for others, such as `{"flat": "apartment"}`.
        failures: what to raise, in order, before it answers.
    """

    def __init__(
        self,
        *failures: Exception,
        name: str = "words",
        meanings: Mapping[str, str] | None = None,
        price: Price | None = _WIDE.price,
        gate: Gate | None = None,
    ) -> None:
        self._failures = deque(failures)
        self._name = name
        self._meanings = meanings or {}
        self._price = price
        self._gate = gate
        self.asked: list[Sequence[str]] = []
        self.called = asyncio.Event()
        """Set by the first call."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def price(self) -> Price | None:
        return self._price

    def fail(self, *failures: Exception) -> None:
        """What to raise next."""
        self._failures.extend(failures)

    async def embed(self, texts: Sequence[str], *, within: float) -> Embeddings:
        self.asked.append(tuple(texts))
        self.called.set()
        try:
            async with asyncio.timeout(within):
                if self._gate is not None:
                    await self._gate.wait()
        except TimeoutError:
            raise ModelUnavailable(f"{self._name} did not answer in time") from None
        if self._failures:
            raise self._failures.popleft()
        tokens = sum(len(text.split()) for text in texts)
        cost = None if self._price is None else self._price.of(tokens, 0)
        vectors = tuple(counted_words(text, self._meanings) for text in texts)
        return Embeddings(vectors, Usage(prompt_tokens=tokens, cost=cost))


def counted_words(text: str, meanings: Mapping[str, str] | None = None) -> list[float]:
    """How often words stand in a text, at places that their letters tell."""
    vector = [0.0] * 64
    for word in "".join(c if c.isalnum() else " " for c in text.lower()).split():
        vector[zlib.crc32((meanings or {}).get(word, word).encode()) % len(vector)] += 1.0
    return vector


class FakeClock:
    """A clock that stands still until it is moved. The start is 2026-11-20T23:15Z."""

    def __init__(self, start: int = 1_795_216_500_000_000) -> None:
        self._now = Micros(start)

    def now(self) -> Micros:
        return self._now

    def advance(self, micros: int) -> None:
        """Let `micros` microseconds pass; spans are built with `agentcore.clock`'s constants."""
        self._now = Micros(self._now + micros)


class ScriptedCode:
    """A `CodeRunner` that runs nothing: calls come out as they were told to, in order, and are kept.
    With an `obstacle`, nothing can be run.
    """

    def __init__(self, *results: CodeResult | str, obstacle: str | None = None) -> None:
        self._results = deque(results)
        self._obstacle = obstacle
        self.calls: list[Code] = []

    def will(self, *results: CodeResult | str) -> None:
        """What further calls are to come out as."""
        self._results.extend(results)

    async def obstacle(self) -> str | None:
        return self._obstacle

    async def run(self, code: Code) -> CodeResult:
        if self._obstacle is not None:
            return CodeResult("error", self._obstacle)
        self.calls.append(code)
        assert self._results, f"no result is left for {code.function}"
        result = self._results.popleft()
        return CodeResult("success", result) if isinstance(result, str) else result
