"""What a Letta server's JSON means here: pure. Whatever is missing or of another type is passed over,
never guessed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from agentcore.clock import SECOND, Micros
from agentcore.records import (
    AgentId,
    BlockId,
    MessageId,
    Origin,
    Part,
    PassageId,
    ReasoningPart,
    Role,
    TextPart,
    ToolCall,
    ToolCallPart,
    ToolReturnPart,
    storable,
)
from agentcore.records.content import (
    PlainAgent,
    PlainBlock,
    PlainMessage,
    PlainPassage,
    PlainThread,
    PlainTool,
)
from bot.moving_in.source import Record

LONGEST = 2_000_000
"""Characters of one text, as in agent files."""
LATEST = 2**53
"""Microseconds since 1970, as in agent files: some time in 2255."""
_LARGEST = 10**9
_IDS = uuid.UUID("0d0ac4f6-0a3f-4a0e-9d4b-7f6a0f0d3c11")


def our_id(prefix: str, theirs: str, *, salt: str = "") -> str:
    """The same id, where it is of our form; else one made from it, each time the same."""
    bare = theirs.removeprefix(f"{prefix}-")
    try:
        same = f"{prefix}-{uuid.UUID(bare)}"
    except ValueError:
        same = ""
    return same if same == theirs and not salt else f"{prefix}-{uuid.uuid5(_IDS, theirs + salt)}"


def text_in(record: Record, key: str, most: int = LONGEST) -> str | None:
    value = record.get(key)
    return storable(value)[:most] if isinstance(value, str) else None


def shown(text: str | None) -> str:
    """The beginning of a text as it can stand in a line: no breaks, and nothing that terminals obey."""
    short = (text or "")[:80]
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in short)


def records_in(record: Record, key: str) -> list[Record]:
    value = record.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts_in(record: Record, key: str) -> tuple[str, ...]:
    value = record.get(key)
    found = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return tuple(dict.fromkeys(storable(each)[:1_000] for each in found))


def number_in(record: Record, key: str, most: int = _LARGEST) -> int | None:
    """A number from 1 on; what is larger counts as the largest."""
    value = record.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        return None
    return min(value, most)


def _object_in(record: Record, key: str) -> Mapping[str, Any]:
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def moment_in(record: Record, key: str, otherwise: Micros) -> Micros:
    value = record.get(key)
    if not isinstance(value, str):
        return otherwise
    try:
        at = datetime.fromisoformat(value)
        aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return Micros(min(max(0, round(aware.timestamp() * SECOND)), LATEST))
    except (ValueError, OverflowError):
        return otherwise


def blocks_of(agent: Record) -> list[Record]:
    """The blocks in an agent's state, wherever its version puts them: one of each label and id."""
    found = records_in(agent, "blocks") or records_in(_object_in(agent, "memory"), "blocks")
    by_label = {_label_of(each): each for each in found if isinstance(each.get("id"), str)}
    return list({str(each["id"]): each for each in by_label.values()}.values())


def _label_of(block: Record) -> str:
    return text_in(block, "label", 200) or "memory"


def plain_block(block: Record, *, shared: bool) -> PlainBlock:
    value = text_in(block, "value") or ""
    return PlainBlock(
        name=str(block["id"]),
        label=_label_of(block),
        value=value,
        # The other server doesn't hold all its blocks to their limits.
        limit=max(number_in(block, "limit", LONGEST) or 1, len(value)),
        description=text_in(block, "description") or "",
        read_only=block.get("read_only") is True,
        shared=shared,
        metadata=_object_in(block, "metadata"),
        tags=texts_in(block, "tags"),
        block_id=BlockId(our_id("block", str(block["id"]))),
    )


def plain_tool(tool: Record) -> PlainTool | None:
    """A tool that has a source."""
    name, source = text_in(tool, "name", 200), text_in(tool, "source_code")
    if not name or not source:
        return None
    schema = _object_in(tool, "json_schema")
    return PlainTool(
        name=name,
        description=text_in(tool, "description") or text_in(schema, "description") or "",
        parameters=_object_in(schema, "parameters") or {"type": "object", "properties": {}},
        source=source,
        tags=texts_in(tool, "tags"),
        return_limit=number_in(tool, "return_char_limit") or 50_000,
        needs_approval=tool.get("default_requires_approval") is True,
    )


