"""What clients send to have an agent take a turn, and what is asked of the engine for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from adapters.web.rest.http.ids import pattern
from adapters.web.rest.http.refusals import Invalid, NotOffered
from adapters.web.rest.turns.message_views import ALL_TYPES, MessageType, Shape
from agentcore.records import (
    CallAnswer,
    CallDecision,
    ClientReturn,
    ClientTool,
    GivenMessage,
    IdentityId,
    Origin,
    TextPart,
    TurnOptions,
    storable,
)

MAX_TEXT = 1_000_000
"""Characters of one text."""
MAX_MESSAGES = 200
MAX_PARTS = 200
MAX_TOOLS = 128

Words = Annotated[str, Field(max_length=MAX_TEXT)]
Name = Annotated[str, Field(max_length=200)]
CallId = Annotated[str, Field(min_length=1, max_length=200)]

_ORIGINS: Mapping[str, Origin] = {
    "user": Origin.OWNER,
    "system": Origin.OPERATOR,
    "assistant": Origin.AGENT,
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ContentPart(_Body):
    """A part of what is said. Texts alone are read here."""

    type: Annotated[str, Field(max_length=50)] = "text"
    text: Words | None = None


Content = Words | Annotated[list[ContentPart], Field(max_length=MAX_PARTS)]


def text_of_content(content: str | Sequence[ContentPart]) -> str:
    """The text that a content is.

    Raises:
        NotOffered: there is an image in it.
        Invalid: there is something else in it, or nothing at all.
    """
    if isinstance(content, str):
        return storable(content)
    texts = []
    for part in content:
        if part.type == "image":
            raise NotOffered("not offered by this server: images in `content`. Send text.")
        if part.type != "text" or part.text is None:
            raise Invalid(f"`content` can't have a part of the type {part.type!r}: send text.")
        texts.append(part.text)
    return storable("\n".join(texts))


class MessageBody(_Body):
    """Something that is said."""

    type: Literal["message"] | None = "message"
    role: Literal["user", "system", "assistant"]
    content: Content
    name: Name | None = None
    otid: Name | None = None
    sender_id: Annotated[str, Field(pattern=pattern("identity"))] | None = None

    def given(self) -> GivenMessage:
        """Raises Invalid, NotOffered."""
        return GivenMessage(
            self.role,
            (TextPart(text_of_content(self.content), _ORIGINS[self.role]),),
            self.otid,
            None if self.name is None else storable(self.name),
            None if self.sender_id is None else IdentityId(self.sender_id),
        )


class ApprovalItem(_Body):
    """A word on one call."""

    type: Literal["approval"] | None = "approval"
    tool_call_id: CallId
    approve: bool
    reason: Words | None = None

    def answer(self) -> CallAnswer:
        return CallDecision(self.tool_call_id, self.approve, storable(self.reason or ""))


class ToolReturnItem(_Body):
    """What a call has come to that the client carried out."""

    type: Literal["tool"] | None = "tool"
    tool_call_id: CallId
    tool_return: Content
    status: Literal["success", "error"]
    stdout: Annotated[list[Words], Field(max_length=MAX_PARTS)] | None = None
    stderr: Annotated[list[Words], Field(max_length=MAX_PARTS)] | None = None

    def answer(self) -> CallAnswer:
        """Raises Invalid, NotOffered."""
        pieces = [text_of_content(self.tool_return)]
        for name, lines in (("stdout", self.stdout), ("stderr", self.stderr)):
            if lines:
                pieces.append("\n".join([f"{name}:", *lines]))
        return ClientReturn(self.tool_call_id, storable("\n\n".join(pieces)), self.status)


def _kind_of_answer(value: Any) -> str:
    """By its type, or by what it holds where that isn't said."""
    told = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    if told is None:
        has_return = isinstance(value, Mapping) and "tool_return" in value
        return "tool" if has_return else "approval"
    return str(told)


Answered = Annotated[
    Annotated[ApprovalItem, Tag("approval")] | Annotated[ToolReturnItem, Tag("tool")],
    Discriminator(_kind_of_answer),
]


class ApprovalBody(_Body):
    """Words on calls that wait for one: on each, or in the older form, on all of a message."""

    type: Literal["approval"]
    approvals: Annotated[list[Answered], Field(min_length=1, max_length=MAX_TOOLS)] | None = None
    approve: bool | None = None
    approval_request_id: Annotated[str, Field(max_length=200)] | None = None
    reason: Words | None = None
    otid: Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.approvals is None and (self.approve is None or self.approval_request_id is None):
            msg = "an approval has `approvals`, or `approve` and `approval_request_id`"
            raise ValueError(msg)
        return self


class ToolReturnsBody(_Body):
    """What calls have come to that the client carried out."""

    type: Literal["tool_return"]
    tool_returns: Annotated[list[ToolReturnItem], Field(min_length=1, max_length=MAX_TOOLS)]
    otid: Name | None = None


