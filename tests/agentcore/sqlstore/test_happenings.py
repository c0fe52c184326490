"""What happens to an agent, as those who follow it from outside are told it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentcore.clock import DAY, MINUTE, Micros
from agentcore.errors import NotFound, TooMany
from agentcore.records import (
    OWNER,
    Actor,
    AgentDraft,
    AgentId,
    BlockEdit,
    EditActor,
    IdentityKey,
    Message,
    Origin,
    Revision,
    Role,
    RunView,
    StopReason,
    new_agent_id,
)
from agentcore.records.happenings import (
    KINDS,
    Happening,
    HappeningPlace,
    Undelivered,
)
from agentcore.records.identities import NewIdentity
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import World, a_seed, block_of

CLIENT = Actor("api", "client")
URL = "https://hooks.example/x"
HOLD = Micros(MINUTE)


def told(happening: Happening) -> str:
    match happening.what:
        case Message(role=role) as message:
            return f"{role}: {message.text}"
        case Revision(label=label, version=version):
            return f"{label} at {version}"
        case RunView(state=state):
            return f"ended: {state}"


async def since(
    world: World, agent_id: AgentId, place: HappeningPlace, limit: int = 100
) -> list[str]:
    found = await world.door(agent_id).following.after(place, limit=limit)
    return [told(each) for each in found.items]


async def remember(world: World, who: str, line: str) -> AgentId:
    """A turn in which a line is noted."""
    said = await world.say("Remember this", who=who)
    claim = await world.claim_one()
    human = block_of(await world.door(said.agent_id).blocks())
    edit = BlockEdit(human, f"{human.value}\n{line}", EditActor.TOOL, Origin.OWNER)
    await world.answer(claim, "Noted.", edits=(edit,))
    return said.agent_id


async def test_everything_is_told_once_in_the_order_in_which_it_happened(world: World) -> None:
    agent_id = await world.talk("Hello", who="ada")
    place = await world.door(agent_id).following.place()
    assert await since(world, agent_id, place) == []
    world.later(1)
    await remember(world, "ada", "Has a dog.")
    assert await since(world, agent_id, place) == [
        "user: Remember this",
        "assistant: Noted.",
        "human at 2",
        "ended: done",
    ]
    assert await since(world, agent_id, await world.door(agent_id).following.place()) == []


async def test_whoever_goes_on_from_any_place_misses_nothing_and_hears_nothing_twice(
    world: World,
) -> None:
    agent_id = await remember(world, "ada", "Has a dog.")
    await remember(world, "ada", "Has a cat.")
    await world.talk("Bye", who="ada")
    everything = await world.door(agent_id).following.after(HappeningPlace())
    heard = [told(each) for each in everything.items]
    for number, each in enumerate(everything.items, start=1):
        assert await since(world, agent_id, each.place) == heard[number:]
    place, slowly = HappeningPlace(), []
    while page := (await world.door(agent_id).following.after(place, limit=2)).items:
        slowly += [told(each) for each in page]
        place = page[-1].place
    assert sorted(slowly) == sorted(heard)


async def test_a_turn_that_still_runs_isnt_over_for_anybody(world: World) -> None:
    agent_id = (await world.say("Hello", who="ada")).agent_id
    place = await world.door(agent_id).following.place()
    claim = await world.claim_one()
    assert await since(world, agent_id, place) == []
    await world.answer(claim)
    assert await since(world, agent_id, place) == ["user: Hello", "assistant: Hi", "ended: done"]


async def test_what_was_forgotten_or_is_said_incognito_isnt_told(world: World) -> None:
    agent_id = await world.talk("Hello", "A secret", who="ada")
    secret = t.message.c.seq.in_([3, 4])
    await world.run(t.message.update().where(secret).values(forgotten_at=world.now))
    assert [each for each in await since(world, agent_id, HappeningPlace()) if ":" in each][:2] == [
        "user: Hello",
        "assistant: noted",
    ]
    await world.run(t.thread.update().values(ephemeral=True))
    heard = await since(world, agent_id, HappeningPlace())
    assert not [each for each in heard if each.startswith(("user", "assistant"))]


async def hook(world: World, agent_id: AgentId) -> str:
    made, secret = await world.store.webhooks.create(agent_id, URL, KINDS, CLIENT)
    assert secret.startswith("whsec_")
    assert made.webhook_id not in secret
    return made.webhook_id


async def test_a_webhook_is_due_when_its_agent_has_news_and_then_for_one_alone(
    world: World,
) -> None:
    agent_id, hooks = await world.talk("Hello", who="ada"), world.store.webhooks
    assert not await hooks.any()
    webhook_id = await hook(world, agent_id)
    assert await hooks.any()
    assert not await hooks.due(limit=10, hold=HOLD)
    await world.talk("More", who="ada")
    (due,) = await hooks.due(limit=10, hold=HOLD)
    assert (due.webhook.webhook_id, due.webhook.url) == (webhook_id, URL)
    assert not await hooks.due(limit=10, hold=HOLD)
    page = await world.door(agent_id).following.after(due.place)
    assert await hooks.told(webhook_id, page.place, hold=None)
    assert not await hooks.due(limit=10, hold=HOLD)


async def test_whoever_dies_while_telling_is_followed_by_another(world: World) -> None:
    agent_id, hooks = await world.talk("Hello", who="ada"), world.store.webhooks
    await hook(world, agent_id)
    await world.talk("More", who="ada")
    (first,) = await hooks.due(limit=10, hold=HOLD)
    world.later(61)
    (second,) = await hooks.due(limit=10, hold=HOLD)
    assert second.place == first.place
    await world.store.release_all_leases()
    (third,) = await hooks.due(limit=10, hold=HOLD)
    assert third.place == first.place


async def test_a_webhook_that_fails_is_tried_later_and_then_disabled_with_a_reason(
    world: World,
) -> None:
    agent_id, hooks = await world.talk("Hello", who="ada"), world.store.webhooks
    webhook_id = await hook(world, agent_id)
    await world.talk("More", who="ada")
    await hooks.due(limit=10, hold=HOLD)
    later = Undelivered("No answer.", 503, Micros(world.now + MINUTE))
    await hooks.failed(webhook_id, later)
    assert not await hooks.due(limit=10, hold=HOLD)
    world.later(61)
    (due,) = await hooks.due(limit=10, hold=HOLD)
    assert (due.webhook.tries, due.webhook.status, due.webhook.error) == (1, 503, "No answer.")
    world.later(3 * DAY / 1_000_000)
    await hooks.failed(webhook_id, Undelivered("No answer.", 503, None, "Three days."))
    (seen,) = await hooks.list(agent_id)
    assert (seen.reason, seen.disabled_at) == ("Three days.", world.now)
    assert not await hooks.due(limit=10, hold=HOLD)
    assert not await hooks.any()
    again = await hooks.enable(agent_id, webhook_id)
    assert (again.disabled_at, again.tries) == (None, 0)
    assert await hooks.due(limit=10, hold=HOLD)


async def test_an_agent_has_so_many_webhooks_and_each_can_be_removed(world: World) -> None:
    agent_id, hooks = await world.talk("Hello", who="ada"), world.store.webhooks
    made = [await hook(world, agent_id) for _ in range(10)]
    with pytest.raises(TooMany):
        await hook(world, agent_id)
    await hooks.remove(agent_id, made[0])
    assert [each.webhook_id for each in await hooks.list(agent_id)] == sorted(made[1:])
    with pytest.raises(NotFound):
        await hooks.remove(agent_id, made[0])
    with pytest.raises(NotFound):
        await hook(world, new_agent_id())


async def test_a_person_sees_that_somebody_is_told_once_a_day(world: World) -> None:
    draft = AgentDraft(replace(a_seed(), owner_kind="api"))
    agent_id = (await world.store.agents.create(draft)).agent.agent_id
    hooks = world.store.webhooks
    webhook_id = await hook(world, agent_id)
    place = await world.door(agent_id).following.place()
    await hooks.told(webhook_id, place, hold=None)
    key = IdentityKey("test", "bot", "ada")
    await world.store.identities.create(NewIdentity(key, "Ada", agents=(agent_id,)), CLIENT)
    for _ in range(2):
        await hooks.told(webhook_id, place, hold=None)
    seen = [row["actor"] for row in await world.table(t.audit) if row["action"] == "tell webhook"]
    assert sorted(seen) == ["client", "webhook"]


async def test_with_a_person_their_agents_webhooks_are_gone_at_once(world: World) -> None:
    said = await world.say("Hello", who="ada")
    await hook(world, said.agent_id)
    await world.store.erasures.begin(said.user_id, OWNER)
    assert not await world.table(t.webhook)


async def test_the_client_of_a_turn_is_called_back_once_it_is_over(world: World) -> None:
    agent_id, hooks = (await world.say("Hello", who="ada")).agent_id, world.store.webhooks
    claim = await world.claim_one()
    await world.run(t.turn.update().values(callback_url=URL))
    assert await hooks.any()
    assert not await hooks.due_callbacks(limit=5, hold=HOLD)
    await world.answer(claim)
    (due,) = await hooks.due_callbacks(limit=5, hold=HOLD)
    assert (due.agent_id, due.turn_id, due.url, due.tries) == (agent_id, claim.turn_id, URL, 0)
    assert not await hooks.due_callbacks(limit=5, hold=HOLD)
    await hooks.called_back(claim.turn_id, Undelivered("No.", 500, world.now))
    (due,) = await hooks.due_callbacks(limit=5, hold=HOLD)
    assert due.tries == 1
    await hooks.called_back(claim.turn_id)
    assert not await hooks.any()
    assert (await world.store.requests.run(claim.turn_id)).stop_reason == StopReason.END_TURN


async def test_what_an_agent_is_told_aloud_by_its_messages_has_their_roles(world: World) -> None:
    agent_id = await world.talk("Hello", who="ada")
    found = await world.door(agent_id).following.after(HappeningPlace())
    said = [each for each in found.items if isinstance(each.what, Message)]
    assert [each.what.role for each in said if isinstance(each.what, Message)] == [
        Role.USER,
        Role.ASSISTANT,
    ]
    ended = next(each.what for each in found.items if isinstance(each.what, RunView))
    assert {each.turn for each in said} == {ended.turn_id}
    assert {each.thread for each in said} == {ended.thread_id}
