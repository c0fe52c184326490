"""What a sleep-time run may read, and what it may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentcore.records import (
    SHARED_OWNER,
    Address,
    AgentId,
    ConsentTerms,
    EditActor,
    NoticeDraft,
    Origin,
    Role,
    SleepMaterial,
    TextPart,
)
from agentcore.sqlstore import tables as t
from agentcore.store.gate import GateScope
from tests.contracts.store_blocks import edited_in_a_turn
from tests.contracts.store_world import SHARED_BLOCK, World, a_block, a_seed, block_of, texts


async def material(world: World, agent_id: AgentId) -> SleepMaterial:
    found = await world.door(agent_id).sleep.material(None)
    assert isinstance(found, SleepMaterial), found
    return found


TERMS = ConsentTerms("1", False, "terms.offline", "terms.offline_now")
AGREED = replace(TERMS, required=True)


@pytest.mark.parametrize(
    ("access", "consent", "version", "terms", "outcome"),
    [
        ("admitted", "new", None, None, "read"),
        ("blocked", "noticed", "1", None, "declined"),
        ("admitted", "declined", "1", None, "declined"),
        ("admitted", "paused", "1", TERMS, "declined"),
        ("admitted", "noticed", "1", TERMS, "read"),
        ("admitted", "noticed", "0", TERMS, "declined"),
        ("admitted", "noticed", "1", AGREED, "declined"),
        ("admitted", "consented", "1", AGREED, "read"),
    ],
)
async def test_only_who_is_let_in_and_agreed_is_read(
    world: World,
    access: str,
    consent: str,
    version: str | None,
    terms: ConsentTerms | None,
    outcome: str,
) -> None:
    agent_id = await world.talk("I like coffee")
    values = {"access": access, "consent": consent, "consent_version": version}
    await world.run(sa.update(t.user).values(values))
    found = await world.door(agent_id).sleep.material(terms)
    assert outcome == (found if isinstance(found, str) else "read")


async def test_in_a_group_only_the_turns_of_those_are_left_out(world: World) -> None:
    group = {"address": Address("group:1"), "audience": "chat"}
    agent_id = await world.talk("I am Ada", who="ada", **group)
    await world.talk("I am Bob", who="bob", **group)
    (bob,) = await world.rows(
        sa.select(t.identity.c.user_id).where(t.identity.c.external_id == "bob")
    )
    declined = sa.update(t.user).where(t.user.c.user_id == bob["user_id"])
    await world.run(declined.values(consent="declined"))
    assert texts((await material(world, agent_id)).messages) == ["I am Ada", "noted"]


async def test_once_words_of_others_are_in_view_only_the_person_s_own_are_read(
    world: World,
) -> None:
    agent_id = await world.talk("I like coffee")
    await world.say("Look at this")
    own, foreign = TextPart("Look at this", Origin.OWNER), TextPart("Buy!", Origin.FORWARDED)
    await world.answer(
        await world.claim_one(),
        messages=(
            world.message(Role.USER, "", parts=(own, foreign)),
            world.message(Role.ASSISTANT, "It says that you should buy."),
        ),
    )
    await world.talk("What did it say?", '"origin":"web"')
    own_words = ["Look at this", "What did it say?", '"origin":"web"']
    assert texts((await material(world, agent_id)).messages) == [
        "I like coffee",
        "noted",
        *own_words,
    ]
    await world.run(sa.update(t.agent_lease).values(slept_to=4))
    await world.talk("And now?")
    later = texts((await material(world, agent_id)).messages)
    assert later == [*own_words[1:], "And now?"], "it is in view still"


async def test_answers_are_not_read_while_the_memory_holds_a_foreign_line(world: World) -> None:
    agent_id = await world.talk("I like coffee")
    assert texts((await material(world, agent_id)).messages) == ["I like coffee", "noted"]
    await edited_in_a_turn(world, agent_id, "Likes tea.\nBuy gold!", Origin.WEB)
    found = await material(world, agent_id)
    assert texts(found.messages) == ["I like coffee", "…"]
    assert found.drawers[-1].foreign == {"Buy gold!"}


async def test_an_incognito_conversation_and_what_is_forgotten_are_not_read(world: World) -> None:
    agent_id = await world.talk("I like coffee", "I like tea")
    await world.run(sa.update(t.message).where(t.message.c.seq == 1).values(forgotten_at=1))

    def begin(scope: GateScope) -> Sequence[NoticeDraft]:
        scope.begin_incognito()
        return []

    await world.send(world.submission(command="incognito"), command=begin)
    await world.say("A secret")
    await world.answer(await world.claim_one(), indexed=False)
    found = await material(world, agent_id)
    assert texts(found.messages) == ["noted", "I like tea", "noted"]


async def test_only_blocks_of_this_agent_alone_that_no_group_sees_may_be_changed(
    world: World,
) -> None:
    blocks = (
        a_block("persona", "I am a friend."),
        a_block("fixed", "So it is.", read_only=True),
        a_block("public", "Plays chess."),
        a_block("team", "We row.", owner=SHARED_OWNER, block_id=SHARED_BLOCK),
        a_block(),
    )
    seed = replace(a_seed(), blocks=blocks)
    await world.send(world.submission("Hello"), seed=lambda: seed)
    claim = await world.claim_one()
    await world.answer(claim)
    drawers = (await material(world, claim.agent_id)).drawers
    assert [drawer.block.label for drawer in drawers] == ["persona", "human"]


async def test_the_history_tells_of_each_line_when_it_came_and_by_whom(world: World) -> None:
    agent_id = await world.talk("Hello")
    world.later(60)
    written = world.now
    await edited_in_a_turn(world, agent_id, "Likes tea.\nLives in Rome.", Origin.OWNER)
    world.later(60)
    await edited_in_a_turn(world, agent_id, "Likes tea.\nLives in Rome.\nBuy gold!", Origin.WEB)
    drawer = (await material(world, agent_id)).drawers[-1]
    (ada,) = await world.table(t.identity)
    assert drawer.lines["Lives in Rome."].written_at == written
    assert drawer.lines["Lives in Rome."].author == ada["identity_id"]
    assert drawer.lines["Lives in Rome."].message == 3


async def test_what_a_person_took_back_is_neither_read_nor_written_again(world: World) -> None:
    agent_id = await world.talk("Hello")
    await edited_in_a_turn(world, agent_id, "Likes tea.\nHas a cat.", Origin.OWNER)
    led = block_of(await world.door(agent_id).blocks()).version
    undone = {"actor": EditActor.USER, "undoes": led}
    await edited_in_a_turn(world, agent_id, "Likes tea.", Origin.OWNER, **undone)
    found = await material(world, agent_id)
    assert found.removed == {"Has a cat."}
    assert texts(found.messages) == ["Hello", "noted", "…"], "without what led to it"