def _kind_of_message(value: Any) -> str:
    told = value.get("type") if isinstance(value, Mapping) else getattr(value, "type", None)
    return "message" if told is None else str(told)


Said = Annotated[
    Annotated[MessageBody, Tag("message")]
    | Annotated[ApprovalBody, Tag("approval")]
    | Annotated[ToolReturnsBody, Tag("tool_return")],
    Discriminator(_kind_of_message),
]


class ClientToolBody(_Body):
    """A tool that the client carries out itself."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    description: Annotated[str, Field(max_length=10_000)] | None = None
    parameters: dict[str, Any] | None = None

    def tool(self) -> ClientTool:
        schema = self.parameters or {"type": "object", "properties": {}}
        return ClientTool(self.name, self.description or "", schema)


class TurnBody(_Body):
    """What a turn is asked for with. Exactly one of `messages` and `input`."""

    messages: Annotated[list[Said], Field(max_length=MAX_MESSAGES)] | None = None
    input: Content | None = None
    max_steps: Annotated[int, Field(ge=1, le=1_000)] | None = None
    use_assistant_message: bool = True
    assistant_message_tool_name: Annotated[str, Field(min_length=1, max_length=64)] = "send_message"
    assistant_message_tool_kwarg: Annotated[str, Field(min_length=1, max_length=64)] = "message"
    include_return_message_types: (
        Annotated[list[MessageType], Field(max_length=len(ALL_TYPES))] | None
    ) = None
    include_compaction_messages: bool = False
    override_model: Name | None = None
    override_system: Words | None = None
    client_tools: Annotated[list[ClientToolBody], Field(max_length=MAX_TOOLS)] | None = None
    client_skills: Annotated[list[Any], Field(max_length=MAX_TOOLS)] | None = None
    enable_thinking: Annotated[str, Field(max_length=20)] | bool | None = None
    return_logprobs: bool = False
    return_token_ids: bool = False
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    streaming: bool = False
    stream_tokens: bool = False
    include_pings: bool = True
    background: bool = False

    def require_sound(self) -> None:
        """See that it says what to answer, and asks for nothing that isn't built.

        Raises:
            Invalid: it has both of `messages` and `input`, or neither.
            NotOffered: a field asks for what this server doesn't do.
        """
        if (self.messages is None) == (self.input is None):
            raise Invalid("Exactly one of `messages` and `input` must be given.")
        if self.messages == [] or self.input in ([], ""):
            raise Invalid("Messages must not be empty")
        for name in self._unbuilt():
            raise NotOffered(f"not offered by this server: `{name}`. Leave it out.")

    def _unbuilt(self) -> Iterator[str]:
        if self.client_skills:
            yield "client_skills"
        if self.enable_thinking is not None and str(self.enable_thinking).lower() != "true":
            yield "enable_thinking"
        for name in ("return_logprobs", "return_token_ids", "top_logprobs"):
            if getattr(self, name):
                yield name

    def given(self) -> tuple[GivenMessage, ...]:
        """What is said.

        Raises:
            Invalid, NotOffered: a message holds what can't be read.
        """
        if self.input is not None:
            return (MessageBody(role="user", content=self.input).given(),)
        return tuple(each.given() for each in self.messages or () if isinstance(each, MessageBody))

    def answers(self) -> tuple[CallAnswer, ...]:
        """Words on calls, but for those of the older form (see `older_approvals`).

        Raises:
            Invalid, NotOffered: a return can't be read.
        """
        found: list[CallAnswer] = []
        for each in self.messages or ():
            match each:
                case ApprovalBody(approvals=list() as approvals):
                    found.extend(item.answer() for item in approvals)
                case ToolReturnsBody(tool_returns=returns):
                    found.extend(item.answer() for item in returns)
                case _:
                    pass
        return tuple(found)

    def older_approvals(self) -> tuple[ApprovalBody, ...]:
        """Words on all calls of a message."""
        said = self.messages or ()
        return tuple(e for e in said if isinstance(e, ApprovalBody) and e.approvals is None)

    def options(self) -> TurnOptions:
        return TurnOptions(
            max_steps=self.max_steps,
            model=self.override_model,
            system=None if self.override_system is None else storable(self.override_system),
            client_tools=tuple(each.tool() for each in self.client_tools or ()),
        )

    def own_key(self) -> str | None:
        """What names the request, if the client has named its messages."""
        named = [each.otid for each in self.messages or () if each.otid]
        return f"otid:{','.join(named)}" if named else None

    def shape(self) -> Shape:
        types = self.include_return_message_types
        return Shape(
            ALL_TYPES if types is None else frozenset(types),
            self.use_assistant_message,
            self.assistant_message_tool_name,
            self.assistant_message_tool_kwarg,
        )


class AsyncTurnBody(TurnBody):
    """A turn that nobody waits for."""

    callback_url: Annotated[str, Field(max_length=2_000, pattern=r"^https?://")] | None = None
