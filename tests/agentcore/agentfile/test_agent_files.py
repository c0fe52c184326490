"""Agent files: what is written is read again as it was, files of Letta servers are understood, and
whatever isn't one is refused with the place that is wrong.
"""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore.agentfile import (
    AgentFileInvalid,
    Wishes,
    adapted,
    private_only,
    read_agent_file,
    write_agent_file,
)
from agentcore.agentfile.form import MOST_MESSAGES
from agentcore.errors import BadInput
from agentcore.model import ToolSchema
from agentcore.records import Origin, Role, TextPart, ToolCallPart, ToolReturnPart
from agentcore.records.content import Content
from tests.contracts.plain_content import BUILT_IN, RICH, START, contents

SCHEMAS = {name: ToolSchema(name, "does it", {"type": "object"}) for name in BUILT_IN}


def written(content: Content) -> bytes:
    return write_agent_file(content, built_in=SCHEMAS, model="openai/other", now=START)


def read(data: bytes | dict[str, Any]) -> Content:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read_agent_file(raw, built_in=BUILT_IN, now=START).content


def test_what_is_written_is_read_again_as_it_was() -> None:
    assert read(written(RICH)) == RICH


@given(contents())
def test_any_content_is_read_again_as_it_was(content: Content) -> None:
    assert read(written(content)) == content


def test_what_is_a_persons_alone_is_whole_without_groups_and_shared_blocks() -> None:
    content = private_only(RICH)
    sam, _ = content.agents
    assert [each.label for each in content.blocks] == ["human"]
    assert (sam.blocks, len(sam.threads)) == (("block-0",), 1)
    assert "hello all" not in repr(content)
    assert len(sam.messages) == len(RICH.agents[0].messages) - 1
    assert read(written(content)) == content


def test_what_agents_are_wanted_like_is_heeded() -> None:
    file = read_agent_file(written(RICH), built_in=BUILT_IN, now=START)
    found = adapted(file, Wishes(as_copy=True, without_messages=True), {"openai/gpt-4o-mini"})
    sam, other = found.content.agents
    assert (sam.name, other.name, sam.model) == ("Sam_copy", "Max_copy", "openai/gpt-4o-mini")
    assert (sam.messages, found.left_out) == ((), ())
    assert read(written(found.content)) == found.content
    other_model = adapted(file, Wishes(), ("offline",))
    assert other_model.content.agents[0].model is None
    assert "openai/gpt-4o-mini" in other_model.left_out[0]
    with pytest.raises(BadInput, match="2 agents"):
        adapted(file, Wishes(name="One"), None)


def test_a_file_holds_what_other_readers_look_for() -> None:
    file = json.loads(written(RICH))
    sam = file["agents"][0]
    assert sam["id"] == "agent-0"
    assert sam["in_context_message_ids"] == [f"message-{n}" for n in (0, 4, 5, 6, 7)]
    assert sam["messages"][0]["role"] == "system"
    assert "Lives in Lisbon" in sam["messages"][0]["content"][0]["text"]
    assert sam["llm_config"]["handle"] == "openai/gpt-4o-mini"
    assert file["agents"][1]["llm_config"]["handle"] == "openai/other"
    call = sam["messages"][3]["tool_calls"][0]
    assert (call["type"], call["function"]["name"]) == ("function", "memory_insert")
    types = {tool["name"]: tool["tool_type"] for tool in file["tools"]}
    assert types == {"memory_insert": "letta_core", "weather": "custom"}
    assert sam["tool_ids"] == [tool["id"] for tool in file["tools"]]
    roles = {"user", "system", "assistant", "tool"}
    assert {each["role"] for each in sam["messages"]} == roles


