"""What somebody who brought a code was shown of two memories, and may confirm: references and no
words, good as long as both are as they were and the code hasn't been replaced.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import MINUTE, Micros
from agentcore.records import ConsentTerms, Joining, UserId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.linking.codes import was_brought
from agentcore.sqlstore.linking.sides import read_joining
from agentcore.sqlstore.people import tickets
from agentcore.sqlstore.people.tickets import Ticket
from agentcore.sqlstore.people.users import comes_in, lock_users

KIND = "link_offer"
HOLDS = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Offer:
    """What two users would become, as they are now. `same`: it is what was shown under `number`."""

    joining: Joining
    giver: UserId
    number: int
    same: bool


def make_offer(
    connection: Connection,
    user_id: UserId,
    giver: UserId,
    terms: ConsentTerms | None,
    now: Micros,
) -> Offer | None:
    """Both memories, to be shown to who brought the other's code, instead of what they were shown
    before. None if one of them is gone, or the giver isn't let in.
    """
    joining = _read(connection, user_id, giver, terms)
    if joining is None:
        return None
    number = 100_000 + secrets.randbelow(900_000)
    payload = {"number": number, "giver": giver, "shown": versions(joining)}
    until = Micros(now + HOLDS)
    tickets.keep(connection, Ticket(_id(user_id), KIND, payload, now, until, user_id=user_id))
    return Offer(joining, giver, number, same=True)


def read_offer(
    connection: Connection, user_id: UserId, terms: ConsentTerms | None, now: Micros
) -> Offer | None:
    """What somebody was shown and can still confirm."""
    kept = tickets.read(connection, _id(user_id))
    if kept is None or not kept.good_at(now):
        return None
    giver = UserId(kept.payload["giver"])
    if not was_brought(connection, giver, user_id):
        return None
    joining = _read(connection, user_id, giver, terms)
    if joining is None:
        return None
    same = kept.payload["shown"] == versions(joining)
    return Offer(joining, giver, int(kept.payload["number"]), same=same)


def drop_offer(connection: Connection, user_id: UserId) -> None:
    tickets.drop(connection, _id(user_id))


def _read(
    connection: Connection, user_id: UserId, giver: UserId, terms: ConsentTerms | None
) -> Joining | None:
    users = {row.user_id: row for row in lock_users(connection, user_id, giver)}
    if len(users) < 2 or users[giver].access != "admitted" or users[user_id].access == "blocked":
        return None
    if not comes_in(connection, giver) or not comes_in(connection, user_id):
        return None  # they are one already, or somebody else's
    return read_joining(connection, list(users.values()), terms)


def in_incognito(connection: Connection, joining: Joining) -> bool:
    """Whether one of them is in a conversation that will be wiped."""
    thread, agents = t.thread, (joining.stays.agent_id, joining.goes.agent_id)
    query = sa.select(sa.func.count()).where(
        thread.c.agent_id.in_([each for each in agents if each is not None]),
        thread.c.ephemeral.is_(True),
        thread.c.closed_at.is_(None),
    )
    return bool(connection.execute(query).scalar())


def versions(joining: Joining) -> list[list[object]]:
    """What both memories are now."""
    return sorted(
        [str(block.block_id), block.version]
        for side in (joining.stays, joining.goes)
        for block in side.blocks
    )


def _id(user_id: UserId) -> str:
    return f"{KIND}:{user_id}"
