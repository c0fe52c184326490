"""A streamed answer, put together from its fragments. Pure: fed with pieces, emits nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentcore.model import ModelAnswer, ToolCall, Usage
from agentcore.providers.wire import answer


@dataclass(frozen=True, slots=True)
class CallPiece:
    """A piece of a tool call; `index` is its place among the answer's calls, if it was told."""

    index: int | None
    call_id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one chunk of a stream adds."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[CallPiece, ...] = ()
    finish: str | None = None


@dataclass(slots=True)
class _Call:
    index: int | None
    call_id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def add(self, piece: CallPiece) -> None:
        # Ids and names come whole, and some providers repeat them with every fragment.
        self.call_id = self.call_id or piece.call_id
        self.name = self.name or piece.name
        self.arguments.append(piece.arguments)


@dataclass(slots=True)
class Fragments:
    """What has come so far."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)
    finish: str | None = None

    def add(self, piece: Piece) -> None:
        self.finish = piece.finish or self.finish
        self.text.append(piece.text)
        self.reasoning.append(piece.reasoning)
        for call in piece.calls:
            self._call_at(call).add(call)

    def _call_at(self, piece: CallPiece) -> _Call:
        """The call that a fragment goes on with.

        It is the newest of its index, or of its id where there is no index. A new id that comes
        with a name starts a new call even at an index already used: some providers number every
        call 0.
        """
        for call in reversed(self.calls):
            if piece.index is not None:
                same_place = call.index == piece.index
            else:
                same_place = piece.call_id in {"", call.call_id}
            if not same_place:
                continue
            named = piece.call_id and piece.name
            another = named and call.call_id and piece.call_id != call.call_id
            if not another:
                return call
            break
        self.calls.append(_Call(piece.index))
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
