"""Forgetting, and taking it back: one transaction each, at the gate.

What is marked is hidden from everything that reads. With it go the steps and notes that repeat
its words (`echoes`), and every thread's prompt (`renewing`). Whoever works on the agent at this
moment has the words in memory, so its lease is voided. All this in the agent and in those that it
has absorbed, each under its own numbers; one act goes through them all.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import MINUTE, Micros
from agentcore.memory.changes import brought_in
from agentcore.memory.forgetting import all_text, put_back, traces
from agentcore.records import (
    AgentId,
    Block,
    BlockEdit,
    BlockId,
    EditActor,
    Forgetting,
    Forgotten,
    NewMessage,
    Origin,
    Role,
    TextPart,
    new_message_id,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import Cause, apply_edits, read_blocks
from agentcore.sqlstore.content.messages import NOWHERE, add_messages
from agentcore.sqlstore.content.revisions import read_revisions_from
from agentcore.sqlstore.delivery.edited import withhold_earlier
from agentcore.sqlstore.engine.database import AnyRow, lock_row
from agentcore.sqlstore.forgetting.echoes import echoes
from agentcore.sqlstore.forgetting.redaction import void_lease
from agentcore.sqlstore.forgetting.renewing import start_epochs
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.queues.holding import hold
from agentcore.sqlstore.recall.reindexing import refresh
from agentcore.sqlstore.recall.vectors import forget_passage_vectors

LASTS = 10 * MINUTE
"""How long it can be taken back."""


def forget(
    connection: Connection, cause: Cause, thread: int, what: Forgetting, now: Micros
) -> Forgotten | None:
    """See `GateForgetting.forget`. The exchanges are those that may be heard in the thread."""
    lived = tuple(lives(connection, cause.agent_id))
    hold(connection, *lived)
    ids = [edit.block.block_id for edit in what.edits]
    # From here on they stay as they are read.
    lock_row(connection, sa.select(t.block.c.version).where(t.block.c.block_id.in_(ids)))
    blocks = {life: read_blocks(connection, life) for life in lived}
    parts = _by_life(blocks, what)
    if parts is None:
        return None
    said = {life: _messages_of(connection, life, part) for life, part in parts.items()}
    known = traces(
        _lines_of(connection, blocks, parts, said),
        [text for found in said.values() for _, text in found]
        + [text for life, part in parts.items() for text in _texts(connection, life, part)],
    )
    act, numbers = secrets.token_hex(16), []
    for life, part in parts.items():
        seqs = sorted({seq for seq, _ in said[life]} | set(echoes(connection, life, known)))
        numbers.append(_forget_in(connection, replace(cause, agent_id=life), part, seqs, act, now))
    _tell(connection, cause.agent_id, thread, what.note, now)
    until, exchanges = Micros(now + LASTS), len(what.exchanges)
    return Forgotten(numbers[0], len(what.edits), exchanges, len(what.passages), until)


def _by_life(
    blocks: Mapping[AgentId, Sequence[Block]], what: Forgetting
) -> Mapping[AgentId, Forgetting] | None:
    """What is to be forgotten of each life, the agent itself first. None: something of it belongs to
    nobody of them any more, or a block isn't as the edits were computed from.
    """
    whose = {ref.agent_id for ref in what.exchanges} | {ref.agent_id for ref in what.passages}
    there: dict[tuple[BlockId, int], AgentId] = {}
    for life, held in blocks.items():
        for block in held:
            there.setdefault((block.block_id, block.version), life)
    holders = [there.get((edit.block.block_id, edit.block.version)) for edit in what.edits]
    if None in holders or not whose <= blocks.keys():
        return None
    return {
        life: Forgetting(
            tuple(e for e, holder in zip(what.edits, holders, strict=True) if holder == life),
            tuple(ref for ref in what.exchanges if ref.agent_id == life),
            tuple(ref for ref in what.passages if ref.agent_id == life),
            what.note,
        )
        for life in blocks
    }


def _forget_in(
    connection: Connection,
    cause: Cause,
    what: Forgetting,
    seqs: Sequence[int],
    act: str,
    now: Micros,
) -> int:
    """What there is of it in one agent. Returns its number there."""
    agent_id, turns = cause.agent_id, _turns_of(what)
    passages = [ref.seq for ref in what.passages]
    apply_edits(connection, what.edits, cause, now)
    _mark(connection, agent_id, seqs, passages, now)
    _drop_held(connection, agent_id, turns, now)
    withhold_earlier(connection, agent_id)
    start_epochs(connection, agent_id, now)
    number = _next_number(connection, agent_id)
    connection.execute(
        sa.insert(t.forgetting).values(
            agent_id=agent_id,
            number=number,
            act=act,
            messages=seqs,
            turns=turns,
            passages=passages,
            edits=[[edit.block.block_id, edit.block.version + 1] for edit in what.edits],
            exchanges=len(what.exchanges),
            created_at=now,
            due_at=now + LASTS,
        )
    )
    void_lease(connection, agent_id, now)
    return number


def _turns_of(what: Forgetting) -> list[int]:
    return sorted({ref.turn for ref in what.exchanges if ref.turn is not None})


def take_back(
    connection: Connection,
    cause: Cause,
    thread: int,
    note: str,
    now: Micros,
    *,
    number: int | None = None,
) -> Forgotten | None:
    """See `GateForgetting.take_back`."""
    agent_id = cause.agent_id
    lived = tuple(lives(connection, agent_id))
    hold(connection, *lived)
    row = _newest(connection, agent_id, now)
    if row is None or number not in {None, row.number}:
        return None
    rows = connection.execute(
        sa.select(t.forgetting).where(
            t.forgetting.c.agent_id.in_(lived), t.forgetting.c.act == row.act
        )
    ).all()
    lines = sum(
        _take_back_in(connection, replace(cause, agent_id=each.agent_id), each, now)
        for each in rows
    )
    _tell(connection, agent_id, thread, note, now)
    exchanges, passages = (
        sum(each.exchanges for each in rows),
        sum(len(each.passages) for each in rows),
    )
    return Forgotten(row.number, lines, exchanges, passages, row.due_at)


def _take_back_in(connection: Connection, cause: Cause, row: AnyRow, now: Micros) -> int:
    """What there was of it in one agent. Returns in how many blocks there are lines again."""
    agent_id = cause.agent_id
    _unmark(connection, agent_id, row)
    edits = list(_reversed_edits(connection, agent_id, row.edits))
    apply_edits(connection, edits, cause, now)
    start_epochs(connection, agent_id, now, instead_of=row.created_at)
    connection.execute(
        sa.delete(t.forgetting).where(
            t.forgetting.c.agent_id == agent_id, t.forgetting.c.number == row.number
        )
    )
    void_lease(connection, agent_id, now)
    return len(edits)


def open_since(connection: Connection, agent_id: AgentId, now: Micros) -> Micros | None:
    """When the newest forgetting was that can still be taken back."""
    row = _newest(connection, agent_id, now)
    return None if row is None else Micros(row.created_at)


def brought_in_by(
    connection: Connection, agent_id: AgentId, turns: Collection[int], messages: Collection[int]
) -> dict[BlockId, set[str]]:
    """The lines that edits brought in which these turns or messages led to, by block."""
    found: dict[BlockId, set[str]] = {}
    for each in read_revisions_from(connection, agent_id, turns, messages):
        found.setdefault(each.block_id, set()).update(brought_in(each.before, each.after))
    return found


def _messages_of(
    connection: Connection, agent_id: AgentId, what: Forgetting
) -> list[tuple[int, str]]:
    """The messages of the exchanges, with their words."""
    message, turns = t.message, _turns_of(what)
    alone = [ref.message for ref in what.exchanges if ref.turn is None]
    rows = connection.execute(
        sa.select(message.c.seq, message.c.parts).where(
            message.c.agent_id == agent_id,
            message.c.forgotten_at.is_(None),
            sa.or_(message.c.turn.in_(turns), message.c.seq.in_(alone)),
        )
    )
    return [(seq, all_text(parts)) for seq, parts in rows]


def _texts(connection: Connection, agent_id: AgentId, what: Forgetting) -> Iterator[str]:
    """Those of the passages."""
    passage = t.passage
    seqs = [ref.seq for ref in what.passages]
    mine = sa.and_(passage.c.agent_id == agent_id, passage.c.seq.in_(seqs))
    yield from connection.execute(sa.select(passage.c.text).where(mine)).scalars()


def _lines_of(
    connection: Connection,
    blocks: Mapping[AgentId, Sequence[Block]],
    parts: Mapping[AgentId, Forgetting],
    said: Mapping[AgentId, Sequence[tuple[int, str]]],
) -> set[str]:
    """The lines that go, and every line that came of these turns and doesn't stay."""
    gone, stays = set[str](), set[str]()
    for life, what in parts.items():
        after = {edit.block.block_id: edit.after for edit in what.edits}
        for edit in what.edits:
            gone.update(brought_in(edit.after, edit.block.value))
        for block in blocks[life]:
            stays.update(after.get(block.block_id, block.value).split("\n"))
        messages = [seq for seq, _ in said[life]]
        for lines in brought_in_by(connection, life, _turns_of(what), messages).values():
            gone.update(lines)
    return gone - stays


