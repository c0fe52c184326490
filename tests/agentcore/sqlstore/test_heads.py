"""What a turn's prompt begins with, kept between turns."""

from __future__ import annotations

from dataclasses import replace

from agentcore.sqlstore.content.heads import HeadCache
from tests.contracts.store_world import World


async def test_of_each_thread_the_newest_head_alone_is_kept(world: World) -> None:
    await world.say("Hello")
    claim = await world.claim_one()
    head = await world.door(claim.agent_id).head(claim)
    elsewhere = replace(claim, thread=2)
    cache = HeadCache(limit=2)
    cache.put(elsewhere, head)
    for version in range(claim.version, claim.version + 5):
        cache.put(replace(claim, version=version), head)

    assert cache.get(elsewhere) is head
    assert cache.get(replace(claim, version=claim.version + 4)) is head
    assert cache.get(claim) is None


async def test_no_more_than_so_many_heads_are_kept_and_none_of_who_is_gone(world: World) -> None:
    await world.say("Hello")
    claim = await world.claim_one()
    head = await world.door(claim.agent_id).head(claim)
    cache = HeadCache(limit=2)
    threads = [replace(claim, thread=number) for number in (1, 2, 3)]
    for each in threads[:2]:
        cache.put(each, head)
    cache.get(threads[0])
    cache.put(threads[2], head)
    assert [cache.get(each) for each in threads] == [head, None, head]

    cache.drop(threads[0])
    assert [cache.get(each) for each in threads] == [None, None, head]
    cache.forget([claim.agent_id])
    assert [cache.get(each) for each in threads] == [None, None, None]
