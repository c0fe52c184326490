"""What a command that runs at the gate may see and do, inside the accept transaction.

Narrow on purpose: each method is one thing that some command needs, bound to the sender, their
agent and the chat it was sent from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from agentcore.clock import Micros
from agentcore.records import (
    Address,
    Agent,
    AgentId,
    Audience,
    AuditEntry,
    Block,
    BlockId,
    CardChoice,
    ConsentState,
    Listing,
    Message,
    NoticeDraft,
    OutboxDraft,
    Passage,
    Revision,
    SleepRun,
    UsageView,
    UserView,
)
from agentcore.store.forgettings import GateForgetting


class GateSleep(Protocol):
    """How the agent puts its memory in order while nobody talks to it."""

    def wanted(self) -> bool:
        """Whether it is switched on."""
        ...

    def switch(self, *, on: bool) -> None: ...

    def ask(self) -> bool:
        """Let a run begin as soon as the agent has no work. False: nothing new was said."""
        ...

    def runs(self, *, limit: int) -> Sequence[SleepRun]:
        """Newest first."""
        ...

    def reason(self, revision: Revision) -> str:
        """Why a run made an edit, in its model's words; empty where that may not be told."""
        ...


class GateArchive(Protocol):
    """What was put into the archive, as far as it may be shown in this chat."""

    def count(self) -> int: ...

    def newest(self, *, limit: int) -> Sequence[Passage]: ...

    def name(self, passage: Passage) -> str:
        """What a person calls it: its number, and behind that of one from an agent that was
        absorbed, a letter for that agent.
        """
        ...

    def passage(self, name: str) -> Passage | None:
        """By its name; None if there is none, or it was forgotten."""
        ...

    def about(self, words: str, *, limit: int) -> Sequence[Passage]:
        """Found by these words, best first."""
        ...


class GateScope(Protocol):
    """The sender, their agent and this chat."""

    @property
    def sleep(self) -> GateSleep: ...

    @property
    def audience(self) -> Audience: ...

    @property
    def now(self) -> Micros:
        """When the command was received."""
        ...

    def user(self) -> UserView:
        """Who sent it."""
        ...

    def agent(self) -> Agent: ...

    def blocks(self) -> Sequence[Block]:
        """The agent's memory, as far as it may be seen here."""
        ...

    def revisions(
        self, block_id: BlockId, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Revision]:
        """A block's edits, newest first, those older than version `before` if it is given."""
        ...

    def absorbed(self) -> Sequence[Block]:
        """The memory of the agents that this one has absorbed, as they left it; nothing of it in a
        group. `revisions` knows these, too.
        """
        ...

    def message(self, seq: int, agent_id: AgentId | None = None) -> Message | None:
        """A message that may be shown here; None if it was forgotten, or said elsewhere. `agent_id`:
        it was said to one that was absorbed.
        """
        ...

    def came_with(self, revision: Revision) -> Sequence[str]:
        """The platforms that an edit came with when the sender linked them; none for other edits,
        and for links that were taken back.
        """
        ...

    def keep_listing(self, listing: Listing, *, until: Micros) -> None:
        """What the sender was shown last, in place of what they were shown before."""
        ...

    def listing(self) -> Listing | None:
        """What the sender was shown last; None if that was too long ago, or never."""
        ...

    @property
    def forgetting(self) -> GateForgetting: ...

    @property
    def archive(self) -> GateArchive: ...

    def set_time_zone(self, zone: str) -> None:
        """The sender's own, by its IANA name."""
        ...

    def choose_cards(self, choice: CardChoice) -> None:
        """When the sender is shown what was noted."""
        ...

    def set_consent(self, consent: ConsentState, version: str) -> None:
        """What the sender says to the terms."""
        ...

    def usage(self, *, since: Micros) -> UsageView:
        """What the sender has used from a UTC midnight on."""
        ...

    def stored_messages(self) -> int:
        """How many messages with words the agent has, of both sides."""
        ...

    def looks(self, *, limit: int) -> Sequence[AuditEntry]:
        """Who else has looked at the agent's content, newest first."""
        ...

    def among_others(self) -> bool:
        """Whether the sender's own agent is spoken to in a group."""
        ...

    @property
    def by_an_admin(self) -> bool:
        """Whether the sender has a say over this chat of several."""
        ...

    def listening(self) -> bool:
        """Whether what is said to nobody or to others is let in here, too."""
        ...

    def listen(self, *, on: bool) -> None: ...

    def incognito(self) -> bool:
        """Whether this chat is a conversation that will be wiped."""
        ...

    def begin_incognito(self) -> None:
        """Make it one, from the next message on."""
        ...

    def end_incognito(self) -> None:
        """It is over, and is wiped as soon as nothing waits in it."""
        ...

    def request_cancel(self) -> bool:
        """Ask the running turn to stop; where none is running, have what was said here and waits
        taken in without an answer. False: there is nothing to stop.
        """
        ...


GateCommand = Callable[[GateScope], Sequence[NoticeDraft]]


class Composer(Protocol):
    """Turns a reply or a notice into the chunks its platform will be sent. Pure.

    Pull platforms get none: their clients read messages and notices themselves.
    """

    def reply(self, address: Address, text: str, reply_to: str | None) -> Sequence[OutboxDraft]: ...

    def notice(self, notice: NoticeDraft, language: str | None) -> Sequence[OutboxDraft]: ...