def _mark(
    connection: Connection,
    agent_id: AgentId,
    seqs: Sequence[int],
    passages: Sequence[int],
    now: Micros,
) -> None:
    for table, numbers in ((t.message, seqs), (t.passage, passages)):
        connection.execute(
            sa.update(table)
            .where(
                table.c.agent_id == agent_id,
                table.c.seq.in_(numbers),
                table.c.forgotten_at.is_(None),
            )
            .values(forgotten_at=now)
        )
    refresh(connection, agent_id, seqs)
    forget_passage_vectors(connection, agent_id, t.passage.c.seq.in_(passages))


def _unmark(connection: Connection, agent_id: AgentId, row: AnyRow) -> None:
    """What this forgetting has marked; what another one has stays so."""
    for table, numbers in ((t.message, row.messages), (t.passage, row.passages)):
        connection.execute(
            sa.update(table)
            .where(
                table.c.agent_id == agent_id,
                table.c.seq.in_(numbers),
                table.c.forgotten_at == row.created_at,
            )
            .values(forgotten_at=None)
        )
    refresh(connection, agent_id, row.messages)


def _drop_held(
    connection: Connection, agent_id: AgentId, turns: Sequence[int], now: Micros
) -> None:
    """Edits of these turns that wait for the person's word have had it."""
    held = t.held_edit
    connection.execute(
        sa.update(held)
        .where(held.c.agent_id == agent_id, held.c.turn.in_(turns), held.c.decision.is_(None))
        .values(decision="dropped", decided_at=now)
    )


