"""What clients of the API ask for, on its way into the queue: one transaction for each.

Order matters. The agent is held first, so that of two equal requests at once the second finds the
first; then one statement reads all that decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import DAY, MINUTE, SECOND, Clock, Micros, day_of
from agentcore.errors import BadInput, Conflict, NotFound, TooMany
from agentcore.records import (
    API_PLATFORM,
    Address,
    Admission,
    AgentId,
    IdentityId,
    Requested,
    RunProgress,
    RunQuery,
    RunState,
    RunView,
    ThreadId,
    ToolCallPart,
    TurnId,
    TurnRequest,
    new_turn_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api import runs
from agentcore.sqlstore.content.conversations import (
    default_address,
    is_part_of_another,
    open_conversation,
)
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.engine.database import AnyRow, Database, adding
from agentcore.sqlstore.engine.types import MICROS, PublicId, is_public_id
from agentcore.sqlstore.people.threads import add_thread
from agentcore.sqlstore.queues.buckets import bucket_of
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.queues.positions import take_position
from agentcore.sqlstore.service.audit import write_audit

SOURCE = "api"
ASKED = "ask agent"
"""What the audit calls it when a program has a person's agent answer."""
AGAIN = 10 * MINUTE
"""How long an equal body counts as the same request, if its client says that it comes again."""

CALLS_WAIT = (
    "Cannot send a new message: The agent is waiting for approval on a tool call. "
    "Please approve or deny the pending request before continuing."
)
NO_CALLS_WAIT = "Cannot process approval response: No tool call is currently awaiting approval."


