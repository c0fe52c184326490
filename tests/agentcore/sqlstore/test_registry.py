from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.types import PublicId
from agentcore.sqlstore.registry import RULES, Erase, Owner, TableRule

TABLES = t.metadata.sorted_tables
DIRECTORY = frozenset({"agent"})
"""Where an agent is found by something else than its id: its unique keys are for the world."""


def named(table: sa.Table) -> str:
    return table.name


def of_an_agent(table: sa.Table) -> bool:
    """Whether each row belongs to one agent."""
    rule = next(rule for rule in RULES if rule.table is table)
    first = next(iter(table.primary_key))
    return rule.owner is Owner.AGENT and rule.owner_column == first.name


def test_every_table_has_exactly_one_rule() -> None:
    assert sorted(rule.table.name for rule in RULES) == sorted(t.metadata.tables)


def test_every_table_is_exported_from_the_package() -> None:
    assert set(t.__all__) - {"metadata"} == set(t.metadata.tables)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.table.name)
def test_the_columns_that_a_rule_names_exist_and_can_be_searched(rule: TableRule) -> None:
    for name in (rule.owner_column, rule.author_column):
        assert name is None or name in rule.table.c
    assert rule.keep_days is None or rule.keep_days > 0
    if rule.erase is not Erase.KEEP:
        assert rule.owner_column is not None, "nobody could find the rows to erase"


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_whoever_writes_into_a_table_is_found_in_it(table: sa.Table) -> None:
    rule = next(rule for rule in RULES if rule.table is table)
    people = [
        column.name
        for column in table.c
        if isinstance(column.type, PublicId)
        and column.type.prefix == "identity"
        and not column.primary_key
    ]
    assert people == ([] if rule.author_column is None else [rule.author_column])
    if rule.author_column is not None:
        assert rule.erase is Erase.DELETE_AND_REDACT


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.table.name)
def test_who_owns_the_rows_is_what_the_owner_column_holds(rule: TableRule) -> None:
    if rule.owner in {Owner.AGENT, Owner.USER}:
        assert rule.owner_column is not None
        kind = rule.table.c[rule.owner_column].type
        assert isinstance(kind, PublicId)
        assert kind.prefix == rule.owner.value


def unique_keys(table: sa.Table) -> Iterator[tuple[str, list[str]]]:
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint | sa.PrimaryKeyConstraint):
            yield str(constraint.name), [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [column.name for column in index.columns]


@pytest.mark.parametrize("table", [table for table in TABLES if of_an_agent(table)], ids=named)
def test_the_keys_of_an_agent_s_rows_begin_with_the_agent(table: sa.Table) -> None:
    """So that the rows can be spread over several databases by agent."""
    for name, columns in unique_keys(table):
        if table.name not in DIRECTORY:
            assert columns[0] in {"agent_id", "owner"}, name
    for key in table.foreign_key_constraints:
        assert key.column_keys[0] in {"agent_id", "owner"}, key.name


def test_the_tables_that_hold_what_people_say_belong_to_an_agent() -> None:
    belonging = {table.name for table in TABLES if of_an_agent(table)}
    assert belonging >= {
        "agent_lease",
        "block",
        "block_revision",
        "epoch",
        "inbox",
        "message",
        "passage",
        "step",
        "term",
        "thread",
        "timer",
        "tool_call",
        "turn",
    }


@pytest.mark.parametrize("table", [t.inbox, t.agent_lease, t.outbox], ids=named)
def test_the_hot_tables_carry_the_bucket_that_they_are_split_by(table: sa.Table) -> None:
    assert isinstance(table.c.bucket.type, sa.SmallInteger)


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_times_are_whole_microseconds(table: sa.Table) -> None:
    for column in table.c:
        if column.name.endswith(("_at", "_until")):
            assert isinstance(column.type, sa.BigInteger), column.name
        assert not isinstance(column.type, sa.DateTime | sa.Float), column.name
