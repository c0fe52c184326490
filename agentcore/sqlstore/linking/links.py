"""`Links`, carried out by the storage functions; and two users whom an operator joins."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.errors import BadInput, NotFound
from agentcore.records import (
    Actor,
    Admission,
    ConsentTerms,
    Duplicate,
    Joining,
    JoinProposal,
    LinkEffect,
    LinkReply,
    LinkRequest,
    Refused,
    Submission,
    UserId,
)
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.linking.dialogue import Speech, answer, tell
from agentcore.sqlstore.linking.joining import join
from agentcore.sqlstore.linking.offers import in_incognito, versions
from agentcore.sqlstore.linking.sides import read_joining
from agentcore.sqlstore.people.users import comes_in, lock_users, read_users
from agentcore.store.gate import Composer
from agentcore.store.links import Saying


class SqlLinks:
    """`Links` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ask(
        self,
        submission: Submission,
        request: LinkRequest,
        admission: Admission,
        saying: Saying,
        composer: Composer,
        proposal: JoinProposal | None = None,
    ) -> LinkReply | Refused | Duplicate:
        return await self._database.write(
            partial(
                answer,
                submission=submission,
                request=request,
                admission=admission,
                speech=Speech(saying, composer),
                proposal=proposal,
            )
        )

    async def pair(
        self, first: UserId, second: UserId, terms: ConsentTerms | None
    ) -> Joining | None:
        return await self._database.read(
            partial(read_pair, first=first, second=second, terms=terms)
        )

    async def join_pair(
        self,
        joining: Joining,
        proposal: JoinProposal,
        by: Actor,
        saying: Saying,
        composer: Composer,
    ) -> LinkEffect:
        return await self._database.write(
            partial(
                join_pair,
                joining=joining,
                proposal=proposal,
                by=by,
                speech=Speech(saying, composer),
                now=self._clock.now(),
            )
        )


def read_pair(
    connection: Connection, first: UserId, second: UserId, terms: ConsentTerms | None
) -> Joining | None:
    """See `Links.pair`."""
    for user_id in (first, second):
        there = is_public_id(user_id, "user") and comes_in(connection, user_id)
        if not there:
            msg = f"There is no user {user_id}. `familiar users list` shows them."
            raise NotFound(msg)
    if first == second:
        return None
    users = read_users(connection, first, second)
    if out := [row.user_id for row in users if row.access == "blocked"]:
        msg = f"{out[0]} is blocked. `familiar users allow {out[0]}` lets them in first."
        raise BadInput(msg)
    joining = read_joining(connection, users, terms)
    if in_incognito(connection, joining):
        msg = "One of them is in an incognito conversation. It ends with /incognito off, or after an hour."
        raise BadInput(msg)
    return joining


def join_pair(
    connection: Connection,
    joining: Joining,
    proposal: JoinProposal,
    by: Actor,
    speech: Speech,
    now: Micros,
) -> LinkEffect:
    """See `Links.join_pair`."""
    both = (joining.stays.user_id, joining.goes.user_id)
    lock_users(connection, *both)
    fresh = read_pair(connection, *both, None)
    if fresh is None:
        msg = "These two are one already."
        raise NotFound(msg)
    same = versions(fresh) == versions(joining)
    effect = join(connection, fresh, proposal if same else replace(proposal, lines=()), by, now)
    tell(connection, effect, speech, now)
    return effect
