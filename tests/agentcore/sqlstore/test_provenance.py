"""Edits as they were made: what of them an agent may take back, and where it is read."""

from __future__ import annotations

from dataclasses import replace

from agentcore.clock import SECOND
from agentcore.records import (
    SHARED_OWNER,
    AgentId,
    AgentSeed,
    Block,
    EditActor,
    ListedLine,
    Listing,
    NoticeDraft,
    Origin,
    StepCommit,
)
from agentcore.store.gate import GateScope
from tests.contracts.store_blocks import an_edit
from tests.contracts.store_world import SHARED_BLOCK, World, a_block, a_seed, block_of


async def edit(world: World, who: str, label: str, *values: str, **changes: object) -> AgentId:
    """These values of a block, one after the other, in one turn."""
    agent_id = (await world.say(who=who)).agent_id
    claim = await world.claim_one()
    for value in values:
        block = block_of(await world.door(agent_id).blocks(), label)
        await world.commit(claim, StepCommit(edits=(an_edit(block, value, **changes),)))
    await world.answer(claim)
    return agent_id


async def test_an_agents_own_edits_are_read_newest_first_and_page_by_page(world: World) -> None:
    agent_id = await edit(world, "ada", "human", "one", "two")
    await edit(world, "ada", "persona", "kind")
    await edit(world, "bob", "human", "bob's")
    log = world.door(agent_id).provenance

    marks = await log.marks(limit=50)

    made = [mark.actor for mark in marks].count(EditActor.TEMPLATE)
    assert [(mark.version, mark.turn) for mark in marks[:3]] == [(2, 2), (3, 1), (2, 1)]
    assert (len(marks), made) == (5, 2)
    assert [*(await log.marks(limit=2)), *(await log.marks(limit=50, offset=2))] == list(marks)
    edits = await log.edits(marks[:3])
    assert [each.after for each in edits] == ["kind", "two", "one"]
    assert [each.before for each in edits] == ["I am a friend.", "one", "Likes tea."]


async def test_of_a_shared_block_only_the_agents_own_edits_are_its_own(world: World) -> None:
    def seed() -> AgentSeed:
        shared = a_block("team", "We.", block_id=SHARED_BLOCK, owner=SHARED_OWNER)
        return replace(a_seed(), blocks=(a_block(), shared))

    for who in ("ada", "bob"):
        await world.send(world.submission(who=who), seed=seed)
        await world.answer(await world.claim_one())
    ada = await edit(world, "ada", "team", "We are.")
    bob = await edit(world, "bob", "team", "We are two.")

    def own(marks: object) -> object:
        return [(m.version, m.turn is not None) for m in marks if m.block_id == SHARED_BLOCK]  # type: ignore[attr-defined]

    marks = await world.door(ada).provenance.marks(limit=50)
    assert own(marks) == [(2, True)]  # it was made for all of them
    assert own(await world.door(bob).provenance.marks(limit=50)) == [(3, True)]
    assert await world.door(bob).provenance.edits(marks) == ()
    seen = await world.door(bob).provenance.of_block(SHARED_BLOCK)
    assert [(each.version, each.own, each.turn is None) for each in seen] == [
        (3, True, False),
        (2, False, True),
        (1, False, True),
    ]


async def test_edits_that_words_of_others_led_to_are_found(world: World) -> None:
    agent_id = await edit(world, "ada", "human", "hers")
    await edit(world, "ada", "human", "the web's", origin=Origin.WEB)
    log = world.door(agent_id).provenance
    human = block_of(await world.door(agent_id).blocks())

    (found,) = await log.untrusted([human.block_id])

    assert (found.after, found.origin) == ("the web's", Origin.WEB)
    assert await log.untrusted([]) == ()


async def test_a_listing_that_was_shown_later_is_not_what_was_meant(world: World) -> None:
    human = a_block()
    agent_id = (await world.say()).agent_id
    (user,) = await world.store.people()

    async def show(block: Block) -> None:
        def keep(scope: GateScope) -> list[NoticeDraft]:
            line = ListedLine(block.block_id, block.version, 0, "digest")
            scope.keep_listing(Listing((line,)), until=scope.now + SECOND)  # type: ignore[arg-type]
            return []

        await world.send(world.submission(command="memory"), command=keep)

    await show(human)
    asked = world.now
    log = world.door(agent_id).provenance
    assert await log.listing(user.user_id, shown_by=asked) is not None
    world.clock.advance(1)
    await show(human)
    assert await log.listing(user.user_id, shown_by=asked) is None
    assert await log.listing(user.user_id, shown_by=world.now) is not None


async def test_nothing_of_another_agent_is_read(world: World) -> None:
    ada = world.door((await world.say()).agent_id).provenance
    await world.answer(await world.claim_one())
    bob = await edit(world, "bob", "human", "bob's", origin=Origin.WEB)
    marks = await world.door(bob).provenance.marks(limit=50)
    human = block_of(await world.door(bob).blocks())

    assert not {mark.block_id for mark in await ada.marks(limit=50)} & {m.block_id for m in marks}
    assert await ada.edits(marks) == ()
    assert await ada.of_block(human.block_id) == ()
    assert await ada.untrusted([human.block_id]) == ()
