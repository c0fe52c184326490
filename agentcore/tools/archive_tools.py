"""The tools for what is worth keeping but not worth a line in a memory block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from agentcore.clock import as_datetime
from agentcore.model import ToolSchema
from agentcore.records import Origin, PassageDraft, PassageHit, PassageQuery
from agentcore.tools.arguments import Arguments, BadArguments
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult
from agentcore.tools.search_tools import MAX_RESULTS, moment

LONGEST = 8_000
MOST_TAGS = 10
LONGEST_TAG = 64
SHOWN = 1_000
"""Characters of each passage that are shown."""

_TEXT = {"type": "string"}
_TAGS = {"type": "array", "items": _TEXT, "description": "Topics."}

_INSERT = ToolSchema(
    "archival_memory_insert",
    "Keep a longer text, e.g. a recipe, out of view.\n"
    f"Fails above {LONGEST} characters.\n"
    'Example: {"content": "Plums"}',
    {
        "type": "object",
        "properties": {"content": {**_TEXT, "description": "Whole."}, "tags": _TAGS},
        "required": ["content"],
    },
)
_SEARCH = ToolSchema(
    "archival_memory_search",
    'Find such texts again.\nFinding nothing is no error.\nExample: {"query": "plum cake"}',
    {
        "type": "object",
        "properties": {
            "query": {**_TEXT, "description": "Words."},
            "tags": _TAGS,
            "tag_match_mode": {"enum": ["any", "all"], "description": "Or any."},
            "top_k": {"type": "integer", "description": "Or 5."},
            "start_datetime": {**_TEXT, "description": "ISO."},
            "end_datetime": {**_TEXT, "description": "ISO."},
        },
        "required": ["query"],
    },
)


@dataclass(frozen=True, slots=True)
class ArchivalInsert:
    schema: ToolSchema = _INSERT
    effect: Effect = Effect.MEMORY
    tier: Tier = Tier.USER
    idempotent: bool = True

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        read = Arguments(arguments)
        text = read.text("content", "text").strip()
        if not text:
            msg = "`content` is empty: say what is to be kept."
            raise BadArguments(msg)
        if len(text) > LONGEST:
            msg = f"`content` has {len(text)} characters, {LONGEST} fit. Keep it in parts."
            raise BadArguments(msg)
        # The origin goes with it: what it leads to later is trusted no more than it is.
        context.passages.append(PassageDraft(text, _tags(read), context.origin))
        return ToolResult("Kept in the archive.", origin=Origin.OPERATOR)


@dataclass(frozen=True, slots=True)
class ArchivalSearch:
    schema: ToolSchema = _SEARCH
    effect: Effect = Effect.READ
    tier: Tier = Tier.USER
    idempotent: bool = True

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        query = _query(Arguments(arguments), context.zone)
        hits = await context.store.archive.search(query, thread=context.thread)
        untrusted = (each.passage.origin for each in hits if not each.passage.origin.trusted)
        return ToolResult(_report(hits, context.zone), origin=next(untrusted, Origin.OWNER))


def _tags(arguments: Arguments) -> tuple[str, ...]:
    tags = dict.fromkeys(" ".join(tag.split()) for tag in arguments.texts("tags"))
    tags.pop("", None)
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        msg = f"`tags` takes up to {MOST_TAGS} tags of up to {LONGEST_TAG} characters each."
        raise BadArguments(msg)
    return tuple(tags)


def _query(arguments: Arguments, zone: ZoneInfo) -> PassageQuery:
    limit = arguments.whole("top_k", 5)
    if not 1 <= limit <= MAX_RESULTS:
        msg = f"`top_k` must be from 1 to {MAX_RESULTS}."
        raise BadArguments(msg)
    mode = arguments.optional_text("tag_match_mode") or "any"
    if mode not in {"any", "all"}:
        msg = "`tag_match_mode` must be any or all."
        raise BadArguments(msg)
    start = arguments.optional_text("start_datetime")
    end = arguments.optional_text("end_datetime")
    return PassageQuery(
        text=arguments.optional_text("query") or "",
        tags=frozenset(_tags(arguments)),
        match="all" if mode == "all" else "any",
        limit=limit,
        since=None if start is None else moment("start_datetime", start, zone),
        until=None if end is None else moment("end_datetime", end, zone, end=True),
    )


def _report(hits: Sequence[PassageHit], zone: ZoneInfo) -> str:
    if not hits:
        return "Found nothing. Try other words or fewer tags, or say that you found nothing."
    count = f"Found {len(hits)} passage{'s' if len(hits) > 1 else ''}."
    return "\n\n".join([count, *(_shown(hit, zone) for hit in hits)])


def _shown(hit: PassageHit, zone: ZoneInfo) -> str:
    passage = hit.passage
    kept_at = as_datetime(passage.created_at, zone).strftime("%Y-%m-%d %H:%M")
    tags = f" [{', '.join(passage.tags)}]" if passage.tags else ""
    long = len(passage.text) > SHOWN
    text = f"{passage.text[:SHOWN]}… ({len(passage.text)} characters)" if long else passage.text
    return f"{kept_at}{tags}\n{text}"
