"""Looking for blocks, whoever holds them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import AgentId, Block, BlockId, BlockQuery
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.api.identities import answers_identities
from agentcore.sqlstore.content.attaching import SHELF_COLUMNS, is_gone
from agentcore.sqlstore.content.blocks import block_of
from agentcore.sqlstore.engine.cursors import page_of

Found = tuple[Block, Sequence[AgentId]]


def read_found(connection: Connection, query: BlockQuery) -> Sequence[Found]:
    """The blocks of a page, each with the agents that hold it."""
    block = t.block
    found = sa.select(*SHELF_COLUMNS).where(*_conditions(query))
    place = (block.c.created_at, block.c.block_id)
    mine = sa.true() if query.held_by is None else _held_by(query.held_by)
    rows = page_of(connection, found, place, query, mine)
    blocks = [block_of(row) for row in rows]
    held = _holders(connection, [each.block_id for each in blocks])
    return [(each, held[each.block_id]) for each in blocks]


def _holders(connection: Connection, ids: Sequence[BlockId]) -> defaultdict[BlockId, list[AgentId]]:
    held = t.agent_block
    rows = connection.execute(
        sa.select(held.c.block_id, held.c.agent_id).where(held.c.block_id.in_(ids))
    )
    found: defaultdict[BlockId, list[AgentId]] = defaultdict(list)
    for row in rows:
        found[row.block_id].append(row.agent_id)
    return found


def _conditions(query: BlockQuery) -> Iterator[sa.ColumnElement[bool]]:
    block, held = t.block, t.agent_block
    yield ~is_gone(block.c.owner)
    if query.label is not None:
        yield block.c.label == query.label
    named = {} if query.name is None else {"template_name": query.name}
    yield from keeps(block.c.extras, {**query.extras, **named})
    if query.templates_only:
        yield _holds(block.c.extras, '"is_template":true')
    searched = (
        (block.c.label, query.in_label),
        (block.c.value, query.in_value),
        (block.c.description, query.in_description),
    )
    for column, text in searched:
        if text is not None:
            yield stands_in(column, text)
    if query.tags:
        tagged = [_has_tag(tag) for tag in dict.fromkeys(query.tags)]
        yield sa.and_(*tagged) if query.all_tags else sa.or_(*tagged)
    yield from _counted(query)
    holding = held.c.block_id == block.c.block_id
    if query.held_by is not None:
        yield _held_by(query.held_by)
    if query.identity is not None or query.keys:
        people = answers_identities(held.c.agent_id, query.identity, query.keys)
        yield sa.exists().where(holding, people)


def _held_by(agent_id: AgentId) -> sa.ColumnElement[bool]:
    held = t.agent_block
    return sa.exists().where(held.c.block_id == t.block.c.block_id, held.c.agent_id == agent_id)


def _counted(query: BlockQuery) -> Iterator[sa.ColumnElement[bool]]:
    held = t.agent_block
    count = (
        sa.select(sa.func.count())
        .where(held.c.block_id == t.block.c.block_id)
        .correlate(t.block)
        .scalar_subquery()
    )
    if query.agents:
        yield count.in_(query.agents)
    if query.more_than is not None:
        yield count > query.more_than
    if query.fewer_than is not None:
        yield count < query.fewer_than


def stands_in(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Whether a text stands somewhere in a column, in capitals or not."""
    return sa.func.lower(column).contains(text.lower(), autoescape=True)


def keeps(extras: sa.Column[Any], wanted: Mapping[str, str]) -> Iterator[sa.ColumnElement[bool]]:
    """Whether each of these stands among the extras of a row."""
    for name, value in wanted.items():
        yield _holds(extras, f"{_json(name)}:{_json(value)}")


def _has_tag(tag: str) -> sa.ColumnElement[bool]:
    """Tags are a list without spaces between its items, whose own quotes are escaped."""
    tags = t.block.c.tags
    return sa.or_(_holds(tags, f"[{_json(tag)}"), _holds(tags, f",{_json(tag)}"))


def _holds(column: sa.Column[Any], piece: str) -> sa.ColumnElement[bool]:
    """Whether JSON has this piece, letter by letter."""
    text = sa.type_coerce(column, sa.Text)
    return sa.func.replace(text, piece, "") != text


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