def _tell(connection: Connection, agent_id: AgentId, thread: int, note: str, now: Micros) -> None:
    """A note in a thread that has a prompt."""
    lease, threads = t.agent_lease, t.thread
    begun = sa.select(threads.c.epoch).where(
        threads.c.agent_id == agent_id, threads.c.number == thread
    )
    if not connection.execute(begun).scalar():
        return
    seq = connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == agent_id)
        .values(message_seq=lease.c.message_seq + 1)
        .returning(lease.c.message_seq)
    ).scalar_one()
    told = NewMessage(new_message_id(), Role.NOTE, (TextPart(note, Origin.OWNER),), now)
    add_messages(connection, agent_id, [(seq, told, NOWHERE)], thread=thread, turn=None)


def _next_number(connection: Connection, agent_id: AgentId) -> int:
    last = sa.select(sa.func.max(t.forgetting.c.number)).where(t.forgetting.c.agent_id == agent_id)
    return (connection.execute(last).scalar() or 0) + 1


def _newest(connection: Connection, agent_id: AgentId, now: Micros) -> AnyRow | None:
    """The newest forgetting that can still be taken back."""
    forgetting = t.forgetting
    return connection.execute(
        sa.select(forgetting)
        .where(forgetting.c.agent_id == agent_id, forgetting.c.due_at > now)
        .order_by(forgetting.c.number.desc())
        .limit(1)
    ).one_or_none()


def _reversed_edits(
    connection: Connection, agent_id: AgentId, edits: Sequence[tuple[BlockId, int]]
) -> Iterator[BlockEdit]:
    blocks = {block.block_id: block for block in read_blocks(connection, agent_id)}
    revision = t.block_revision
    for block_id, version in edits:
        block = blocks.get(block_id)
        if block is None:  # the agent doesn't hold it any more
            continue
        row = connection.execute(
            sa.select(revision.c.before, revision.c.after).where(
                revision.c.owner == block.owner,
                revision.c.block_id == block_id,
                revision.c.version == version,
            )
        ).one()
        after = put_back(row.before, row.after, block.value)
        yield BlockEdit(block, after, EditActor.USER, Origin.OWNER, undoes=version)
