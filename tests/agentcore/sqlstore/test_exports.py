"""All that is kept of a person, for themselves alone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from agentcore.clock import DAY
from agentcore.records import Address, IdentityKey, OutboxDraft
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.registry import RULES
from agentcore.store.exports import PersonData
from tests.contracts.store_lives import take_in
from tests.contracts.store_rows import filled
from tests.contracts.store_world import World

EXPORTED = [rule.table for rule in RULES if rule.exported]


def key(who: str) -> IdentityKey:
    return IdentityKey("test", "bot", who)


async def export(world: World, of: IdentityKey) -> PersonData:
    found = await world.store.exports.of(of)
    assert found is not None
    return found


async def identity_row(world: World, word: str) -> IdentityKey:
    (row,) = [each for each in await world.table(t.identity) if word in str(each["external_id"])]
    return IdentityKey(row["platform"], row["account"], row["external_id"])


async def test_every_table_that_is_a_persons_to_have_is_in_it_and_nobody_elses_rows(
    world: World,
) -> None:
    ada, bob = await filled(world, "ada"), await filled(world, "bob")
    data = await export(world, await identity_row(world, ada.word))
    hidden = {"message", "passage"}  # these rows of the test's are forgotten
    empty = {name for name, rows in data.tables.items() if not rows}
    assert {table.name for table in EXPORTED} == set(data.tables)
    assert empty <= hidden
    told = repr(data.tables)
    assert ada.word in told
    for mark in bob.marks:
        assert mark not in told


async def test_what_was_said_is_in_it_and_nothing_that_was_forgotten(world: World) -> None:
    await world.talk("one", "two")
    data = await export(world, key("ada"))
    assert {"one", "two"} <= _words(data)
    await world.run(sa.update(t.message).where(t.message.c.seq == 1).values(forgotten_at=1))
    assert "one" not in _words(await export(world, key("ada")))
    await world.run(sa.update(t.thread).values(ephemeral=True))
    assert _words(await export(world, key("ada"))) == set()


async def test_of_a_group_it_holds_what_they_said_themselves(world: World) -> None:
    group = {"address": Address("test:bot:group"), "audience": "chat"}
    await world.talk("from ada", **group)
    await world.talk("from bob", who="bob", **group)
    assert _words(await export(world, key("ada"))) == {"from ada"}
    assert _words(await export(world, key("bob"))) == {"from bob"}


async def test_a_linked_persons_other_life_is_in_it(world: World) -> None:
    bob = await world.talk("from bob", who="bob")
    ada = await world.talk("from ada")
    await take_in(world, ada, bob)
    theirs = await export(world, key("ada"))
    # Until the people are one as well, the life that was taken in is another person's.
    assert _words(theirs) == {"from ada"}
    his = sa.update(t.user_agent).where(t.user_agent.c.agent_id == bob)
    await world.run(his.values(user_id=theirs.user_id, attached_at=world.now - DAY))
    name = sa.update(t.identity).where(t.identity.c.external_id == "bob")
    await world.run(name.values(user_id=theirs.user_id))
    found = await export(world, key("ada"))
    assert {"from ada", "from bob"} <= _words(found)
    assert found.agents == (ada,)


async def test_of_a_stranger_there_is_nothing(world: World) -> None:
    assert await world.store.exports.of(key("nobody")) is None


@pytest.mark.parametrize("times", [1, 2])
async def test_the_answer_is_sent_once_for_each_update_and_is_not_kept(
    world: World, times: int
) -> None:
    await world.talk("hello")
    asked = world.submission("/export")
    chunk = OutboxDraft(asked.address, "here", 1, 1)
    for _ in range(times):
        await world.store.exports.answer(asked, [chunk])
    rows = [row for row in await world.table(t.outbox) if row["text"] == "here"]
    assert [row["fleeting"] for row in rows] == [True]


def _words(data: PersonData) -> set[str]:
    """What the person said, as far as it is in it."""
    return {
        part.text
        for row in data.tables["message"]
        for part in row["parts"]
        if row["role"] == "user" and part.type == "text"
    }
