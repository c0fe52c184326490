"""What a person sees of what was said, where they had another agent before."""

from __future__ import annotations

import pytest

from agentcore.records import Address, FeedPlace
from tests.contracts.link_world import Linking
from tests.contracts.store_lives import part, said, take_in
from tests.contracts.store_world import World, texts

HOME = Address("home:bob")


@pytest.fixture
def linking(world: World) -> Linking:
    return Linking(world)


async def test_the_history_is_that_of_both_newest_first(world: World) -> None:
    ada = bob = None
    for number in range(3):
        ada = await world.talk(f"ada {number}")
        world.later(60)
        bob = await world.talk(f"bob {number}", who="bob")
        world.later(60)
    assert ada is not None
    assert bob is not None
    await take_in(world, ada, bob)
    heard = [text for text in await said(world, ada) if text != "noted"]
    assert heard == ["bob 2", "ada 2", "bob 1", "ada 1", "bob 0", "ada 0"]
    assert texts(await world.door(ada).history(limit=3)) == ["noted", "bob 2", "noted"]
    assert "ada 2" not in await said(world, bob)


async def test_what_was_said_in_a_chat_is_read_back_through_all_who_answered_there(
    world: World, linking: Linking
) -> None:
    """Bob's agent, then Ada's; and after they part and link again, Bob's, and Ada's again."""
    await linking.answering("ada", "elsewhere")
    expected = []

    async def go_on(text: str) -> None:
        world.later(60)
        await linking.answering("bob", text)
        expected.extend([text, "Hi"])

    for round_ in range(2):
        for number in range(2):
            await go_on(f"bob {round_} {number}")
        await linking.link("bob", "ada")
        for number in range(2):
            await go_on(f"ada {round_} {number}")
        if not round_:
            await linking.part("ada")
    door = world.door((await world.say("last", who="bob")).agent_id)

    for size in (1, 3, 100):
        read: list[str] = []
        before: FeedPlace | None = None
        while page := await door.past(HOME, before=before, limit=size):
            read += [each.message.text for each in page]
            before = page[-1].place
        assert read[::-1] == expected, size


async def test_no_place_of_another_s_history_opens_it(world: World, linking: Linking) -> None:
    ada, bob = await linking.note("ada", "One"), await linking.note("bob", "Two")
    await take_in(world, ada, bob)
    (newest, *_) = await world.door(ada).past(HOME, limit=1)
    assert newest.message.text == "noted"
    assert len(await world.door(ada).past(HOME, before=newest.place, limit=9)) == 1
    await part(world, ada, bob)
    assert await world.door(ada).past(HOME, limit=9) == ()
    assert await world.door(ada).past(HOME, before=newest.place, limit=9) == ()
    assert await world.door(bob).past(Address("home:ada"), limit=9) == ()
