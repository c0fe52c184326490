"""The archive as commands at the gate see it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_lowercase

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, Passage, PassageQuery
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.recall.passage_search import search
from agentcore.sqlstore.recall.passages import NEWEST, among, audible, kept, passage_of

_NAME = re.compile(r"(\d{1,9})([a-z]*)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SqlGateArchive:
    """`GateArchive` over the accept transaction's connection. `lives` are the agent's, itself first."""

    connection: Connection
    lives: tuple[AgentId, ...]
    thread: int

    def count(self) -> int:
        return sum(
            self.connection.execute(
                sa.select(sa.func.count()).select_from(self._of(life).subquery())
            ).scalar_one()
            for life in self.lives
        )

    def newest(self, *, limit: int) -> Sequence[Passage]:
        return among(self.connection, self.lives, NEWEST, limit=limit, thread=self.thread)

    def name(self, passage: Passage) -> str:
        return f"{passage.seq}{_letters(self.lives.index(passage.agent_id))}"

    def passage(self, name: str) -> Passage | None:
        if (match := _NAME.fullmatch(name)) is None:
            return None
        for number, life in enumerate(self.lives):
            if match[2].casefold() == _letters(number):
                query = self._of(life).where(t.passage.c.seq == int(match[1]))
                row = self.connection.execute(query).one_or_none()
                return None if row is None else passage_of(row)
        return None

    def about(self, words: str, *, limit: int) -> Sequence[Passage]:
        query = PassageQuery(words, limit=limit)
        hits = search(self.connection, self.lives[0], query, self.thread)
        return [hit.passage for hit in hits]

    def _of(self, life: AgentId) -> sa.Select[tuple[object, ...]]:
        return audible(kept(life), life, self.lives[0], self.thread)


def _letters(life: int) -> str:
    """What stands behind the numbers of the n-th life: nothing, then b, c and so on."""
    if not life:
        return ""
    return "z" * (life // len(ascii_lowercase)) + ascii_lowercase[life % len(ascii_lowercase)]
