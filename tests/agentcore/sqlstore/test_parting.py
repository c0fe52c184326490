from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa

from agentcore.records import (
    OWNER,
    Address,
    BlockEdit,
    EditActor,
    JoinedLine,
    JoinProposal,
    Origin,
    PassageDraft,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.absorbed import lives
from tests.contracts.link_world import Linking
from tests.contracts.store_world import World, block_of

DAY_SECONDS = 24 * 3600


@pytest.fixture
def linking(world: World) -> Linking:
    return Linking(world)


async def test_parting_gives_each_their_own_again(world: World, linking: Linking) -> None:
    mine = await linking.note("ada", "Is called Ada.")
    world.later(1)
    other = await linking.note("bob", "Plays the cello.")
    await linking.link("bob", "ada")
    world.later(60)
    await linking.answering("bob", "while linked")
    await linking.note("ada", "Has a dog.")

    parted = await linking.part("bob")

    assert parted.outcome == "parted"
    assert parted.effect is not None
    assert parted.effect.left == ()
    assert await linking.memory(mine) == ["Likes tea.", "Is called Ada.", "Has a dog."]
    assert await linking.memory(other) == ["Likes tea.", "Plays the cello."]
    assert await world.table(t.agent_absorbed) == await world.table(t.link) == []
    feed = await world.store.feed(Address("home:bob"))
    assert feed.messages[0].text.startswith("note")
    assert await linking.answering("bob") == other
    assert await linking.answering("ada") == mine
    feed = await world.store.feed(Address("home:bob"))
    assert [message.text for message in feed.messages][-2:] == ["Hello", "Hi"]
    again = await linking.link("bob", "ada")
    assert again.agent_id == mine


async def test_the_feed_follows_the_agent_that_answers_there(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "A")
    await linking.note("bob", "B")
    await linking.link("bob", "ada")
    world.later(1)
    await linking.answering("bob", "to the one that stays")
    feed = await world.store.feed(Address("home:bob"))
    assert [each.text for each in feed.messages][-2:] == ["to the one that stays", "Hi"]


async def test_what_waits_when_they_part_is_answered_where_it_was_said(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "A")
    world.later(1)
    other = await linking.note("bob", "B")
    await linking.link("bob", "ada")
    world.later(1)
    await world.say("waiting", who="bob")
    await linking.part("ada")
    (claim,) = await world.claim()
    assert (claim.agent_id, claim.first.user) == (other, await linking.user_of("bob"))
    await world.answer(claim)
    assert (await world.store.counts())["pending"] == 0


async def test_after_thirty_days_it_is_final(world: World, linking: Linking) -> None:
    mine = await linking.note("ada", "A")
    await linking.note("bob", "B")
    await linking.link("bob", "ada")
    world.later(30 * DAY_SECONDS)
    reply = await linking.part("bob")
    assert reply.outcome == "final"
    assert [each.open for each in reply.links] == [False]
    assert await linking.answering("bob") == mine


async def test_three_become_one_and_part_in_the_order_in_which_they_came(
    world: World, linking: Linking
) -> None:
    first = await linking.note("ada", "From Ada")
    world.later(1)
    second = await linking.note("bob", "From Bob")
    world.later(1)
    third = await linking.note("cem", "From Cem")
    await linking.link("cem", "bob")
    world.later(1)
    await linking.link("bob", "ada")

    assert list(await world.read(partial(lives, agent_id=first))) == [first, second, third]
    assert await linking.answering("cem") == first
    assert await linking.memory(first) == ["Likes tea.", "From Ada", "From Bob", "From Cem"]

    await linking.part("cem")
    assert await linking.memory(first) == ["Likes tea.", "From Ada"]
    assert await linking.answering("cem") == await linking.answering("bob") == second
    await linking.part("cem")
    assert await linking.memory(second) == ["Likes tea.", "From Bob"]
    assert await linking.answering("cem") == third


async def test_what_has_no_room_is_kept_in_the_archive_until_they_part(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "A")
    limit = sa.update(t.block).where(t.block.c.owner == mine, t.block.c.label == "human")
    await world.run(limit.values(limit=30))
    await linking.note("bob", "Plays.", "Plays the cello in an orchestra on Sundays.")
    await linking.link("bob", "ada")
    archive = world.door(mine).archive
    assert await linking.memory(mine) == ["Likes tea.", "A", "Plays."]
    kept = [passage.text for passage in await archive.passages()]
    assert kept == ["Plays the cello in an orchestra on Sundays."]
    await linking.part("bob")
    assert await archive.passages() == ()
    assert await linking.memory(mine) == ["Likes tea.", "A"]


async def test_lines_that_say_the_same_become_what_a_model_made_of_them(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "Lives in Paris.")
    other = await linking.note("bob", "2026-11: moved to Lisbon.", "Plays the cello.")
    one = JoinedLine(
        "human",
        ("Lives in Paris.",),
        ("2026-11: moved to Lisbon.",),
        "2026-11: moved from Paris to Lisbon.",
    )
    invented = JoinedLine("human", ("Likes tea.",), ("Plays the cello.",), "Owns a boat in Naples.")
    step = world.step(cost=70, prompt_tokens=100)
    await linking.link("bob", "ada", proposal=JoinProposal((one, invented), step))
    assert await linking.memory(mine) == [
        "Likes tea.",
        "2026-11: moved from Paris to Lisbon.",
        "Plays the cello.",
    ]
    usage = await world.rows(sa.select(t.usage).where(t.usage.c.scope == "user"))
    assert sum(row["spent"] for row in usage) == 70
    await linking.part("bob")
    assert await linking.memory(mine) == ["Likes tea.", "Lives in Paris."]
    assert await linking.memory(other) == [
        "Likes tea.",
        "2026-11: moved to Lisbon.",
        "Plays the cello.",
    ]


async def test_a_persona_comes_along_only_where_the_other_is_as_it_was_made(
    linking: Linking,
) -> None:
    mine = await linking.note("ada", "A")
    await linking.note("bob", "I speak in rhymes.", label="persona")
    await linking.link("bob", "ada")
    assert await linking.memory(mine, "persona") == ["I am a friend.", "I speak in rhymes."]
    await linking.part("bob")
    assert await linking.memory(mine, "persona") == ["I am a friend."]
    await linking.note("ada", "I am brief.", label="persona")
    await linking.link("bob", "ada")
    assert await linking.memory(mine, "persona") == ["I am a friend.", "I am brief."]


async def test_what_was_written_over_since_stays_and_is_shown(
    world: World, linking: Linking
) -> None:
    mine = await linking.note("ada", "A")
    await linking.note("bob", "Plays the cello.")
    await linking.link("bob", "ada")
    await world.say("I play the viola now", who="ada")
    (claim,) = await world.claim()
    block = block_of(await world.door(mine).blocks())
    after = block.value.replace("cello", "viola")
    edit = BlockEdit(block, after, EditActor.TOOL, Origin.OWNER)
    await world.answer(claim, "noted", edits=(edit,))
    parted = await linking.part("ada")
    assert parted.effect is not None
    assert parted.effect.left == ("Plays the viola.",)
    assert (await linking.memory(mine))[-1] == "Plays the viola."


async def test_erasing_the_one_person_leaves_nothing_of_either(
    world: World, linking: Linking
) -> None:
    await linking.note("ada", "Is called Ada.")
    other = await linking.note("bob", "Plays the cello.")
    await world.door(other).archive.add(PassageDraft("A cello", (), Origin.OWNER))
    await linking.link("bob", "ada")
    await world.store.erasures.erase(await linking.user_of("ada"), OWNER)
    for table in (t.user, t.identity, t.user_agent, t.link, t.agent_absorbed, t.agent, t.message):
        assert await world.table(table) == [], table.name
    assert await world.table(t.passage) == await world.table(t.block) == []


async def test_what_was_erased_meanwhile_is_not_put_back(world: World, linking: Linking) -> None:
    """A line that a model made of two was forgotten: nothing of it is left in the history, and what
    it was made of isn't put in its place.
    """
    mine = await linking.note("ada", "Plays the cello.")
    await linking.note("bob", "Plays the cello in Lisbon.")
    one = JoinedLine(
        "human", ("Plays the cello.",), ("Plays the cello in Lisbon.",), "Plays cello in Lisbon."
    )
    await linking.link("bob", "ada", proposal=JoinProposal((one,)))
    revision = t.block_revision
    linked = sa.and_(revision.c.owner == mine, revision.c.actor == "link")
    await world.run(sa.update(revision).where(linked).values(after="Likes tea."))
    held = sa.and_(t.block.c.owner == mine, t.block.c.label == "human")
    await world.run(sa.update(t.block).where(held).values(value="Likes tea."))
    await linking.part("bob")
    assert await linking.memory(mine) == ["Likes tea."]
