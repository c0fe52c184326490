"""One visitor's feed, memory and profile as the events that the page understands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, assert_never

import anyio

from adapters.base import Service
from adapters.feed import Cursor, FeedAnswered, FeedEvent, FeedMessage, FeedNotice, FeedPreview
from adapters.surroundings import Profile, Surroundings
from adapters.web.event_stream import Emit
from adapters.web.markdown import plain, rendered
from adapters.web.visitors import Visitor

SHOWN = 50
"""Messages that a page begins with."""

_ID = re.compile(r"(\d{1,15})\.(\d{1,15})\.(\d{1,18})")


class VisitorEvents:
    """Everything that one open page is told, until it leaves.

    `after`: the id of the last event that the page has seen; None for a page that has seen none.
    """

    def __init__(
        self, service: Service, surroundings: Surroundings, visitor: Visitor, after: Cursor | None
    ) -> None:
        self._service = service
        self._around = surroundings
        self._visitor = visitor
        self._after = after
        self._profile: Profile | None = None

    async def send_all(self, emit: Emit) -> None:
        await self._tell_profile(emit)
        async with anyio.create_task_group() as group:
            group.start_soon(self._follow_memory, emit)
            await self._follow_feed(emit)

    async def _follow_feed(self, emit: Emit) -> None:
        address, after = self._visitor.address, self._after
        if after is None:
            after = await self._around.beginning(address, messages=SHOWN)
        async with aclosing(self._service.watch(address, after)) as feed:
            async for event in feed:
                await emit(_event(event))
                if isinstance(event, FeedAnswered):
                    await self._tell_profile(emit)

    async def _follow_memory(self, emit: Emit) -> None:
        stream = self._around.memory(self._visitor.address, self._visitor.sender)
        async with aclosing(stream):
            async for memory in stream:
                await emit(_block("memory", asdict(memory)))

    async def _tell_profile(self, emit: Emit) -> None:
        profile = await self._around.profile(self._visitor.address, self._visitor.sender)
        if profile != self._profile:
            self._profile = profile
            data = {**asdict(profile), "first_contact": profile.first_contact}
            await emit(_block("profile", data))


def cursor_of(event_id: str) -> Cursor | None:
    """The place in the feed that an event's id names; None if it is no such id."""
    match = _ID.fullmatch(event_id)
    return None if match is None else Cursor(*map(int, match.groups()))


def message_data(message: FeedMessage) -> Mapping[str, Any]:
    """A message as the page shows it."""
    mine = message.role == "user"
    return {
        "id": _id(message.cursor),
        "seq": message.cursor.message,
        "since": message.cursor.since,
        "role": message.role,
        "html": plain(message.text) if mine else rendered(message.text),
        "text": message.text,
        "at": _time(message.at),
        "client_id": client_id_of(message.sent_as) if mine else None,
    }


def update_id_of(visitor: Visitor, client_id: str) -> str:
    """The page's id of a message as an update's: no visitor can use up another's. It outlives the
    visitor's erasure for a while, so it doesn't say whose it is.
    """
    whose = hashlib.sha256(visitor.visitor_id.encode()).hexdigest()[:20]
    return f"{whose}.{client_id}"


def client_id_of(update_id: str | None) -> str | None:
    return None if update_id is None else update_id.partition(".")[2]


def _event(event: FeedEvent) -> bytes:
    match event:
        case FeedMessage():
            return _block("message", message_data(event), event.cursor)
        case FeedNotice():
            data = {
                "id": _id(event.cursor),
                "key": event.key,
                "asked_for": event.asked_for,
                "html": plain(event.text),
                "text": event.text,
                "actions": [asdict(each) for each in event.actions],
                "at": _time(event.at),
            }
            return _block("notice", data, event.cursor)
        case FeedPreview():
            return _block("preview", {"text": event.text, "begins": event.begins})
        case FeedAnswered():
            data = {"position": event.position, "failed": event.failed}
            return _block("answered", data, event.cursor)
        case other:
            assert_never(other)


def _block(name: str, data: Mapping[str, Any], cursor: Cursor | None = None) -> bytes:
    """One event. JSON has no line break of its own, so the data is one line."""
    place = "" if cursor is None else f"id: {_id(cursor)}\n"
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{place}event: {name}\ndata: {body}\n\n".encode()


def _id(cursor: Cursor) -> str:
    return f"{cursor.message}.{cursor.notice}.{cursor.since}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(timespec="milliseconds")
