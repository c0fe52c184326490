"""Looking for agents, with what belongs to each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import (
    AgentId,
    AgentQuery,
    AgentView,
    Block,
    IdentityId,
    LastRun,
    MessageId,
    StopReason,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.binding import is_attached
from agentcore.sqlstore.api.found_blocks import keeps, stands_in
from agentcore.sqlstore.api.identities import answers_identities
from agentcore.sqlstore.content.blocks import ATTACHED, BLOCK_COLUMNS, block_of, read_blocks
from agentcore.sqlstore.content.conversations import default_address
from agentcore.sqlstore.content.heads import agent_of, read_agent, select_agents
from agentcore.sqlstore.engine.cursors import page_of


def read_view(connection: Connection, agent_id: AgentId, *, messages: bool = False) -> AgentView:
    """See `Agents.view`."""
    ids = [agent_id]
    return AgentView(
        read_agent(connection, agent_id),
        read_blocks(connection, agent_id),
        tuple(_tags(connection, ids)[agent_id]),
        tuple(_identities(connection, ids)[agent_id]),
        _in_view(connection, agent_id) if messages else None,
        _last_runs(connection, ids).get(agent_id),
    )


def read_views(connection: Connection, query: AgentQuery) -> Sequence[AgentView]:
    """See `Agents.list`."""
    found = select_agents().where(*_conditions(query))
    place = (_listed_by(query), t.agent.c.agent_id)
    mine = sa.true() if query.only is None else t.agent.c.agent_id == query.only
    rows = page_of(connection, found, place, query, mine)
    agents = [agent_of(row._asdict()) for row in rows]
    ids = [agent.agent_id for agent in agents]
    blocks, tags = _blocks(connection, ids), _tags(connection, ids)
    people, last = _identities(connection, ids), _last_runs(connection, ids)
    return [
        AgentView(
            agent,
            tuple(blocks[each]),
            tuple(tags[each]),
            tuple(people[each]),
            last=last.get(each),
        )
        for each, agent in zip(ids, agents, strict=True)
    ]


def _listed_by(query: AgentQuery) -> sa.ColumnElement[int]:
    agent, turn = t.agent, t.turn
    if query.by != "last_run_completion":
        return agent.c[query.by]
    last = sa.select(turn.c.finished_at).where(_is_last()).correlate(agent).scalar_subquery()
    return sa.func.coalesce(last, sa.literal(0, sa.BigInteger), type_=sa.BigInteger)


def _is_last() -> sa.ColumnElement[bool]:
    """Of a row of `turn`: whether its agent has finished it last, but for putting its memory in order."""
    turn, other = t.turn, t.turn.alias("other")
    newest = (
        sa.select(other.c.number)
        .where(
            other.c.agent_id == t.agent.c.agent_id,
            other.c.finished_at.is_not(None),
            other.c.kind != "sleep",
        )
        .order_by(other.c.number.desc())
        .limit(1)
        .correlate(t.agent)
        .scalar_subquery()
    )
    return sa.and_(turn.c.agent_id == t.agent.c.agent_id, turn.c.number == newest)


def _last_runs(connection: Connection, ids: Sequence[AgentId]) -> Mapping[AgentId, LastRun]:
    turn, agent = t.turn, t.agent
    rows = connection.execute(
        sa.select(turn.c.agent_id, turn.c.stop_reason, turn.c.claimed_at, turn.c.finished_at)
        .select_from(agent)
        .join(turn, _is_last())
        .where(agent.c.agent_id.in_(ids))
    )
    return {
        row.agent_id: LastRun(
            None if row.stop_reason is None else StopReason(row.stop_reason),
            row.claimed_at,
            row.finished_at,
        )
        for row in rows
    }


def _conditions(query: AgentQuery) -> Iterator[sa.ColumnElement[bool]]:
    agent, held = t.agent, t.agent_block
    yield agent.c.deleted_at.is_(None)
    if query.only is not None:
        yield agent.c.agent_id == query.only
    if not query.with_hidden:
        yield agent.c.hidden.is_(False)
    if query.name is not None:
        yield agent.c.name == query.name
    if query.text is not None:
        yield stands_in(agent.c.name, query.text)
    yield from _tagged(query)
    if query.ended is not None:
        yield sa.exists().where(_is_last(), t.turn.c.stop_reason == query.ended)
    yield from keeps(agent.c.extras, query.extras)
    if query.block is not None:
        yield sa.exists().where(held.c.agent_id == agent.c.agent_id, held.c.block_id == query.block)
    if query.identity is not None or query.keys:
        yield answers_identities(agent.c.agent_id, query.identity, query.keys)


def _tagged(query: AgentQuery) -> Iterator[sa.ColumnElement[bool]]:
    tag = t.agent_tag
    mine = tag.c.agent_id == t.agent.c.agent_id
    if query.tags and query.all_tags:
        for each in dict.fromkeys(query.tags):
            yield sa.exists().where(mine, tag.c.tag == each)
    elif query.tags:
        yield sa.exists().where(mine, tag.c.tag.in_(query.tags))


def _blocks(connection: Connection, ids: Sequence[AgentId]) -> Mapping[AgentId, list[Block]]:
    held = t.agent_block
    rows = connection.execute(
        sa.select(held.c.agent_id, *BLOCK_COLUMNS)
        .select_from(ATTACHED)
        .where(held.c.agent_id.in_(ids))
        .order_by(held.c.position, held.c.label)
    )
    blocks: defaultdict[AgentId, list[Block]] = defaultdict(list)
    for row in rows:
        blocks[row.agent_id].append(block_of(row))
    return blocks


def _tags(connection: Connection, ids: Sequence[AgentId]) -> Mapping[AgentId, list[str]]:
    tag = t.agent_tag
    rows = connection.execute(sa.select(tag).where(tag.c.agent_id.in_(ids)).order_by(tag.c.tag))
    tags: defaultdict[AgentId, list[str]] = defaultdict(list)
    for row in rows:
        tags[row.agent_id].append(row.tag)
    return tags


def _identities(
    connection: Connection, ids: Sequence[AgentId]
) -> Mapping[AgentId, list[IdentityId]]:
    answers, identity = t.user_agent, t.identity
    rows = connection.execute(
        sa.select(answers.c.agent_id, identity.c.identity_id)
        .join(identity, identity.c.user_id == answers.c.user_id)
        .where(answers.c.agent_id.in_(ids), is_attached())
        .order_by(identity.c.created_at, identity.c.identity_id)
    )
    people: defaultdict[AgentId, list[IdentityId]] = defaultdict(list)
    for row in rows:
        people[row.agent_id].append(row.identity_id)
    return people


def _in_view(connection: Connection, agent_id: AgentId) -> tuple[MessageId, ...]:
    """What the agent's thread for the API has in view, oldest first."""
    thread, epoch, message = t.thread, t.epoch, t.message
    here = sa.and_(
        epoch.c.agent_id == thread.c.agent_id,
        epoch.c.thread == thread.c.number,
        epoch.c.number == thread.c.epoch,
    )
    begins = connection.execute(
        sa.select(thread.c.number, epoch.c.first_message)
        .join(epoch, here)
        .where(thread.c.agent_id == agent_id, thread.c.address == default_address(agent_id))
        .order_by(thread.c.number.desc())
        .limit(1)
    ).one_or_none()
    if begins is None:
        return ()
    query = (
        sa.select(message.c.message_id)
        .where(
            message.c.agent_id == agent_id,
            message.c.thread == begins.number,
            message.c.seq >= begins.first_message,
            message.c.forgotten_at.is_(None),
        )
        .order_by(message.c.seq)
    )
    return tuple(connection.execute(query).scalars())
