"""Tokens of the API: kept as digests, good until they are revoked or their agent is gone."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from agentcore.clock import MINUTE, SECOND
from agentcore.errors import BadInput, NotFound
from agentcore.records import AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.tokens import KNOWN_FOR, SqlTokens
from tests.contracts.store_world import World


def elsewhere(world: World) -> SqlTokens:
    """The tokens as another process on the same database sees them."""
    return SqlTokens(world.database, world.clock)


async def agent(world: World) -> AgentId:
    await world.send(world.submission("Hi"))
    [found] = await world.store.list_agents()
    return found.agent_id


async def test_a_token_is_found_by_its_text_of_which_a_digest_is_kept(world: World) -> None:
    made = await world.store.tokens.create("backend")
    assert re.fullmatch("fam_[A-Za-z0-9_-]{43}", made.text)
    found = await elsewhere(world).find(made.text)
    assert found is not None
    assert (found.name, found.agent_id) == ("backend", None)
    assert made.text not in str(await world.table(t.token))


async def test_a_token_may_be_for_one_agent(world: World) -> None:
    agent_id = await agent(world)
    made = await world.store.tokens.create("widget", agent_id)
    found = await world.store.tokens.find(made.text)
    assert found is not None
    assert found.agent_id == agent_id


@pytest.mark.parametrize("text", ["", "fam_", "other", "fam_" + "x" * 43, "fam_" + "é" * 43])
async def test_another_text_is_no_token(world: World, text: str) -> None:
    await world.store.tokens.create("backend")
    assert await world.store.tokens.find(text) is None


async def test_a_revoked_token_ends_here_at_once_and_elsewhere_within_seconds(world: World) -> None:
    tokens, other = world.store.tokens, elsewhere(world)
    made = await tokens.create("backend")
    assert await tokens.find(made.text)
    assert await other.find(made.text)
    revoked = await tokens.revoke(made.token.token_id)
    assert revoked.revoked_at == world.clock.now()
    assert await tokens.find(made.text) is None
    world.clock.advance(KNOWN_FOR)
    assert await other.find(made.text) is None


async def test_revoking_twice_keeps_the_first_moment(world: World) -> None:
    tokens = world.store.tokens
    made = await tokens.create("backend")
    first = await tokens.revoke(made.token.token_id)
    world.clock.advance(SECOND)
    assert await tokens.revoke(made.token.token_id) == first


async def test_a_token_goes_with_its_agent(world: World) -> None:
    agent_id = await agent(world)
    made = await world.store.tokens.create("widget", agent_id)
    await world.run(sa.update(t.agent).where(t.agent.c.agent_id == agent_id).values(deleted_at=1))
    assert await world.store.tokens.find(made.text) is None


async def test_when_a_token_was_used_is_known_to_the_minute(world: World) -> None:
    made = await world.store.tokens.create("backend")
    for _ in range(3):
        await world.store.tokens.find(made.text)
        world.clock.advance(MINUTE // 2)
    [listed] = await world.store.tokens.list()
    assert listed.last_used_at == world.clock.now() - MINUTE // 2
    assert listed.created_at == world.clock.now() - 3 * MINUTE // 2


async def test_the_newest_token_is_listed_first(world: World) -> None:
    for name in ("first", "second", "third"):
        world.clock.advance(SECOND)
        await world.store.tokens.create(name)
    assert [each.name for each in await world.store.tokens.list(limit=2)] == ["third", "second"]


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 101])
async def test_a_name_is_one_short_line(world: World, name: str) -> None:
    with pytest.raises(BadInput):
        await world.store.tokens.create(name)


@pytest.mark.parametrize(
    "agent_id", ["agent-00000000-0000-4000-8000-000000000000", "ada", "agent-'"]
)
async def test_no_token_is_made_for_an_agent_that_is_not_there(
    world: World, agent_id: AgentId
) -> None:
    with pytest.raises(NotFound):
        await world.store.tokens.create("widget", agent_id)
    assert await world.table(t.token) == []


async def test_what_is_no_token_s_id_cannot_be_revoked(world: World) -> None:
    with pytest.raises(NotFound):
        await world.store.tokens.revoke("token-none")
