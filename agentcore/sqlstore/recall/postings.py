"""What makes messages findable: their words in `term`, and their place in the conversation.

A session is what is said in a thread without a gap of more than SESSION_GAP. A message's place is
`session << SESSION_BITS | n`: the number of the session's first message, and how many were spoken
in it before. So neighbours of one session have neighbouring places and those of others never do:
what was said just before a message is found by arithmetic, is stored once, and is gone from its
neighbours, too, in the moment in which it is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import HOUR, Micros
from agentcore.memory.moments import date_words, tells_time
from agentcore.memory.ranking import SESSION_BITS
from agentcore.memory.terms import TIME_MARK, counted, folded, language_of, words_of
from agentcore.records import AgentId, Message, NewMessage, Role
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.messages import NOWHERE, Placed, add_messages
from agentcore.sqlstore.engine.database import adding

SEARCHABLE = frozenset({Role.USER, Role.ASSISTANT})
SESSION_GAP = 6 * HOUR
BEFORE = 2
"""Messages before one, in the same session, that count as its context."""
MOST = 32_767

Row = Mapping[str, object]


class Target(Protocol):
    """Where messages are appended: a claim, for one."""

    @property
    def agent_id(self) -> AgentId: ...

    @property
    def thread(self) -> int: ...

    @property
    def turn(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Drafted:
    """A message to be indexed, and the words that it will be found by."""

    message: NewMessage | Message
    text: tuple[str, ...]
    name: tuple[str, ...]

    @property
    def size(self) -> int:
        """The words of its own, with the four of its date; 0: nothing finds it."""
        return len(self.text) + len(self.name) + 4 if self.text else 0


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a message that stands before those to be indexed. One that is `forgotten`
    keeps its place, for it may come back, and is no context of another.
    """

    created_at: Micros
    place: int
    words: int
    language: str | None
    zone: str | None
    forgotten: bool = False


def drafted(message: NewMessage | Message) -> Drafted:
    """The words of a message; none if it isn't spoken."""
    if message.role not in SEARCHABLE:
        return Drafted(message, (), ())
    speaker = (message.meta and message.meta.speaker) or ""
    return Drafted(message, words_of(message.text), words_of(speaker))


class Indexer:
    """Places messages of one thread one after the other, and makes their rows of `term`."""

    def __init__(self, agent_id: AgentId, thread: int, before: Sequence[Said]) -> None:
        self._agent_id = agent_id
        self._thread = thread
        self._before = list(before)

    @property
    def last(self) -> Said:
        """What was placed last, or known before."""
        return self._before[-1]

    def add(self, seq: int, draft: Drafted) -> tuple[Placed, list[Row]]:
        """The next message: where it stands, and its rows."""
        if draft.message.role not in SEARCHABLE or not draft.message.text.strip():
            return NOWHERE, []
        last = self._before[-1] if self._before else None
        place = _next_place(seq, draft.message.created_at, last)
        return self.put(place, draft)

    def put(self, place: int, draft: Drafted) -> tuple[Placed, list[Row]]:
        """As `add`, for a message that has its place already."""
        around = [said for said in self._before if 0 < place - said.place <= BEFORE]
        near = [said for said in around if not said.forgotten]
        last = near[-1] if near else None
        language = language_of(draft.text, None if last is None else last.language)
        meta = draft.message.meta
        zone = meta.zone if meta is not None else None if last is None else last.zone
        size = draft.size
        placed = Placed(place, size, language)
        moment = draft.message.created_at
        self._before = [*self._before[-1:], Said(moment, place, size, language, zone)]
        if not size:
            return placed, []
        length = size + sum(said.words for said in near)
        return placed, list(self._rows(placed, draft, date_words(moment, _zone(zone)), length))

    def _rows(
        self, placed: Placed, draft: Drafted, date: Sequence[str], length: int
    ) -> Iterator[Row]:
        text = counted(draft.text, placed.language or "")
        name, day = counted(draft.name), counted(date)
        marks = {TIME_MARK} if tells_time(folded(draft.message.text)) else set()
        # In the index's order: it is walked through once, and not searched for each term.
        for term in sorted(text.keys() | name.keys() | day.keys() | marks):
            yield {
                "agent_id": self._agent_id,
                "term": term,
                "place": placed.place,
                "thread": self._thread,
                "tf_text": min(text[term], MOST),
                "tf_name": min(name[term], MOST),
                "tf_date": day[term],
                "length": length,
            }


