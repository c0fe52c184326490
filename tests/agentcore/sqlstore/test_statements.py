"""How many statements the hot paths execute, and that each is served by an index."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agentcore.clock import Micros
from agentcore.records import (
    Actor,
    Address,
    AgentDraft,
    AgentPatch,
    BlockPatch,
    ChatChange,
    Claim,
    IdentityKey,
    Listing,
    NoticeDraft,
    OutboxResult,
    Role,
    RunQuery,
    StepCommit,
)
from agentcore.store import SearchQuery
from agentcore.store.gate import GateScope
from tests.contracts.store_blocks import an_edit, an_epoch
from tests.contracts.store_requests import a_request, submit
from tests.contracts.store_statements import Executed, executed
from tests.contracts.store_world import LEASE, Chunks, World, a_seed, block_of

HOME = Address("home:ada")


async def in_a_turn(world: World) -> Claim:
    """A claim in a thread that has an epoch, with something left in the outbox."""
    await world.talk("Hello", "again")
    await world.say("and again")
    claim = await world.claim_one()
    blocks = await world.door(claim.agent_id).blocks()
    await world.commit(claim, StepCommit(epoch=an_epoch(world, blocks), step=world.step()))
    return claim


async def test_a_plain_turn_takes_few_statements(world: World) -> None:
    """The figures are a promise: one more must be worth it."""
    await in_a_turn(world)
    await world.sent()
    world.clock.advance(LEASE + 1)
    await world.answer(await world.claim_one(), step=world.step(2))
    await world.sent()
    counts = {}

    async def counted(name: str, work: Awaitable[Any]) -> Any:
        with executed(world.database) as seen:
            result = await work
        counts[name] = len(seen.statements)
        return result

    await counted("accept", world.say("Hi"))
    (claim,) = await counted("claim", world.claim())
    door = world.door(claim.agent_id)
    await counted("head", door.head(claim))
    await counted("window", door.window(1, first=1))
    await counted("commit", world.answer(claim, "Hello"))
    rows = await counted(
        "take from the outbox", world.store.claim_outbox("s", limit=9, lease=LEASE)
    )
    sent = [OutboxResult(row, "sent") for row in rows]
    await counted("mark sent", world.store.finish_outbox(sent))

    locks = 1 if type(world.database).__name__ == "PostgresDatabase" else 0
    assert counts == {
        "accept": 4,
        "claim": 4,
        "head": 2,
        "window": 1,
        "commit": 7 + locks,
        "take from the outbox": 1,
        "mark sent": 1,
    }


async def test_a_turn_that_edits_the_memory_and_says_so_takes_few_more(world: World) -> None:
    await in_a_turn(world)
    await world.sent()
    world.clock.advance(LEASE + 1)
    earlier = await world.claim_one()
    await world.door(earlier.agent_id).head(earlier)  # and it is kept
    await world.answer(earlier, step=world.step(2))
    await world.sent()

    with executed(world.database) as seen:
        await world.say("I like rye bread")
        claim = await world.claim_one()
        door = world.door(claim.agent_id)
        await door.head(claim)
        await door.window(1, first=1)
        human = block_of(await door.blocks())
        said = (
            *world.heard(claim),
            world.message(Role.ASSISTANT, ""),
            world.message(Role.TOOL, ""),
        )
        noted = StepCommit(said, (an_edit(human, "Likes rye bread."),), step=world.step())
        await world.commit(claim, noted)
        card = NoticeDraft(claim.address, "turn.noted", {"lines": " rye"})
        end = world.plain_turn(claim, "Noted.\nNoted: rye")
        last = replace(end, messages=end.messages[-1:], step=world.step(2))
        await world.commit(claim, replace(last, notices=(card,), card_at=world.now))
        await world.sent()

    locks = 1 if type(world.database).__name__ == "PostgresDatabase" else 0
    looks_in_vain = 1  # of `sent`, for what else there is to send
    assert len(seen.statements) - locks - looks_in_vain <= 26


async def test_a_search_takes_five_statements_where_nothing_was_linked(world: World) -> None:
    """One of them asks whether anything was."""
    claim = await in_a_turn(world)
    with executed(world.database) as seen:
        assert await world.door(claim.agent_id).search(SearchQuery("hello"), thread=1)
    assert len(seen.statements) == 5


async def test_the_number_of_statements_does_not_grow_with_what_is_stored(world: World) -> None:
    async def turn() -> int:
        with executed(world.database) as seen:
            await world.talk("one two three four five")
            await world.sent()
        return len(seen.statements)

    await turn()
    first = await turn()
    for n in range(10):
        await world.talk(f"message {n}", who=f"p{n}")
    assert await turn() == first


Path = Callable[[World, Claim], Awaitable[object]]


async def _resumed(world: World, _claim: Claim) -> object:
    world.clock.advance(LEASE + 1)
    return await world.claim()


async def _stopped(world: World, _claim: Claim) -> object:
    def stop(scope: GateScope) -> Sequence[NoticeDraft]:
        assert scope.request_cancel()
        return []

    return await world.send(world.submission(command="stop"), command=stop)


async def _looked(world: World, _claim: Claim) -> object:
    def look(scope: GateScope) -> Sequence[NoticeDraft]:
        block = scope.blocks()[0]
        scope.keep_listing(Listing(()), until=scope.now)
        scope.listing()
        scope.revisions(block.block_id, before=9)
        scope.message(1)
        scope.usage(since=Micros(0))
        scope.stored_messages()
        scope.looks(limit=5)
        return []

    return await world.send(world.submission(command="why"), command=look)


async def _fresh(world: World, _claim: Claim) -> object:
    await world.say(who="bob")
    return await world.claim()


async def _undone(world: World, claim: Claim) -> object:
    door = world.door(claim.agent_id)
    marks = await door.provenance.marks(limit=9)
    edits = await door.provenance.edits(marks)
    await door.provenance.of_block(edits[0].block_id)
    return await door.provenance.untrusted([edits[0].block_id])


async def _edited(world: World, _claim: Claim) -> object:
    await world.say("Hello", platform_message_id="m1")
    again = world.submission("Hi", platform_message_id="m1", edited=True)
    return await world.send(again)


async def _withdrawn(world: World, _claim: Claim) -> object:
    await world.say("Hello", platform_message_id="m1")
    change = ChatChange("test:bot", "d1", HOME, "withdrawn", world.now, message_id="m1")
    return await world.store.chats.note(change, Chunks())


async def _requested(world: World, claim: Claim) -> object:
    """A request of each kind, and all that is asked about one."""
    requests = world.store.requests
    asked = replace(a_request(claim.agent_id, key="k", digest="d"), retried=True)
    waiting = await submit(world, asked)
    head = await world.door(claim.agent_id).head(claim)
    await submit(world, a_request(claim.agent_id, thread=head.thread.thread_id))
    for turn_id in (waiting.turn_id, claim.turn_id):
        await requests.progress(turn_id, after=1)
    for ascending in (True, False):
        page = RunQuery(claim.agent_id, before=waiting.turn_id, ascending=ascending)
        await requests.runs(page)
    await requests.runs(RunQuery(states=frozenset({"running", "created"})))
    return await requests.cancel(claim.agent_id)


async def _made_over_the_api(world: World, claim: Claim) -> Any:
    client, store = Actor("api", "client"), world.store
    seed = replace(a_seed(), owner_kind="api")
    agent_id = (await store.agents.create(AgentDraft(seed, tags=("a",)))).agent.agent_id
    await store.agents.view(agent_id, client, messages=True)
    await store.agents.update(agent_id, AgentPatch(name="Other", tags=("b",)), client)
    block = block_of(await world.door(claim.agent_id).blocks(), "persona")
    await store.shelf.change(block.block_id, BlockPatch(value="!", label="self"), client)
    await store.shelf.attach(agent_id, block.block_id)
    return await store.shelf.detach(agent_id, block.block_id)


PATHS: Mapping[str, Path] = {
    "agents and blocks of the API": _made_over_the_api,
    "requests": _requested,
    "edit": _edited,
    "withdrawal": _withdrawn,
    "said to others": lambda world, _c: world.store.chats.listens(HOME),
    "press": lambda world, _c: world.store.chats.buttons("n", IdentityKey("test", "bot", "ada")),
    "accept": lambda world, _claim: world.say("Hi"),
    "accept in a group": lambda world, _c: world.say(address=Address("g"), audience="chat"),
    "first contact": lambda world, _claim: world.say(who="eve"),
    "stop": _stopped,
    "why, usage and privacy": _looked,
    "undo": _undone,
    "next wipe": lambda world, _claim: world.store.next_wipe(),
    "claim": _fresh,
    "claim of an open turn": _resumed,
    "renew": lambda world, claim: world.store.renew(
        "worker", {claim.agent_id: claim.fence}, lease=LEASE
    ),
    "hand back": lambda world, claim: world.hand_back(claim),
    "head": lambda world, claim: world.door(claim.agent_id).head(claim),
    "window": lambda world, claim: world.door(claim.agent_id).window(1, first=1),
    "blocks": lambda world, claim: world.door(claim.agent_id).blocks(),
    "history": lambda world, claim: world.door(claim.agent_id).history(limit=5),
    "search": lambda world, claim: world.door(claim.agent_id).search(SearchQuery("hello")),
    "commit": lambda world, claim: world.answer(claim, step=world.step(2, cost=1)),
    "take from the outbox": lambda world, _c: world.store.claim_outbox("s", limit=9, lease=LEASE),
    "mark sent": lambda world, _claim: world.sent(),
    "feed": lambda world, _claim: world.store.feed(HOME),
    "feed's end": lambda world, _claim: world.store.feed_end(HOME),
    "next ready": lambda world, _claim: world.store.next_ready(),
    "next outbox": lambda world, _claim: world.store.next_outbox(),
    "next timer": lambda world, _claim: world.store.next_timer(),
    "fire timers": lambda world, _claim: world.store.fire_timers(limit=5),
    "due for sleep": lambda world, _claim: world.store.sleep_times.due(limit=5),
    "next due for sleep": lambda world, _claim: world.store.sleep_times.next_due(),
    "pulse": lambda world, _claim: world.store.pulse(),
    "parked": lambda world, _claim: world.store.parked(),
    "take over": lambda world, _claim: world.store.release_all_leases(),
    "purge": lambda world, _claim: world.store.purge(),
}

NOT_TABLES = re.compile(
    r"SCAN ((\d+ )?CONSTANT|ready|due|first|recent|known|life$|person$|\(|held_edit|chat$|webhook$|"
    r"(outbox|inbox|turn) USING INDEX (ix_outbox_due|ix_inbox_requests|ix_turn_callback))"
)
"""Lists in the statement, its own sub-selects; what is next to empty; all that waits."""

# With the agent alone, a statement reads all that was ever said to it.
GROWING = re.compile(
    r"SEARCH (inbox|same|message|term|block_revision) USING .* \((agent_id|owner)=\?\)$"
)
WALKED_FROM_THE_END = {
    # The newest rows, found by going backwards.
    "feed": "SEARCH inbox USING INDEX sqlite_autoindex_inbox_1 (agent_id=?)",
    "undo": (
        "SEARCH block_revision USING INDEX ix_block_revision_agent_id_created_at (agent_id=?)"
    ),
    "history": "SEARCH message USING INDEX sqlite_autoindex_message_1 (agent_id=?)",
}


@pytest.mark.parametrize("name", PATHS)
async def test_every_statement_of_a_hot_path_finds_its_rows_by_an_index(
    sqlite_world: World, name: str
) -> None:
    world = sqlite_world
    claim = await in_a_turn(world)
    with executed(world.database) as seen:
        await PATHS[name](world, claim)
    assert seen.statements
    plans = await plans_of(world, seen)
    scans = [line for line in plans if line.startswith("SCAN") and not NOT_TABLES.match(line)]
    assert scans == []
    read_whole = [line for line in plans if GROWING.match(line)]
    few = ("ix_inbox_waiting", "ix_message_marked")  # hold only what waits, and next to nothing
    waiting = [line for line in read_whole if any(name in line for name in few)]
    allowed = WALKED_FROM_THE_END.get(name)
    assert [line for line in read_whole if line not in (*waiting, allowed)] == []


async def plans_of(world: World, seen: Executed) -> list[str]:
    lines = []
    for text, parameters in seen.statements:
        given = parameters[0] if isinstance(parameters, list) else parameters

        def explained(connection: Any, text: str = text, given: Any = given) -> list[str]:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)
            return [row[3] for row in plan]

        lines += await world.read(explained)
    return lines
