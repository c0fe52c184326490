"""Forgetting at the store: what is marked, what comes back, what is erased for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import MINUTE
from agentcore.records import (
    Accepted,
    Address,
    AgentId,
    BlockEdit,
    EditActor,
    Epoch,
    EpochReason,
    Exchange,
    ExchangeRef,
    Forgetting,
    Forgotten,
    HeldDraft,
    NoticeDraft,
    Origin,
    PassageDraft,
    PassageQuery,
    PassageRef,
    Role,
    StepCommit,
    new_thread_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause
from agentcore.sqlstore.forgetting.forgotten import erase_due
from agentcore.sqlstore.gate.forget_scope import AcceptForgetting
from agentcore.store import SearchQuery
from agentcore.store.gate import GateScope
from tests.contracts.store_requests import a_request, replied, submit
from tests.contracts.store_world import HUMAN, World, block_of, text_parts

T = TypeVar("T")
SECRET = "Tallinn"


async def at_the_gate(world: World, look: Callable[[GateScope], T]) -> T:
    seen: list[T] = []

    def command(scope: GateScope) -> Sequence[NoticeDraft]:
        seen.append(look(scope))
        return []

    await world.send(world.submission("about it", command="look"), command=command)
    return seen[-1]


async def mark(world: World, *refs: ExchangeRef | PassageRef) -> Forgotten | None:
    """Forget these, and no line."""
    exchanges = tuple(ref for ref in refs if isinstance(ref, ExchangeRef))
    passages = tuple(ref for ref in refs if isinstance(ref, PassageRef))
    what = Forgetting((), exchanges, passages, "Something was forgotten.")
    return await at_the_gate(world, lambda scope: scope.forgetting.forget(what))


async def bring_back(world: World) -> Forgotten | None:
    return await at_the_gate(world, lambda scope: scope.forgetting.take_back("It is back."))


async def turn_with_a_line(world: World, text: str, line: str, **more: object) -> AgentId:
    """A turn that notes a line in the block `human`, under an epoch with a summary."""
    agent_id = (await world.say(text)).agent_id
    claim = await world.claim_one()
    block = block_of(await world.door(agent_id).blocks())
    edit = BlockEdit(block, f"{block.value}\n{line}", EditActor.TOOL, Origin.OWNER)
    await world.answer(claim, f"So it is {SECRET}.", edits=(edit,), **more)
    return agent_id


async def forget(world: World, agent_id: AgentId, *, message: int = 1, turn: int = 1) -> Forgotten:
    block = block_of(await world.door(agent_id).blocks())
    edit = BlockEdit(block, HUMAN, EditActor.USER, Origin.OWNER)
    what = Forgetting(
        (edit,), (ExchangeRef(message, turn, agent_id),), (), "Something was forgotten."
    )
    done = await at_the_gate(world, lambda scope: scope.forgetting.forget(what))
    assert done is not None
    return done


def an_epoch(world: World, number: int, **changes: object) -> Epoch:
    plain: dict[str, object] = {
        "thread": 1,
        "number": number,
        "reason": EpochReason.FIRST if number == 1 else EpochReason.COMPACTION,
        "system": "You are a friend.",
        "template": "friend:1",
        "block_versions": {},
        "summary": "",
        "first_message": 1,
        "last_note": 0,
        "created_at": world.now,
    }
    return Epoch(**{**plain, **changes})  # type: ignore[arg-type]


async def test_what_is_forgotten_is_nowhere_and_then_everywhere_again(world: World) -> None:
    agent_id = await turn_with_a_line(world, f"I live in {SECRET}", f"Lives in {SECRET}")
    door = world.door(agent_id)
    before = await door.history(limit=10)
    done = await forget(world, agent_id)
    assert (done.edits, done.exchanges, done.until) == (1, 1, world.now + 10 * MINUTE)
    assert await door.history(limit=10) == ()
    assert await door.window(1, first=1) == ()
    assert await door.search(SearchQuery(SECRET)) == ()
    assert block_of(await door.blocks()).value == HUMAN

    world.later(60)
    back = await bring_back(world)
    assert back is not None
    assert await door.history(limit=10) == before
    assert [hit.message.seq for hit in await door.search(SearchQuery(SECRET))] == [1, 2]
    assert block_of(await door.blocks()).value == f"{HUMAN}\nLives in {SECRET}"
    assert await bring_back(world) is None


async def test_the_search_counts_as_if_it_had_never_been_said(world: World) -> None:
    agent_id = await world.talk("I like tea", f"I live in {SECRET}")
    bare = await world.talk("I like tea", who="bob")
    await mark(world, ExchangeRef(3, 2, agent_id))
    leases = {row["agent_id"]: row for row in await world.table(t.agent_lease)}
    for name in ("indexed_messages", "indexed_words"):
        assert leases[agent_id][name] == leases[bare][name], name


async def test_after_ten_minutes_no_row_has_a_word_of_it(world: World) -> None:
    held = HeldDraft(
        block_of(await world.door((await world.say("Hi")).agent_id).blocks()).block_id,
        "memory_insert",
        {"label": "human", "new_string": SECRET},
        Origin.WEB,
        (SECRET,),
    )
    await world.answer(await world.claim_one())
    agent_id = await turn_with_a_line(
        world, f"I live in {SECRET}", f"Lives in {SECRET}", held=(held,)
    )
    await forget(world, agent_id, message=3, turn=2)
    assert await world.door(agent_id).held_edits() == ()
    world.later(599)
    assert await world.store.forgettings.erase_due() == 0
    world.later(1)
    assert await world.store.forgettings.next_due() == world.now
    assert await world.store.forgettings.erase_due() == 1
    for table in t.metadata.sorted_tables:
        assert SECRET.casefold() not in repr(await world.table(table)).casefold(), table.name
    assert await world.store.forgettings.next_due() is None
    texts = [row["parts"] for row in await world.table(t.message) if row["forgotten_at"] is None]
    assert texts[0] == text_parts("Hi")


async def test_words_that_came_over_the_api_go_like_all_others(world: World) -> None:
    agent_id = await world.talk("Hi")
    request = a_request(agent_id, f"I live in {SECRET}")
    turn_id = (await submit(world, request)).turn_id
    claim = await world.claim_one()
    await replied(world, claim, world.message(Role.ASSISTANT, f"So it is {SECRET}."))
    await mark(world, ExchangeRef(3, claim.turn, agent_id))
    assert (await world.store.requests.progress(turn_id)).messages == ()
    world.later(600)
    assert await world.store.forgettings.erase_due() == 1
    for table in t.metadata.sorted_tables:
        assert SECRET.casefold() not in repr(await world.table(table)).casefold(), table.name
    assert (await world.store.requests.run(turn_id)).state == "done"


async def test_a_summary_goes_and_what_it_was_made_of_comes_back_into_view(world: World) -> None:
    agent_id = await world.talk("One", "Two", f"I live in {SECRET}", "Four")
    await world.say("Five")
    claim = await world.claim_one()
    of_a_page = {"summary": SECRET, "summary_origin": Origin.WEB}
    first, summed_up = an_epoch(world, 1), an_epoch(world, 2, first_message=7, **of_a_page)
    await world.commit(claim, StepCommit(epoch=first))
    await world.answer(claim, epoch=summed_up)
    world.later(1)
    await mark(world, ExchangeRef(5, 3, agent_id))
    await world.say("Six")
    claim = await world.claim_one()
    epoch = (await world.door(agent_id).head(claim)).epoch
    assert epoch is not None
    assert (epoch.number, epoch.reason) == (3, EpochReason.FORGETTING)
    assert (epoch.summary, epoch.summary_origin) == ("", Origin.OWNER)
    assert epoch.first_message == 1
    view = await world.door(agent_id).window(1, first=epoch.first_message)
    assert [m.text for m in view if m.role is Role.USER] == ["One", "Two", "Four", "Five"]
    await world.answer(claim)
    world.later(1)
    await bring_back(world)
    (*_, newest) = await world.table(t.epoch)
    assert (newest["summary"], newest["first_message"]) == (SECRET, 7)
    assert newest["summary_origin"] == Origin.WEB


async def test_whoever_works_on_the_agent_commits_nothing_more(world: World) -> None:
    agent_id = await turn_with_a_line(world, f"I live in {SECRET}", f"Lives in {SECRET}")
    await world.say("Where do I live?")
    overtaken = await world.claim_one()
    await forget(world, agent_id)
    again = await world.claim_one()
    assert (again.turn, again.items) == (overtaken.turn, overtaken.items)
    assert again.version != overtaken.version
    await world.answer(again)


async def test_an_exchange_under_way_is_none_yet(world: World) -> None:
    await world.talk("One")
    await world.say("Two")
    claim = await world.claim_one()
    await world.commit(claim, StepCommit(messages=tuple(world.heard(claim))))

    first = Exchange(ExchangeRef(1, 1, claim.agent_id), world.now)

    def look(scope: GateScope) -> tuple[object, ...]:
        found = scope.forgetting
        said = [hit.message.text for hit in found.said_about("two", limit=5)]
        return found.last_exchange(), found.exchange_of(3, claim.agent_id), "Two" in said

    assert await at_the_gate(world, look) == (first, None, False)


async def test_a_passage_goes_and_comes_back(world: World) -> None:
    await world.say("Keep this")
    claim = await world.claim_one()
    draft = PassageDraft(f"A poem on {SECRET}", ("poem",), Origin.OWNER)
    await world.answer(claim, passages=(draft,))
    archive = world.door(claim.agent_id).archive
    await mark(world, PassageRef(1, claim.agent_id))
    assert await archive.search(PassageQuery(SECRET)) == ()
    world.later(1)
    await bring_back(world)
    assert len(await archive.search(PassageQuery(SECRET))) == 1


async def test_the_newest_comes_back_first(world: World) -> None:
    agent_id = await world.talk("One", "Two", "Three")
    for seq, turn in ((1, 1), (3, 2)):
        await mark(world, ExchangeRef(seq, turn, agent_id))
        world.later(1)
    seen = []
    for _ in range(3):
        said = await world.door(agent_id).history(limit=10)
        seen.append([message.text for message in said if message.role is Role.USER])
        await bring_back(world)
    assert seen == [["Three"], ["Three", "Two"], ["Three", "Two", "One"]]


async def test_a_block_that_has_changed_since_keeps_everything_as_it_is(world: World) -> None:
    agent_id = await world.talk("One")
    stale = block_of(await world.door(agent_id).blocks())
    await turn_with_a_line(world, "Two", "New")
    edit = BlockEdit(stale, "", EditActor.USER, Origin.OWNER)
    what = Forgetting((edit,), (ExchangeRef(1, 1, agent_id),), (), "Gone.")
    assert await at_the_gate(world, lambda scope: scope.forgetting.forget(what)) is None
    assert len(await world.door(agent_id).history(limit=10)) == 4
    assert await world.table(t.forgetting) == []


async def test_an_erasure_that_was_cut_off_is_done_again(world: World) -> None:
    agent_id = await turn_with_a_line(world, f"I live in {SECRET}", f"Lives in {SECRET}")
    await forget(world, agent_id)
    world.later(600)
    now = world.now
    await world.database.write(lambda connection: erase_due(connection, now=now))
    assert await world.store.forgettings.next_due() is not None
    assert await world.store.forgettings.erase_due() == 1
    assert await world.store.forgettings.next_due() is None
    assert SECRET not in repr(await world.table(t.message))


async def test_in_a_group_nothing_private_is_found(world: World) -> None:
    """A personal agent that also answers in a group; and what is found there can be forgotten."""
    agent_id = await world.talk(f"I live in {SECRET}")
    group = Address("group:1")
    await world.run(
        sa.insert(t.thread).values(
            agent_id=agent_id,
            number=2,
            thread_id=new_thread_id(),
            address=group,
            audience="chat",
            created_at=world.now,
        )
    )
    asked = world.submission("what about it", command="look")
    where = await world.send(asked)
    assert isinstance(where, Accepted)

    first = Exchange(ExchangeRef(1, 1, agent_id), world.now)

    def look(connection: Connection) -> tuple[object, ...]:
        cause = Cause(agent_id, where.identity_id, None, None)
        here = AcceptForgetting(
            connection, cause, [agent_id], where.user_id, thread=2, now=world.now
        )
        there = AcceptForgetting(
            connection, cause, [agent_id], where.user_id, thread=1, now=world.now
        )
        return tuple(
            (
                [hit.message.text for hit in each.said_about(SECRET, limit=5)],
                each.exchange_of(1, agent_id),
                each.exchange(first.ref) == [],
                each.last_exchange(),
            )
            for each in (here, there)
        )

    in_group, in_private = await world.read(look)
    assert in_group == ([], None, True, None)
    assert in_private == (
        [f"I live in {SECRET}", "noted"],
        first,
        False,
        first,
    )