class SqlRequests:
    """`Requests` over any `Database`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def submit(self, request: TurnRequest, admission: Admission) -> Requested:
        if not is_public_id(request.agent_id, "agent"):
            raise no_agent(request.agent_id)
        now = self._clock.now()
        return await self._database.write(
            partial(submit, request=request, admission=admission, now=now)
        )

    async def open_conversation(self, agent_id: AgentId) -> ThreadId:
        if not is_public_id(agent_id, "agent"):
            raise no_agent(agent_id)
        now = self._clock.now()
        return await self._database.write(partial(open_conversation, agent_id=agent_id, now=now))

    async def run(self, turn_id: TurnId) -> RunView:
        return await self._database.read(partial(runs.read_run, turn_id=_known_form(turn_id)))

    async def progress(self, turn_id: TurnId, *, after: int = 0) -> RunProgress:
        return await self._database.read(
            partial(runs.read_progress, turn_id=_known_form(turn_id), after=after)
        )

    async def runs(self, query: RunQuery) -> Sequence[RunView]:
        return await self._database.read(partial(runs.read_runs, query=query))

    async def cancel(
        self, agent_id: AgentId, turns: Sequence[TurnId] | None = None
    ) -> Mapping[TurnId, RunState]:
        if not is_public_id(agent_id, "agent"):
            raise no_agent(agent_id)
        wanted = None if turns is None else [each for each in turns if is_public_id(each, "run")]
        return await self._database.write(
            partial(runs.cancel, agent_id=agent_id, turns=wanted, now=self._clock.now())
        )


def _known_form(turn_id: TurnId) -> TurnId:
    if not is_public_id(turn_id, "run"):
        raise runs.no_run(turn_id)
    return turn_id


def submit(
    connection: Connection, request: TurnRequest, admission: Admission, now: Micros
) -> Requested:
    """See `Requests.submit`."""
    hold(connection, request.agent_id)
    found = _look_up(connection, request, now)
    if found is None:
        raise no_agent(request.agent_id)
    if found.absorbed:
        raise is_part_of_another(request.agent_id)
    if (earlier := _earlier(request, found)) is not None:
        return Requested(earlier, request.agent_id, joined=True)
    _refuse(request, admission, found, now)
    thread, address = _thread(connection, request, found, now)
    if request.by is not None and found.owner_kind != "api":
        write_audit(connection, request.by, ASKED, request.agent_id, now)
    return _enqueue(connection, request, thread, address, now)


def _look_up(connection: Connection, request: TurnRequest, now: Micros) -> AnyRow | None:
    given = {
        "of_agent": request.agent_id,
        "the_day": day_of(now),
        "by_key": request.key,
        "in_thread": request.thread,
        "at_address": default_address(request.agent_id),
        "since": now - AGAIN,
        "with_digest": request.digest,
    }
    again = request.retried and request.digest is not None
    named = request.thread is not None
    return connection.execute(_looking_up(again=again, named=named), given).first()


@cache
def _looking_up(*, again: bool, named: bool) -> sa.Select[Any]:
    """All that decides whether a request is taken: one row for an agent that there is. `again`: it
    may have come before; `named`: its thread is given by id.
    """
    agent, lease, thread = t.agent, t.agent_lease, t.thread
    keyed = t.inbox.alias("keyed")
    here: sa.ColumnElement[bool]
    if named:
        by_id = thread.c.thread_id == sa.bindparam("in_thread", type_=PublicId("conv"))
        here = sa.and_(by_id, thread.c.ephemeral.is_(False))
    else:
        here = thread.c.address == sa.bindparam("at_address", type_=sa.Text)
    return (
        sa.select(
            agent.c.model,
            agent.c.owner_kind,
            lease.c.absorbed,
            lease.c.pending,
            lease.c.pending_bytes,
            thread.c.number.label("thread"),
            thread.c.address,
            keyed.c.run_id.label("keyed_run"),
            keyed.c.digest.label("keyed_digest"),
            (_same_body() if again else sa.null()).label("same_body"),
            _waiting_calls().label("waiting_calls"),
            _gone().label("gone"),
        )
        .select_from(agent)
        .join(lease, lease.c.agent_id == agent.c.agent_id)
        .outerjoin(
            thread,
            sa.and_(thread.c.agent_id == agent.c.agent_id, here, thread.c.closed_at.is_(None)),
        )
        .outerjoin(
            keyed,
            sa.and_(
                keyed.c.agent_id == agent.c.agent_id,
                keyed.c.request_key == sa.bindparam("by_key", type_=sa.Text),
            ),
        )
        .where(
            agent.c.agent_id == sa.bindparam("of_agent", type_=PublicId("agent")),
            agent.c.deleted_at.is_(None),
        )
    )


def _gone() -> sa.ScalarSelect[int]:
    """What is spent or set aside today."""
    usage = t.usage
    today = usage.c.day == sa.bindparam("the_day", type_=sa.Integer)
    of_all = sa.and_(usage.c.scope == "service", usage.c.id == "", today)
    return sa.select(usage.c.spent + usage.c.reserved).where(of_all).scalar_subquery()


def _same_body() -> sa.ScalarSelect[TurnId]:
    box = t.inbox.alias("same")
    return (
        sa.select(box.c.run_id)
        .where(
            box.c.agent_id == t.agent.c.agent_id,
            box.c.received_at > sa.bindparam("since", type_=MICROS),
            box.c.digest == sa.bindparam("with_digest", type_=sa.Text),
        )
        .order_by(box.c.received_at.desc(), box.c.seq.desc())
        .limit(1)
        .correlate(t.agent)
        .scalar_subquery()
    )


def _waiting_calls() -> sa.ScalarSelect[Any]:
    """The newest message in the thread's view, if calls in it wait for an answer."""
    message, epoch = t.message, t.epoch
    first = sa.select(epoch.c.first_message).where(
        epoch.c.agent_id == t.thread.c.agent_id,
        epoch.c.thread == t.thread.c.number,
        epoch.c.number == t.thread.c.epoch,
    )
    # Quotes inside a text are escaped: this stands in no other place.
    gated = sa.type_coerce(message.c.parts, sa.Text).like('%"gated":true%')
    return (
        sa.select(sa.case((gated, message.c.parts), else_=sa.null()))
        .where(
            message.c.agent_id == t.thread.c.agent_id,
            message.c.thread == t.thread.c.number,
            message.c.seq >= first.correlate(t.thread).scalar_subquery(),
            message.c.forgotten_at.is_(None),
        )
        .order_by(message.c.seq.desc())
        .limit(1)
        .correlate(t.thread)
        .scalar_subquery()
    )


def _earlier(request: TurnRequest, found: AnyRow) -> TurnId | None:
    """The turn of the same request, if it came before.

    Raises:
        Conflict: its key was another request's.
    """
    if found.keyed_run is None:
        return None if found.same_body is None else TurnId(found.same_body)
    if request.digest is not None and found.keyed_digest not in {None, request.digest}:
        msg = "This idempotency key was used for another request: send this one under a new key."
        raise Conflict(msg)
    return TurnId(found.keyed_run)


