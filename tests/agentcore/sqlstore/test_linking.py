from __future__ import annotations

import asyncio
from functools import partial

import pytest
import sqlalchemy as sa

from agentcore.clock import HOUR, Micros
from agentcore.errors import Fenced, NotFound, StoreBusy
from agentcore.records import (
    Address,
    Admission,
    ConsentTerms,
    EditActor,
    JoinProposal,
    LinkRequest,
    NewTimer,
    Origin,
    Refused,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.absorbed import lives
from tests.contracts.link_world import Linking
from tests.contracts.store_requests import a_request, replied, run, submit
from tests.contracts.store_world import Chunks, World

DAY_SECONDS = 24 * 3600


@pytest.fixture
def linking(world: World) -> Linking:
    return Linking(world)


async def test_the_older_one_s_agent_answers_both_and_knows_what_either_was_told(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "Is called Ada.")
    world.later(5)
    other = await linking.note("bob", "Plays the cello.", "Is called Ada.")

    effect = await linking.link("bob", "ada")

    assert effect.agent_id == mine
    assert await linking.answering("bob") == await linking.answering("ada") == mine
    assert await linking.memory(mine) == ["Likes tea.", "Is called Ada.", "Plays the cello."]
    assert await linking.memory(other) == ["Likes tea.", "Plays the cello.", "Is called Ada."]
    assert list(await world.read(partial(lives, agent_id=mine))) == [mine, other]
    noted = (await world.door(mine).revisions(label="human"))[0]
    assert (noted.actor, noted.origin) == (EditActor.LINK, Origin.AGENT)
    bob = await world.rows(
        sa.select(t.identity.c.identity_id).where(t.identity.c.external_id == "bob")
    )
    edited = await world.rows(sa.select(t.block_revision).where(t.block_revision.c.actor == "link"))
    assert [row["author_id"] for row in edited] == [bob[0]["identity_id"]]
    audit = await world.rows(sa.select(t.audit).where(t.audit.c.agent_id == mine))
    assert [row["action"] for row in audit] == ["link"]


async def test_whoever_brings_the_code_may_be_the_older_one(world: World, linking: Linking) -> None:
    mine = await linking.note("ada", "Is called Ada.")
    world.later(5)
    await linking.note("bob", "Plays the cello.")

    shown = await linking.shown("ada", "bob")
    assert shown.here == "stays"
    assert shown.joining is not None
    assert shown.joining.stays.agent_id == mine
    await linking.confirm("ada", shown.number)
    assert await linking.answering("bob") == mine


async def test_both_sides_are_told(world: World, linking: Linking) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    await world.sent()
    await linking.link("bob", "ada")
    notices = await world.table(t.notice)
    assert [(row["address"], row["key"]) for row in notices] == [
        ("home:ada", "told.shown"),
        ("home:ada", "told.linked"),
    ]
    assert sorted(await world.sent())[-3:] == [
        "reply.preview None",
        "told.linked None",
        "told.shown None",
    ]


async def test_a_code_is_stored_as_its_digest_and_a_new_one_replaces_it(
    world: World, linking: Linking
) -> None:
    first = await linking.code("ada")
    second = await linking.code("ada")
    stored = str(await world.table(t.ticket)) + str(await world.table(t.notice))
    assert second not in stored
    assert (await linking.reply("bob", LinkRequest("use", first))).outcome == "wrong_code"
    assert (await linking.reply("bob", LinkRequest("use", second))).outcome == "preview"


async def test_codes_that_are_no_good_say_why(world: World, linking: Linking) -> None:
    await linking.note("ada", "A")
    code = await linking.code("ada")
    assert (await linking.reply("ada", LinkRequest("use", code))).outcome == "own_code"
    assert (await linking.reply("bob", LinkRequest("use", "ABCDEFGH"))).outcome == "wrong_code"
    assert (await linking.reply("bob", LinkRequest("use", code))).outcome == "preview"
    assert (await linking.reply("eve", LinkRequest("use", code))).outcome == "used_code"
    world.later(601)
    assert (await linking.reply("bob", LinkRequest("use", code))).outcome == "expired_code"
    assert (await linking.confirm("bob")).outcome == "gone"


async def test_guessing_is_refused_for_an_hour(world: World, linking: Linking) -> None:
    code = await linking.code("ada")
    for _ in range(5):
        reply = await linking.reply("eve", LinkRequest("use", "ABCDEFGH"))
        assert reply.outcome == "wrong_code"
    assert (await linking.reply("eve", LinkRequest("use", code))).outcome == "too_many"
    world.later(HOUR / 1e6 + 1)
    assert (await linking.shown("eve", "ada")).outcome == "preview"


async def test_the_same_update_is_carried_out_once(world: World, linking: Linking) -> None:
    await linking.note("ada", "A")
    shown = await linking.shown("bob", "ada")
    request = LinkRequest("confirm", number=shown.number)
    submission = world.submission("", who="bob", command="link")
    both = [
        await linking.ask("bob", request, proposal=JoinProposal(), update_id=submission.update_id)
        for _ in range(2)
    ]
    assert [type(each).__name__ for each in both] == ["LinkReply", "Duplicate"]
    assert len(await world.table(t.link)) == 1


async def test_who_is_not_let_in_comes_in_by_a_code_alone(world: World, linking: Linking) -> None:
    mine = await linking.note("ada", "A")
    strict = Admission(new_user_access="pending", pairing=True)
    refused = await linking.ask("bob", LinkRequest("code"), admission=strict)
    assert isinstance(refused, Refused)
    wrong = await linking.reply("eve", LinkRequest("use", "ABCDEFGH"), admission=strict)
    assert wrong.outcome == "wrong_code"
    assert await world.rows(sa.select(t.identity).where(t.identity.c.external_id == "eve")) == []

    shown = await linking.shown("bob", "ada", admission=strict)
    assert isinstance(await world.send(world.submission(who="bob"), admission=strict), Refused)
    await linking.confirm("bob", shown.number, admission=strict)
    accepted = await world.say("In at last", who="bob")
    assert accepted.agent_id == mine
    assert len(await world.store.list_agents()) == 1

    parted = await linking.part("ada")
    assert parted.outcome == "parted"
    assert isinstance(await world.send(world.submission(who="bob"), admission=strict), Refused)


async def test_who_is_blocked_hears_nothing_and_lets_nobody_in(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    code, shown = await linking.code("ada"), await linking.shown("eve", "bob")
    for who in ("ada", "bob"):
        user = await linking.user_of(who)
        await world.store.set_access(user, "blocked", by="test", composer=Chunks())
    refused = await linking.ask("bob", LinkRequest("use", code))
    assert isinstance(refused, Refused)
    assert not refused.announced
    assert (await linking.reply("zoe", LinkRequest("use", code))).outcome == "wrong_code"
    assert (await linking.confirm("eve", shown.number)).outcome == "gone"
    assert await world.table(t.link) == []


async def test_what_has_changed_since_is_shown_anew(linking: Linking) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    shown = await linking.shown("bob", "ada")
    await linking.note("ada", "Something else")
    again = await linking.confirm("bob", shown.number)
    assert again.outcome == "changed"
    assert (await linking.confirm("bob", shown.number)).outcome == "changed"
    newest = await linking.reply("bob", LinkRequest("confirm", number=1))
    assert (await linking.confirm("bob", newest.number)).outcome == "joined"


async def test_of_all_who_confirm_at_once_one_joins_them(world: World, linking: Linking) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    by_bob = await linking.shown("bob", "ada")
    by_ada = await linking.shown("ada", "bob")
    replies = await asyncio.gather(
        linking.confirm("bob", by_bob.number),
        linking.confirm("ada", by_ada.number),
        linking.confirm("bob", by_bob.number),
    )
    assert sorted(each.outcome for each in replies) == ["already", "already", "joined"]
    assert len(await world.table(t.link)) == len(await world.table(t.agent_absorbed)) == 1


async def test_what_waits_or_is_under_way_is_answered_by_the_agent_that_stays(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "A")
    world.later(1)
    await linking.note("bob", "B")
    shown = await linking.shown("bob", "ada")
    await world.say("under way", who="bob")
    running = await world.claim_one()
    world.later(1)
    await world.say("waiting", who="bob")
    await linking.confirm("bob", shown.number)

    with pytest.raises(Fenced):
        await world.answer(running, "too late")
    (claim,) = await world.claim()
    assert (claim.agent_id, claim.address) == (mine, "home:bob")
    assert [item.text for item in claim.items] == ["under way", "waiting"]
    assert {item.user for item in claim.items} == {await linking.user_of("ada")}
    await world.answer(claim)
    assert await world.claim() == ()
    counts = await world.store.counts()
    assert counts["pending"] == 0


async def test_what_a_client_asked_the_agent_that_goes_is_answered_under_its_id(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "A")
    world.later(1)
    other = await linking.note("bob", "B")
    under_way = (await submit(world, a_request(other, "one"))).turn_id
    await world.claim_one()
    waiting = (await submit(world, a_request(other, "two"))).turn_id
    shown = await linking.shown("bob", "ada")
    await linking.confirm("bob", shown.number)
    assert (await run(world, under_way)).state == "created", "it waits again"
    for turn_id in (under_way, waiting):
        claim = await world.claim_one()
        assert (claim.agent_id, claim.turn_id) == (mine, turn_id)
        assert claim.address == f"api:{other}:default"
        await replied(world, claim)
        assert (await run(world, turn_id)).state == "done"
    with pytest.raises(NotFound, match="part of another"):
        await submit(world, a_request(other))


async def test_a_message_that_waited_for_the_join_goes_to_the_agent_that_stays(
    world: World, linking: Linking
) -> None:
    """Whoever was looked up before, and enqueues after, is sent to look again."""
    mine = await linking.note("ada", "A")
    await linking.note("bob", "B")
    shown = await linking.shown("bob", "ada")

    async def say(text: str) -> None:
        submission = world.submission(text, who="bob")
        try:
            await world.send(submission)
        except StoreBusy:  # as an adapter does
            await world.send(submission)

    said = [say(f"message {number}") for number in range(4)]
    await asyncio.gather(linking.confirm("bob", shown.number), *said)
    agents = {claim.agent_id for claim in await world.claim()}
    assert agents == {mine}


async def test_the_caps_count_for_the_one_person(world: World, linking: Linking) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    await linking.link("bob", "ada")
    twice = Admission(max_per_day=2)
    sent = [await world.send(world.submission(who=who), admission=twice) for who in ("bob", "ada")]
    assert [type(each).__name__ for each in sent] == ["Accepted", "Refused"]


async def test_whoever_has_not_agreed_is_not_made_to(world: World, linking: Linking) -> None:
    terms = ConsentTerms("1", True, "terms.offline", "terms.offline_now")
    for who, consent in (("ada", "consented"), ("bob", "declined")):
        await linking.note(who, who)
        user = t.user.c.user_id == await linking.user_of(who)
        values = {"consent": consent, "consent_version": "1", "consent_at": 1}
        await world.run(sa.update(t.user).where(user).values(values))
    shown = await linking.shown("bob", "ada", admission=Admission(terms=terms))
    assert shown.joining is not None
    assert not shown.joining.by_model
    await linking.confirm("bob", shown.number)
    people = {each.user_id: each.consent for each in await world.store.people()}
    assert people == {await linking.user_of("ada"): "declined"}


async def test_words_of_others_stay_words_of_others(world: World, linking: Linking) -> None:
    mine = await linking.note("ada", "A")
    await linking.note("bob", "Somebody says that he is rich.", origin=Origin.FORWARDED)
    await linking.link("bob", "ada")
    (newest, *_) = await world.door(mine).revisions(label="human")
    assert (newest.origin, newest.after.split("\n")[-1]) == (
        Origin.FORWARDED,
        "Somebody says that he is rich.",
    )


async def test_a_timer_of_the_agent_that_went_fires_for_the_one_that_stays(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "A")
    other = await linking.note("bob", "B")
    await world.door(other).add_timer(
        NewTimer("reminder", Address("home:bob"), 1, None, Micros(world.now + 1), "tea")
    )
    await linking.link("bob", "ada")
    world.later(5)
    assert await world.store.fire_timers(limit=10) == 1
    (claim,) = await world.claim()
    assert (claim.agent_id, claim.address, claim.first.kind) == (mine, "home:bob", "timer")


async def test_no_run_puts_the_memory_in_order_of_an_agent_that_went(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "A")
    other = await linking.note("bob", "B")
    lease = t.agent_lease
    await world.run(sa.update(lease).where(lease.c.agent_id == other).values(sleep_at=1))
    await linking.link("bob", "ada")
    assert other not in await world.store.sleep_times.due(limit=10)
    assert await world.door(other).sleep.material(None) == "off"


async def test_nothing_is_half_joined_when_the_transaction_fails(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    shown = await linking.shown("bob", "ada")
    broken = JoinProposal(step=world.step(prompt_tokens=None))
    with pytest.raises(Exception, match=r"NOT NULL|null value|NULL"):
        await linking.confirm("bob", shown.number, proposal=broken)
    assert await world.table(t.link) == await world.table(t.agent_absorbed) == []
    assert (await linking.confirm("bob", shown.number)).outcome == "joined"
