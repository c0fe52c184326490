"""A row of somebody's in every table, made from the table's own columns and rule: a table that is
added later is filled without a change here. And ways to name and erase somebody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from agentcore.records import (
    Actor,
    AgentId,
    AskedTurn,
    ErasureReceipt,
    GivenMessage,
    IdentityId,
    IdentityKey,
    MessageMeta,
    UserId,
    new_agent_id,
    new_identity_id,
    new_user_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.types import AskedText, JsonText, MetaText, PartsText, PublicId
from agentcore.sqlstore.registry import RULES, Erase, Owner, TableRule
from tests.contracts.store_world import World, text_parts

OPERATOR = Actor("operator", "command line")


@dataclass(frozen=True, slots=True)
class Filled:
    """Who it is, and a word that stands in every column of theirs that can hold one."""

    user: UserId
    agent: AgentId
    identity: IdentityId
    block: str
    word: str
    address: str

    @property
    def marks(self) -> tuple[str, ...]:
        return (self.user, self.agent, self.identity, self.block, self.word)


async def filled(world: World, who: str) -> Filled:
    """Fill every table with a row of this person's."""
    them = Filled(
        user=new_user_id(),
        agent=new_agent_id(),
        identity=new_identity_id(),
        block=f"block-{uuid4()}",
        word=f"{who}mark",
        address=f"home:{who}mark",
    )
    rules = {rule.table: rule for rule in RULES}
    for table in t.metadata.sorted_tables:
        await world.run(sa.insert(table).values(row_of(rules[table], them)))
    return them


_CHOSEN = {
    ("usage", "scope"): "user",
    ("thread", "audience"): "private",
    ("outbox", "state"): "waiting",
    ("agent", "deleted_at"): None,
    ("identity", "platform"): "test",
}


def row_of(rule: TableRule, them: Filled) -> dict[str, Any]:
    """A row that belongs to them by every column by which it can."""
    held = {column.name: owner for owner, column in rule.holders}
    return {
        column.name: _value(rule, column, held.get(column.name), them) for column in rule.table.c
    }


def _value(rule: TableRule, column: sa.Column[Any], owner: Owner | None, them: Filled) -> Any:
    if (rule.table.name, column.name) in _CHOSEN:
        return _CHOSEN[rule.table.name, column.name]
    match owner:
        case Owner.AGENT:
            return them.agent
        case Owner.USER | Owner.SCOPED:
            return them.user
        case Owner.ADDRESS:
            return them.address
        case _:
            return _by_type(rule, column, them)


def _by_type(rule: TableRule, column: sa.Column[Any], them: Filled) -> Any:
    word = f"{them.word} {column.name}"
    if rule.erase is Erase.KEEP:  # nobody's
        word = f"kept {uuid4()}"
    if isinstance(column.type, PublicId):
        known = {"user": them.user, "agent": them.agent, "identity": them.identity}
        prefix = column.type.prefix
        return {**known, "block": them.block}.get(prefix, f"{prefix}-{uuid4()}")
    for kind, value in _VALUES.items():
        if isinstance(column.type, kind):
            return value(word)
    return them.address if column.name == "address" else word


_VALUES: Mapping[type, Callable[[str], Any]] = {
    JsonText: lambda word: {"words": word},
    PartsText: text_parts,
    AskedText: lambda word: AskedTurn((GivenMessage("user", text_parts(word)),)),
    MetaText: lambda word: MessageMeta("2026-11-20T12:00", "UTC", "test", "private", word),
    sa.Boolean: lambda _word: False,
    sa.Integer: lambda _word: 1,
    sa.LargeBinary: lambda word: word.encode(),
}


async def user_of(world: World, who: str) -> UserId:
    standing = await world.store.standing(IdentityKey("test", "bot", who))
    assert standing is not None
    return standing.user_id


async def erase(world: World, who: str = "ada", by: Actor = OPERATOR) -> ErasureReceipt:
    return await world.store.erasures.erase(await user_of(world, who), by)


async def identity_of(world: World, who: str) -> IdentityId:
    standing = await world.store.standing(IdentityKey("test", "bot", who))
    assert standing is not None
    return standing.identity_id


def shown(rows: Mapping[str, object]) -> str:
    return repr(rows)
