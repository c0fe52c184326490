"""The tool that finds what was said before, whatever has left the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agentcore.clock import Micros, as_datetime
from agentcore.memory.frame import name_told
from agentcore.model import ToolSchema
from agentcore.records import Message, MessageId, Origin, Role, SearchHit
from agentcore.store import SearchQuery
from agentcore.tools.arguments import Arguments, BadArguments
from agentcore.tools.base import Effect, Tier, ToolContext, ToolResult

MAX_RESULTS = 20
SHOWN = 500
"""Characters of each message that are shown."""

_SEARCH = ToolSchema(
    "conversation_search",
    "Find older messages between this person and you: before you say that you don't know.\n"
    "Finding nothing is no error: try other words or dates, then say so.\n"
    'Example: {"query": "wedding"}',
    {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "Words; none: newest."},
            "roles": {
                "type": "array",
                "items": {"type": "string", "enum": ["user", "assistant"]},
                "description": "Default both.",
            },
            "limit": {"type": "integer", "description": "Default 5."},
            "start_date": {"type": "string", "description": "ISO date or time."},
            "end_date": {"type": "string", "description": "Likewise."},
        },
    },
)


@dataclass(frozen=True, slots=True)
class ConversationSearch:
    schema: ToolSchema = _SEARCH
    effect: Effect = Effect.READ
    tier: Tier = Tier.USER
    idempotent: bool = True

    async def run(self, context: ToolContext, arguments: Mapping[str, Any]) -> ToolResult:
        query = _query(Arguments(arguments), context.zone)
        more = replace(query, limit=2 * query.limit)
        hits = _apart(await context.store.search(more, thread=context.thread))[: query.limit]
        # What stands in the messages keeps its own origin: the least trusted one counts.
        return ToolResult(_report(hits, context.zone), origin=_origin(hits))


def _query(arguments: Arguments, zone: ZoneInfo) -> SearchQuery:
    limit = arguments.whole("limit", 5)
    if not 1 <= limit <= MAX_RESULTS:
        msg = f"`limit` must be from 1 to {MAX_RESULTS}."
        raise BadArguments(msg)
    roles = arguments.texts("roles") or ("user", "assistant")
    if unknown := set(roles) - {"user", "assistant", "tool"}:
        msg = f"`roles` knows user and assistant, not {name_told(', '.join(sorted(unknown)))}."
        raise BadArguments(msg)
    start = arguments.optional_text("start_date")
    end = arguments.optional_text("end_date")
    return SearchQuery(
        text=arguments.optional_text("query") or "",
        roles=frozenset(Role(role) for role in roles),
        limit=limit,
        since=None if start is None else moment("start_date", start, zone),
        until=None if end is None else moment("end_date", end, zone, end=True),
    )


def moment(name: str, text: str, zone: ZoneInfo, *, end: bool = False) -> Micros:
    """An ISO date or time in the person's zone; a bare date as an end takes in its whole day."""
    try:
        if len(text.strip()) == len("2026-01-31"):
            day = date.fromisoformat(text.strip()) + timedelta(days=int(end))
            moment = datetime.combine(day, time(), tzinfo=zone) - timedelta(microseconds=int(end))
        else:
            moment = datetime.fromisoformat(text.strip())
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
        return Micros(int(moment.timestamp() * 1_000_000))
    except (ValueError, OverflowError) as error:
        msg = f"`{name}` must be an ISO date such as 2026-05-01, or a time 2026-05-01T14:00."
        raise BadArguments(msg) from error


def _apart(hits: Sequence[SearchHit]) -> Sequence[SearchHit]:
    """Without those that a better hit has beside it."""
    found: list[SearchHit] = []
    shown: set[MessageId] = set()
    for hit in hits:
        if hit.message.message_id not in shown:
            found.append(hit)
            shown.update(message.message_id for message in (*hit.before, hit.message, *hit.after))
    return found


def _report(hits: Sequence[SearchHit], zone: ZoneInfo) -> str:
    if not hits:
        return "Found nothing. Try other words or wider dates, or say that you found nothing."
    count = f"Found {len(hits)} message{'s' if len(hits) > 1 else ''}."
    return "\n\n".join([count, *(_shown(hit, zone) for hit in hits)])


def _shown(hit: SearchHit, zone: ZoneInfo) -> str:
    lines = [
        *(_line("   ", message, zone) for message in hit.before),
        _line(">> ", hit.message, zone),
        *(_line("   ", message, zone) for message in hit.after),
    ]
    return "\n".join(lines)


def _line(mark: str, message: Message, zone: ZoneInfo) -> str:
    moment = as_datetime(message.created_at, zone).strftime("%Y-%m-%d %H:%M")
    speaker = (message.meta and message.meta.speaker) or message.role.value
    text = " ".join(message.text.split())
    clipped = text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"
    return f"{mark}{moment} {speaker}: {clipped}"


def _origin(hits: Sequence[SearchHit]) -> Origin:
    parts = [
        part for hit in hits for m in (*hit.before, hit.message, *hit.after) for part in m.parts
    ]
    untrusted = (part.origin for part in parts if not part.origin.trusted)
    return next(untrusted, Origin.OWNER)
