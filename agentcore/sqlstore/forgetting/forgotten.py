"""Erasing what was forgotten, once it can't be taken back any more: the words of it, wherever
they stand, and nothing else. Numbers and times stay, so that nothing that counts has a gap.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Clock, Micros
from agentcore.memory.changes import brought_in
from agentcore.memory.forgetting import all_text, repeats, scrubbed, traces
from agentcore.records import SHARED_OWNER, AgentId, BlockId, EpochReason
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.heads import HeadCache
from agentcore.sqlstore.engine.database import AnyRow, Database
from agentcore.sqlstore.forgetting.marking import brought_in_by
from agentcore.sqlstore.forgetting.redaction import void_lease
from agentcore.sqlstore.forgetting.shown_lines import seen_by, take_out_of_messages
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.sleep.records import blank_reasons

BATCH = 100
REMOVED = "turn.removed"
"""What stands in the place of an answer that quoted something forgotten."""


class SqlForgettings:
    """`Forgettings` over any `Database`."""

    def __init__(self, database: Database, heads: HeadCache, clock: Clock) -> None:
        self._database = database
        self._heads = heads
        self._clock = clock

    async def erase_due(self) -> int:
        erased = 0
        while done := await self._database.write(partial(erase_due, now=self._clock.now())):
            self._heads.forget([agent_id for agent_id, _ in done])
            await self._database.scrub(())
            await self._database.write(partial(close, done=done))
            erased += len(done)
        return erased

    async def next_due(self) -> Micros | None:
        return await self._database.read(_next_due)


def _next_due(connection: Connection) -> Micros | None:
    return connection.execute(sa.select(sa.func.min(t.forgetting.c.due_at))).scalar()


def erase_due(connection: Connection, *, now: Micros) -> Sequence[tuple[AgentId, int]]:
    """Erase the words of a few that are due, oldest first. Their rows stay until `close`, so that
    it is done again if it isn't known to have been finished. Returns agents and numbers.
    """
    forgetting = t.forgetting
    acts = (
        sa.select(forgetting.c.act)
        .where(forgetting.c.due_at <= now)
        .group_by(forgetting.c.act)
        .order_by(sa.func.min(forgetting.c.due_at), forgetting.c.act)
        .limit(BATCH)
    )
    due = connection.execute(
        sa.select(forgetting)
        .where(forgetting.c.act.in_(list(connection.execute(acts).scalars())))
        .order_by(forgetting.c.due_at, forgetting.c.act, forgetting.c.agent_id)
    ).all()
    hold(connection, *{row.agent_id for row in due})
    for _, rows in groupby(due, key=lambda row: row.act):
        _erase(connection, list(rows), now)
    return [(row.agent_id, row.number) for row in due]


def close(connection: Connection, *, done: Sequence[tuple[AgentId, int]]) -> None:
    """Nothing of these is left anywhere."""
    for agent_id, number in done:
        connection.execute(
            sa.delete(t.forgetting).where(
                t.forgetting.c.agent_id == agent_id, t.forgetting.c.number == number
            )
        )


def _erase(connection: Connection, act: Sequence[AnyRow], now: Micros) -> None:
    """What one act has forgotten of an agent, and of those that it has absorbed."""
    lines = [_lines_by_block(connection, row) for row in act]
    gone = {line for found in lines for of_block in found.values() for line in of_block}
    known = traces(gone, [text for row in act for text in _said(connection, row)])
    if len(act) > 1:  # the same words may have come from one's memory to the other's
        for row, found in zip(act, lines, strict=True):
            _add_to_all(connection, row, found, gone)
    for row, found in zip(act, lines, strict=True):
        for block_id, of_block in found.items():
            scrub_history(connection, row.agent_id, block_id, of_block, row.created_at)
            others = seen_by(connection, SHARED_OWNER, block_id) - {row.agent_id}
            for other in sorted(take_out_of_messages(connection, others, of_block)):
                void_lease(connection, other, now)
        _blank_messages(connection, row)
        _blank_workings(connection, row, now)
        blank_reasons(connection, row.agent_id)
        _replace_notices(connection, row.agent_id, known)
        _blank_sent(connection, row, known, now)


def _add_to_all(
    connection: Connection, row: AnyRow, found: dict[BlockId, set[str]], gone: Collection[str]
) -> None:
    """In each block that is the agent's alone these lines go, too, but for those that stayed."""
    block = t.block
    own = connection.execute(sa.select(block.c.block_id).where(block.c.owner == row.agent_id))
    for block_id in own.scalars():
        stayed = _right_after(connection, row, block_id)
        found.setdefault(block_id, set()).update(set(gone) - stayed)


def _lines_by_block(connection: Connection, row: AnyRow) -> dict[BlockId, set[str]]:
    """The lines that went with it or that its turns had brought in, but for those that were in
    the block right after it.
    """
    revision = t.block_revision
    found = brought_in_by(connection, row.agent_id, row.turns, row.messages)
    for block_id, version in row.edits:
        edit = connection.execute(
            sa.select(revision.c.before, revision.c.after).where(
                _of_block(row.agent_id, block_id), revision.c.version == version
            )
        ).one()
        found.setdefault(block_id, set()).update(brought_in(edit.after, edit.before))
    return {
        block_id: lines - _right_after(connection, row, block_id)
        for block_id, lines in found.items()
    }


def _right_after(connection: Connection, row: AnyRow, block_id: BlockId) -> set[str]:
    """The lines of a block as it was when this was forgotten."""
    revision = t.block_revision
    stayed = connection.execute(
        sa.select(revision.c.after)
        .where(_of_block(row.agent_id, block_id), revision.c.created_at <= row.created_at)
        .order_by(revision.c.version.desc())
        .limit(1)
    ).scalar()
    return set((stayed or "").split("\n"))