def _next_place(seq: int, created_at: Micros, last: Said | None) -> int:
    if last is not None and created_at - last.created_at <= SESSION_GAP:
        following = last.place + 1
        if following >> SESSION_BITS == last.place >> SESSION_BITS:
            return following
    return seq << SESSION_BITS


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a zone that this host's database doesn't have
        return None


@cache
def last_said() -> sa.ScalarSelect[str]:
    """The messages spoken last in a thread, as a text for `read_said`: part of a statement with
    the parameters `said_by` and `said_in`.
    """
    message = t.message
    null: Any = _verbatim("null")
    columns = [
        sa.cast(message.c.created_at, sa.Text),
        sa.cast(message.c.place, sa.Text),
        sa.cast(message.c.words, sa.Text),
        sa.func.coalesce(_verbatim('"') + message.c.language + _verbatim('"'), null),
        sa.func.coalesce(sa.type_coerce(message.c.meta, sa.Text), null),
        sa.case((message.c.forgotten_at.is_(None), _verbatim("false")), else_=_verbatim("true")),
    ]
    line: Any = _verbatim("[")
    for number, column in enumerate(columns):
        line = line + _verbatim(",") + column if number else line + column
    recent = (
        sa.select((line + _verbatim("]")).label("line"))
        .where(
            message.c.agent_id == sa.bindparam("said_by", type_=message.c.agent_id.type),
            message.c.thread == sa.bindparam("said_in", type_=sa.BigInteger),
            message.c.place.is_not(None),
        )
        .order_by(message.c.seq.desc())
        .limit(BEFORE)
        .subquery("recent")
    )
    together: Any = _verbatim(",")
    return sa.select(sa.func.aggregate_strings(recent.c.line, together)).scalar_subquery()


def _verbatim(text: str) -> sa.ColumnElement[str]:
    """A text that is a part of the statement: a parameter has to be put in each time."""
    return sa.literal_column(f"'{text}'", sa.Text)


def read_said(text: str | None) -> list[Said]:
    """What `last_said` found, oldest first."""
    found = [
        Said(created_at, place, words, language, meta and meta["zone"], forgotten)
        for created_at, place, words, language, meta, forgotten in json.loads(f"[{text or ''}]")
    ]
    return sorted(found, key=lambda said: said.place)


def append(
    connection: Connection,
    to: Target,
    numbered: Sequence[tuple[int, NewMessage]],
    drafts: Sequence[Drafted],
    said: Sequence[Said],
) -> None:
    """Append messages under these numbers, and what makes them findable. There is a draft for each
    message, or none at all: then no search finds them. `said` is what was said last before them.
    """
    indexer = Indexer(to.agent_id, to.thread, said)
    placed = [NOWHERE] * len(numbered)
    rows: list[Row] = []
    for at, draft in enumerate(drafts):
        placed[at], found = indexer.add(numbered[at][0], draft)
        rows += found
    places = [(seq, message, placed[at]) for at, (seq, message) in enumerate(numbered)]
    add_messages(connection, to.agent_id, places, thread=to.thread, turn=to.turn)
    if rows:
        connection.execute(adding(t.term), rows)


def unindex(connection: Connection, agent_id: AgentId, messages: sa.ColumnElement[bool]) -> None:
    """These messages of the agent (a condition on `message`) are found by no word any more, and
    the agent's counts are without them.
    """
    message, lease = t.message, t.agent_lease
    mine = sa.and_(message.c.agent_id == agent_id, messages, message.c.words > 0)
    places = sa.select(message.c.place).where(mine)
    connection.execute(
        sa.delete(t.term).where(t.term.c.agent_id == agent_id, t.term.c.place.in_(places))
    )
    gone = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(message.c.words), 0)).where(mine)
    ).one()
    connection.execute(sa.update(message).where(mine).values(words=0))
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(
            indexed_messages=lease.c.indexed_messages - gone[0],
            indexed_words=lease.c.indexed_words - int(gone[1]),
        )
    )
