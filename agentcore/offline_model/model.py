"""`OfflineModel`: the request in, tool calls or a text out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from agentcore.memory.summary import asks_for_summary
from agentcore.memory.tidying import asks_for_tidying
from agentcore.model import (
    AssistantPrompt,
    Capabilities,
    Emit,
    ModelAnswer,
    ModelRequest,
    Price,
    TextDelta,
    ToolCall,
    Usage,
)
from agentcore.offline_model.answering import answer_to
from agentcore.offline_model.planning import plan_of
from agentcore.offline_model.reading import situation_of
from agentcore.offline_model.summarising import summary_of
from agentcore.offline_model.tidying import changes_of

_CAPABILITIES = Capabilities(window=32_000, price=Price(0, 0))
_CHARACTERS_PER_TOKEN = 4
_WORD = re.compile(r"\s*\S+\s*")


def _random_id() -> str:
    return f"call_{uuid.uuid4().hex[:24]}"


class OfflineModel:
    """A deterministic, rule-based stand-in for English. Everything it knows is in the request.

    Only the ids of its calls are random, since they must never repeat in a conversation. It
    costs nothing, and its usage is estimated at four characters a token.
    """

    def __init__(self, *, new_call_id: Callable[[], str] = _random_id) -> None:
        self._new_call_id = new_call_id

    @property
    def name(self) -> str:
        return "offline"

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        instructions = request.prompt[0].text if request.prompt else ""
        if asks_for_summary(instructions) or asks_for_tidying(instructions):
            made = summary_of if asks_for_summary(instructions) else changes_of
            text = made(request)
            return ModelAnswer(text, usage=_usage(request, len(text)), model=self.name)
        situation = situation_of(request)
        plan = plan_of(situation)
        if plan.calls and not situation.returns:
            calls = tuple(
                ToolCall(self._new_call_id(), call.tool, call.arguments) for call in plan.calls
            )
            written = sum(len(call.name) + len(call.arguments) for call in calls)
            usage = _usage(request, written)
            return ModelAnswer("", calls, finish="tool_calls", usage=usage, model=self.name)
        text = answer_to(situation, plan)
        return ModelAnswer(text, usage=_usage(request, len(text)), model=self.name)

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        answer = await self.complete(request)
        for word in _WORD.findall(answer.text):
            emit(TextDelta(word))
        return answer


def _usage(request: ModelRequest, written: int) -> Usage:
    read = sum(len(prompt.text) for prompt in request.prompt)
    for prompt in request.prompt:
        if isinstance(prompt, AssistantPrompt):
            read += sum(len(call.name) + len(call.arguments) for call in prompt.tool_calls)
    read += sum(len(f"{tool.name}{tool.description}{tool.parameters}") for tool in request.tools)
    return Usage(
        prompt_tokens=-(-read // _CHARACTERS_PER_TOKEN),
        completion_tokens=-(-written // _CHARACTERS_PER_TOKEN),
        cost=0,
    )