def plain_agent(
    agent: Record, tools: Sequence[str], model: str | None, mark: Mapping[str, str], now: Micros
) -> PlainAgent:
    """An agent without its history. `tools` are those that it has here."""
    created = moment_in(agent, "created_at", now)
    return PlainAgent(
        name=text_in(agent, "name", 200) or "agent",
        system=text_in(agent, "system") or "",
        created_at=created,
        tools=tuple(tools),
        blocks=tuple(str(each["id"]) for each in blocks_of(agent)),
        threads=(PlainThread(created),),
        tags=texts_in(agent, "tags"),
        model=model,
        description=text_in(agent, "description"),
        time_zone=_zone_in(agent),
        context_window=number_in(agent, "context_window_limit"),
        hidden=agent.get("hidden") is True,
        metadata=_object_in(agent, "metadata"),
        extras={"moved_in": dict(mark)},
    )


def _zone_in(agent: Record) -> str | None:
    try:
        return ZoneInfo(text_in(agent, "timezone", 100) or "").key
    except (KeyError, ValueError, OSError):
        return None


def handle_of(agent: Record) -> str | None:
    return text_in(agent, "model", 300) or text_in(_object_in(agent, "llm_config"), "handle", 300)


def plain_passage(passage: Record, now: Micros) -> PlainPassage:
    return PlainPassage(
        text=text_in(passage, "text") or "",
        tags=texts_in(passage, "tags"),
        origin=Origin.OWNER,
        created_at=moment_in(passage, "created_at", now),
        passage_id=PassageId(our_id("passage", str(passage["id"]))),
    )


def grouped(records: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    """What a server tells of one message, together: it gives each part as a record of its own."""
    return [
        (message_id, list(group))
        for message_id, group in groupby(records, key=lambda each: str(each["id"]))
    ]


def plain_message(
    message_id: str, records: Sequence[Record], calls: dict[str, str], now: Micros
) -> PlainMessage | None:
    """A message from its records. `calls`: the tool of each call so far; its own are added. None:
    there is nothing in it that is kept.
    """
    role, parts = Role.ASSISTANT, list[Part]()
    for each in records:
        kind = text_in(each, "message_type") or ""
        role = _ROLES.get(kind, role)
        parts += _parts(kind, each, calls)
    if not parts:
        return None
    otid = text_in(records[0], "otid", 200) if role is Role.USER else None
    return PlainMessage(
        name=message_id,
        role=role,
        parts=tuple(parts),
        created_at=moment_in(records[0], "date", now),
        otid=otid,
        message_id=MessageId(our_id("message", message_id)),
    )


_ROLES = {
    "user_message": Role.USER,
    "system_message": Role.SYSTEM,
    "summary_message": Role.SUMMARY,
    "tool_return_message": Role.TOOL,
}


def _parts(kind: str, record: Record, calls: dict[str, str]) -> Iterator[Part]:
    match kind:
        case "user_message":
            yield from _said(record, Origin.OWNER)
        case "assistant_message":
            yield from _said(record, Origin.AGENT)
        case "system_message":
            yield from _said(record, Origin.OPERATOR)
        case "summary_message":
            if summary := text_in(record, "summary"):
                yield TextPart(summary, Origin.OWNER)
        case "reasoning_message":
            if thought := text_in(record, "reasoning"):
                yield ReasoningPart(thought)
        case "tool_call_message" | "approval_request_message":
            yield from _called(record, calls)
        case "tool_return_message":
            yield from _returned(record, calls)
        case _:
            pass


def _said(record: Record, origin: Origin) -> Iterator[Part]:
    if text := text_in(record, "content"):
        yield TextPart(text, origin)
    for part in records_in(record, "content"):
        if part.get("type") == "text" and (text := text_in(part, "text")):
            yield TextPart(text, origin)


def _called(record: Record, calls: dict[str, str]) -> Iterator[Part]:
    several = records_in(record, "tool_calls")
    for call in several or [_object_in(record, "tool_call")]:
        call_id, name = text_in(call, "tool_call_id", 1_000), text_in(call, "name", 200)
        if call_id and name:
            calls[call_id] = name
            arguments = call.get("arguments")
            raw = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
            yield ToolCallPart(ToolCall(call_id, name, storable(raw)))


def _returned(record: Record, calls: Mapping[str, str]) -> Iterator[Part]:
    for each in records_in(record, "tool_returns") or [record]:
        call_id = text_in(each, "tool_call_id", 1_000)
        if call_id is None:
            continue
        text = text_in(each, "tool_return") or text_in(each, "func_response") or ""
        status = each.get("status")
        yield ToolReturnPart(
            call_id,
            calls.get(call_id) or text_in(record, "name", 200) or "",
            text,
            "error" if status == "error" else "success",
            Origin.TOOL,
        )


def wanted_id(agent: Record, url: str) -> tuple[AgentId, AgentId]:
    """The id that an agent is to have here, and the one that it has if that is another's."""
    theirs = str(agent["id"])
    return AgentId(our_id("agent", theirs)), AgentId(our_id("agent", theirs, salt=url))
