"""Messages: what was said, by whom, and where each part of it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.ids import AgentId, BlockId, IdentityId, MessageId


class Origin(StrEnum):
    """Where a piece of text came from. Stamped by code, never by the model."""

    OPERATOR = "operator"
    OWNER = "owner"
    AGENT = "agent"
    OTHER_PERSON = "other_person"
    FORWARDED = "forwarded"
    DOCUMENT = "document"
    WEB = "web"
    TOOL = "tool"

    @property
    def trusted(self) -> bool:
        """Whether text of this origin may be written into memory on its own word."""
        return self in {Origin.OPERATOR, Origin.OWNER, Origin.AGENT}


Unreadable = Literal["photo", "voice", "audio", "video", "document", "sticker", "other"]
"""What can come with a message, or alone, and can't be passed on to a model."""


class Role(StrEnum):
    """Whose message it is. `note` is a change from outside told to the model in user role."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    SUMMARY = "summary"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as the model wrote it. `arguments` is its raw text: JSON if the model behaved."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str
    origin: Origin
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What a reasoning model said to itself; kept, never sent to anyone."""

    text: str
    origin: Origin = Origin.AGENT
    type: Literal["reasoning"] = "reasoning"


@dataclass(frozen=True, slots=True)
class ToolCallPart:
    """`gated`: it is carried out by somebody else, or once somebody has said so."""

    call: ToolCall
    origin: Origin = Origin.AGENT
    gated: bool = False
    type: Literal["tool_call"] = "tool_call"


@dataclass(frozen=True, slots=True)
class ToolReturnPart:
    call_id: str
    name: str
    text: str
    status: Literal["success", "error"]
    origin: Origin
    type: Literal["tool_return"] = "tool_return"


@dataclass(frozen=True, slots=True)
class ShownPart:
    """The message shows a block as it stood at this version. No text: it tells which edits the
    conversation's model knows of.
    """

    block_id: BlockId
    version: int
    origin: Origin = Origin.OPERATOR
    type: Literal["shown"] = "shown"


Part = TextPart | ReasoningPart | ToolCallPart | ToolReturnPart | ShownPart


@dataclass(frozen=True, slots=True)
class MessageMeta:
    """What the metadata line of a user message says; fixed when the message is stored, so that
    the line is the same in every later prompt. `local_time` is ISO 8601 to the minute. `edited`: it
    is how an earlier message reads now.
    """

    local_time: str
    zone: str
    platform: str
    audience: Literal["private", "chat"] = "private"
    speaker: str | None = None
    unreadable: Unreadable | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that is about to be committed; the store gives it its `seq`."""

    message_id: MessageId
    role: Role
    parts: tuple[Part, ...]
    created_at: Micros
    author: IdentityId | None = None
    meta: MessageMeta | None = None
    otid: str | None = None

    @property
    def text(self) -> str:
        return text_of(self.parts)


@dataclass(frozen=True, slots=True)
class Message:
    """A committed message. `seq` counts up from 1 per agent; `thread` and `turn` are per agent too."""

    seq: int
    message_id: MessageId
    thread: int
    turn: int | None
    role: Role
    parts: tuple[Part, ...]
    created_at: Micros
    author: IdentityId | None = None
    meta: MessageMeta | None = None
    otid: str | None = None

    @property
    def text(self) -> str:
        return text_of(self.parts)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(part.call for part in self.parts if isinstance(part, ToolCallPart))

    @property
    def waits(self) -> bool:
        """Whether some of its calls wait for an answer from outside, if nothing came after it."""
        return any(isinstance(part, ToolCallPart) and part.gated for part in self.parts)


def storable(text: str) -> str:
    """The text without what can't be stored: NUL (PostgreSQL) and lone surrogates (UTF-8)."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def text_of(parts: tuple[Part, ...]) -> str:
    """The plain text of the text parts, joined by line breaks."""
    return "\n".join(part.text for part in parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A found message with its score and its neighbours in the same thread, oldest first. `agent_id`
    is whose numbers they have: the agent's that was asked, or those of one that it has absorbed.
    """

    agent_id: AgentId
    message: Message
    score: float
    before: tuple[Message, ...] = field(default=())
    after: tuple[Message, ...] = field(default=())
