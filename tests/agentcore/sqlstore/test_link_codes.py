"""What a code is good for, and when what it showed isn't any more."""

from __future__ import annotations

import pytest

from agentcore.errors import BadInput
from agentcore.records import OWNER, JoinProposal, LinkRequest
from agentcore.sqlstore import tables as t
from tests.contracts.link_world import Linking, PlainSaying, begin_incognito
from tests.contracts.store_world import Chunks, World


@pytest.fixture
def linking(world: World) -> Linking:
    return Linking(world)


async def test_a_new_code_calls_off_what_the_old_one_has_shown(linking: Linking) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    shown = await linking.shown("bob", "ada")
    await linking.code("ada")
    assert (await linking.confirm("bob", shown.number)).outcome == "gone"


async def test_who_has_become_one_with_another_is_not_what_was_shown(
    world: World, linking: Linking
) -> None:
    """Somebody else was shown them before."""
    await linking.note("ada", "A")
    world.later(1)
    await linking.note("cem", "C")
    shown = await linking.shown("bob", "ada")
    await linking.link("cem", "ada")
    assert (await linking.confirm("bob", shown.number)).outcome == "gone"


async def test_an_operator_links_nobody_who_is_in_incognito(world: World, linking: Linking) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    links = world.store.links
    both = await linking.user_of("ada"), await linking.user_of("bob")
    joining = await links.pair(*both, None)
    assert joining is not None
    command = world.submission(who="bob", command="incognito")
    await world.send(command, command=begin_incognito)
    with pytest.raises(BadInput, match="incognito"):
        await links.pair(*both, None)
    with pytest.raises(BadInput, match="incognito"):
        await links.join_pair(joining, JoinProposal(), OWNER, PlainSaying(), Chunks())


async def test_whoever_gave_a_code_hears_once_that_it_was_brought(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "A")
    code = await linking.code("ada")
    for who in ("bob", "bob", "eve"):
        await linking.reply(who, LinkRequest("use", code))
    notices = await world.table(t.notice)
    assert [(row["address"], row["key"], row["arguments"]) for row in notices] == [
        ("home:ada", "told.shown", {"on": "test"})
    ]


async def test_what_is_still_to_be_shown_goes_with_whose_it_is(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    code = await linking.code("ada")
    await world.sent()
    await linking.reply("bob", LinkRequest("use", code))
    await world.store.erasures.erase(await linking.user_of("ada"), OWNER)
    assert "reply.preview None" not in await world.sent()
