"""`Store`, carried out by the storage functions on a `Database`: delivery, and the way to content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.model import Embedder
from agentcore.records import (
    FEED_START,
    Acceptance,
    AccessState,
    Actor,
    Address,
    Admission,
    Agent,
    AgentId,
    AgentSeed,
    Claim,
    Feed,
    FeedPlace,
    HandBack,
    IdentityKey,
    InvitationUse,
    OutboxResult,
    OutboxRow,
    ParkedItem,
    PersonView,
    Pulse,
    Standing,
    Statistics,
    Submission,
    UserId,
)
from agentcore.sqlstore import figures
from agentcore.sqlstore.agent_store import SqlAgentStore, StoreParts
from agentcore.sqlstore.api.identities import SqlIdentities
from agentcore.sqlstore.api.places import SqlPlaces
from agentcore.sqlstore.api.requests import SqlRequests
from agentcore.sqlstore.api.roster import SqlAgents
from agentcore.sqlstore.api.shelf import SqlShelf
from agentcore.sqlstore.api.tokens import SqlTokens
from agentcore.sqlstore.api.webhooks import SqlWebhooks, release_webhooks
from agentcore.sqlstore.chats.store import SqlChats
from agentcore.sqlstore.content import heads
from agentcore.sqlstore.content.custom_tools import SqlCustomTools
from agentcore.sqlstore.content.heads import HeadCache
from agentcore.sqlstore.delivery import ephemeral, feeds, leases, timers
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.engine.types import is_public_id
from agentcore.sqlstore.erasing.erasures import SqlErasures
from agentcore.sqlstore.forgetting.forgotten import SqlForgettings
from agentcore.sqlstore.gate import intake
from agentcore.sqlstore.linking.links import SqlLinks
from agentcore.sqlstore.people import access as people_access
from agentcore.sqlstore.people.invitations import new_invitation, use_invitation
from agentcore.sqlstore.people.looks import Looks
from agentcore.sqlstore.people.senders import read_standing
from agentcore.sqlstore.portability.agent_content import SqlAgentContent
from agentcore.sqlstore.portability.exporting import SqlExports
from agentcore.sqlstore.queues import parking, sending
from agentcore.sqlstore.recall.meanings import QueryMeanings
from agentcore.sqlstore.recall.reindexing import SqlSearchIndex
from agentcore.sqlstore.recall.vectors import SqlVectorIndex
from agentcore.sqlstore.service import adapter_state, purging
from agentcore.sqlstore.service.spending import SqlSpending
from agentcore.sqlstore.sleep.runs import SqlSleepTimes
from agentcore.store.gate import Composer, GateCommand


class SqlStore:
    """`Store` over any `Database`. With an embedder, what is searched for is found by its meaning
    too, as far as `vectors` is kept up to date.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        quiet: Micros | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        """`quiet`: how long after a turn's end the agent's memory is put in order; None: never."""
        self._database = database
        self._clock = clock
        self._heads = HeadCache()
        meanings = QueryMeanings(database, clock, embedder)
        looks = Looks(database, clock)
        self._parts = StoreParts(database, clock, self._heads, meanings, quiet, looks)
        self._agents = SqlAgents(database, clock, self._heads, looks)
        self._shelf = SqlShelf(database, clock, looks)
        self._chats = SqlChats(database)
        self._content = SqlAgentContent(database, clock)
        self._custom_tools = SqlCustomTools(database, clock)
        self._vectors = SqlVectorIndex(database)
        self._sleep_times = SqlSleepTimes(database, clock)
        self._exports = SqlExports(database)
        self._erasures = SqlErasures(database, self._heads, clock)
        self._forgettings = SqlForgettings(database, self._heads, clock)
        self._links = SqlLinks(database, clock)
        self._places = SqlPlaces(database)
        self._spending = SqlSpending(database, clock)
        self._requests = SqlRequests(database, clock)
        self._search_index = SqlSearchIndex(database, clock)
        self._identities = SqlIdentities(database, clock)
        self._webhooks = SqlWebhooks(database, clock)
        self._tokens = SqlTokens(database, clock)

    @property
    def agents(self) -> SqlAgents:
        return self._agents

    @property
    def chats(self) -> SqlChats:
        return self._chats

    @property
    def content(self) -> SqlAgentContent:
        return self._content

    @property
    def custom_tools(self) -> SqlCustomTools:
        return self._custom_tools

    @property
    def erasures(self) -> SqlErasures:
        return self._erasures

    @property
    def exports(self) -> SqlExports:
        return self._exports

    @property
    def forgettings(self) -> SqlForgettings:
        return self._forgettings

    @property
    def identities(self) -> SqlIdentities:
        return self._identities

    @property
    def links(self) -> SqlLinks:
        return self._links

    @property
    def places(self) -> SqlPlaces:
        return self._places

    @property
    def spending(self) -> SqlSpending:
        return self._spending

    @property
    def shelf(self) -> SqlShelf:
        return self._shelf

    @property
    def sleep_times(self) -> SqlSleepTimes:
        return self._sleep_times

    @property
    def requests(self) -> SqlRequests:
        return self._requests

    @property
    def search_index(self) -> SqlSearchIndex:
        return self._search_index

    @property
    def tokens(self) -> SqlTokens:
        return self._tokens

    @property
    def vectors(self) -> SqlVectorIndex:
        return self._vectors

    @property
    def webhooks(self) -> SqlWebhooks:
        return self._webhooks

    def for_agent(self, agent_id: AgentId, actor: Actor) -> SqlAgentStore:
        if not is_public_id(agent_id, "agent"):
            raise heads.no_agent(agent_id)
        return SqlAgentStore(self._parts, agent_id, actor)

    async def accept(
        self,
        submission: Submission,
        admission: Admission,
        seed: Callable[[], AgentSeed],
        composer: Composer,
        command: GateCommand | None = None,
    ) -> Acceptance:
        return await self._database.write(
            partial(
                intake.accept,
                submission=submission,
                admission=admission,
                seed=seed,
                composer=composer,
                command=command,
            )
        )

    async def claim(self, holder: str, *, limit: int, lease: Micros) -> Sequence[Claim]:
        return await self._database.write(
            partial(leases.claim, holder=holder, now=self._clock.now(), limit=limit, lease=lease)
        )

    async def renew(
        self, holder: str, held: Mapping[AgentId, int], *, lease: Micros
    ) -> Mapping[AgentId, bool]:
        return await self._database.write(
            partial(leases.renew, holder=holder, held=held, now=self._clock.now(), lease=lease)
        )

    async def release_all_leases(self) -> int:
        def release(connection: Connection) -> int:
            sending.release_outbox(connection)
            release_webhooks(connection)
            return leases.release_all(connection)

        return await self._database.write(release)

    async def hand_back(
        self,
        claim: Claim,
        how: HandBack,
    ) -> bool:
        return await self._database.write(
            partial(leases.hand_back, claim=claim, how=how, now=self._clock.now())
        )

    async def next_ready(self) -> Micros | None:
        return await self._database.read(partial(leases.next_ready, now=self._clock.now()))

    async def feed(
        self, address: Address, after: FeedPlace = FEED_START, *, limit: int = 200
    ) -> Feed:
        return await self._database.read(
            partial(feeds.read_feed, address=address, after=after, limit=limit)
        )

    async def feed_end(self, address: Address) -> FeedPlace:
        return await self._database.read(partial(feeds.read_end, address=address))

    async def feed_start(self, address: Address, *, messages: int) -> FeedPlace:
        return await self._database.read(
            partial(feeds.read_start, address=address, messages=messages)
        )

    async def standing(self, key: IdentityKey) -> Standing | None:
        return await self._database.read(partial(read_standing, key=key))

    async def claim_outbox(
        self, holder: str, *, limit: int, lease: Micros, addresses: Sequence[Address] | None = None
    ) -> Sequence[OutboxRow]:
        return await self._database.write(
            partial(
                sending.claim_outbox,
                holder=holder,
                now=self._clock.now(),
                limit=limit,
                lease=lease,
                addresses=addresses,
            )
        )

    async def finish_outbox(self, results: Sequence[OutboxResult]) -> None:
        await self._database.write(
            partial(sending.finish_outbox, results=results, now=self._clock.now())
        )

    async def next_outbox(self) -> Micros | None:
        return await self._database.read(partial(sending.next_outbox, now=self._clock.now()))

    async def list_agents(self, *, limit: int = 100) -> Sequence[Agent]:
        return await self._database.read(partial(heads.list_agents, limit=limit))

    async def people(self, *, waiting: bool = False, limit: int = 100) -> Sequence[PersonView]:
        return await self._database.read(
            partial(people_access.read_people, now=self._clock.now(), waiting=waiting, limit=limit)
        )

    async def person(self, user_id: UserId) -> PersonView:
        return await self._database.read(
            partial(people_access.read_person, user_id=user_id, now=self._clock.now())
        )

    async def set_access(
        self, who: str, access: AccessState, *, by: str, composer: Composer
    ) -> PersonView:
        now = self._clock.now()

        def change(connection: Connection) -> PersonView:
            return people_access.set_access(connection, who, access, composer, by=by, now=now)

        return await self._database.write(change)

    async def invite(self) -> str:
        return await self._database.write(partial(new_invitation, now=self._clock.now()))

    async def use_invitation(self, invite: str) -> InvitationUse:
        return await self._database.write(
            partial(use_invitation, token=invite, now=self._clock.now())
        )

    async def parked(self, *, limit: int = 100) -> Sequence[ParkedItem]:
        return await self._database.read(partial(parking.read_parked, limit=limit))

    async def retry_parked(self, agent_id: AgentId, seq: int) -> bool:
        if not is_public_id(agent_id, "agent"):
            return False
        return await self._database.write(
            partial(parking.retry_parked, agent_id=agent_id, seq=seq, now=self._clock.now())
        )

    async def get_state(self, adapter: str, key: str) -> str | None:
        return await self._database.read(
            partial(adapter_state.read_state, adapter=adapter, key=key)
        )

    async def put_state(self, adapter: str, key: str, value: str) -> None:
        await self._database.write(
            partial(
                adapter_state.write_state,
                adapter=adapter,
                key=key,
                value=value,
                now=self._clock.now(),
            )
        )

    async def chats_kept(self, adapter: str) -> Sequence[tuple[Address, str]]:
        return await self._database.read(partial(adapter_state.read_chats, adapter=adapter))

    async def keep_chat(self, adapter: str, address: Address, value: str) -> None:
        await self._database.write(
            partial(
                adapter_state.write_chat,
                adapter=adapter,
                address=address,
                value=value,
                now=self._clock.now(),
            )
        )

    async def fire_timers(self, *, limit: int) -> int:
        return await self._database.write(
            partial(timers.fire_timers, now=self._clock.now(), limit=limit)
        )

    async def next_timer(self) -> Micros | None:
        return await self._database.read(timers.next_timer)

    async def wipe_ephemeral(self, composer: Composer) -> Sequence[Address]:
        wiped = await self._database.write(
            partial(ephemeral.wipe_due, composer=composer, now=self._clock.now())
        )
        if wiped:
            self._heads.windows.clear()
        return wiped

    async def next_wipe(self) -> Micros | None:
        return await self._database.read(ephemeral.next_wipe)

    async def purge(self, *, limit: int = 5_000) -> int:
        return await self._database.write(
            partial(purging.purge, now=self._clock.now(), limit=limit)
        )

    async def counts(self) -> Mapping[str, int]:
        return await self._database.read(partial(figures.read_counts, now=self._clock.now()))

    async def pulse(self) -> Pulse:
        return await self._database.read(partial(figures.read_pulse, now=self._clock.now()))

    async def statistics(self) -> Statistics:
        return await self._database.read(partial(figures.read_statistics, now=self._clock.now()))

    async def close(self) -> None:
        await self._database.close()
