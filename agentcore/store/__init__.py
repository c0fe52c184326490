"""The store as the engine sees it: two seams, `Store` for delivery and `AgentStore` for content.

`Store.for_agent(agent_id, actor)` is the only door to what an agent knows: each of its methods
is bound to that one agent in the query itself, and reads by an operator or over the API leave
an audit row. There is no in-memory fake: tests use SQLite in a temporary folder.

What the two hand out for one matter each (`agents`, `links`, `pages`, …) has a module here, with its
records; `gate` is what commands see within the accept transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import (
    FEED_START,
    Acceptance,
    Actor,
    Address,
    Admission,
    Agent,
    AgentId,
    AgentSeed,
    Block,
    Claim,
    Feed,
    FeedPlace,
    HandBack,
    HeldEdit,
    IdentityKey,
    Message,
    NewTimer,
    OutboxResult,
    OutboxRow,
    ParkedItem,
    PastMessage,
    Pulse,
    Revision,
    Role,
    SearchHit,
    SetAside,
    Standing,
    Statistics,
    StepCommit,
    Submission,
    TurnView,
)
from agentcore.records.agents import TurnHead
from agentcore.store.agent_content import AgentContent
from agentcore.store.agents import Agents
from agentcore.store.archive import Archive
from agentcore.store.chats import Chats
from agentcore.store.custom_tools import AgentTools, CustomTools
from agentcore.store.directory import Directory
from agentcore.store.erasures import Erasures
from agentcore.store.exports import Exports
from agentcore.store.forgettings import Forgettings
from agentcore.store.gate import Composer, GateCommand
from agentcore.store.happenings import Following, Webhooks
from agentcore.store.identities import Identities
from agentcore.store.in_view import Windows
from agentcore.store.links import Links
from agentcore.store.pages import Pages, Places
from agentcore.store.provenance import Provenance
from agentcore.store.requests import Requests
from agentcore.store.search_index import SearchIndex
from agentcore.store.shelf import Shelf
from agentcore.store.sleep import Sleep, SleepTimes
from agentcore.store.spending import Spending
from agentcore.store.tokens import Tokens
from agentcore.store.vectors import VectorIndex


@dataclass(frozen=True, slots=True)
class UnfinishedCall:
    """An external call that was started and never heard of again."""

    call_id: str
    name: str
    idempotency_key: str
    idempotent: bool


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to look for. Empty `text` lists by date. Times are inclusive. `before`: nothing of the
    agent's own from this number on, since that is in view.
    """

    text: str = ""
    roles: frozenset[Role] = field(default_factory=lambda: frozenset({Role.USER, Role.ASSISTANT}))
    limit: int = 5
    since: Micros | None = None
    until: Micros | None = None
    before: int | None = None


class AgentStore(Protocol):
    """One agent's content, for one actor. The history and the archive of the agents that it has
    absorbed are its own as well.
    """

    @property
    def archive(self) -> Archive: ...

    @property
    def sleep(self) -> Sleep: ...

    @property
    def following(self) -> Following: ...

    @property
    def pages(self) -> Pages: ...

    @property
    def provenance(self) -> Provenance: ...

    @property
    def tools(self) -> AgentTools: ...

    @property
    def windows(self) -> Windows: ...

    async def agent(self) -> Agent:
        """Raises NotFound."""
        ...

    async def head(self, claim: Claim) -> TurnHead: ...

    async def window(self, thread: int, *, first: int) -> Sequence[Message]:
        """The thread's messages from `first` on, oldest first, but for forgotten ones."""
        ...

    async def set_aside(self, claim: Claim) -> SetAside | None:
        """The newest messages that the claim's sender wrote here and that were given up."""
        ...

    async def unfinished_calls(self, turn: int) -> Sequence[UnfinishedCall]: ...

    async def blocks(self, *, thread: int | None = None) -> Sequence[Block]:
        """In the order in which they were attached; only those that may be seen in `thread` (None:
        all): of a person's own agent, a group sees what the person has shared.
        """
        ...

    async def held_edits(self) -> Sequence[HeldEdit]:
        """Edits that wait for the person's word, oldest first."""
        ...

    async def revisions(self, *, label: str | None = None, limit: int = 50) -> Sequence[Revision]:
        """Newest first."""
        ...

    async def search(self, query: SearchQuery, *, thread: int | None = None) -> Sequence[SearchHit]:
        """Best first, only from threads whose audience may hear what `thread`'s may (None: all)."""
        ...

    async def history(self, *, limit: int) -> Sequence[Message]:
        """Of all threads, newest first."""
        ...

    async def past(
        self, address: Address, *, before: FeedPlace | None = None, limit: int
    ) -> Sequence[PastMessage]:
        """What a person and the agent said aloud at an address, newest first; only what was said
        before the message of that place.
        """
        ...

    async def add_timer(self, timer: NewTimer) -> int:
        """Returns the timer's number."""
        ...

    async def turns(self, *, limit: int) -> Sequence[TurnView]:
        """Newest first."""
        ...

    async def commit(self, claim: Claim, step: StepCommit) -> int:
        """Add it all in one transaction under the claim's fence.

        Returns:
            The agent's newest message number.

        Raises:
            Fenced: somebody else holds the agent; nothing was written.
            BlockConflict: a block has changed; nothing was written, compute the edits again.
            SummaryOutdated: a summarised message was forgotten; nothing was written.
        """
        ...


