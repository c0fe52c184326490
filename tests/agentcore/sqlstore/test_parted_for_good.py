"""Once two have parted, the one's agent neither speaks where the other writes nor keeps what came along."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentcore.clock import Micros
from agentcore.errors import Fenced, StoreBusy
from agentcore.records import (
    Address,
    Admission,
    AgentId,
    ExchangeRef,
    HeldDraft,
    LinkRequest,
    NewTimer,
    Origin,
    PassageDraft,
    Refused,
    Role,
    TextPart,
    ToolCallPart,
)
from agentcore.sqlstore import tables as t
from agentcore.store import SearchQuery
from tests.agentcore.sqlstore.test_absorbed_forgetting import bring_back, forget
from tests.contracts.link_world import Linking, begin_incognito
from tests.contracts.store_blocks import an_epoch
from tests.contracts.store_lives import said
from tests.contracts.store_world import Chunks, World, a_block, a_seed, block_of
from tests.house import call


@pytest.fixture
def linking(world: World) -> Linking:
    return Linking(world)


async def two(world: World, linking: Linking) -> tuple[AgentId, AgentId]:
    """Ada's agent, which stays, and Bob's; they are linked."""
    mine = await linking.note("ada", "Is called Ada.")
    world.later(1)
    other = await linking.note("bob", "Plays the cello.")
    await linking.link("bob", "ada")
    world.later(1)
    return mine, other


async def test_a_timer_set_while_linked_is_told_by_who_answers_there_again(
    world: World, linking: Linking
) -> None:
    mine, other = await two(world, linking)
    await world.say("remind me", who="bob")
    claim = await world.claim_one()
    await world.door(mine).add_timer(
        NewTimer("reminder", Address("home:bob"), claim.thread, None, Micros(world.now + 9), "tea")
    )
    await world.answer(claim)
    await linking.part("ada")
    world.later(10)
    await world.store.fire_timers(limit=10)
    (fired,) = await world.claim()
    assert (fired.agent_id, fired.address) == (other, "home:bob")


async def test_what_is_being_answered_when_they_part_is_answered_where_it_was_said(
    world: World, linking: Linking
) -> None:
    _, other = await two(world, linking)
    await world.say("What do you know?", who="bob")
    running = await world.claim_one()
    await linking.part("ada")
    with pytest.raises(Fenced):
        await world.answer(running, "All of it")
    (claim,) = await world.claim()
    assert (claim.agent_id, claim.first.text) == (other, "What do you know?")
    await world.answer(claim)
    assert (await world.store.counts())["pending"] == 0


async def test_what_only_they_wrote_in_a_group_waits_for_their_own_agent(
    world: World, linking: Linking
) -> None:
    mine, other = await two(world, linking)
    group = {"address": Address("group"), "audience": "chat", "personal": True}
    shared = {**group, "address": Address("shared")}
    for who, where in (("bob", group), ("ada", shared), ("bob", shared)):
        await world.say("Hello all", who=who, **where)
        await world.answer(await world.claim_one())
    await world.say("And you?", who="bob", **group)
    await linking.part("ada")
    assert (await world.claim_one()).agent_id == other
    assert (await world.say("Hello", who="ada", **shared)).agent_id == mine
    open_there = sa.select(t.thread.c.address).where(
        t.thread.c.agent_id == mine, t.thread.c.closed_at.is_(None)
    )
    rows = await world.rows(open_there)
    assert sorted(row["address"] for row in rows) == ["home:ada", "shared"]


async def test_what_waits_for_who_had_nobody_is_not_answered_by_the_one_who_stays(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "A")
    await linking.link("bob", "ada")
    world.later(1)
    await world.say("What do you know?", who="bob")
    await world.say("And what else?", who="bob")
    await linking.part("ada")
    claims = await world.claim()
    assert claims == ()
    assert (await world.store.counts())["pending"] == 0
    assert await linking.answering("bob") != mine


async def test_incognito_words_are_wiped_also_when_they_part_meanwhile(
    world: World, linking: Linking
) -> None:
    _, other = await two(world, linking)
    await world.send(
        world.submission("/incognito", who="bob", command="incognito"),
        command=begin_incognito,
    )
    await world.talk("a secret", who="bob")
    await world.say("another secret", who="bob")
    await linking.part("ada")
    claim = await world.claim_one()
    assert claim.agent_id == other
    await world.answer(claim)
    await world.sent()
    world.later(4000)
    await world.store.wipe_ephemeral(Chunks())
    for table in (t.message, t.inbox):
        assert "secret" not in str(await world.table(table)), table.name


async def test_a_block_that_came_along_goes_with_its_name(world: World, linking: Linking) -> None:
    mine = await linking.note("ada", "A")
    world.later(1)
    seed = replace(a_seed(), blocks=(*a_seed().blocks, a_block("divorce", "")))
    await world.send(world.submission(who="bob"), seed=lambda: seed)
    await world.answer(await world.claim_one())
    await linking.note("bob", "Is hard.", label="divorce")
    await linking.link("bob", "ada")
    assert await linking.memory(mine, "divorce") == ["Is hard."]
    await linking.part("ada")
    assert [block.label for block in await world.door(mine).blocks()] == ["persona", "human"]


async def test_a_passage_that_was_kept_since_stays(world: World, linking: Linking) -> None:
    mine = await linking.note("ada", "A")
    limit = sa.update(t.block).where(t.block.c.owner == mine, t.block.c.label == "human")
    await world.run(limit.values(limit=12))
    await linking.note("bob", "Plays the cello in an orchestra on Sundays.")
    await linking.link("bob", "ada")
    archive = world.door(mine).archive
    (came,) = await archive.passages()
    await archive.delete(came.passage_id)
    await archive.add(PassageDraft("Told since", (), Origin.OWNER))
    await linking.part("bob")
    assert [each.text for each in await archive.passages()] == ["Told since"]


async def test_who_was_let_in_by_a_link_is_out_again_when_they_part(
    world: World, linking: Linking
) -> None:
    """Also where nobody had an agent, and the one who wasn't let in had come first."""
    strict = Admission(new_user_access="pending", pairing=True)
    assert isinstance(await world.send(world.submission(who="eve"), admission=strict), Refused)
    world.later(5)
    code = await linking.code("ada")
    shown = await linking.reply("eve", LinkRequest("use", code), admission=strict)
    await linking.confirm("eve", shown.number, admission=strict)
    await linking.part("ada")
    assert isinstance(await world.send(world.submission(who="eve"), admission=strict), Refused)