def _of_block(agent_id: AgentId, block_id: BlockId) -> sa.ColumnElement[bool]:
    """The history of a block that the agent holds, or held."""
    revision = t.block_revision
    owners = [agent_id, SHARED_OWNER]
    return sa.and_(revision.c.owner.in_(owners), revision.c.block_id == block_id)


def _said(connection: Connection, row: AnyRow) -> list[str]:
    message, passage = t.message, t.passage
    parts = connection.execute(
        sa.select(message.c.parts).where(
            message.c.agent_id == row.agent_id, message.c.seq.in_(row.messages)
        )
    ).scalars()
    kept = connection.execute(
        sa.select(passage.c.text).where(
            passage.c.agent_id == row.agent_id, passage.c.seq.in_(row.passages)
        )
    ).scalars()
    return [*map(all_text, parts), *kept]


def scrub_history(
    connection: Connection,
    agent_id: AgentId,
    block_id: BlockId,
    gone: Collection[str],
    until: Micros,
) -> None:
    """Take the lines out of a block's history up to then; what was written since stays."""
    revision = t.block_revision
    mine = sa.and_(_of_block(agent_id, block_id), revision.c.created_at <= until)
    for each in connection.execute(sa.select(revision).where(mine)).all():
        before, after = scrubbed(each.before, gone), scrubbed(each.after, gone)
        if (before, after) != (each.before, each.after):
            connection.execute(
                sa.update(revision)
                .where(mine, revision.c.version == each.version)
                .values(before=before, after=after)
            )


def _blank_messages(connection: Connection, row: AnyRow) -> None:
    for table, seqs, blank in (
        (t.message, row.messages, {"parts": (), "meta": None, "otid": None, "language": None}),
        (t.passage, row.passages, {"text": "", "tags": []}),
    ):
        connection.execute(
            sa.update(table)
            .where(
                table.c.agent_id == row.agent_id,
                table.c.seq.in_(seqs),
                table.c.forgotten_at.is_not(None),
            )
            .values(blank)
        )


def _blank_workings(connection: Connection, row: AnyRow, now: Micros) -> None:
    """What was received, sent and noted for these exchanges, the summaries from before, and what
    people wrote behind commands.
    """
    box, epoch = t.inbox, t.epoch
    for table, blank in (
        (t.step, {"detail": ""}),
        (t.held_edit, {"arguments": {}}),
    ):
        connection.execute(
            sa.update(table)
            .where(table.c.agent_id == row.agent_id, table.c.turn.in_(row.turns))
            .values(blank)
        )
    turn = sa.and_(t.turn.c.agent_id == row.agent_id, t.turn.c.number.in_(row.turns))
    connection.execute(sa.update(t.turn).where(turn).values(error="", callback_url=None))
    over = sa.select(t.turn.c.number).where(
        t.turn.c.agent_id == row.agent_id,
        t.turn.c.kind == "command",
        t.turn.c.finished_at <= now,
    )
    done = sa.or_(box.c.closed_at <= now, box.c.turn.in_(over))
    commands = sa.and_(box.c.kind == "command", done)
    connection.execute(
        sa.update(box)
        .where(box.c.agent_id == row.agent_id, sa.or_(box.c.turn.in_(row.turns), commands))
        .values(parts=(), asked=None, answer_via=None)
    )
    connection.execute(
        sa.update(epoch)
        .where(
            epoch.c.agent_id == row.agent_id,
            epoch.c.created_at <= row.created_at,
            # The epochs that it started itself say only which dates are out of sight.
            ~sa.and_(
                epoch.c.created_at == row.created_at, epoch.c.reason == EpochReason.FORGETTING
            ),
        )
        .values(summary="")
    )


def _replace_notices(connection: Connection, agent_id: AgentId, known: Collection[str]) -> None:
    """Answers of ours that quote it."""
    notice = t.notice
    here = sa.select(t.thread.c.address).where(t.thread.c.agent_id == agent_id)
    rows = connection.execute(
        sa.select(notice.c.address, notice.c.seq, notice.c.arguments).where(
            sa.or_(notice.c.agent_id == agent_id, notice.c.address.in_(here))
        )
    ).all()
    for row in rows:
        texts = [value for value in row.arguments.values() if isinstance(value, str)]
        if any(repeats(text, known) for text in texts):
            connection.execute(
                sa.update(notice)
                .where(notice.c.address == row.address, notice.c.seq == row.seq)
                .values(key=REMOVED, arguments={})
            )


def _blank_sent(connection: Connection, row: AnyRow, known: Collection[str], now: Micros) -> None:
    """What push platforms were sent of it. What they couldn't be sent until now never is. Forms are
    named after the beginnings of lines, whichever those were: no chunk keeps them.
    """
    box = t.outbox
    mine = box.c.agent_id == row.agent_id
    rows = connection.execute(
        sa.select(
            box.c.address, box.c.row, box.c.turn, box.c.text, box.c.file, box.c.actions
        ).where(mine)
    ).all()
    for each in rows:
        this = sa.and_(mine, box.c.address == each.address, box.c.row == each.row)
        if any(action.get("kind") == "form" for action in each.actions or ()):
            connection.execute(sa.update(box).where(this).values(actions=None))
        texts = [each.text, *(() if each.file is None else (each.file["content"],))]
        if each.turn in row.turns or any(repeats(text, known) for text in texts):
            blank = {"text": "", "format": None, "file": None, "answer_via": None}
            connection.execute(sa.update(box).where(this).values(blank))
            connection.execute(
                sa.update(box)
                .where(this, box.c.state == "waiting")
                .values(state="failed", error="forgotten", finished_at=now, lease_until=None)
            )
