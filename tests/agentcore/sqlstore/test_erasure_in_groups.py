"""Erasing a person who wrote in a group: their own words go, the group's agent and the others' stay."""

from __future__ import annotations

from typing import Any

import pytest

from agentcore.errors import Fenced
from agentcore.records import OWNER, Address, AgentId
from agentcore.sqlstore import tables as t
from agentcore.store import SearchQuery
from tests.contracts.store_blocks import an_edit
from tests.contracts.store_rows import erase, identity_of, shown, user_of
from tests.contracts.store_world import World, everything, texts

TABLES = t.metadata.sorted_tables
GROUP = Address("group:1")


async def talk(world: World) -> AgentId:
    agent = AgentId("")
    for who, text in (
        ("ada", "I breed axolotls in Aachen"),
        ("bob", "I like beer and axolotls"),
        ("ada", "The pink axolotl is my favourite"),
    ):
        accepted = await world.say(
            text, who=who, address=GROUP, audience="chat", speaker=who.title()
        )
        await world.answer(await world.claim_one(), "noted")
        agent = accepted.agent_id
    return agent


async def test_only_their_words_go(world: World) -> None:
    agent = await talk(world)
    user, identity = await user_of(world, "ada"), await identity_of(world, "ada")
    receipt = await world.store.erasures.erase(user, OWNER)

    history = await world.door(agent).history(limit=50)
    assert texts(history) == ["noted", "noted", "I like beer and axolotls", "noted"]
    everywhere = shown(await everything(world, TABLES))
    for trace in ("Aachen", "aachen", "pink", "Ada", user, identity):
        assert trace not in everywhere, trace
    assert receipt.redacted == {"message": 2, "inbox": 2}


async def test_the_search_counts_what_is_left(world: World) -> None:
    agent = await talk(world)
    await erase(world)
    (lease,) = await world.table(t.agent_lease)
    terms = await world.table(t.term)
    assert lease["indexed_messages"] == len({row["place"] for row in terms}) == 4
    counts = [row[name] for row in terms for name in ("tf_text", "tf_name", "tf_date")]
    assert lease["indexed_words"] == sum(counts)
    hits = await world.door(agent).search(SearchQuery("axolotls"))
    assert hits[0].message.text == "I like beer and axolotls"


async def test_what_waits_of_theirs_is_not_asked_and_the_others_go_on(world: World) -> None:
    await talk(world)
    given: dict[str, Any] = {"address": GROUP, "audience": "chat"}
    await world.say("an ode to my axolotl", who="ada", **given)
    running = await world.claim_one()
    await world.say("another ode", who="ada", **given)
    await world.say("What did I say?", who="bob", **given)
    await erase(world)

    with pytest.raises(Fenced):
        await world.answer(running, "Your ode is beautiful")
    claim = await world.claim_one()
    assert [item.text for item in claim.items] == ["What did I say?"]
    await world.answer(claim, "You like beer.")
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"], lease["open_turn"]) == (0, 0, None)
    assert await world.claim() == ()
    states = {row["state"] for row in await world.table(t.turn)}
    assert states == {"done", "cancelled"}
    assert "ode" not in shown(await everything(world, [t.message, t.inbox, t.term]))


async def test_a_turn_of_several_goes_on_with_what_the_others_said(world: World) -> None:
    given: dict[str, Any] = {"address": GROUP, "audience": "chat"}
    await world.say("from ada", who="ada", **given)
    await world.say("from bob", who="bob", **given)
    claim = await world.claim_one()
    assert len(claim.items) == 2
    await erase(world)
    resumed = await world.claim_one()
    assert [item.text for item in resumed.items] == ["from bob"]
    assert resumed.turn == claim.turn
    await world.answer(resumed, "Hello Bob")
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["pending_bytes"]) == (0, 0)


async def test_lines_that_came_with_their_edits_leave_the_memory_and_its_history(
    world: World,
) -> None:

    agent = AgentId("")
    for who, line in (("ada", "Ada breeds axolotls"), ("bob", "Bob likes beer")):
        accepted = await world.say(
            line, who=who, address=GROUP, audience="chat", speaker=who.title()
        )
        agent = accepted.agent_id
        claim = await world.claim_one()
        (block,) = [each for each in await world.door(agent).blocks() if each.label == "human"]
        edit = an_edit(block, f"{block.value}\n{line}")
        await world.answer(claim, "noted", edits=(edit,))
    version = (await world.table(t.agent_lease))[0]["version"]
    await erase(world)

    blocks = await world.door(agent).blocks()
    assert [each.value for each in blocks if each.label == "human"] == [
        "Likes tea.\nBob likes beer"
    ]
    revisions = await world.door(agent).revisions(label="human")
    assert [each.after for each in revisions] == [
        "Likes tea.\nBob likes beer",
        "Likes tea.",
        "Likes tea.",
    ]
    assert (await world.table(t.agent_lease))[0]["version"] > version
