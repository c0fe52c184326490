"""A turn as a stream of server-sent events, as letta-client reads them.

What is durable (a message, why the turn is over) is told after its commit and never changes. A
message's events are numbered over the whole turn, whatever the client wants to see of them, so that
one who comes back goes on where it was. Pieces of a text are previews without a number: what
follows the last of them, once the text is committed, is the rest of it, mostly nothing, under the
same id. So whoever puts pieces together by their `otid` has each text once.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import assert_never

from pydantic_core import to_json

from adapters.web.event_stream import Emit
from adapters.web.rest.http.answers import second
from adapters.web.rest.seams.running import RunEnded, RunEvents, RunMessages, RunPiece
from adapters.web.rest.turns.message_views import (
    ALL_TYPES,
    TEXT,
    Setting,
    Shape,
    View,
    compaction_view,
    message_views,
    otid,
    step_of,
)
from adapters.web.rest.turns.run_views import Failure, failure_of, stop_view, usage_view
from agentcore.clock import Clock
from agentcore.errors import NotFound
from agentcore.records import RunView, StopReason, TurnId

PING_EVERY = 20.0
DONE = b"data: [DONE]\n\n"


def block(view: View, event: bytes = b"") -> bytes:
    """One event."""
    return b"%sdata: %s\n\n" % (event, to_json(view))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants of a stream. `tokens`: pieces of texts while they are made. `after`: what
    has up to this number is known already.
    """

    shape: Shape
    tokens: bool = False
    pings: bool = True
    compactions: bool = False
    after: int = 0


class RunStream:
    """What is told of one turn. Told once, to one reader."""

    def __init__(self, turn_id: TurnId, wanted: Wanted, clock: Clock) -> None:
        self._turn_id = turn_id
        self._wanted = wanted
        self._clock = clock
        self._all = replace(wanted.shape, types=ALL_TYPES)
        self._number = 0
        self._shown: defaultdict[str, str] = defaultdict(str)
        shape = wanted.shape
        self._pieces = shape.assistant_messages and "assistant_message" in shape.types

    def ping(self) -> bytes:
        """That the turn is still going on."""
        if not self._wanted.pings:
            return b": ping\n\n"
        return block(
            {
                "id": f"message-{uuid.uuid4()}",
                "date": second(self._clock.now()),
                "message_type": "ping",
                "run_id": self._turn_id,
            }
        )

    async def tell(self, following: AbstractAsyncContextManager[RunEvents], emit: Emit) -> None:
        """Everything, from a ping to `[DONE]`, also if the turn is erased meanwhile."""
        if self._wanted.pings:
            await emit(self.ping())
        try:
            await self._tell(following, emit)
        except NotFound as error:
            gone = Failure("not_found", 404, str(error), "")
            await emit(b"".join(self._failed(None, gone)))

    async def _tell(self, following: AbstractAsyncContextManager[RunEvents], emit: Emit) -> None:
        async with following as events:
            async for event in events:
                match event:
                    case RunPiece(message=str() as message_id):
                        # Of an answer whose beginning was missed, the whole will do.
                        if self._pieces and (event.begins or message_id in self._shown):
                            await emit(block(self._piece(event, message_id)))
                    case RunPiece():
                        pass
                    case RunMessages():
                        if told := b"".join(self._committed(event)):
                            await emit(told)
                    case RunEnded(run):
                        await emit(b"".join(self._ended(run)))
                        return
                    case _:
                        assert_never(event)

    def _piece(self, piece: RunPiece, message_id: str) -> View:
        self._shown[message_id] += piece.text
        return {
            "id": message_id,
            "date": second(self._clock.now()),
            "name": None,
            "message_type": "assistant_message",
            "otid": otid(message_id, TEXT),
            "sender_id": None,
            "step_id": None,
            "is_err": None,
            "seq_id": None,
            "run_id": self._turn_id,
            "content": piece.text,
        }

    def _committed(self, event: RunMessages) -> Iterator[bytes]:
        for message in event.messages:
            setting = Setting(self._turn_id, step_of(message, event.steps))
            shown = self._shown.pop(message.message_id, "")
            for view in message_views(message, setting, self._all):
                self._number += 1
                kind = view["message_type"]
                if self._number <= self._wanted.after or kind not in self._wanted.shape.types:
                    continue
                view["seq_id"] = self._number
                if kind == "assistant_message":
                    view["content"] = view["content"].removeprefix(shown)
                yield block(view)

    def _ended(self, run: RunView) -> Iterator[bytes]:
        if self._wanted.compactions and "event_message" in self._wanted.shape.types:
            for step in run.steps:
                if step.outcome == "summarised":
                    yield block(compaction_view(step, run.turn_id))
        failure = failure_of(run)
        if failure is not None:
            yield from self._failed(run.stop_reason, failure)
            return
        yield block(stop_view(run.stop_reason))
        yield block(usage_view(run))
        yield DONE

    def _failed(self, reason: StopReason | None, failure: Failure) -> Iterator[bytes]:
        yield block(stop_view(reason))
        told: View = {
            "message_type": "error_message",
            "run_id": self._turn_id,
            "error_type": failure.kind,
            "message": failure.message,
            "detail": failure.detail,
            "seq_id": self._number + 1,
        }
        yield block(told, b"event: error\n")
        yield DONE