def letta_file() -> dict[str, Any]:
    """As a Letta server exports an agent."""
    return {
        "agents": [
            {
                "id": "agent-0",
                "name": "GraciousYak",
                "memory_blocks": [],
                "tools": [],
                "tool_ids": ["tool-0", "tool-1", "tool-2"],
                "source_ids": [],
                "folder_ids": None,
                "block_ids": ["block-0", "block-1"],
                "tool_rules": [{"tool_name": "send_message", "type": "exit_loop"}],
                "tags": ["t1"],
                "system": "You are helpful.",
                "agent_type": "letta_v1_agent",
                "llm_config": {
                    "model": "gpt-4o-mini",
                    "model_endpoint_type": "openai",
                    "context_window": 32000,
                    "handle": "openai/gpt-4o-mini",
                },
                "embedding_config": {"embedding_model": "letta-free", "embedding_dim": 1024},
                "tool_exec_environment_variables": {},
                "secrets": None,
                "metadata": None,
                "timezone": "UTC",
                "hidden": None,
                "in_context_message_ids": ["message-0", "message-2", "message-3", "message-4"],
                "messages": [
                    letta_message(0, "system", "You are helpful. <memory_blocks/>"),
                    letta_message(1, "user", '{"type":"user_message","message":"Hi, I am Ada"}'),
                    letta_message(
                        2,
                        "assistant",
                        "Let me note that.",
                        tool_calls=[
                            {
                                "id": "call-1",
                                "type": "function",
                                "function": {"name": "weather", "arguments": '{"town":"Faro"}'},
                            }
                        ],
                    ),
                    letta_message(
                        3, "tool", '{"status":"OK","message":"rain"}', tool_call_id="call-1"
                    ),
                    letta_message(4, "user", '{"type":"heartbeat","message":"go on"}'),
                    letta_message(5, "approval", ""),
                ],
                "files_agents": [],
                "group_ids": [],
            }
        ],
        "groups": [],
        "blocks": [
            {"id": "block-0", "label": "human", "value": "Name: Ada", "limit": 3, "metadata": {}},
            {
                "id": "block-1",
                "label": "persona",
                "value": "I am Sam",
                "limit": 20000,
                "description": "who",
                "read_only": True,
                "template_name": None,
            },
        ],
        "files": [],
        "sources": [{"id": "source-0"}],
        "tools": [
            letta_tool(0, "conversation_search", "letta_core", None),
            letta_tool(1, "weather", "custom", "def weather(town: str) -> str:\n    return ''\n"),
            letta_tool(2, "send_message", "letta_core", None),
        ],
        "mcp_servers": [],
        "metadata": {"revision_id": "495f3f474131"},
        "created_at": "2025-10-31T22:59:00.123456+00:00",
    }


def letta_message(number: int, role: str, text: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "role": role,
        "content": [{"type": "text", "text": text, "signature": None}],
        "name": None,
        "otid": None,
        "id": f"message-{number}",
        "model": "gpt-4o-mini",
        "agent_id": "agent-0",
        "tool_calls": None,
        "tool_call_id": None,
        "tool_returns": [],
        "created_at": f"2025-10-31T22:56:0{number}.459100+00:00",
        "approvals": [],
        **fields,
    }


def letta_tool(number: int, name: str, kind: str, source: str | None) -> dict[str, Any]:
    return {
        "id": f"tool-{number}",
        "tool_type": kind,
        "description": f"{name}.",
        "source_type": "python",
        "name": name,
        "tags": [],
        "source_code": source,
        "json_schema": {"name": name, "parameters": {"type": "object", "properties": {}}},
        "return_char_limit": 50000,
        "metadata_": {},
    }


def test_a_file_of_a_letta_server_is_understood() -> None:
    data = json.dumps(letta_file()).encode()
    found = read_agent_file(data, built_in=BUILT_IN, now=START)
    (agent,) = found.content.agents
    assert (agent.name, agent.system, agent.model) == (
        "GraciousYak",
        "You are helpful.",
        "openai/gpt-4o-mini",
    )
    assert agent.tools == ("conversation_search", "weather")
    assert [tool.name for tool in found.content.tools] == ["weather"]
    assert agent.threads[0].first == "message-2"
    heard, called, returned, told = agent.messages
    assert (heard.role, heard.parts) == (Role.USER, (TextPart("Hi, I am Ada", Origin.OWNER),))
    assert isinstance(called.parts[1], ToolCallPart)
    assert returned.parts == (ToolReturnPart("call-1", "weather", "rain", "success", Origin.TOOL),)
    assert (told.role, told.parts[0].origin) == (Role.SYSTEM, Origin.OPERATOR)
    # A value over its limit is taken as it is: the other server let it be.
    assert [(each.label, each.limit) for each in found.content.blocks] == [
        ("human", 9),
        ("persona", 20000),
    ]
    assert found.left_out == (
        "`sources`: this service has none.",
        "Messages of the role approval.",
        "The tool send_message: it is the other service's own.",
    )


