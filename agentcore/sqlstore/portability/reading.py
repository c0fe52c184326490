"""Reading an agent out, with all that belongs to it: the content of all its lives, in the order of
time, and its own blocks with how they came to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import (
    SHARED_OWNER,
    AgentId,
    Block,
    BlockId,
    EditActor,
    Message,
    Origin,
    Passage,
    ShownPart,
)
from agentcore.records.content import (
    Content,
    PlainAgent,
    PlainBlock,
    PlainMessage,
    PlainPassage,
    PlainRevision,
    PlainThread,
    PlainTool,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.blocks import read_blocks
from agentcore.sqlstore.content.custom_tools import read_named
from agentcore.sqlstore.content.heads import read_agent
from agentcore.sqlstore.content.messages import message_columns, read_message
from agentcore.sqlstore.engine.database import AnyRow
from agentcore.sqlstore.people.absorbed import lives
from agentcore.sqlstore.recall.passages import kept, passage_of

MARK = "moved_in"
"""What of an agent's extras says up to where it has been read elsewhere."""
_STAYS = frozenset({MARK, "secrets", "tool_exec_environment_variables"})
"""Extras that are given to nobody."""
MessageRef = tuple[AgentId, int]
"""A life, and the number of one of its messages."""


def read_content(connection: Connection, agents: Sequence[AgentId]) -> Content:
    """See `AgentContent.read`."""
    blocks: dict[BlockId, PlainBlock] = {}
    read = [_Reading(connection, agent_id, blocks).agent() for agent_id in agents]
    names = [name for agent in read for name in agent.tools]
    tools = tuple(
        PlainTool(
            name=each.draft.name,
            description=each.draft.description,
            parameters=each.draft.parameters,
            source=each.draft.source,
            tags=each.draft.tags,
            return_limit=each.draft.return_limit,
            needs_approval=each.draft.needs_approval,
            extras=each.draft.extras,
        )
        for each in read_named(connection, names)
    )
    return Content(tuple(read), tuple(blocks.values()), tools)


