"""A message that was deleted before anybody answered it is taken back; any other stays."""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.records import Address, ChatChange, Claim, HandBack, StepCommit, StopReason, TurnEnd
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import Chunks, World

HOME = Address("home:ada")


async def withdraw(
    world: World, message_id: str = "m1", *, home: Address = HOME, update_id: str = "d1"
) -> bool:
    change = ChatChange("test:bot", update_id, home, "withdrawn", world.now, message_id=message_id)
    return await world.store.chats.note(change, Chunks())


async def pending(world: World) -> tuple[int, int, object]:
    (lease,) = await world.table(t.agent_lease)
    return lease["pending"], lease["pending_bytes"], lease["open_turn"]


async def texts(world: World) -> list[str]:
    return [str(row["parts"]) for row in await world.table(t.inbox)]


async def put_off(world: World, claim: Claim) -> None:
    how = HandBack(ready_at=world.now, trouble="model", counts=False)
    assert await world.store.hand_back(claim, how)


async def test_what_waits_is_taken_back_once_and_its_neighbours_are_answered(world: World) -> None:
    await world.say("Secret", platform_message_id="m1")
    await world.say("Hello", platform_message_id="m2")
    assert await withdraw(world)
    assert not await withdraw(world)
    assert not await withdraw(world, update_id="d2")
    assert await pending(world) == (1, len("Hello"), None)
    assert "Secret" not in "".join(await texts(world))
    claim = await world.claim_one()
    assert [item.text for item in claim.items] == ["Hello"]
    await world.answer(claim)
    assert await pending(world) == (0, 0, None)


async def test_what_it_read_before_an_edit_goes_too(world: World) -> None:
    await world.say("Secret", platform_message_id="m1")
    await world.run(sa.update(t.inbox).values(earlier="More secret"))
    await withdraw(world)
    (row,) = await world.table(t.inbox)
    assert row["earlier"] is None


async def test_a_turn_that_answers_something_else_goes_on(world: World) -> None:
    await world.say("Hello", platform_message_id="m1")
    claim = await world.claim_one()
    await world.say("Secret", platform_message_id="m2")
    await withdraw(world, "m2")
    await world.answer(claim)
    assert await pending(world) == (0, 0, None)


async def test_it_is_taken_back_from_each_agent_that_heard_it(world: World) -> None:
    for who in ("ada", "bob"):
        await world.say(who=who, address=HOME, platform_message_id="m1")
    await withdraw(world)
    leases = await world.table(t.agent_lease)
    assert [(row["pending"], row["pending_bytes"]) for row in leases] == [(0, 0), (0, 0)]


async def test_an_agent_that_has_nothing_else_to_do_rests(world: World) -> None:
    await world.say("Secret", platform_message_id="m1")
    await withdraw(world)
    assert await world.claim() == ()
    assert await world.store.next_ready() is None
    assert await pending(world) == (0, 0, None)


async def test_what_is_being_answered_or_was_stays(world: World) -> None:
    await world.say("Hello", platform_message_id="m1")
    claim = await world.claim_one()
    await withdraw(world, update_id="d0")
    assert await pending(world) == (1, len("Hello"), claim.turn)
    await world.answer(claim)
    await withdraw(world, update_id="d1")
    assert await pending(world) == (0, 0, None)
    said = [message.text for message in await world.door(claim.agent_id).history(limit=5)]
    assert said == ["Hi", "Hello"]
    assert "Hello" in "".join(await texts(world))


async def test_what_waits_for_a_model_that_is_down_is_taken_back(world: World) -> None:
    await world.say("Secret", platform_message_id="m1")
    await put_off(world, await world.claim_one())
    await withdraw(world)
    assert await pending(world) == (0, 0, None)
    assert await world.claim() == ()
    (turn,) = await world.table(t.turn)
    assert turn["state"] == "cancelled"


async def test_other_turns_have_no_say_in_whether_one_has_come_to_anything(world: World) -> None:
    await world.talk("One", "Two", "Three", who="bob")
    await world.talk("One")
    await world.say("Secret", platform_message_id="m1")
    await put_off(world, await world.claim_one())
    await withdraw(world)
    assert [row["pending"] for row in await world.table(t.agent_lease)] == [0, 0]


async def test_what_ended_without_a_step_is_not_waiting(world: World) -> None:
    await world.say("Hello", platform_message_id="m1")
    await world.commit(await world.claim_one(), StepCommit(end=TurnEnd(StopReason.ERROR)))
    await withdraw(world)
    assert await pending(world) == (0, 0, None)


async def test_of_a_turn_that_waits_the_other_messages_are_answered(world: World) -> None:
    await world.say("Secret", platform_message_id="m1")
    await world.say("Hello", platform_message_id="m2")
    first = await world.claim_one()
    await put_off(world, first)
    await withdraw(world)
    claim = await world.claim_one()
    assert (claim.turn, [item.text for item in claim.items]) == (first.turn, ["Hello"])
    await world.answer(claim)
    assert await pending(world) == (0, 0, None)


async def test_a_turn_that_has_come_to_something_goes_on(world: World) -> None:
    await world.say("Hello", platform_message_id="m1")
    claim = await world.claim_one()
    await world.commit(claim, StepCommit(messages=tuple(world.heard(claim)), step=world.step()))
    await put_off(world, claim)
    await withdraw(world)
    again = await world.claim_one()
    assert [item.text for item in again.items] == ["Hello"]


async def test_what_was_given_up_is_not_tried_again(world: World) -> None:
    said = await world.say("Secret", platform_message_id="m1")
    end = TurnEnd(StopReason.ERROR, error="bug", parked=True)
    await world.commit(await world.claim_one(), StepCommit(end=end))
    await withdraw(world)
    assert await world.store.parked() == ()
    assert not await world.store.retry_parked(said.agent_id, said.position)
    assert await pending(world) == (0, 0, None)
    assert "Secret" not in "".join(await texts(world))
    assert [row["error"] for row in await world.table(t.inbox)] == [None]


async def test_only_that_message_of_that_chat_is_meant(world: World) -> None:
    group = Address("home:group")
    here = {"audience": "chat", "home": group}
    await world.say("One", address=Address("home:group:7"), platform_message_id="m1", **here)
    await world.say("Two", who="bob", platform_message_id="m1")
    await world.say("Three", platform_message_id="m1", answer_via="handle")
    await withdraw(world, home=group)
    await withdraw(world, update_id="d2")
    assert not await withdraw(world, "m7", update_id="d3")
    left = "".join(await texts(world))
    assert "One" not in left, "a topic of the chat"
    assert "Two" in left, "another chat's message of that name"
    assert "Three" in left, "somebody waits for its answer"
