from __future__ import annotations

import asyncio

from agentcore.records import Accepted, Address, Duplicate, Ignored, Submission
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import World


async def edit(world: World, text: str, *, who: str = "ada", **changes: object) -> object:
    return await world.send(an_edit_of(world, text, who=who, **changes))


def an_edit_of(world: World, text: str, *, who: str = "ada", **changes: object) -> Submission:
    return world.submission(text, who=who, platform_message_id="m1", edited=True, **changes)


async def test_a_waiting_row_is_changed_where_it_is_and_counted_anew(world: World) -> None:
    first = await world.say("Hello", platform_message_id="m1")
    await world.say("Bye")
    changed = await edit(world, "Hello there")
    assert isinstance(changed, Accepted)
    assert (changed.position, changed.pending) == (first.position, 2)
    assert (changed.first_contact, changed.user_id) == (False, first.user_id)
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"]) == (2, len("Hello thereBye"))
    claim = await world.claim_one()
    assert [item.text for item in claim.items] == ["Hello there", "Bye"]
    await world.answer(claim)
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"]) == (0, 0)


async def test_what_is_withdrawn_for_a_command_at_the_gate_waits_no_more(world: World) -> None:
    await world.say("Hello", platform_message_id="m1")
    outcome = await world.send(
        an_edit_of(world, "", command="help", kind="command"), command=lambda _scope: []
    )
    assert isinstance(outcome, Accepted)
    assert await world.claim() == ()
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"], lease["ready_at"]) == (0, 0, None)


async def test_nothing_is_written_for_what_is_for_others_or_changes_nothing(world: World) -> None:
    said = await world.say("Hello", platform_message_id="m1")
    before = await world.table(t.receipt)
    assert await edit(world, "Hello") == Duplicate(said.position)
    assert await edit(world, "Hi", who="bob", addressed=False) == Ignored()
    elsewhere = Address("home:elsewhere")
    assert await edit(world, "Hi", address=elsewhere, addressed=False) == Ignored()
    assert await world.table(t.receipt) == before


async def test_an_edit_and_the_claim_of_its_message_at_once_lose_nothing(world: World) -> None:
    await world.say("Hello", platform_message_id="m1")
    claims, outcome = await asyncio.gather(world.claim(), edit(world, "Hello there"))
    assert isinstance(outcome, Accepted)
    texts = [item.text for claim in claims for item in claim.items]
    for claim in claims:
        await world.answer(claim)
    texts += [item.text for claim in await world.claim() for item in claim.items]
    assert texts in (["Hello there"], ["Hello", "Hello there"])
    (lease,) = await world.table(t.agent_lease)
    assert lease["pending_bytes"] in {0, len("Hello there")}
