"""Who is told what is kept and who sees it, and when: once each, in the words that are for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agentcore.records import Address, Admission, ConsentTerms
from agentcore.sqlstore import tables as t
from tests.contracts.store_world import World

TERMS = ConsentTerms(
    "1", required=False, key="terms", changed_key="changed", arguments={"who": "x"}
)
HERE: dict[str, Any] = {"address": Address("group:1"), "audience": "chat"}
ALONE = Address("home:ada")


async def told(world: World, terms: ConsentTerms | None = TERMS, **changes: Any) -> list[str]:
    """What is sent because of a message."""
    await world.send(world.submission(**changes), admission=Admission(terms=terms))
    return list(await world.sent())


async def consents(world: World) -> list[tuple[str, str | None]]:
    return [(row["consent"], row["consent_version"]) for row in await world.table(t.user)]


async def test_who_writes_alone_is_told_once(world: World) -> None:
    assert await told(world, language="de") == ["terms de"]
    assert await consents(world) == [("noticed", "1")]
    (user,) = await world.table(t.user)
    assert user["consent_at"] == world.now
    (notice,) = (await world.store.feed(ALONE)).notices
    assert (notice.key, notice.arguments, notice.created_at) == ("terms", {"who": "x"}, world.now)
    assert await told(world) == []


async def test_other_terms_are_told_as_such_to_whoever_heard_the_earlier(world: World) -> None:
    await told(world)
    newer = replace(TERMS, version="2")
    assert await told(world, newer) == ["changed None"]
    assert await consents(world) == [("noticed", "2")]
    assert await told(world, newer) == []


async def test_who_came_before_there_were_terms_hears_them_as_a_newcomer_does(
    world: World,
) -> None:
    assert await told(world, None) == []
    assert await consents(world) == [("new", None)]
    assert await told(world) == ["terms None"]


async def test_a_group_is_told_when_it_meets_its_agent_and_each_of_it_alone(world: World) -> None:
    assert await told(world, **HERE) == ["terms None"]
    assert await told(world, who="bob", **HERE) == []
    assert await consents(world) == [("noticed", "1")] * 2
    assert await told(world, who="bob") == ["terms None"]


async def test_what_waits_for_just_its_answer_gets_the_terms_where_they_are_its_own(
    world: World,
) -> None:
    terms = Admission(terms=TERMS)
    await world.send(world.submission(answer_via="a"), admission=terms)
    await world.send(world.submission(who="bob", answer_via="b", **HERE), admission=terms)
    found = {row["address"]: row for row in await world.table(t.outbox)}
    users = {row["display_name"]: row["user_id"] for row in await world.table(t.identity)}
    assert (found[ALONE]["answer_via"], found[ALONE]["user_id"]) == ("a", users["Ada"])
    group = found[HERE["address"]]
    assert (group["answer_via"], group["user_id"]) == (None, users["Bob"])
