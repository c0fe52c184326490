"""What commands at the gate see and do: `GateScope` over the accept transaction's connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    Agent,
    AgentId,
    Audience,
    AuditEntry,
    Block,
    BlockId,
    CardChoice,
    ConsentState,
    IdentityId,
    Listing,
    Message,
    Revision,
    Submission,
    UsageView,
    UserId,
    UserView,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.chats.listening import listen, listens
from agentcore.sqlstore.content import listings
from agentcore.sqlstore.content.blocks import Cause, read_blocks
from agentcore.sqlstore.content.heads import read_agent
from agentcore.sqlstore.content.messages import read_audible
from agentcore.sqlstore.content.revisions import read_block_revisions
from agentcore.sqlstore.delivery import ephemeral
from agentcore.sqlstore.gate.archive_scope import SqlGateArchive
from agentcore.sqlstore.gate.forget_scope import AcceptForgetting
from agentcore.sqlstore.gate.sleep_scope import SqlGateSleep
from agentcore.sqlstore.linking.parting import came_with
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.people.access import set_consent
from agentcore.sqlstore.people.personal import read_audit, read_usage
from agentcore.sqlstore.people.preferences import choose_cards
from agentcore.sqlstore.people.senders import read_user, set_time_zone
from agentcore.sqlstore.queues.unanswered import open_turn_of, waits


@dataclass(frozen=True)
class AcceptScope:
    """The sender, their agent and the thread that the command was sent to."""

    connection: Connection
    submission: Submission
    agent_id: AgentId
    user_id: UserId
    identity_id: IdentityId
    thread: int

    @property
    def archive(self) -> SqlGateArchive:
        return SqlGateArchive(self.connection, self._lives, self.thread)

    @property
    def sleep(self) -> SqlGateSleep:
        return SqlGateSleep(self.connection, self.agent_id, self.now)

    @property
    def audience(self) -> Audience:
        return self.submission.audience

    @property
    def now(self) -> Micros:
        return self.submission.received_at

    def user(self) -> UserView:
        return read_user(self.connection, self.user_id, self.identity_id)

    def agent(self) -> Agent:
        return read_agent(self.connection, self.agent_id)

    def blocks(self) -> Sequence[Block]:
        return read_blocks(self.connection, self.agent_id, thread=self.thread)

    def revisions(
        self, block_id: BlockId, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Revision]:
        def those_of(life: AgentId) -> Sequence[Revision]:
            return read_block_revisions(self.connection, life, block_id, before=before, limit=limit)

        if own := those_of(self.agent_id):
            return own
        return next((found for life in self._absorbed() if (found := those_of(life))), ())

    def absorbed(self) -> Sequence[Block]:
        found = {
            block.block_id: block
            for life in self._absorbed()
            for block in read_blocks(self.connection, life)
        }
        for block in self.blocks() if found else ():  # those that both hold are the agent's own
            found.pop(block.block_id, None)
        return list(found.values())

    @cached_property
    def _lives(self) -> tuple[AgentId, ...]:
        """The agent's, itself first: read when the first question is about more than the agent."""
        return tuple(lives(self.connection, self.agent_id))

    def _absorbed(self) -> Sequence[AgentId]:
        """Whose memory may be shown beside the agent's own."""
        return self._lives[1:] if self.audience == "private" else ()

    def message(self, seq: int, agent_id: AgentId | None = None) -> Message | None:
        whose = self.agent_id if agent_id is None else agent_id
        if whose != self.agent_id and whose not in self._lives:
            return None
        return read_audible(self.connection, whose, seq, thread=self.thread, heard_by=self.agent_id)

    def came_with(self, revision: Revision) -> Sequence[str]:
        return came_with(self.connection, self.user_id, revision)

    def keep_listing(self, listing: Listing, *, until: Micros) -> None:
        listings.keep(
            self.connection, self.agent_id, self.user_id, listing, now=self.now, until=until
        )

    def listing(self) -> Listing | None:
        return listings.read(self.connection, self.agent_id, self.user_id, now=self.now)

    @property
    def forgetting(self) -> AcceptForgetting:
        cause = Cause(self.agent_id, self.identity_id, turn=None, message=None)
        return AcceptForgetting(
            self.connection, cause, self._lives, self.user_id, self.thread, self.now
        )

    def set_time_zone(self, zone: str) -> None:
        set_time_zone(self.connection, self.user_id, zone)

    def choose_cards(self, choice: CardChoice) -> None:
        choose_cards(self.connection, self.user_id, choice)

    def set_consent(self, consent: ConsentState, version: str) -> None:
        set_consent(self.connection, self.user_id, consent, version, self.now)

    def usage(self, *, since: Micros) -> UsageView:
        return read_usage(self.connection, self.agent_id, self.user_id, since=since)

    def stored_messages(self) -> int:
        lease = t.agent_lease
        kept = sa.select(sa.func.sum(lease.c.indexed_messages)).where(
            lease.c.agent_id.in_(self._lives)
        )
        return int(self.connection.execute(kept).scalar_one())

    def looks(self, *, limit: int) -> Sequence[AuditEntry]:
        return read_audit(self.connection, self.agent_id, limit=limit)

    def among_others(self) -> bool:
        return self.audience == "chat" and self.agent().owner_kind != "chat"

    @property
    def by_an_admin(self) -> bool:
        return self.submission.by_an_admin

    def listening(self) -> bool:
        return listens(self.connection, self.submission.chat)

    def listen(self, *, on: bool) -> None:
        listen(self.connection, self.submission.chat, on=on, now=self.now)

    def incognito(self) -> bool:
        return ephemeral.is_ephemeral(self.connection, self.agent_id, self.thread)

    def begin_incognito(self) -> None:
        ephemeral.open_ephemeral(self.connection, self.agent_id, self.submission)

    def end_incognito(self) -> None:
        ephemeral.close_ephemeral(self.connection, self.agent_id, self.thread, self.now)

    def request_cancel(self) -> bool:
        asked = self.connection.execute(
            sa.update(t.turn)
            .where(
                t.turn.c.agent_id == self.agent_id,
                t.turn.c.number == open_turn_of(self.agent_id),
                t.turn.c.state == "running",
            )
            .values(cancel_requested=True)
        )
        return asked.rowcount > 0 or self._call_off()

    def _call_off(self) -> bool:
        box = t.inbox
        called_off = self.connection.execute(
            sa.update(box)
            .where(
                box.c.agent_id == self.agent_id,
                box.c.address == self.submission.address,
                box.c.kind == "message",
                waits(),
            )
            .values(called_off=True)
        )
        return called_off.rowcount > 0