def _refuse(request: TurnRequest, admission: Admission, found: AnyRow, now: Micros) -> None:
    """Raises the first limit or contradiction that stands against it."""
    if request.thread is not None and found.thread is None:
        msg = f"The agent {request.agent_id} has no open conversation {request.thread}."
        raise NotFound(msg)
    _agree(request, found.waiting_calls)
    size = request.asked.size
    if size > admission.max_pending_bytes:
        msg = f"That is too much at once: at most {admission.max_pending_bytes} bytes of text."
        raise BadInput(msg)
    if found.pending >= admission.max_pending:
        msg = f"{found.pending} requests already wait for this agent. Try again once it has caught up."
        raise TooMany(msg, retry_after=1.0)
    if found.pending_bytes + size > admission.max_pending_bytes:
        msg = "Too much text already waits for this agent. Try again once it has caught up."
        raise TooMany(msg, retry_after=1.0)
    own = request.options.model or found.model
    if admission.max_spend is not None and not own and (found.gone or 0) > admission.max_spend:
        _budget_is_spent(now)


def _budget_is_spent(now: Micros) -> NoReturn:
    msg = "The service's budget for today is spent. It begins anew at midnight UTC."
    raise TooMany(msg, retry_after=(DAY - now % DAY) / SECOND)


def _agree(request: TurnRequest, waiting: Sequence[object] | None) -> None:
    """Answers there must be for exactly the calls that wait for one.

    Raises:
        Conflict: they don't agree.
    """
    calls = {
        part.call.call_id for part in waiting or () if isinstance(part, ToolCallPart) and part.gated
    }
    if not request.answers:
        if calls and request.options.approvals:
            raise Conflict(CALLS_WAIT)
        return
    if not calls:
        raise Conflict(NO_CALLS_WAIT)
    answered = [each.call_id for each in request.answers]
    if len(answered) != len(set(answered)) or set(answered) != calls:
        named = ", ".join(sorted(calls))
        msg = f"Answer just the tool calls that wait, each once: {named}."
        raise Conflict(msg)


def _thread(
    connection: Connection, request: TurnRequest, found: AnyRow, now: Micros
) -> tuple[int, Address]:
    if found.thread is not None:
        return found.thread, Address(found.address)
    address = default_address(request.agent_id)
    return add_thread(connection, request.agent_id, address, "private", now), address


def _enqueue(
    connection: Connection, request: TurnRequest, thread: int, address: Address, now: Micros
) -> Requested:
    author, user = _sender(connection, request)
    turn_id, asked = new_turn_id(), request.asked
    size = asked.size
    position = take_position(connection, request.agent_id, size=size, due=now)
    if position is None:
        raise no_agent(request.agent_id)
    connection.execute(
        adding(t.inbox),
        {
            "agent_id": request.agent_id,
            "seq": position.seq,
            "bucket": bucket_of(request.agent_id),
            "source": SOURCE,
            "update_id": turn_id,
            "address": address,
            "thread": thread,
            "platform": API_PLATFORM,
            "kind": "message",
            "author_id": author,
            "user_id": user,
            "parts": (),
            "asked": asked,
            "run_id": turn_id,
            "request_key": request.key,
            "digest": request.digest,
            "background": request.background,
            "size": size,
            "received_at": now,
            "due_at": now,
        },
    )
    return Requested(turn_id, request.agent_id)


def _sender(connection: Connection, request: TurnRequest) -> tuple[IdentityId | None, str | None]:
    """Whose words they are, and which user that is; nobody's, where none is named.

    Raises:
        NotFound: there is no such identity.
        BadInput: they are several people's, who could not be erased one by one.
    """
    senders = {each.sender for each in request.messages if each.sender is not None}
    if not senders:
        return None, None
    if len(senders) > 1:
        msg = "The messages of one request come from one sender: send those of others apart."
        raise BadInput(msg)
    (sender,) = senders
    identity = t.identity
    user = None
    if is_public_id(sender, "identity"):
        user = connection.execute(
            sa.select(identity.c.user_id).where(identity.c.identity_id == sender)
        ).scalar()
    if user is None:
        raise NotFound(f"There is no identity {sender}.")
    return sender, user
