"""Which agent answers whom, as clients of the API decide it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentcore.errors import Conflict, NotFound
from agentcore.records import (
    OWNER,
    Actor,
    Admission,
    AgentDraft,
    AgentId,
    IdentityId,
    IdentityKey,
    Refused,
    new_agent_id,
    new_identity_id,
)
from agentcore.records.identities import (
    IdentityChange,
    IdentityProperty,
    IdentityQuery,
    IdentityView,
    NewIdentity,
)
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import World, a_seed

CLIENT = Actor("api", "client")


def key_of(who: str) -> IdentityKey:
    return IdentityKey("test", "bot", who)


OWN_KEY = IdentityKey("api", "", "customer-7")


async def made(world: World) -> AgentId:
    """An agent that was made over the API."""
    draft = AgentDraft(replace(a_seed(), owner_kind="api", name="Made"))
    return (await world.store.agents.create(draft)).agent.agent_id


async def bound(world: World, who: str, *agents: AgentId) -> IdentityView:
    new = NewIdentity(key_of(who), who.title(), agents=agents)
    return await world.store.identities.upsert(new, CLIENT)


async def kind_of(world: World, agent_id: AgentId) -> str:
    return (await world.door(agent_id).agent()).owner_kind


async def test_an_agent_that_is_bound_before_somebody_writes_answers_their_first_message(
    world: World,
) -> None:
    agent_id = await made(world)
    identity = await bound(world, "ada", agent_id)
    said = await world.say("Hello", who="ada")
    assert (said.agent_id, said.identity_id) == (agent_id, identity.identity_id)
    assert len(await world.store.list_agents()) == 1


async def test_whoever_was_bound_is_let_in_as_a_stranger_would_be(world: World) -> None:
    await bound(world, "ada", await made(world))
    waiting = Admission(new_user_access="pending", pairing=True)
    refused = await world.send(world.submission(who="ada"), admission=waiting)
    assert isinstance(refused, Refused)
    assert refused.reason == "pairing"
    (person,) = await world.store.people()
    assert person.access == "pending"


async def test_the_name_that_somebody_has_on_their_platform_takes_the_place_of_the_given_one(
    world: World,
) -> None:
    identity = await world.store.identities.create(NewIdentity(key_of("ada"), "?"), CLIENT)
    await world.say(who="ada")
    assert (await world.store.identities.identity(identity.identity_id)).name == "Ada"


async def test_an_agent_that_was_born_in_a_chat_is_found_by_its_persons_key(world: World) -> None:
    agent_id = await world.talk("Hello", who="ada")
    (found,) = await world.store.identities.identities(IdentityQuery(key=key_of("ada")))
    assert (found.name, found.agents) == ("Ada", (agent_id,))
    of_agents = await world.store.identities.of_agents([agent_id, new_agent_id()])
    assert of_agents[agent_id] == (found,)


async def test_the_agent_that_was_attached_last_answers_and_the_one_before_once_it_is_detached(
    world: World,
) -> None:
    born = await world.talk("Hello", who="ada")
    first, second = await made(world), await made(world)
    identity = await bound(world, "ada", first, second)
    assert identity.agents == (born, first, second)
    assert await world.talk("And now?", who="ada") == second
    await world.store.identities.detach(second, identity.identity_id, CLIENT)
    assert await world.talk("And now?", who="ada") == first
    await world.store.identities.attach(second, identity.identity_id, CLIENT)
    assert await world.talk("And now?", who="ada") == second
    for agent_id in (second, first):
        await world.store.identities.detach(agent_id, identity.identity_id, CLIENT)
    assert await world.talk("And now?", who="ada") == born


async def test_an_agent_that_answers_again_goes_on_with_its_conversation(world: World) -> None:
    born = await world.talk("Hello", who="ada")
    other = await made(world)
    identity = await bound(world, "ada", other)
    await world.talk("Who are you?", who="ada")
    threads = [row["number"] for row in await world.table(t.thread) if row["agent_id"] == born]
    await world.store.identities.detach(other, identity.identity_id, CLIENT)
    said = await world.say("Back again?", who="ada")
    assert (said.agent_id, [said.thread]) == (born, threads)
    feed = await world.store.feed(world.submission(who="ada").address)
    assert [message.text for message in feed.messages] == ["Hello", "noted"]


async def test_an_agent_is_its_persons_as_long_as_it_is_bound_to_one_who_writes_in_chats(
    world: World,
) -> None:
    agent_id = await made(world)
    own = await world.store.identities.create(NewIdentity(OWN_KEY, "", agents=(agent_id,)), CLIENT)
    assert await kind_of(world, agent_id) == "api"
    identity = await bound(world, "ada", agent_id)
    assert await kind_of(world, agent_id) == "user"
    await world.store.identities.detach(agent_id, own.identity_id, CLIENT)
    assert await kind_of(world, agent_id) == "user"
    await world.store.identities.detach(agent_id, identity.identity_id, CLIENT)
    assert await kind_of(world, agent_id) == "api"


async def test_a_person_sees_who_bound_an_agent_to_them(world: World) -> None:
    agent_id = await made(world)
    identity = await bound(world, "ada", agent_id)
    await world.store.identities.attach(agent_id, identity.identity_id, CLIENT)
    await world.store.identities.detach(agent_id, identity.identity_id, CLIENT)
    seen = [(row["action"], row["actor"]) for row in await world.table(t.audit)]
    assert sorted(seen) == [("attach identity", "client"), ("detach identity", "client")]


async def test_no_agent_answers_two_people_who_both_have_written(world: World) -> None:
    agent_id = await made(world)
    await bound(world, "ada", agent_id)
    bea = await bound(world, "bea")
    await world.say(who="ada")
    await world.say(who="bea")
    with pytest.raises(Conflict, match="another person"):
        await world.store.identities.attach(agent_id, bea.identity_id, CLIENT)


@pytest.mark.parametrize("written", ["neither", "first", "second"])
async def test_two_identities_of_one_agent_are_one_person_while_one_has_yet_to_write(
    world: World, written: str
) -> None:
    agent_id = await made(world)
    born = None
    if written != "neither":
        born = await world.talk("Hi", who="ada" if written == "first" else "bea")
    ada, bea = await bound(world, "ada", agent_id), await bound(world, "bea", agent_id)
    said = [await world.say(who=who) for who in ("ada", "bea")]
    assert {each.agent_id for each in said} == {agent_id}
    assert len({each.user_id for each in said}) == 1
    expected = (agent_id,) if born is None else (born, agent_id)
    for each in (ada, bea):
        assert (await world.store.identities.identity(each.identity_id)).agents == expected


async def test_nor_does_it_answer_them_one_after_the_other(world: World) -> None:
    """The second would be told what the first has said."""
    agent_id = await made(world)
    ada = await bound(world, "ada", agent_id)
    await world.talk("I'm Ada.", who="ada")
    await world.store.identities.detach(agent_id, ada.identity_id, CLIENT)
    with pytest.raises(Conflict, match="has answered another person"):
        await bound(world, "bea", agent_id)
    await world.talk("I'm Bea.", who="bea")
    with pytest.raises(Conflict, match="has answered another person"):
        await bound(world, "bea", agent_id)
    await world.store.identities.attach(agent_id, ada.identity_id, CLIENT)
    assert await world.talk("Still me.", who="ada") == agent_id


async def test_a_groups_agent_is_bound_to_nobody(world: World) -> None:
    group = await world.say(who="ada", address="group:1", audience="chat")
    identity = await bound(world, "bea")
    with pytest.raises(Conflict, match="group"):
        await world.store.identities.attach(group.agent_id, identity.identity_id, CLIENT)


async def test_a_key_is_there_once_and_an_upsert_changes_what_is_there(world: World) -> None:
    identities = world.store.identities
    made_once = await identities.create(
        NewIdentity(OWN_KEY, "Seven", properties=(IdentityProperty("a", 1, "number"),)), CLIENT
    )
    with pytest.raises(Conflict, match="already"):
        await identities.create(NewIdentity(OWN_KEY, "Again"), CLIENT)
    org = NewIdentity(OWN_KEY, "Org", "org", (IdentityProperty("b", "x", "string"),))
    changed = await identities.upsert(org, CLIENT)
    assert changed == replace(
        made_once, name="Org", identity_type="org", properties=org.properties or ()
    )


async def test_a_change_touches_only_what_it_names(world: World) -> None:
    identities = world.store.identities
    before = await identities.create(
        NewIdentity(OWN_KEY, "Seven", properties=(IdentityProperty("a", 1, "number"),)), CLIENT
    )
    added = IdentityProperty("b", {"c": [1]}, "json")
    change = IdentityChange(properties=(added,))
    assert await identities.change(before.identity_id, change, CLIENT) == replace(
        before, properties=(*before.properties, added)
    )
    other = IdentityKey("api", "", "customer-8")
    renamed = await identities.change(before.identity_id, IdentityChange(key=other), CLIENT)
    assert (renamed.key, renamed.name) == (other, "Seven")


async def test_a_persons_key_on_a_platform_never_becomes_anothers(world: World) -> None:
    ada = await bound(world, "ada")
    change = IdentityChange(key=key_of("bea"))
    with pytest.raises(Conflict, match="can't change"):
        await world.store.identities.change(ada.identity_id, change, CLIENT)


async def test_what_nobody_writes_as_can_be_deleted_and_its_agents_stay(world: World) -> None:
    agent_id, identities = await made(world), world.store.identities
    own = await identities.create(NewIdentity(OWN_KEY, "", agents=(agent_id,)), CLIENT)
    ada = await bound(world, "ada", agent_id)
    for identity in (own, ada):
        await identities.remove(identity.identity_id)
        with pytest.raises(NotFound):
            await identities.identity(identity.identity_id)
    assert await identities.count() == 0
    assert not await world.table(t.user)
    assert await kind_of(world, agent_id) == "api"


async def test_whoever_has_written_is_erased_as_a_person_and_not_by_their_identity(
    world: World,
) -> None:
    said = await world.say(who="ada")
    with pytest.raises(Conflict, match="users forget"):
        await world.store.identities.remove(said.identity_id)


async def test_whoever_leaves_takes_the_agents_along_that_they_were_bound_to(world: World) -> None:
    kept, detached = await made(world), await made(world)
    ada = await bound(world, "ada", detached)
    await world.talk("I live in Graz", who="ada")
    await world.store.identities.detach(detached, ada.identity_id, CLIENT)
    await world.store.identities.attach(kept, ada.identity_id, CLIENT)
    own = NewIdentity(OWN_KEY, "", agents=(kept,))
    await world.store.identities.create(own, CLIENT)
    user_id = (await world.say(who="ada")).user_id
    await world.store.erasures.erase(user_id, OWNER)
    for agent_id in (kept, detached):
        with pytest.raises(NotFound):
            await world.door(agent_id).agent()


async def test_lists_are_filtered_and_cut_into_pages(world: World) -> None:
    identities, agent_id = world.store.identities, await made(world)
    made_ids: list[IdentityId] = []
    for number in range(4):
        world.later(1)
        new = NewIdentity(
            IdentityKey("api", "", str(number)), f"n{number % 2}", "org" if number else "user"
        )
        made_ids.append((await identities.create(new, CLIENT)).identity_id)
    await identities.attach(agent_id, made_ids[2], CLIENT)

    async def ids(query: IdentityQuery) -> list[int]:
        return [made_ids.index(each.identity_id) for each in await identities.identities(query)]

    assert await ids(IdentityQuery()) == [3, 2, 1, 0]
    assert await ids(IdentityQuery(name="n1")) == [3, 1]
    assert await ids(IdentityQuery(identity_type="user")) == [0]
    assert await ids(IdentityQuery(agent_id=agent_id)) == [2]
    assert await ids(IdentityQuery(limit=2, after=made_ids[2])) == [1, 0]
    assert await ids(IdentityQuery(before=made_ids[1])) == [3, 2]
    assert await ids(IdentityQuery(ascending=True, after=made_ids[1], limit=1)) == [2]
    assert await ids(IdentityQuery(ascending=True, before=made_ids[1])) == [0]


async def test_what_isnt_there_is_said_so(world: World) -> None:
    agent_id, identities = await made(world), world.store.identities
    identity = await bound(world, "ada")
    with pytest.raises(NotFound):
        await identities.identity(new_identity_id())
    with pytest.raises(NotFound):
        await identities.attach(agent_id, IdentityId("identity-x"), CLIENT)
    for call in (identities.attach, identities.detach):
        with pytest.raises(NotFound):
            await call(new_agent_id(), identity.identity_id, CLIENT)
    await identities.detach(agent_id, identity.identity_id, CLIENT)
