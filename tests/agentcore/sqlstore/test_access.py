"""Who there is and who is let in, on every database."""

from __future__ import annotations

import pytest

from agentcore.clock import DAY
from agentcore.errors import NotFound
from agentcore.records import Accepted, Admission, Refused
from tests.contracts.store_world import LEASE, Chunks, World

PAIRING = Admission(new_user_access="pending", pairing=True)


async def refused(world: World, who: str = "ada") -> Refused:
    outcome = await world.send(world.submission("Hi", who=who), admission=PAIRING)
    assert isinstance(outcome, Refused)
    return outcome


async def test_a_stranger_keeps_their_code_until_it_runs_out(world: World) -> None:
    first, second = await refused(world), await refused(world)
    world.clock.advance(7 * DAY + 1)
    late = await refused(world)

    assert first.reason == "pairing"
    assert first.arguments["code"] == second.arguments["code"] != late.arguments["code"]


async def test_people_are_listed_newest_first_and_those_who_wait_apart(world: World) -> None:
    await world.say("Hi", who="bob")
    world.clock.advance(DAY)
    waits = await refused(world, "ada")

    everybody = await world.store.people()
    (waiting,) = await world.store.people(waiting=True)

    assert [each.access for each in everybody] == ["pending", "admitted"]
    assert [each.last_seen is None for each in everybody] == [True, False]
    assert waiting == everybody[0]
    assert waiting.code == waits.arguments["code"]
    assert await world.store.person(waiting.user_id) == waiting
    assert len(await world.store.people(limit=1)) == 1


async def test_a_code_lets_its_person_in_once_told_and_is_spent(world: World) -> None:
    code = str((await refused(world)).arguments["code"])

    person = await world.store.set_access(code, "admitted", by="test", composer=Chunks())

    assert (person.access, person.code) == ("admitted", None)
    address = world.submission(who="ada").address
    feed = await world.store.feed(address)
    assert [notice.key for notice in feed.notices] == ["access.allowed"]
    sent = await world.store.claim_outbox("sender", limit=10, lease=LEASE)
    assert [row.text for row in sent if row.address == address][-1] == "access.allowed None"
    outcome = await world.send(world.submission("Hi", who="ada"), admission=PAIRING)
    assert isinstance(outcome, Accepted)
    assert await world.store.people(waiting=True) == ()


async def test_somebody_blocked_while_a_turn_runs_is_left_in_the_middle(world: World) -> None:
    await world.say("Hi", who="ada")
    claim = await world.claim_one()
    (person,) = await world.store.people()

    await world.store.set_access(person.user_id, "blocked", by="test", composer=Chunks())

    held = await world.store.renew("worker", {claim.agent_id: claim.fence}, lease=LEASE)
    assert held == {claim.agent_id: True}
    outcome = await world.send(world.submission("Hi", who="ada"))
    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.announced) == ("blocked", False)


@pytest.mark.parametrize("who", ["", "NOBODY22", "user-00000000-0000-4000-8000-000000000000"])
async def test_what_names_nobody_is_refused(world: World, who: str) -> None:
    with pytest.raises(NotFound):
        await world.store.set_access(who, "admitted", by="test", composer=Chunks())


async def test_a_code_that_has_run_out_isn_t_shown_any_more(world: World) -> None:
    code = str((await refused(world)).arguments["code"])
    world.clock.advance(7 * DAY)

    (person,) = await world.store.people()

    assert (person.access, person.code) == ("pending", None)
    assert await world.store.people(waiting=True) == ()
    assert (await world.store.person(person.user_id)).code is None
    with pytest.raises(NotFound):
        await world.store.set_access(code, "admitted", by="test", composer=Chunks())
