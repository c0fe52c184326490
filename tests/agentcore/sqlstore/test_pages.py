"""What was said, page by page, and which agent it was said with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from agentcore.clock import Micros
from agentcore.errors import NotFound
from agentcore.records import MessageId, Role, StepId, ThreadId, TurnId, new_message_id
from agentcore.sqlstore import tables as t
from agentcore.store.pages import PagedMessage, PageQuery, StepQuery, ThreadQuery
from tests.contracts.store_lives import take_in
from tests.contracts.store_world import World


def said(page: Sequence[PagedMessage]) -> list[str]:
    return [each.message.text for each in page]


async def test_pages_go_through_all_lives_in_the_order_in_which_things_were_said(
    world: World,
) -> None:
    ada = bob = None
    for number in range(3):
        ada = await world.talk(f"ada {number}")
        world.later(60)
        bob = await world.talk(f"bob {number}", who="bob")
        world.later(60)
    assert ada is not None
    assert bob is not None
    await take_in(world, ada, bob)
    pages = world.door(ada).pages
    whole = await pages.messages(PageQuery())
    assert [text for text in said(whole) if text != "noted"] == [
        f"{who} {number}" for number in range(3) for who in ("ada", "bob")
    ]
    assert {each.agent_id for each in whole} == {ada, bob}
    back, before = list[PagedMessage](), None
    while page := await pages.messages(PageQuery(limit=5, before=before)):
        back, before = [*page, *back], page[0].message.message_id
    forth, after = list[PagedMessage](), None
    while page := await pages.messages(PageQuery(limit=5, after=after, ascending=True)):
        forth, after = [*forth, *page], page[-1].message.message_id
    assert back == forth == list(whole)
    one = whole[3]
    assert await pages.message(one.message.message_id) == one
    assert await pages.these([each.message.message_id for each in whole]) == whole


async def test_pages_are_of_a_thread_a_turn_a_step_or_a_kind(world: World) -> None:
    ada = await world.talk("first", address="home:ada")
    await world.talk("second", address="home:ada2")
    pages = world.door(ada).pages
    whole = await pages.messages(PageQuery())
    last = whole[-1]
    assert last.turn_id is not None
    assert last.step_id is not None
    own = [each for each in whole if each.turn_id == last.turn_id]
    assert said(own) == ["second", "noted"]
    for query in (
        PageQuery(thread=last.thread_id),
        PageQuery(turn=last.turn_id),
        PageQuery(step=last.step_id),
    ):
        assert list(await pages.messages(query)) == own
    heard = await pages.messages(PageQuery(roles=frozenset({Role.USER})))
    assert said(heard) == ["first", "second"]


async def test_nothing_is_found_by_what_isn_t_there(world: World) -> None:
    ada = await world.talk("first")
    bob = await world.talk("second", who="bob")
    (other, _) = await world.door(bob).pages.messages(PageQuery())
    pages, places = world.door(ada).pages, world.store.places
    missing = new_message_id()
    for query in (
        PageQuery(before=missing),
        PageQuery(after=MessageId("nonsense")),
        PageQuery(before=other.message.message_id),
        PageQuery(thread=ThreadId("nonsense")),
        PageQuery(turn=TurnId("nonsense")),
        PageQuery(step=other.step_id or StepId("")),
    ):
        with pytest.raises(NotFound):
            await pages.messages(query)
    with pytest.raises(NotFound):
        await pages.message(other.message.message_id)
    assert await pages.messages(PageQuery(thread=other.thread_id)) == ()
    with pytest.raises(NotFound):
        await places.agent_of_message(missing)
    with pytest.raises(NotFound):
        await places.thread(ThreadId("conv-00000000-0000-4000-8000-000000000000"))
    with pytest.raises(NotFound):
        await places.step(StepId("nonsense"))


async def test_places_tell_whose_something_is(world: World) -> None:
    ada = await world.talk("first")
    world.later(60)
    bob = await world.talk("second", who="bob")
    places = world.store.places
    (heard, answer) = await world.door(bob).pages.messages(PageQuery())
    newest = await places.newest_messages(limit=3)
    assert [agent for agent, _ in newest] == [ada, bob, bob]
    assert [each for _, each in newest[1:]] == [heard.message.message_id, answer.message.message_id]
    oldest = await places.newest_messages(limit=2, before=heard.message.message_id, ascending=True)
    assert [agent for agent, _ in oldest] == [ada, ada]
    assert await places.newest_messages(limit=3, after=answer.message.message_id) == ()
    assert await places.agent_of_message(heard.message.message_id) == bob

    place = await places.thread(heard.thread_id)
    assert (place.agent_id, place.last_message_at) == (bob, answer.message.created_at)
    both = await places.threads(ThreadQuery())
    assert [each.agent_id for each in both] == [bob, ada]
    assert await places.threads(ThreadQuery(before=both[0].thread_id)) == both[1:]
    assert await places.threads(ThreadQuery(agent_id=ada, ascending=True)) == both[1:]

    assert heard.step_id is not None
    step = await places.step(heard.step_id)
    assert (step.agent_id, step.turn_id) == (bob, heard.turn_id)
    steps = await places.steps(StepQuery(agent_id=bob, model=step.step.model))
    assert steps == (step,)
    assert await places.steps(StepQuery(agent_id=bob, after=heard.step_id)) == ()
    assert await places.steps(StepQuery(agent_id=bob, until=step.step.started_at)) == (step,)
    assert await places.steps(StepQuery(agent_id=bob, until=Micros(step.step.started_at - 1))) == ()


async def test_what_is_forgotten_or_leaves_no_trace_is_on_no_page(world: World) -> None:
    ada = await world.talk("first", address="home:ada")
    await world.talk("second", address="home:ada2")
    pages, places = world.door(ada).pages, world.store.places
    whole = await pages.messages(PageQuery())
    await world.run(sa.update(t.message).where(t.message.c.seq == 1).values(forgotten_at=1))
    await world.run(sa.update(t.thread).where(t.thread.c.number == 2).values(ephemeral=True))
    assert list(await pages.messages(PageQuery())) == [whole[1]]
    assert await pages.these([each.message.message_id for each in whole]) == (whole[1],)
    assert await places.newest_messages(limit=9) == ((ada, whole[1].message.message_id),)
    assert [each.thread_id for each in await places.threads(ThreadQuery())] == [whole[1].thread_id]
    assert (await places.thread(whole[1].thread_id)).in_view == ()
    with pytest.raises(NotFound):
        await places.thread(whole[2].thread_id)
