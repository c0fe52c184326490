"""Whether a model can do what a familiar needs: asked with three short, real requests.

It answers, it calls a tool, its answers come as a stream. The three cost a few hundred tokens,
with most models a small part of a cent. Nothing of any person is in them.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from agentcore.errors import (
    ContextOverflow,
    MalformedAnswer,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from agentcore.model import (
    Embedder,
    Model,
    ModelAnswer,
    ModelRequest,
    SystemPrompt,
    TextDelta,
    ToolSchema,
    UserPrompt,
)

SECONDS = 30.0
"""How long one request may take."""

MAX_OUTPUT = 1_000
"""Tokens: models that think before they speak need some hundreds for that."""

CheckName = Literal["answer", "tools", "stream", "window"]

_SYSTEM = SystemPrompt("This is a short test of your connection. Do exactly what you are told.")
_TOOL = ToolSchema(
    "save_colour",
    "Saves a colour.",
    {
        "type": "object",
        "properties": {"colour": {"type": "string", "description": "The colour to save."}},
        "required": ["colour"],
    },
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried. `fix` says what to do when it isn't good."""

    name: CheckName
    text: str
    fix: str = ""
    good: bool = True


@dataclass(frozen=True, slots=True)
class Probe:
    """All that was tried. `cost` is in millionths of a US dollar, None if a price isn't known."""

    checks: tuple[Check, ...]
    cost: int | None

    @property
    def good(self) -> bool:
        return all(check.good for check in self.checks)


@dataclass(slots=True)
class _Bill:
    costs: list[int | None] = field(default_factory=list)

    def sum(self) -> int | None:
        known = [cost for cost in self.costs if cost is not None]
        return sum(known) if len(known) == len(self.costs) else None


async def probe(model: Model, *, listed: bool, wished_window: int | None) -> Probe:
    """Try a model.

    Args:
        model: bare, so that nothing stands between it and the operator.
        listed: whether the table of models knows it, or its window is assumed.
        wished_window: the service's own limit on what is sent at once, in tokens.
    """
    bill = _Bill()
    checks = [await _answers(model, bill)]
    if checks[0].good:
        checks.append(await _calls_a_tool(model, bill))
        checks.append(await _streams(model, bill))
    checks.append(_window(model, listed=listed, wished=wished_window))
    return Probe(tuple(checks), bill.sum())


async def probe_embedder(embedder: Embedder) -> Probe:
    """Try an embedding model: one short text, a millionth of a cent with most."""
    try:
        made = await embedder.embed(["ready"], within=SECONDS)
    except ModelError as error:
        return Probe((Check("answer", str(error), _fix(error), good=False),), None)
    size = len(made.vectors[0])
    check = Check("answer", f"{embedder.name} embeds texts, as vectors of {size:,} numbers")
    return Probe((check,), made.usage.cost)


async def _answers(model: Model, bill: _Bill) -> Check:
    request = _request("Answer with the one word: ready")
    answer = await _asked("answer", lambda: model.complete(request), bill)
    if isinstance(answer, Check):
        return answer
    if not answer.text.strip() and not answer.reasoning:
        return Check("answer", f"{model.name} answers, but says nothing", _ANOTHER, good=False)
    return Check("answer", f"{model.name} answers")


async def _calls_a_tool(model: Model, bill: _Bill) -> Check:
    if model.capabilities.tools == "none":
        return _no_tools(f"{model.name} is listed as unable to call tools")
    request = _request("Call the tool save_colour with the colour blue.", _TOOL)
    answer = await _asked("tools", lambda: model.complete(request), bill)
    if isinstance(answer, Check):
        return _no_tools(answer.text)
    call = next((each for each in answer.tool_calls if each.name == _TOOL.name), None)
    if call is None:
        return _no_tools(f"{model.name} did not call the tool that it was told to call")
    try:
        given = json.loads(call.arguments)
    except ValueError:
        given = None
    if not isinstance(given, dict) or "colour" not in given:
        return _no_tools(f"{model.name} calls tools, but with arguments that can't be read")
    return Check("tools", "it calls tools, so it can remember by itself")


async def _streams(model: Model, bill: _Bill) -> Check:
    pieces: list[TextDelta] = []
    request = _request("Count from one to twelve in words.")
    answer = await _asked("stream", lambda: model.stream(request, pieces.append), bill)
    if isinstance(answer, Check):
        return Check(
            "stream",
            f"it answers, but not as a stream: {answer.text}",
            "Every answer is asked for as a stream: turn streaming on at that server, "
            "or choose another model.",
            good=False,
        )
    if len(pieces) < 2:
        return Check("stream", "its answers come in one piece, not word by word")
    return Check("stream", "its answers come word by word")


def _window(model: Model, *, listed: bool, wished: int | None) -> Check:
    window = model.capabilities.window
    if listed:
        return Check("window", f"its window is {window:,} tokens")
    if wished is not None:
        return Check("window", f"its window isn't known; {window:,} tokens, as you set it")
    return Check(
        "window",
        f"its window isn't known; {window:,} tokens are assumed",
        "If you know it, set FAMILIAR_CONTEXT_WINDOW.",
    )


def _request(text: str, *tools: ToolSchema) -> ModelRequest:
    return ModelRequest((_SYSTEM, UserPrompt(text)), tools, MAX_OUTPUT, SECONDS)


async def _asked(
    name: CheckName, call: Callable[[], Awaitable[ModelAnswer]], bill: _Bill
) -> ModelAnswer | Check:
    """The answer, or the finding that there is none."""
    try:
        answer = await call()
    except ModelError as error:
        return Check(name, str(error), _fix(error), good=False)
    bill.costs.append(answer.usage.cost)
    return answer


def _no_tools(why: str) -> Check:
    return Check(
        "tools",
        why,
        "It will answer, but not remember by itself: choose a model that calls tools.",
        good=False,
    )


_ANOTHER = "Choose another model."


def _fix(error: ModelError) -> str:
    match error:
        case ModelRefused():
            return "Correct the model's name, its key, or the server's address."
        case MalformedAnswer():
            return "Is that address an OpenAI-compatible server? It often ends in /v1."
        case ContextOverflow():
            return "Its window is too small for a familiar: choose another model."
        case ModelUnavailable() | _:
            return "Check the address and this machine's network, or try again in a while."
