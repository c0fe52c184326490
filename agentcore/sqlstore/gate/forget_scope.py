"""`GateForgetting` over the accept transaction's connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    AgentId,
    Exchange,
    ExchangeRef,
    ForgetRef,
    Forgetting,
    Forgotten,
    ListedLine,
    Message,
    Offer,
    Passage,
    PassageId,
    PassageQuery,
    PassageRef,
    Revision,
    Role,
    SearchHit,
    UserId,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause
from agentcore.sqlstore.content.messages import audible_threads, message_columns, read_message
from agentcore.sqlstore.content.revisions import read_revisions_from
from agentcore.sqlstore.forgetting import marking
from agentcore.sqlstore.people import tickets
from agentcore.sqlstore.people.tickets import Ticket
from agentcore.sqlstore.recall import passage_search, passages, search
from agentcore.store import SearchQuery

KIND = "forget"
_KINDS: Mapping[str, type[ListedLine | ExchangeRef | PassageRef]] = {
    "line": ListedLine,
    "exchange": ExchangeRef,
    "passage": PassageRef,
}


@dataclass(frozen=True, slots=True)
class AcceptForgetting:
    """What the sender's command may find and forget. `cause` is who asks; `lives` are those of their
    agent, itself first.
    """

    connection: Connection
    cause: Cause
    lives: Sequence[AgentId]
    user_id: UserId
    thread: int
    now: Micros

    def said_about(self, words: str, *, limit: int) -> Sequence[SearchHit]:
        hits = search.search(
            self.connection, self.cause.agent_id, SearchQuery(words, limit=limit), self.thread
        )
        under_way = {life: self._open_turn(life) for life in self.lives}
        return [
            hit
            for hit in hits
            if hit.message.turn is None or hit.message.turn != under_way[hit.agent_id]
        ]

    def passages_about(self, words: str, *, limit: int) -> Sequence[Passage]:
        query = PassageQuery(words, limit=limit)
        hits = passage_search.search(self.connection, self.cause.agent_id, query, self.thread)
        return [hit.passage for hit in hits]

    def passage(self, passage_id: PassageId) -> Passage | None:
        return passages.read_audible(
            self.connection, self.cause.agent_id, passage_id, thread=self.thread
        )

    def exchange(self, ref: ExchangeRef) -> Sequence[Message]:
        belongs = t.message.c.seq == ref.message
        if ref.turn is not None:
            belongs = t.message.c.turn == ref.turn
        return self._messages(ref.agent_id, sa.select(*message_columns()).where(belongs))

    def exchange_of(self, message: int, agent_id: AgentId) -> Exchange | None:
        query = sa.select(*message_columns()).where(t.message.c.seq == message)
        return self._exchange(agent_id, self._messages(agent_id, query))

    def last_exchange(self) -> Exchange | None:
        found = (self._last_of(life) for life in self.lives)
        return max(filter(None, found), key=lambda each: each.at, default=None)

    def _last_of(self, agent_id: AgentId) -> Exchange | None:
        """The newest of this chat that one of the lives has heard."""
        query = sa.select(*message_columns()).where(
            t.message.c.thread.in_(self._threads_here(agent_id)), t.message.c.role == Role.USER
        )
        under_way = self._open_turn(agent_id)
        if under_way is not None:
            query = query.where(t.message.c.turn.is_distinct_from(under_way))
        return self._exchange(agent_id, self._messages(agent_id, query, newest=True))

    def _threads_here(self, agent_id: AgentId) -> sa.Select[Any]:
        """The thread itself, or those that another agent had in this chat."""
        here, thread = t.thread.alias("asked"), t.thread
        this = sa.and_(here.c.agent_id == self.cause.agent_id, here.c.number == self.thread)
        if agent_id == self.cause.agent_id:
            return sa.select(here.c.number).where(this)
        address = sa.select(here.c.address).where(this).scalar_subquery()
        return sa.select(thread.c.number).where(
            thread.c.agent_id == agent_id, thread.c.address == address
        )

    def edits_from(self, refs: Collection[ExchangeRef]) -> Sequence[Revision]:
        found: list[Revision] = []
        for life in self.lives:
            theirs = [ref for ref in refs if ref.agent_id == life]
            turns = [ref.turn for ref in theirs if ref.turn is not None]
            messages = [message.seq for ref in theirs for message in self.exchange(ref)]
            found += read_revisions_from(self.connection, life, turns, messages)
        return found

    def offer(self, refs: Sequence[ForgetRef], *, until: Micros) -> int:
        offer = Offer(self._last_offer().number + 1, tuple(refs))
        self._keep(offer, until)
        return offer.number

    def offered(self) -> Offer:
        return self._last_offer(good_at=self.now)

    def forget(self, what: Forgetting) -> Forgotten | None:
        done = marking.forget(self.connection, self.cause, self.thread, what, self.now)
        if done is not None:
            self._keep(Offer(self._last_offer().number, ()), self.now)
        return done

    def take_back(self, note: str, number: int | None = None) -> Forgotten | None:
        return marking.take_back(
            self.connection, self.cause, self.thread, note, self.now, number=number
        )

    def _keep(self, offer: Offer, until: Micros) -> None:
        names = {kind: name for name, kind in _KINDS.items()}
        refs = [{names[type(ref)]: asdict(ref)} for ref in offer.refs]
        tickets.keep(
            self.connection,
            Ticket(
                self._ticket_id,
                KIND,
                {"number": offer.number, "refs": refs},
                self.now,
                until,
                self.cause.agent_id,
                self.user_id,
            ),
        )

    def _last_offer(self, *, good_at: Micros | None = None) -> Offer:
        """The newest; an empty one where that isn't good any more."""
        ticket = tickets.read(self.connection, self._ticket_id)
        if ticket is None:
            return Offer(0, ())
        number, kept = ticket.payload["number"], ticket.payload["refs"]
        if good_at is not None and not ticket.good_at(good_at):
            return Offer(number, ())
        refs = (_KINDS[kind](**ref) for each in kept for kind, ref in each.items())
        return Offer(number, tuple(refs))

    @property
    def _ticket_id(self) -> str:
        return f"{KIND}:{self.cause.agent_id}:{self.user_id}"

    def _open_turn(self, agent_id: AgentId) -> int | None:
        """An agent's turn that is under way; nothing of it is over yet."""
        mine = t.agent_lease.c.agent_id == agent_id
        return self.connection.execute(sa.select(t.agent_lease.c.open_turn).where(mine)).scalar()

    def _messages(
        self, agent_id: AgentId, query: sa.Select[Any], *, newest: bool = False
    ) -> Sequence[Message]:
        """Those of one of the lives that may be heard here, oldest first; or the newest alone."""
        if agent_id not in self.lives:
            return []
        message = t.message
        query = query.where(
            message.c.agent_id == agent_id,
            message.c.forgotten_at.is_(None),
            message.c.thread.in_(
                audible_threads(agent_id, self.thread, heard_by=self.cause.agent_id)
            ),
        )
        if newest:
            query = query.order_by(message.c.seq.desc()).limit(1)
        else:
            query = query.order_by(message.c.seq)
        return [read_message(row) for row in self.connection.execute(query)]

    def _exchange(self, agent_id: AgentId, found: Sequence[Message]) -> Exchange | None:
        if not found:
            return None
        first = found[0]
        if first.turn is not None and first.turn == self._open_turn(agent_id):
            return None
        return Exchange(ExchangeRef(first.seq, first.turn, agent_id), first.created_at)