def spoiled(path: str, value: Any) -> dict[str, Any]:
    """The file with another value at a place."""
    file: Any = deepcopy(letta_file())
    *way, last = path.split("/")
    place = file
    for each in way:
        place = place[int(each) if each.isdecimal() else each]
    place[int(last) if last.isdecimal() else last] = value
    return dict(file)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("agents", [], "`agents`"),
        ("agents", "many", "`agents`"),
        ("agents/0/messages/3/role", 7, "`agents[0].messages[3].role`"),
        ("agents/0/messages/3/id", "message-2", "'message-2' is there twice"),
        ("agents/0/messages/3/created_at", "soon", "`agents[0].messages[3].created_at`"),
        ("agents/0/block_ids", ["block-0", "block-9"], "'block-9' isn't in the file"),
        ("agents/0/tool_ids", ["tool-9"], "'tool-9' isn't in the file"),
        ("agents/0/in_context_message_ids", ["message-99"], "'message-99' isn't in the file"),
        ("agents/0/name", "", "`agents[0].name`"),
        ("agents/0/system", ["x"], "`agents[0].system`"),
        ("blocks/1/id", "block-0", "'block-0' is there twice"),
        ("blocks/1/label", "human", "'human' is there twice"),
        ("blocks/0/limit", -1, "`blocks[0].limit`"),
        ("tools/1/name", "", "`tools[1].name`"),
        ("agents/0/familiar", {"created_at": 10**30}, "`agents[0].familiar.created_at`"),
        ("blocks/0/familiar", {"revisions": [{"version": 1}]}, "`blocks[0].familiar.revisions[0]"),
        ("agents/0/messages/1/familiar", {"thread": 4}, "a thread that isn't there"),
        (
            "agents/0/messages/1/familiar",
            {"meta": {"local_time": "once", "zone": "", "platform": ""}},
            "`agents[0].messages[1].familiar.meta`",
        ),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(path: str, value: Any, said: str) -> None:
    with pytest.raises(AgentFileInvalid) as refused:
        read(spoiled(path, value))
    assert said in str(refused.value)


def test_a_file_whose_edits_do_not_lead_to_its_blocks_is_refused() -> None:
    file = json.loads(written(RICH))
    file["blocks"][0]["value"] = "other"
    with pytest.raises(AgentFileInvalid, match="isn't the block's value"):
        read(file)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        b'{"agents": [',
        b"[]",
        b"null",
        b'{"agents": [{"id": "' + b"\xff" + b'"}]}',
        b'{"agents": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"agents": [{"id": "a", "metadata": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}]}",
        b'{"agent_type": "memgpt_agent", "core_memory": [], "messages": []}',
    ],
    ids=["empty", "zip", "cut off", "a list", "null", "no text", "deep", "deep below", "older"],
)
def test_what_is_no_agent_file_is_refused(data: bytes) -> None:
    with pytest.raises(AgentFileInvalid) as refused:
        read(data)
    assert 20 < len(str(refused.value)) < 1_000


def test_a_file_that_was_saved_as_a_text_is_read_as_the_file_it_is() -> None:
    plain = json.dumps(letta_file())
    quoted = json.dumps(plain, indent=1).encode()
    found = [
        read_agent_file(data, built_in=BUILT_IN, now=START) for data in (plain.encode(), quoted)
    ]
    assert found[0] == found[1]
    with pytest.raises(BadInput, match="no JSON"):
        read_agent_file(b'"hello"', built_in=BUILT_IN, now=START)


def test_a_refusal_does_not_tell_what_somebody_wrote() -> None:
    with pytest.raises(AgentFileInvalid) as refused:
        read(spoiled("agents/0/messages/3/tool_calls", "my secret"))
    assert "secret" not in str(refused.value)


def test_a_file_with_too_many_messages_is_refused() -> None:
    messages = [{"id": str(n), "role": "user"} for n in range(MOST_MESSAGES // 2 + 1)]
    agents = [{"id": name, "messages": messages} for name in ("a", "b")]
    with pytest.raises(AgentFileInvalid, match="messages"):
        read({"agents": agents})


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists))
def test_any_value_anywhere_is_read_or_refused(value: Any) -> None:
    for path in ("agents/0/messages/2/content", "agents/0/metadata", "tools/1/json_schema"):
        with suppress(AgentFileInvalid):
            assert read(spoiled(path, value)).agents[0].name == "GraciousYak"