class _Reading:
    """One agent. `blocks` are those of the content so far: shared ones are in it once."""

    def __init__(
        self, connection: Connection, agent_id: AgentId, blocks: dict[BlockId, PlainBlock]
    ) -> None:
        self._connection = connection
        self._agent_id = agent_id
        self._blocks = blocks
        self._agent = read_agent(connection, agent_id)
        self._lives = lives(connection, agent_id)
        self._threads = self._read_threads()
        self._messages = self._read_messages()
        self._names: Mapping[MessageRef, str] = {
            ref: f"message-{number}" for number, (ref, _) in enumerate(self._messages, start=1)
        }

    def agent(self) -> PlainAgent:
        agent = self._agent
        held = read_blocks(self._connection, self._agent_id)
        for block in held:
            if block.block_id not in self._blocks:
                self._blocks[block.block_id] = self._block(block)
        places = {ref: place for place, (ref, _) in enumerate(self._threads)}
        return PlainAgent(
            name=agent.name,
            system=agent.system,
            created_at=agent.created_at,
            tools=agent.tools,
            blocks=tuple(self._blocks[block.block_id].name for block in held),
            threads=tuple(self._thread(ref, row) for ref, row in self._threads),
            messages=tuple(self._message(ref, each, places) for ref, each in self._messages),
            passages=tuple(self._passages()),
            tags=self._tags(),
            template=agent.template,
            owner_kind=agent.owner_kind,
            model=agent.model,
            context_window=agent.context_window,
            limits=asdict(agent.limits),
            description=agent.description,
            time_zone=agent.time_zone,
            hidden=agent.hidden,
            metadata=agent.metadata,
            extras={name: each for name, each in agent.extras.items() if name not in _STAYS},
        )

    def _read_threads(self) -> list[tuple[MessageRef, AnyRow]]:
        """Each by its life and number, the one first in which something was said last."""
        thread, epoch, message = t.thread, t.epoch, t.message
        newest = (
            sa.select(sa.func.max(message.c.created_at))
            .where(message.c.agent_id == thread.c.agent_id, message.c.thread == thread.c.number)
            .scalar_subquery()
        )
        now = sa.and_(
            epoch.c.agent_id == thread.c.agent_id,
            epoch.c.thread == thread.c.number,
            epoch.c.number == thread.c.epoch,
        )
        rows = self._connection.execute(
            sa.select(
                thread.c.agent_id,
                thread.c.number,
                thread.c.audience,
                thread.c.created_at,
                epoch.c.first_message,
                epoch.c.summary,
                epoch.c.summary_origin,
                newest.label("newest"),
            )
            .select_from(thread.outerjoin(epoch, now))
            .where(thread.c.agent_id.in_(self._lives), thread.c.ephemeral.is_(False))
        ).all()
        order = {life: place for place, life in enumerate(self._lives)}
        found = sorted(
            rows,
            key=lambda row: (order[row.agent_id] > 0, -(row.newest or 0), row.number),
        )
        return [((row.agent_id, row.number), row) for row in found]

    def _read_messages(self) -> list[tuple[MessageRef, Message]]:
        """Of the threads that are read, the oldest first."""
        message = t.message
        there = {ref for ref, _ in self._threads}
        order = {life: place for place, life in enumerate(self._lives)}
        found = []
        for life in self._lives:
            rows = self._connection.execute(
                sa.select(*message_columns())
                .where(message.c.agent_id == life, message.c.forgotten_at.is_(None))
                .order_by(message.c.seq)
            )
            read = (read_message(row) for row in rows)
            found += [((life, each.seq), each) for each in read if (life, each.thread) in there]
        found.sort(key=lambda each: (each[1].created_at, order[each[0][0]], each[0][1]))
        return _in_the_order_of_numbers(found)

    def _thread(self, ref: MessageRef, row: AnyRow) -> PlainThread:
        life, number = ref
        first = row.first_message
        inside = (
            self._names[message_ref]
            for message_ref, each in self._messages
            if message_ref[0] == life
            and each.thread == number
            and first is not None
            and each.seq >= first
        )
        return PlainThread(
            created_at=row.created_at,
            audience=row.audience,
            first=next(inside, None),
            summary=row.summary or "",
            summary_origin=Origin(row.summary_origin or Origin.OWNER),
        )

    def _message(
        self, ref: MessageRef, message: Message, places: Mapping[MessageRef, int]
    ) -> PlainMessage:
        # Which block was shown in which version means nothing elsewhere.
        parts = tuple(part for part in message.parts if not isinstance(part, ShownPart))
        return PlainMessage(
            name=self._names[ref],
            role=message.role,
            parts=parts,
            created_at=message.created_at,
            thread=places[ref[0], message.thread],
            meta=message.meta,
            otid=message.otid,
        )

    def _passages(self) -> Iterator[PlainPassage]:
        found: list[Passage] = []
        for life in self._lives:
            rows = self._connection.execute(kept(life).order_by(t.passage.c.seq))
            found += map(passage_of, rows)
        for each in sorted(found, key=lambda each: each.created_at):
            yield PlainPassage(
                text=each.text,
                tags=each.tags,
                origin=each.origin,
                created_at=each.created_at,
                message=self._name(each.agent_id, each.message),
            )

    def _tags(self) -> tuple[str, ...]:
        tag = t.agent_tag.c
        query = sa.select(tag.tag).where(tag.agent_id == self._agent_id).order_by(tag.tag)
        return tuple(self._connection.execute(query).scalars())

    def _block(self, block: Block) -> PlainBlock:
        return PlainBlock(
            name=f"block-{len(self._blocks)}",
            label=block.label,
            value=block.value,
            limit=block.limit,
            description=block.description,
            read_only=block.read_only,
            shared=block.owner == SHARED_OWNER,
            metadata=block.metadata,
            tags=block.tags,
            extras=block.extras,
            revisions=tuple(self._revisions(block)),
        )

    def _revisions(self, block: Block) -> Iterator[PlainRevision]:
        """What a block was; nothing of a shared one, since what other agents wrote is theirs to give,
        and nothing while it holds what was forgotten and isn't erased yet.
        """
        revision, forgetting = t.block_revision, t.forgetting
        forgotten = sa.select(forgetting.c.number).where(forgetting.c.agent_id == block.owner)
        if block.owner == SHARED_OWNER or self._connection.execute(forgotten.limit(1)).first():
            return
        rows = self._connection.execute(
            sa.select(revision)
            .where(revision.c.owner == block.owner, revision.c.block_id == block.block_id)
            .order_by(revision.c.version)
        )
        for row in rows:
            yield PlainRevision(
                version=row.version,
                before=row.before,
                after=row.after,
                actor=EditActor(row.actor),
                origin=Origin(row.origin),
                created_at=row.created_at,
                label=row.label,
                limit=row.limit,
                description=row.description,
                read_only=row.read_only,
                message=self._name(row.agent_id, row.message),
                undoes=row.undoes,
                template=row.template,
                tool_call_id=row.tool_call_id,
            )

    def _name(self, life: AgentId | None, message: int | None) -> str | None:
        """The name of a message; None where it doesn't come along."""
        if life is None or message is None:
            return None
        return self._names.get((life, message))


def _in_the_order_of_numbers(
    found: list[tuple[MessageRef, Message]],
) -> list[tuple[MessageRef, Message]]:
    """Each life's messages stay in the order of their numbers, whatever their clocks said."""
    by_life: dict[AgentId, Iterator[Any]] = {}
    for life in {ref[0] for ref, _ in found}:
        mine = sorted((each for each in found if each[0][0] == life), key=lambda each: each[0][1])
        by_life[life] = iter(mine)
    return [next(by_life[ref[0]]) for ref, _ in found]
