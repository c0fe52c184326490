"""People link and part in any order: whatever they do, each place has one agent, and when all have
parted every agent has its own memory again, and nothing of another's.
"""

from __future__ import annotations

import random
from collections import defaultdict
from functools import partial

import pytest
import sqlalchemy as sa

from agentcore.records import AgentId, LinkRequest
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.absorbed import answering
from tests.contracts.link_world import Linking
from tests.contracts.store_world import HUMAN, World

PEOPLE = ("ada", "bob", "cem", "dan")


async def head_of(world: World, own: AgentId) -> AgentId:
    return await world.read(partial(answering, agent_id=own))


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_links_and_parts_has_their_own_again(sqlite_world: World, seed: int) -> None:
    world, choose = sqlite_world, random.Random(seed)  # noqa: S311 (chance, no secret)
    linking = Linking(world)
    told: defaultdict[AgentId, list[str]] = defaultdict(lambda: [HUMAN])
    own: dict[str, AgentId] = {}
    for who in PEOPLE:
        line = f"{who} said so."
        own[who] = await linking.note(who, line)
        told[own[who]].append(line)

    for step in range(14):
        world.later(1)
        who, other = choose.sample(PEOPLE, 2)
        match choose.choice(("link", "link", "part", "note")):
            case "link" if await head_of(world, own[who]) != await head_of(world, own[other]):
                await linking.link(who, other)
            case "part":
                await part(linking, who, choose)
            case _:
                line = f"{who} said {step}."
                heard_by = await linking.note(who, line)
                assert heard_by == await head_of(world, own[who])
                told[heard_by].append(line)
        links, absorbed = await world.table(t.link), await world.table(t.agent_absorbed)
        assert len(links) == len(absorbed)
        for each in PEOPLE:
            answered_by = await linking.answering(each)
            assert answered_by == await head_of(world, own[each])
            assert set(told[own[each]]) <= set(await linking.memory(answered_by))

    while await world.table(t.link):
        for each in PEOPLE:
            await part(linking, each, choose)
    for each in PEOPLE:
        assert await linking.answering(each) == own[each]
        assert sorted(await linking.memory(own[each])) == sorted(told[own[each]])
    assert (await world.store.counts())["pending"] == 0
    flags = await world.rows(sa.select(t.agent_lease.c.absorbed))
    assert not any(row["absorbed"] for row in flags)


async def part(linking: Linking, who: str, choose: random.Random) -> None:
    """Take one of their links back, if there is one."""
    listed = await linking.reply(who, LinkRequest("list"))
    if listed.links:
        number = choose.choice(listed.links).number
        parted = await linking.reply(who, LinkRequest("part", number=number))
        assert parted.outcome == "parted"
