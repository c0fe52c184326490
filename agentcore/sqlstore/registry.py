"""Whose each table is, and what erasing, exporting and keeping mean for it.

Invariant, held by a test: every table of the schema has a rule here, so that no feature can
store something about a person that `/delete` and the export don't know of.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from agentcore.sqlstore import tables as t


class Owner(StrEnum):
    """What the owner column holds. A block's owner may also be SHARED_OWNER."""

    AGENT = "agent"
    USER = "user"
    ADDRESS = "address"
    SCOPED = "scoped"
    """An agent's or a user's id, as the row's `scope` says."""
    SERVICE = "service"


class Erase(StrEnum):
    """What becomes of the rows when their owner is erased."""

    DELETE = "delete"
    """The rows are deleted."""
    DELETE_AND_REDACT = "delete_and_redact"
    """As DELETE; in agents of others, the rows that the person wrote lose their text."""
    KEEP = "keep"
    """The rows hold nothing about a person."""


FOREVER = None
DAYS_8 = 8
DAYS_30 = 30
YEAR = 365


@dataclass(frozen=True, slots=True)
class TableRule:
    """`owner_column` finds the owner's rows, `author_column` the rows a person wrote anywhere.
    `keep_days` is how long finished or expired rows stay at most; None = as long as the owner.
    """

    table: sa.Table
    owner: Owner
    owner_column: str | None
    erase: Erase
    exported: bool
    author_column: str | None = None
    keep_days: int | None = FOREVER


def _agents(table: sa.Table, *, column: str = "agent_id", exported: bool = False) -> TableRule:
    return TableRule(table, Owner.AGENT, column, Erase.DELETE, exported)


RULES: tuple[TableRule, ...] = (
    TableRule(t.user, Owner.USER, "user_id", Erase.DELETE, exported=True),
    TableRule(t.identity, Owner.USER, "user_id", Erase.DELETE, exported=True),
    TableRule(t.user_agent, Owner.USER, "user_id", Erase.DELETE, exported=True),
    TableRule(t.refusal, Owner.ADDRESS, "address", Erase.DELETE, exported=False, keep_days=DAYS_8),
    _agents(t.agent, exported=True),
    _agents(t.agent_absorbed),
    _agents(t.block, column="owner", exported=True),
    _agents(t.agent_block),
    TableRule(
        t.block_revision,
        Owner.AGENT,
        "owner",
        Erase.DELETE_AND_REDACT,
        exported=True,
        author_column="author_id",
    ),
    TableRule(
        t.held_edit,
        Owner.AGENT,
        "agent_id",
        Erase.DELETE_AND_REDACT,
        exported=True,
        author_column="author_id",
        keep_days=DAYS_30,
    ),
    _agents(t.thread, exported=True),
    _agents(t.epoch),
    TableRule(
        t.message,
        Owner.AGENT,
        "agent_id",
        Erase.DELETE_AND_REDACT,
        exported=True,
        author_column="author_id",
    ),
    _agents(t.term),
    TableRule(
        t.passage,
        Owner.AGENT,
        "agent_id",
        Erase.DELETE_AND_REDACT,
        exported=True,
        author_column="author_id",
    ),
    _agents(t.agent_lease),
    TableRule(
        t.inbox,
        Owner.AGENT,
        "agent_id",
        Erase.DELETE_AND_REDACT,
        exported=False,
        author_column="author_id",
        keep_days=DAYS_8,
    ),
    _agents(t.turn, exported=True),
    _agents(t.step, exported=True),
    _agents(t.tool_call),
    # Text-free, and what makes a redelivery after an erasure harmless.
    TableRule(t.receipt, Owner.SERVICE, None, Erase.KEEP, exported=False, keep_days=DAYS_8),
    # The newest row of an address stays: its number is the readers' cursor.
    TableRule(t.notice, Owner.ADDRESS, "address", Erase.DELETE, exported=False, keep_days=DAYS_30),
    TableRule(t.outbox, Owner.ADDRESS, "address", Erase.DELETE, exported=False, keep_days=DAYS_8),
    TableRule(t.chat, Owner.ADDRESS, "address", Erase.DELETE, exported=False),
    TableRule(
        t.timer,
        Owner.AGENT,
        "agent_id",
        Erase.DELETE_AND_REDACT,
        exported=True,
        author_column="author_id",
    ),
    TableRule(t.audit, Owner.AGENT, "agent_id", Erase.DELETE, exported=True, keep_days=YEAR),
    TableRule(t.usage, Owner.SCOPED, "id", Erase.DELETE, exported=True, keep_days=YEAR),
    TableRule(t.token, Owner.AGENT, "agent_id", Erase.DELETE, exported=False),
    TableRule(t.ticket, Owner.USER, "user_id", Erase.DELETE, exported=False, keep_days=DAYS_30),
    TableRule(t.adapter_state, Owner.SERVICE, None, Erase.KEEP, exported=False),
)
