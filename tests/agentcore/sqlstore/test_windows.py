"""What turns have in view, kept between them, is what is stored."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from agentcore.clock import Micros
from agentcore.records import Message, MessageId, Origin, Role, TextPart, new_agent_id
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.windows import Kept, WindowCache
from tests.contracts.store_rows import erase
from tests.contracts.store_world import World


def said(messages: object) -> list[str]:
    assert isinstance(messages, tuple)
    return [each.text for each in messages]


async def test_what_was_read_before_is_not_read_again_and_what_is_new_is_there(
    world: World,
) -> None:
    agent = await world.talk("one", "two")
    door = world.door(agent)
    before = await door.window(1, first=1)
    await world.talk("three")
    after = await door.window(1, first=1)

    assert said(after) == ["one", "noted", "two", "noted", "three", "noted"]
    assert all(now is then for now, then in zip(after, before, strict=False))
    assert said(await door.window(1, first=3)) == ["two", "noted", "three", "noted"]
    assert said(await door.window(1, first=1)) == said(after)


async def test_another_conversation_s_messages_are_not_among_them(world: World) -> None:
    agent = await world.talk("one")
    await world.talk("elsewhere", address="test:bot:other")
    await world.talk("two")
    door = world.door(agent)

    for _ in range(2):
        assert said(await door.window(1, first=1)) == ["one", "noted", "two", "noted"]
        assert said(await door.window(2, first=1)) == ["elsewhere", "noted"]


@pytest.mark.parametrize(
    "change",
    [
        {"forgotten_at": 1},
        {"parts": (TextPart("an", Origin.OWNER),)},
    ],
    ids=["forgotten", "shortened"],
)
async def test_what_is_changed_in_between_is_read_as_it_is_now(
    world: World, change: dict[str, object]
) -> None:
    agent = await world.talk("one", "two")
    door = world.door(agent)
    await door.window(1, first=1)
    of_one = sa.and_(t.message.c.agent_id == agent, t.message.c.seq == 1)
    await world.run(sa.update(t.message).where(of_one).values(**change))

    for _ in range(2):
        assert "one" not in said(await door.window(1, first=1))


async def test_what_is_as_long_as_before_counts_by_the_version_of_its_agent(world: World) -> None:
    agent = await world.talk("one", "two")
    door = world.door(agent)
    await door.window(1, first=1)
    of_one = sa.and_(t.message.c.agent_id == agent, t.message.c.seq == 1)
    parts = (TextPart("six", Origin.OWNER),)
    await world.run(sa.update(t.message).where(of_one).values(parts=parts))
    lease = t.agent_lease
    await world.run(sa.update(lease).values(version=lease.c.version + 1))

    assert said(await door.window(1, first=1))[0] == "six"


async def test_of_whoever_is_erased_nothing_is_kept(world: World) -> None:
    agent = await world.talk("one")
    door = world.door(agent)
    await door.window(1, first=1)
    await erase(world)

    assert await door.window(1, first=1) == ()


def test_no_more_than_so_many_messages_are_kept() -> None:
    cache = WindowCache(most=5)
    agents = [new_agent_id() for _ in range(3)]
    for agent in agents:
        said = [Message(seq, MessageId("m"), 1, 1, Role.USER, (), Micros(seq)) for seq in (1, 2)]
        cache.put(agent, 1, Kept(1, 1, tuple(said), 2))

    assert [bool(cache.get(agent, 1, 1).messages) for agent in agents] == [False, True, True]
    cache.forget(agents[1:2])
    assert [bool(cache.get(agent, 1, 1).messages) for agent in agents] == [False, False, True]


def test_conversations_without_messages_don_t_pile_up() -> None:
    cache = WindowCache(most=5)
    for _ in range(9):
        cache.put(new_agent_id(), 1, Kept(1, 1))

    assert len(cache._kept) <= 5
