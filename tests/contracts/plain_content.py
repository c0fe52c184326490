"""Contents for tests of agent files: one that has a bit of everything, and any at all."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from agentcore.clock import SECOND, Micros
from agentcore.records import (
    EditActor,
    MessageMeta,
    Origin,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
)
from agentcore.records.content import (
    Content,
    PlainAgent,
    PlainBlock,
    PlainMessage,
    PlainPassage,
    PlainRevision,
    PlainThread,
    PlainTool,
)

START = Micros(1_750_000_000 * SECOND)
BUILT_IN = ("memory_insert", "memory_replace", "conversation_search")
META = MessageMeta("2025-06-15T17:06", "Europe/Lisbon", "telegram", speaker='Ada "A" <b>')


def revision(version: int, before: str, after: str, message: str | None = None) -> PlainRevision:
    return PlainRevision(
        version=version,
        before=before,
        after=after,
        actor=EditActor.TOOL if message else EditActor.TEMPLATE,
        origin=Origin.OWNER if message else Origin.OPERATOR,
        created_at=Micros(START + version),
        label="human",
        limit=5_000,
        description="",
        read_only=False,
        message=message,
        tool_call_id="call-1" if message else None,
    )


def said(number: int, role: Role, *parts: Part, thread: int = 0) -> PlainMessage:
    return PlainMessage(
        name=f"message-{number}",
        role=role,
        parts=parts,
        created_at=Micros(START + number * SECOND),
        thread=thread,
        meta=META if role is Role.USER else None,
        otid=f"otid-{number}" if role is Role.USER else None,
    )


RICH = Content(
    agents=(
        PlainAgent(
            name="Sam",
            system="You are Sam.\n{{ braces }}",
            created_at=START,
            tools=("memory_insert", "weather"),
            blocks=("block-0", "block-1"),
            threads=(
                PlainThread(START, first="message-4", summary="- They met.\n"),
                PlainThread(START, audience="chat"),
            ),
            messages=(
                said(1, Role.USER, TextPart("I live in Lisbon", Origin.OWNER)),
                said(2, Role.USER, TextPart("hello all", Origin.OTHER_PERSON), thread=1),
                said(
                    3,
                    Role.ASSISTANT,
                    ReasoningPart("worth keeping"),
                    TextPart("Noted.", Origin.AGENT),
                    ToolCallPart(ToolCall("call-1", "memory_insert", '{"label": "human"')),
                ),
                said(
                    4,
                    Role.TOOL,
                    ToolReturnPart("call-1", "memory_insert", "done", "success", Origin.OPERATOR),
                    ToolReturnPart("call-2", "gone", "no such tool", "error", Origin.TOOL),
                ),
                said(5, Role.NOTE, TextPart("The block was edited.", Origin.OPERATOR)),
                said(6, Role.USER, TextPart('{"type": "heartbeat", "message": "x"}', Origin.WEB)),
                said(7, Role.ASSISTANT, TextPart("What are Wellensittiche?", Origin.AGENT)),
            ),
            passages=(
                PlainPassage("plum cake", ("recipe",), Origin.WEB, START, "message-1"),
                PlainPassage("a poem", (), Origin.OWNER, Micros(START + 5)),
            ),
            tags=("a", "b"),
            template="friend:3",
            model="openai/gpt-4o-mini",
            context_window=12_000,
            limits={"steps": 7, "tokens": 9_000, "seconds": 12.5},
            description="a friend",
            time_zone="Europe/Lisbon",
            hidden=True,
            metadata={"k": [1, None]},
            extras={"message_buffer_autoclear": True},
        ),
        PlainAgent(
            name="Max",
            system="",
            created_at=Micros(START + 1),
            blocks=("block-1",),
            threads=(PlainThread(START),),
            limits={"steps": 50, "tokens": 200_000, "seconds": 300.0},
        ),
    ),
    blocks=(
        PlainBlock(
            name="block-0",
            label="human",
            value="Lives in Lisbon\r\n\tyes",
            limit=5_000,
            tags=("t",),
            metadata={"m": 1},
            extras={"hidden": True},
            revisions=(
                revision(1, "", "Lives in"),
                revision(2, "Lives in", "Lives in Lisbon\r\n\tyes", "message-1"),
            ),
        ),
        PlainBlock("block-1", "house", "no smoking", 100, "the rules", read_only=True, shared=True),
    ),
    tools=(
        PlainTool(
            name="weather",
            description="The weather.",
            parameters={"type": "object", "properties": {"town": {"type": "string"}}},
            source="def weather(town: str) -> str:\n    return 'rain'\n",
            tags=("w",),
            return_limit=900,
            needs_approval=True,
            extras={"pip_requirements": [{"name": "x"}]},
        ),
    ),
)

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
_ORIGIN = st.sampled_from(Origin)
_PART: st.SearchStrategy[Part] = st.one_of(
    st.builds(TextPart, text=_TEXT, origin=_ORIGIN),
    st.builds(ReasoningPart, text=_TEXT, origin=_ORIGIN),
    st.builds(
        ToolCallPart,
        call=st.builds(ToolCall, call_id=_TEXT, name=_TEXT, arguments=_TEXT),
        origin=_ORIGIN,
    ),
    st.builds(
        ToolReturnPart,
        call_id=_TEXT,
        name=_TEXT,
        text=st.one_of(_TEXT, st.just('{"status": "Failed", "message": "no"}')),
        status=st.sampled_from(("success", "error")),
        origin=_ORIGIN,
    ),
)
_SAID = st.tuples(st.sampled_from(Role), st.lists(_PART, max_size=4), st.none() | st.just(META))
_PASSAGE = st.tuples(_TEXT, st.lists(_TEXT, max_size=3), _ORIGIN)


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """One agent with any messages, block and passages."""
    messages = tuple(
        replace(said(number, role, *parts), meta=meta, otid=None)
        for number, (role, parts, meta) in enumerate(draw(st.lists(_SAID, max_size=6)), start=1)
    )
    names = [each.name for each in messages]
    ref = st.sampled_from([*names, None])
    values = draw(st.lists(_TEXT, min_size=1, max_size=4))
    revisions = tuple(
        revision(number, before, after, draw(ref))
        for number, (before, after) in enumerate(
            zip(["", *values[:-1]], values, strict=True), start=1
        )
    )
    passages = tuple(
        PlainPassage(text, tuple(tags), origin, Micros(START + at), draw(ref))
        for at, (text, tags, origin) in enumerate(draw(st.lists(_PASSAGE, max_size=3)))
    )
    agent = PlainAgent(
        name="Any",
        system=draw(_TEXT),
        created_at=START,
        tools=draw(st.lists(st.sampled_from(BUILT_IN), unique=True).map(tuple)),
        blocks=("block-0",),
        threads=(PlainThread(START, first=draw(ref), summary=draw(_TEXT)),),
        messages=messages,
        passages=passages,
        limits={"steps": 50, "tokens": 200_000, "seconds": 300.0},
        description=draw(st.none() | _TEXT),
    )
    block = PlainBlock("block-0", "human", values[-1], 5_000, revisions=revisions)
    return Content((agent,), (block,))