class Store(Directory, Protocol):
    """Delivery: what comes in, who works on it, what goes out."""

    @property
    def agents(self) -> Agents: ...

    @property
    def chats(self) -> Chats: ...

    @property
    def content(self) -> AgentContent: ...

    @property
    def custom_tools(self) -> CustomTools: ...

    @property
    def erasures(self) -> Erasures: ...

    @property
    def exports(self) -> Exports: ...

    @property
    def forgettings(self) -> Forgettings: ...

    @property
    def identities(self) -> Identities: ...

    @property
    def links(self) -> Links: ...

    @property
    def places(self) -> Places: ...

    @property
    def spending(self) -> Spending: ...

    @property
    def requests(self) -> Requests: ...

    @property
    def search_index(self) -> SearchIndex: ...

    @property
    def shelf(self) -> Shelf: ...

    @property
    def sleep_times(self) -> SleepTimes: ...

    @property
    def tokens(self) -> Tokens: ...

    @property
    def vectors(self) -> VectorIndex: ...

    @property
    def webhooks(self) -> Webhooks: ...

    def for_agent(self, agent_id: AgentId, actor: Actor) -> AgentStore: ...

    async def accept(
        self,
        submission: Submission,
        admission: Admission,
        seed: Callable[[], AgentSeed],
        composer: Composer,
        command: GateCommand | None = None,
    ) -> Acceptance:
        """The gate, as one transaction. When it returns Accepted, the submission is durable.
        `seed` is called when an agent has to be made, and then once for each try.
        """
        ...

    async def claim(self, holder: str, *, limit: int, lease: Micros) -> Sequence[Claim]:
        """Take up to `limit` agents that have work, oldest first, each with its next turn."""
        ...

    async def renew(
        self, holder: str, held: Mapping[AgentId, int], *, lease: Micros
    ) -> Mapping[AgentId, bool]:
        """Prolong the leases that are still ours (agent -> fence).

        Returns:
            Those agents, each with whether its turn was asked to stop. One that is missing
            has been taken over.
        """
        ...

    async def release_all_leases(self) -> int:
        """Void what earlier processes held, without waiting for their leases to run out. Only
        for a process that knows itself to be alone, such as the one that locks a SQLite file.

        Returns:
            How many agents were held.
        """
        ...

    async def hand_back(
        self,
        claim: Claim,
        how: HandBack,
    ) -> bool:
        """Let go of a turn that isn't finished.

        Returns:
            False when it was no longer ours; nothing was written then.
        """
        ...

    async def next_ready(self) -> Micros | None:
        """When the earliest work is due, leased agents aside; None = nothing waits."""
        ...

    async def feed(
        self, address: Address, after: FeedPlace = FEED_START, *, limit: int = 200
    ) -> Feed: ...

    async def feed_end(self, address: Address) -> FeedPlace:
        """After the newest message and the newest notice of an address."""
        ...

    async def feed_start(self, address: Address, *, messages: int) -> FeedPlace:
        """Before the last so many messages of an address: a reader that begins there sees these,
        and the notices that came with them.
        """
        ...

    async def standing(self, key: IdentityKey) -> Standing | None:
        """Who somebody is here; None for a stranger."""
        ...

    async def claim_outbox(
        self, holder: str, *, limit: int, lease: Micros, addresses: Sequence[Address] | None = None
    ) -> Sequence[OutboxRow]:
        """Take due chunks: of each address at most the oldest unfinished run, in order."""
        ...

    async def finish_outbox(self, results: Sequence[OutboxResult]) -> None: ...

    async def next_outbox(self) -> Micros | None: ...

    async def list_agents(self, *, limit: int = 100) -> Sequence[Agent]: ...

    async def parked(self, *, limit: int = 100) -> Sequence[ParkedItem]: ...

    async def retry_parked(self, agent_id: AgentId, seq: int) -> bool: ...

    async def get_state(self, adapter: str, key: str) -> str | None: ...

    async def put_state(self, adapter: str, key: str, value: str) -> None: ...

    async def chats_kept(self, adapter: str) -> Sequence[tuple[Address, str]]:
        """What the adapter keeps of its chats, the newest first."""
        ...

    async def keep_chat(self, adapter: str, address: Address, value: str) -> None:
        """Goes with whose chat it is."""
        ...

    async def fire_timers(self, *, limit: int) -> int:
        """Put what is due into its agent's inbox, each once. Returns how many."""
        ...

    async def next_timer(self) -> Micros | None: ...

    async def wipe_ephemeral(self, composer: Composer) -> Sequence[Address]:
        """Wipe the conversations that are over, and end those whose time is up. What waits in
        one is answered first. Returns the addresses of those that were due.
        """
        ...

    async def next_wipe(self) -> Micros | None:
        """When the first conversation is due to be wiped."""
        ...

    async def purge(self, *, limit: int = 5_000) -> int:
        """Delete what the retention rules no longer keep. Returns the number of rows."""
        ...

    async def counts(self) -> Mapping[str, int]:
        """Figures for an operator: pending, parked, to send, resent, chats that can't be reached, users, agents."""
        ...

    async def pulse(self) -> Pulse:
        """How the service fares now; cheap enough for every few seconds."""
        ...

    async def statistics(self) -> Statistics:
        """What it has done and spent, today and this week (UTC). Reads whole tables."""
        ...

    async def close(self) -> None: ...
