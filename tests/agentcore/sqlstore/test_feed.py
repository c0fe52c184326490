"""What a pull client reads."""

from __future__ import annotations

from agentcore.records import Address, FeedPlace, Role, StepCommit, StopReason, TurnEnd
from tests.contracts.store_world import World, texts

HOME = Address("home:ada")


async def test_an_address_that_nobody_wrote_from_has_an_empty_feed(world: World) -> None:
    feed = await world.store.feed(Address("nowhere"))
    assert (feed.messages, feed.notices, feed.answered, feed.last_stop) == ((), (), 0, None)
    end = await world.store.feed_end(Address("nowhere"))
    assert (end.message, end.notice) == (0, 0)


async def test_a_feed_shows_what_was_committed_after_the_cursor(world: World) -> None:
    await world.talk("one", "two")
    feed = await world.store.feed(HOME, FeedPlace(2, 0))
    assert texts(feed.messages) == ["two", "noted"]
    assert (feed.answered, feed.last_stop) == (2, StopReason.END_TURN)
    end = await world.store.feed_end(HOME)
    assert (end.message, end.notice) == (4, 0)
    short = await world.store.feed(HOME, limit=3)
    assert texts(short.messages) == ["one", "noted", "two"]


async def test_a_feed_shows_that_address_s_thread_alone(world: World) -> None:
    await world.talk("here")
    await world.talk("there", address=Address("web:ada"))
    await world.talk("elsewhere", who="bob")
    feed = await world.store.feed(HOME)
    assert texts(feed.messages) == ["here", "noted"]


async def test_a_feed_shows_no_tool_returns_and_no_notes(world: World) -> None:
    await world.say("one")
    claim = await world.claim_one()
    messages = (
        *world.heard(claim),
        world.message(Role.TOOL, "secret"),
        world.message(Role.NOTE, "note"),
        world.message(Role.ASSISTANT, "answer"),
    )
    await world.answer(claim, messages=messages)
    feed = await world.store.feed(HOME)
    assert texts(feed.messages) == ["one", "answer"]


async def test_answered_follows_the_oldest_thing_that_is_still_open(world: World) -> None:
    async def answered(address: Address = HOME) -> int:
        return (await world.store.feed(address)).answered

    await world.say("one")
    assert await answered() == 0
    claim = await world.claim_one()
    assert await answered() == 0
    await world.say("two")
    await world.send(world.submission(command="help"), command=lambda _scope: [])
    await world.answer(claim)
    assert await answered() == 1
    await world.commit(
        await world.claim_one(), StepCommit(end=TurnEnd(StopReason.ERROR, parked=True))
    )
    assert await answered() == 3
    await world.say("three")
    await world.hand_back(await world.claim_one())
    assert await answered() == 3
    assert await answered(Address("web:ada")) == 0


async def test_the_reason_is_that_of_the_newest_finished_turn(world: World) -> None:
    await world.talk("one")
    await world.say("two")
    await world.commit(await world.claim_one(), StepCommit(end=TurnEnd(StopReason.MAX_STEPS)))
    await world.say("three")
    await world.claim_one()
    feed = await world.store.feed(HOME)
    assert feed.last_stop is StopReason.MAX_STEPS
