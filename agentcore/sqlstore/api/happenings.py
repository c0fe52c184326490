"""`Following`, carried out by the storage functions: what happened to an agent, read from its rows.

Messages are numbered under the agent's lease row, turns end in the order of their numbers, since one
is open at a time, and a block's versions have no gaps: so a place in each says what comes next,
whenever and by whom it was committed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    SHARED_OWNER,
    SLEEP,
    AgentId,
    BlockId,
    Message,
    Revision,
    RunView,
    ThreadId,
    TurnId,
)
from agentcore.records.happenings import Happening, HappeningKind, HappeningPlace, Happenings
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.runs import read_run
from agentcore.sqlstore.content.blocks import ATTACHED
from agentcore.sqlstore.content.heads import no_agent
from agentcore.sqlstore.content.messages import message_columns, read_message
from agentcore.sqlstore.content.revisions import read_revision
from agentcore.sqlstore.engine.database import Database
from agentcore.sqlstore.queues.unanswered import open_turn_of


class SqlFollowing:
    """`Following` over any `Database`, of one agent."""

    def __init__(
        self, database: Database, agent_id: AgentId, audit: Callable[[str], Awaitable[None]]
    ) -> None:
        self._database = database
        self._agent_id = agent_id
        self._audit = audit

    async def place(self) -> HappeningPlace:
        await self._audit("read messages")
        return await self._database.read(partial(read_place, agent_id=self._agent_id))

    async def after(self, place: HappeningPlace, *, limit: int = 100) -> Happenings:
        work = partial(read_happenings, agent_id=self._agent_id, after=place, limit=limit)
        return await self._database.read(work)


def read_place(connection: Connection, agent_id: AgentId) -> HappeningPlace:
    """See `Following.place`.

    Raises:
        NotFound: there is no such agent.
    """
    lease, turn = t.agent_lease, t.turn
    newest = sa.select(sa.func.max(turn.c.number)).where(
        turn.c.agent_id == agent_id, _over(agent_id)
    )
    row = connection.execute(
        sa.select(lease.c.message_seq, newest.scalar_subquery().label("turn")).where(
            lease.c.agent_id == agent_id
        )
    ).one_or_none()
    if row is None:
        raise no_agent(agent_id)
    held = {block_id: version for _, block_id, version in _held(connection, agent_id)}
    return HappeningPlace(row.message_seq, row.turn or 0, held)


@dataclass(frozen=True, slots=True)
class _Found:
    """A row of one kind; `what` None: it is passed over, and known from then on."""

    kind: HappeningKind
    at: Micros
    what: Message | Revision | RunView | None
    number: int
    block: BlockId | None = None
    thread: ThreadId | None = None
    turn: TurnId | None = None


def read_happenings(
    connection: Connection, agent_id: AgentId, after: HappeningPlace, limit: int
) -> Happenings:
    """See `Following.after`."""
    rows = (
        list(_messages(connection, agent_id, after.message, limit)),
        list(_edits(connection, agent_id, after.blocks, limit)),
        list(_ends(connection, agent_id, after.turn, limit)),
    )
    held = {block_id for _, block_id, _ in _held(connection, agent_id)}
    place = replace(after, blocks={k: v for k, v in after.blocks.items() if k in held})
    items: list[Happening] = []
    for found in _in_order(rows):
        if len(items) == limit:
            break
        place = _further(place, found)
        if found.what is not None:
            items.append(_happening(found, found.what, place))
    return Happenings(tuple(items), place)


def _happening(
    found: _Found, what: Message | Revision | RunView, place: HappeningPlace
) -> Happening:
    return Happening(found.kind, found.at, what, place, found.thread, found.turn)


def _in_order(rows: Sequence[Sequence[_Found]]) -> Iterator[_Found]:
    """All rows by their times, those of each kind in the order that they have."""
    places = [0] * len(rows)
    while heads := [
        (row[places[kind]].at, kind) for kind, row in enumerate(rows) if places[kind] < len(row)
    ]:
        _, kind = min(heads)
        yield rows[kind][places[kind]]
        places[kind] += 1


def _further(place: HappeningPlace, found: _Found) -> HappeningPlace:
    if found.block is not None:
        return replace(place, blocks={**place.blocks, found.block: found.number})
    if found.kind == "message.created":
        return replace(place, message=found.number)
    return replace(place, turn=found.number)


def _messages(
    connection: Connection, agent_id: AgentId, after: int, limit: int
) -> Iterator[_Found]:
    message, thread, turn = t.message, t.thread, t.turn
    here = sa.and_(thread.c.agent_id == message.c.agent_id, thread.c.number == message.c.thread)
    rows = connection.execute(
        sa.select(
            *message_columns(),
            message.c.forgotten_at,
            thread.c.ephemeral,
            thread.c.thread_id,
            turn.c.turn_id,
        )
        .join(thread, here)
        .outerjoin(
            turn,
            sa.and_(turn.c.agent_id == message.c.agent_id, turn.c.number == message.c.turn),
        )
        .where(message.c.agent_id == agent_id, message.c.seq > after)
        .order_by(message.c.seq)
        .limit(limit)
    )
    for row in rows:
        hidden = row.ephemeral or row.forgotten_at is not None
        what = None if hidden else read_message(tuple(row)[:-4])
        yield _Found(
            "message.created",
            row.created_at,
            what,
            row.seq,
            thread=row.thread_id,
            turn=row.turn_id,
        )


def _edits(
    connection: Connection, agent_id: AgentId, known: Mapping[BlockId, int], limit: int
) -> Iterator[_Found]:
    """Of a block of its own that it didn't hold before, all edits; of a shared one, the newest. What
    stood in a block before something was forgotten is passed over, as long as it isn't erased.
    """
    revision = t.block_revision
    news, current = [], {}
    for owner, block_id, version in _held(connection, agent_id):
        current[block_id] = version
        since = known.get(block_id, version - 1 if owner == SHARED_OWNER else 0)
        if version > since:
            same = sa.and_(revision.c.owner == owner, revision.c.block_id == block_id)
            news.append(sa.and_(same, revision.c.version > since))
    if not news:
        return
    rows = connection.execute(
        sa.select(revision)
        .where(sa.or_(*news))
        .order_by(revision.c.created_at, revision.c.block_id, revision.c.version)
    ).all()
    forgotten = _forgotten_until(connection, current)
    in_order = sorted(rows, key=lambda row: (row.block_id, row.version))
    newest: dict[BlockId, Micros] = {}
    timed = []
    for row in in_order:  # a clock may have stood still, or gone back
        at = newest[row.block_id] = max(row.created_at, newest.get(row.block_id, row.created_at))
        timed.append((at, row.block_id, row.version, row))
    for at, block_id, version, row in sorted(timed, key=lambda each: each[:3])[:limit]:
        outdated = version < current[block_id] and row.created_at <= forgotten
        hidden = outdated or row.erased_at is not None
        what = None if hidden else read_revision(row, agent_id)
        yield _Found("block.edited", at, what, version, block_id)


def _forgotten_until(connection: Connection, blocks: Collection[BlockId]) -> Micros:
    """When somebody whose agent holds one of the blocks last had something forgotten that still
    stands in what the blocks were; 0 for never.
    """
    held, forgetting = t.agent_block, t.forgetting
    holders = sa.select(held.c.agent_id).where(held.c.block_id.in_(blocks))
    newest = sa.select(sa.func.max(forgetting.c.created_at)).where(
        forgetting.c.agent_id.in_(holders)
    )
    return Micros(connection.execute(newest).scalar() or 0)


def _held(connection: Connection, agent_id: AgentId) -> Sequence[tuple[AgentId, BlockId, int]]:
    """The blocks that an agent holds: owner, id, version."""
    block = t.block
    rows = connection.execute(
        sa.select(block.c.owner, block.c.block_id, block.c.version)
        .select_from(ATTACHED)
        .where(t.agent_block.c.agent_id == agent_id)
    )
    return [(row.owner, row.block_id, row.version) for row in rows]


def _ends(connection: Connection, agent_id: AgentId, after: int, limit: int) -> Iterator[_Found]:
    turn = t.turn
    rows = connection.execute(
        sa.select(turn.c.number, turn.c.turn_id, turn.c.finished_at)
        .where(turn.c.agent_id == agent_id, turn.c.number > after, _over(agent_id))
        .order_by(turn.c.number)
        .limit(limit)
    ).all()
    for row in rows:
        yield _Found("run.ended", row.finished_at, read_run(connection, row.turn_id), row.number)


def _over(agent_id: AgentId) -> sa.ColumnElement[bool]:
    """Turns that are over and that nothing can come before any more."""
    turn, open_turn = t.turn, open_turn_of(agent_id)
    return sa.and_(
        turn.c.finished_at.is_not(None),
        turn.c.kind != SLEEP,
        sa.or_(open_turn.is_(None), turn.c.number < open_turn),
    )
