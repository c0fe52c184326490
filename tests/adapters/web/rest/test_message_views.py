"""How one message of ours becomes messages of the Letta API."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from letta_client.types.agents.message import Message as LettaMessage
from pydantic import TypeAdapter

from adapters.web.rest.turns.message_views import (
    ALL_TYPES,
    Setting,
    Shape,
    compaction_view,
    instructions_id,
    instructions_view,
    message_views,
    step_of,
)
from agentcore.clock import SECOND, Micros
from agentcore.records import (
    AgentId,
    IdentityId,
    Message,
    MessageId,
    MessageMeta,
    Origin,
    ReasoningPart,
    Role,
    StepId,
    StepRecord,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    new_message_id,
)

_LETTA: TypeAdapter[Any] = TypeAdapter(LettaMessage)
AT = Micros(1_795_216_500_000_000)
ID = MessageId("message-0b0c6a52-11d2-4c38-9d36-6f1f6f2f6f9a")

_texts = st.text(max_size=20)
_calls = st.builds(ToolCall, st.text(min_size=1, max_size=8), _texts, _texts)
_parts = st.one_of(
    st.builds(TextPart, _texts, st.sampled_from(Origin)),
    st.builds(ReasoningPart, _texts),
    st.builds(ToolCallPart, _calls, gated=st.booleans()),
    st.builds(
        ToolReturnPart,
        _texts,
        _texts,
        _texts,
        st.sampled_from(("success", "error")),
        st.sampled_from(Origin),
    ),
)
_metas = st.none() | st.builds(
    MessageMeta, st.just("2026-11-20T23:15"), st.just("UTC"), st.just("api"), speaker=_texts
)
_messages = st.builds(
    Message,
    seq=st.integers(1, 9),
    message_id=st.builds(new_message_id),
    thread=st.just(1),
    turn=st.none() | st.just(7),
    role=st.sampled_from(Role),
    parts=st.lists(_parts, max_size=5).map(tuple),
    created_at=st.integers(0, 4_000_000_000 * SECOND).map(Micros),
    author=st.none() | st.just(IdentityId("identity-0b0c6a52-11d2-4c38-9d36-6f1f6f2f6f9a")),
    meta=_metas,
    otid=st.none() | _texts,
)
_shapes = st.builds(
    Shape, types=st.sets(st.sampled_from(sorted(ALL_TYPES))), assistant_messages=st.booleans()
)


def message(
    *parts: TextPart | ReasoningPart | ToolCallPart | ToolReturnPart, role: Role
) -> Message:
    return Message(5, ID, 1, 7, role, parts, AT)


def said(text: str) -> TextPart:
    return TextPart(text, Origin.AGENT)


def called(call_id: str, name: str = "look") -> ToolCallPart:
    return ToolCallPart(ToolCall(call_id, name, "{}"))


def kinds(views: list[dict[str, Any]]) -> list[str]:
    return [view["message_type"] for view in views]


@given(_messages, _shapes)
def test_every_message_is_one_that_the_client_library_knows(stored: Message, shape: Shape) -> None:
    views = message_views(stored, Setting("run-1", "step-1"), shape)
    for view in views:
        known = _LETTA.validate_json(json.dumps(view), strict=True)
        assert known.id == stored.message_id
        assert known.date.microsecond == 0
        assert view["date"].endswith("+00:00")
        assert view["message_type"] in shape.types
    assert len({view["otid"] for view in views}) == len(views)


def test_what_a_model_says_at_once_is_shown_part_by_part() -> None:
    stored = message(
        ReasoningPart("Hm."), said("I look."), called("a"), called("b"), role=Role.ASSISTANT
    )
    views = message_views(stored, Setting("run-1", "step-1"))
    assert kinds(views) == [
        "reasoning_message",
        "assistant_message",
        "tool_call_message",
        "tool_call_message",
    ]
    assert views[1]["content"] == "I look."
    assert views[1]["otid"] == "0b0c6a52-11d2-4c38-9d36-6f1f6f2f6f80"
    assert views[3]["tool_call"] == {"name": "look", "arguments": "{}", "tool_call_id": "b"}
    assert views[3]["tool_calls"] == [views[3]["tool_call"]]
    assert {(view["run_id"], view["step_id"]) for view in views} == {("run-1", "step-1")}
    assert {view["date"] for view in views} == {"2026-11-20T23:15:00+00:00"}


def test_calls_that_wait_for_the_clients_word_are_asked_for_together() -> None:
    waiting = (replace(called(each), gated=True) for each in "bc")
    views = message_views(message(called("a"), *waiting, role=Role.ASSISTANT))
    assert kinds(views) == ["tool_call_message", "approval_request_message"]
    assert [call["tool_call_id"] for call in views[1]["tool_calls"]] == ["b", "c"]


def test_each_return_of_a_tool_is_a_message() -> None:
    stored = message(
        ToolReturnPart("a", "look", "nothing", "success", Origin.TOOL),
        ToolReturnPart("b", "open", "locked", "error", Origin.TOOL),
        role=Role.TOOL,
    )
    first, second = message_views(stored)
    assert (first["name"], first["tool_return"], first["status"]) == ("look", "nothing", "success")
    assert second["tool_returns"] == [
        {
            "type": "tool",
            "tool_return": "locked",
            "status": "error",
            "tool_call_id": "b",
            "stdout": None,
            "stderr": None,
        }
    ]


def test_what_the_agent_says_can_be_shown_as_a_call_of_a_tool() -> None:
    (view,) = message_views(
        message(said('"Hi"'), role=Role.ASSISTANT), shape=Shape(assistant_messages=False)
    )
    assert view["message_type"] == "tool_call_message"
    assert view["tool_call"]["name"] == "send_message"
    assert json.loads(view["tool_call"]["arguments"]) == {"message": '"Hi"'}


def test_a_message_of_the_client_keeps_the_otid_that_it_came_with() -> None:
    stored = Message(1, ID, 1, 1, Role.USER, (TextPart("Hi", Origin.OWNER),), AT, otid="mine")
    (view,) = message_views(stored)
    assert (view["message_type"], view["content"], view["otid"]) == ("user_message", "Hi", "mine")


def step(number: int, first: int | None) -> StepRecord:
    step_id = StepId(f"step-0b0c6a52-11d2-4c38-9d36-6f1f6f2f6f9{number}")
    return StepRecord(step_id, number, "m", "tools", 1, 1, 0, 0, AT, AT, first_message=first)


def test_a_message_belongs_to_the_step_that_it_was_committed_with_or_after() -> None:
    steps = [step(1, None), step(2, 4), step(3, 6)]

    def at(seq: int) -> str | None:
        return step_of(Message(seq, ID, 1, 7, Role.TOOL, (), AT), steps)

    assert [at(3), at(4), at(5), at(6), at(9)] == [
        None,
        steps[1].step_id,
        steps[1].step_id,
        steps[2].step_id,
        steps[2].step_id,
    ]


def test_room_that_was_made_is_an_event() -> None:
    view = compaction_view(step(1, None), "run-1")
    known = _LETTA.validate_json(json.dumps(view), strict=True)
    assert (known.event_type, known.step_id) == ("compaction", step(1, None).step_id)


def test_an_agents_instructions_are_always_the_same_message() -> None:
    agent = AgentId("agent-0b0c6a52-11d2-4c38-9d36-6f1f6f2f6f9a")
    view = instructions_view(agent, "You are Sam.", "2026-01-01T00:00:00+00:00")
    known = _LETTA.validate_json(json.dumps(view), strict=True)
    assert (known.content, known.id) == ("You are Sam.", instructions_id(agent))