async def test_each_side_is_told_in_its_own_language(world: World, linking: Linking) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    for who, language in (("ada", "en"), ("bob", "de")):
        mine = t.user.c.user_id == await linking.user_of(who)
        await world.run(sa.update(t.user).where(mine).values(language=language))
    await linking.link("bob", "ada")
    await world.sent()
    await linking.part("ada")
    assert "told.parted de" in await world.sent()


async def test_what_was_forgotten_while_linked_brings_back_nothing_of_the_other(
    world: World, linking: Linking
) -> None:
    """With it comes the view from before, and its summary tells of them."""
    mine, other = await two(world, linking)
    await world.say("And now?")
    claim = await world.claim_one()
    epoch = an_epoch(world, await world.door(mine).blocks(), thread=claim.thread)
    await world.answer(claim, epoch=replace(epoch, summary="They play the cello."))
    world.later(1)
    await forget(world, ExchangeRef(1, 1, mine), ExchangeRef(1, 1, other))
    await linking.part("ada")
    for who in ("ada", "bob"):
        assert await bring_back(world, who) is not None
    epochs = await world.rows(sa.select(t.epoch.c.summary))
    assert "cello" not in str(epochs)
    assert "note ('Plays the cello.',)" in await said(world, other)


async def test_what_was_looked_up_meanwhile_is_found_by_nothing(
    world: World, linking: Linking
) -> None:
    mine, _ = await two(world, linking)
    await world.say("What do I play?")
    claim = await world.claim_one()
    asked = (
        TextPart("A xylophone?", Origin.AGENT),
        ToolCallPart(call("conversation_search", "{}")),
    )
    looking = replace(world.message(Role.ASSISTANT, ""), parts=asked)
    plain = world.plain_turn(claim, "I see.")
    await world.commit(claim, replace(plain, messages=(*plain.messages, looking)))
    assert await world.door(mine).search(SearchQuery("xylophone"))
    await linking.part("ada")
    words = await world.rows(sa.select(t.term.c.term).where(t.term.c.agent_id == mine))
    assert "xylophon" not in str(words)


async def test_no_edit_is_held_that_gives_what_had_come_along(
    world: World, linking: Linking
) -> None:
    mine, _ = await two(world, linking)
    block = block_of(await world.door(mine).blocks())
    drafts = tuple(
        HeldDraft(
            block.block_id,
            "memory_replace",
            {"old_string": old, "new_string": "x"},
            Origin.WEB,
            ("x",),
        )
        for old in ("Plays the cello.", "Is called Ada.")
    )
    await world.say("See this page")
    await world.answer(await world.claim_one(), held=drafts)
    await linking.part("ada")
    kept = await world.door(mine).held_edits()
    assert [each.arguments["old_string"] for each in kept] == ["Is called Ada."]
    assert "cello" not in str(await world.table(t.held_edit))


async def test_what_is_said_at_the_moment_of_parting_goes_to_who_answers_there_again(
    world: World, linking: Linking
) -> None:
    """Whoever was looked up before, and enqueues after, is sent to look again."""
    _, other = await two(world, linking)
    listed = await linking.reply("ada", LinkRequest("list"))
    request = LinkRequest("part", number=listed.links[-1].number)

    async def say(text: str) -> None:
        submission = world.submission(text, who="bob")
        try:
            await world.send(submission)
        except StoreBusy:  # as an adapter does
            await world.send(submission)

    said = [say(f"message {number}") for number in range(8)]
    await asyncio.gather(*said[:4], linking.reply("ada", request), *said[4:])
    assert {claim.agent_id for claim in await world.claim()} == {other}
