"""What a turn may be asked for besides a person's words: what a client of the API hands over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from agentcore.records.ids import IdentityId
from agentcore.records.messages import TextPart


@dataclass(frozen=True, slots=True)
class GivenMessage:
    """A message as a client hands it over. Those of the roles "system" and "assistant" go into the
    history as they are; what is answered is all of them.
    """

    role: Literal["user", "system", "assistant"]
    parts: tuple[TextPart, ...]
    otid: str | None = None
    name: str | None = None
    sender: IdentityId | None = None


@dataclass(frozen=True, slots=True)
class CallDecision:
    """Whether a call that waits for a word may be made; `reason` is for the model to read."""

    call_id: str
    approve: bool
    reason: str = ""
    type: Literal["decision"] = "decision"


@dataclass(frozen=True, slots=True)
class ClientReturn:
    """What a call has come to that the client carried out itself."""

    call_id: str
    text: str
    status: Literal["success", "error"] = "success"
    type: Literal["return"] = "return"


CallAnswer = CallDecision | ClientReturn


@dataclass(frozen=True, slots=True)
class ClientTool:
    """A tool that the client carries out: a turn that calls it ends with `requires_approval`, and
    the client's next request brings the return. `parameters` is a JSON Schema object.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TurnOptions:
    """How one turn differs from the agent's others. None: it doesn't. `approvals`: whether its client
    knows how to give a yes to a call; else it goes as in a chat.
    """

    max_steps: int | None = None
    model: str | None = None
    system: str | None = None
    client_tools: tuple[ClientTool, ...] = ()
    approvals: bool = True

    @property
    def size(self) -> int:
        """Bytes of text."""
        told = [self.system or "", *(each.description for each in self.client_tools)]
        schemas = sum(len(json.dumps(each.parameters)) for each in self.client_tools)
        return sum(len(each.encode()) for each in told) + schemas


@dataclass(frozen=True)
class AskedTurn:
    """What waits in the queue for one turn of its own; see `TurnRequest`."""

    messages: tuple[GivenMessage, ...] = ()
    answers: tuple[CallAnswer, ...] = ()
    options: TurnOptions = field(default_factory=TurnOptions)
    background: bool = False
    callback_url: str | None = None

    @cached_property
    def size(self) -> int:
        """Bytes of text, as the per-agent cap counts them: of all that waits with it."""
        said = sum(len(part.text.encode()) for each in self.messages for part in each.parts)
        given = sum(
            len((each.text if each.type == "return" else each.reason).encode())
            for each in self.answers
        )
        return said + given + self.options.size
