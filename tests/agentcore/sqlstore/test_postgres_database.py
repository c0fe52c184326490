"""What only a database with many writers can do wrong."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.errors import StoreBusy, StoreError, StoreFull
from agentcore.records import Admission, AgentId
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.delivery import commits
from agentcore.sqlstore.engine import postgres
from agentcore.sqlstore.engine.postgres import PostgresDatabase
from agentcore.sqlstore.gate import intake
from agentcore.sqlstore.stores import SqlStore
from tests.contracts.store_blocks import an_edit
from tests.contracts.store_world import LEASE, Chunks, World, a_seed, block_of, everything

AGENTS = 24


def text_of(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest.fixture
def url(postgres_place: sa.URL) -> str:
    return text_of(postgres_place)


async def test_two_workers_that_claim_at_once_never_get_the_same_agent(
    postgres_world: World, url: str
) -> None:
    world = postgres_world
    for n in range(AGENTS):
        await world.say(who=f"p{n}")
    others = [PostgresDatabase(url, connections=2) for _ in range(3)]
    stores = [SqlStore(each, world.clock) for each in others]
    taken: Counter[AgentId] = Counter()

    async def work(store: SqlStore, holder: str) -> None:
        while len(taken) < AGENTS:
            claims = await store.claim(holder, limit=2, lease=LEASE)
            taken.update(claim.agent_id for claim in claims)
            assert len(claims) <= 2

    await asyncio.gather(*(work(store, f"w{n}") for n, store in enumerate(stores)))
    for each in others:
        await each.close()
    assert len(taken) == AGENTS
    assert set(taken.values()) == {1}


async def test_an_agent_that_somebody_has_locked_is_passed_over_not_waited_for(
    postgres_world: World, url: str
) -> None:
    world = postgres_world
    ada = await world.say(who="ada")
    world.later(1)
    bob = await world.say(who="bob")
    other = PostgresDatabase(url, connections=1)
    lock = sa.select(t.agent_lease).where(t.agent_lease.c.agent_id == ada.agent_id)
    async with other._engine.begin() as connection:
        await connection.execute(lock.with_for_update())
        (claim,) = await world.claim(limit=1)
        assert claim.agent_id == bob.agent_id
    assert (await world.claim_one()).agent_id == ada.agent_id
    await other.close()


async def test_a_message_accepted_while_the_commit_waits_for_it_makes_the_agent_ready(
    postgres_world: World, url: str
) -> None:
    """The commit's own look at what is left must not be older than the row it waited for."""
    world = postgres_world
    outcome = await world.say("one")
    claim = await world.claim_one()
    other = PostgresDatabase(url, connections=1)
    submission = world.submission("two")
    at_the_lease, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        """Accept, but wait with the commit."""
        async with other._engine.begin() as connection:
            await connection.run_sync(
                intake.accept, submission, Admission(), a_seed, Chunks(), None
            )
            at_the_lease.set()
            await go_on.wait()

    async def until_somebody_waits() -> None:
        watching = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not await world.read(lambda connection: connection.execute(watching).scalar()):
            pass
        go_on.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(slowly())
        await at_the_lease.wait()
        tasks.create_task(world.answer(claim))
        tasks.create_task(until_somebody_waits())

    await other.close()
    (lease,) = await world.table(t.agent_lease)
    assert (lease["pending"], lease["ready_at"]) == (1, world.now)
    assert (await world.claim_one()).agent_id == outcome.agent_id


async def test_a_transaction_that_was_serialised_away_is_tried_again(
    postgres_world: World,
) -> None:
    tries = 0

    def work(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            connection.execute(sa.text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
        return tries

    assert await postgres_world.database.write(work) == 3


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_but_not_for_ever(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(postgres, "TRIES", 2)

    def work(connection: Connection) -> None:
        connection.execute(sa.text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))

    with pytest.raises(StoreBusy):
        await postgres_world.database.write(work)


async def test_what_the_work_did_wrong_comes_out_as_it_is(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "TRIES", 2)
    database = postgres_world.database

    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(
                sa.insert(t.receipt), {"source": "s", "update_id": "u", "received_at": 1}
            )

    with pytest.raises(sa.exc.IntegrityError):
        await database.write(twice)
    with pytest.raises(sa.exc.DBAPIError):
        await database.read(lambda connection: connection.execute(sa.text("SELECT 1/0")))


async def test_a_full_disk_is_told_apart(postgres_world: World) -> None:
    def work(connection: Connection) -> None:
        connection.execute(sa.text("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"))

    with pytest.raises(StoreFull):
        await postgres_world.database.write(work)


async def test_a_connection_lost_in_the_middle_of_a_commit_leaves_nothing_and_the_next_one_works(
    postgres_world: World,
) -> None:
    world = postgres_world
    await world.say()
    claim = await world.claim_one()
    block = block_of(await world.door(claim.agent_id).blocks())
    step = replace(world.plain_turn(claim), edits=(an_edit(block, "new"),))
    before = await everything(world, t.metadata.sorted_tables)

    def cut_off(connection: Connection) -> None:
        commits.commit(connection, claim, step, now=world.now)
        connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreError):
        await world.database.write(cut_off)
    assert await everything(world, t.metadata.sorted_tables) == before
    await world.commit(claim, step)
    assert block_of(await world.door(claim.agent_id).blocks()).value == "new"


async def test_a_read_cannot_write_and_sees_one_moment(postgres_world: World) -> None:
    row = {"source": "s", "update_id": "u", "received_at": 1}
    with pytest.raises(StoreError):
        await postgres_world.database.read(
            lambda connection: connection.execute(sa.insert(t.receipt), row)
        )
    isolation = await postgres_world.database.read(
        lambda connection: connection.execute(sa.text("SHOW transaction_isolation")).scalar()
    )
    assert isolation == "repeatable read"


async def test_a_server_that_is_not_there_is_an_error_of_the_store() -> None:
    database = PostgresDatabase("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    for run in (database.read, database.write):
        with pytest.raises(StoreError, match="database failed"):
            await run(lambda connection: connection.execute(sa.text("SELECT 1")))
    await database.close()
