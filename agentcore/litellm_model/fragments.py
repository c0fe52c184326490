"""A streamed answer, put together from its fragments. Pure: fed with chunks, emits nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agentcore.litellm_model.wire import answer
from agentcore.model import ModelAnswer, ToolCall, Usage


@dataclass(slots=True)
class _Call:
    index: int | None
    call_id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def add(self, call_id: str, name: str, arguments: str) -> None:
        # Ids and names come whole, and some providers repeat them with every fragment.
        self.call_id = self.call_id or call_id
        self.name = self.name or name
        self.arguments.append(arguments)


@dataclass(slots=True)
class Fragments:
    """What has come so far. `usage` is the provider's own object, once it was sent."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)
    finish: str | None = None
    usage: Any = None

    def add(self, chunk: Any) -> str:
        """Take one chunk in; returns the text in it, often empty."""
        self.usage = getattr(chunk, "usage", None) or self.usage
        choices = getattr(chunk, "choices", None) or []
        if not choices:
            return ""
        self.finish = getattr(choices[0], "finish_reason", None) or self.finish
        delta = getattr(choices[0], "delta", None)
        piece = getattr(delta, "content", None) or ""
        self.text.append(piece)
        self.reasoning.append(getattr(delta, "reasoning_content", None) or "")
        for fragment in getattr(delta, "tool_calls", None) or []:
            self._add_call(fragment)
        return str(piece)

    def _add_call(self, fragment: Any) -> None:
        function = getattr(fragment, "function", None)
        call_id = getattr(fragment, "id", None) or ""
        name = getattr(function, "name", None) or ""
        call = self._call_at(getattr(fragment, "index", None), call_id, name)
        call.add(call_id, name, getattr(function, "arguments", None) or "")

    def _call_at(self, index: int | None, call_id: str, name: str) -> _Call:
        """The call that a fragment goes on with.

        It is the newest of its index, or of its id where there is no index. A new id that comes
        with a name starts a new call even at an index already used: some providers number every
        call 0.
        """
        for call in reversed(self.calls):
            same_place = call.index == index if index is not None else call_id in {"", call.call_id}
            if not same_place:
                continue
            another = call_id and name and call.call_id and call_id != call.call_id
            if not another:
                return call
            break
        self.calls.append(_Call(index))
        return self.calls[-1]

    def whole(self, model: str, usage: Usage) -> ModelAnswer:
        """The finished answer.

        Raises:
            MalformedAnswer: a call without a name.
        """
        calls = [ToolCall(c.call_id, c.name, "".join(c.arguments)) for c in self.calls]
        return answer(
            model,
            text="".join(self.text),
            calls=calls,
            finish=self.finish,
            usage=usage,
            reasoning="".join(self.reasoning),
        )
