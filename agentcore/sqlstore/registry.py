"""Whose each table is, and what erasing, exporting and keeping mean for it.

Invariant, held by a test: every table of the schema has a rule here, so that no feature can
store something about a person that `/delete` and the export don't know of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

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
    `also` are further columns that tie a row to somebody: it goes with each of them.
    `keep_days` is how long finished or expired rows stay at most; None = as long as the owner.

    In agents of others, a row that the person wrote stays without its author, with `redacted` in
    the place of all that held their words, and the moment in `redacted_at`. `places` are columns
    that hold an address and don't say whose the row is.
    """

    table: sa.Table
    owner: Owner
    owner_column: str | None
    erase: Erase
    exported: bool
    author_column: str | None = None
    keep_days: int | None = FOREVER
    also: tuple[tuple[Owner, str], ...] = ()
    redacted: Mapping[str, Any] = field(default_factory=dict)
    redacted_at: str | None = None
    places: tuple[str, ...] = ()

    @property
    def addresses(self) -> Iterator[str]:
        """The columns that hold addresses: they go along when a chat moves."""
        yield from self.places
        yield from (column.name for owner, column in self.holders if owner is Owner.ADDRESS)

    @property
    def holders(self) -> Iterator[tuple[Owner, sa.Column[Any]]]:
        """Each column that says whose a row is."""
        if self.owner_column is not None:
            yield self.owner, self.table.c[self.owner_column]
        for owner, name in self.also:
            yield owner, self.table.c[name]


def _agents(
    table: sa.Table,
    *,
    column: str = "agent_id",
    exported: bool = False,
    also: tuple[tuple[Owner, str], ...] = (),
    places: tuple[str, ...] = (),
) -> TableRule:
    return TableRule(table, Owner.AGENT, column, Erase.DELETE, exported, also=also, places=places)


def _written(
    table: sa.Table,
    redacted: Mapping[str, Any],
    redacted_at: str | None,
    *,
    column: str = "agent_id",
    exported: bool = True,
    keep_days: int | None = FOREVER,
) -> TableRule:
    return TableRule(
        table,
        Owner.AGENT,
        column,
        Erase.DELETE_AND_REDACT,
        exported,
        author_column="author_id",
        keep_days=keep_days,
        redacted=redacted,
        redacted_at=redacted_at,
    )


_HERE = ("address",)
_OF_AN_AGENT = ((Owner.AGENT, "agent_id"),)

RULES: tuple[TableRule, ...] = (
    TableRule(t.user, Owner.USER, "user_id", Erase.DELETE, exported=True),
    TableRule(t.identity, Owner.USER, "user_id", Erase.DELETE, exported=True, places=_HERE),
    TableRule(t.user_agent, Owner.USER, "user_id", Erase.DELETE, exported=True, also=_OF_AN_AGENT),
    TableRule(
        t.link,
        Owner.USER,
        "user_id",
        Erase.DELETE,
        exported=True,
        also=(
            (Owner.USER, "absorbed_user"),
            (Owner.AGENT, "agent_id"),
            (Owner.AGENT, "absorbed_agent"),
        ),
    ),
    TableRule(t.refusal, Owner.ADDRESS, "address", Erase.DELETE, exported=False, keep_days=DAYS_8),
    _agents(t.agent, exported=True, places=("owner_address",)),
    _agents(t.agent_tag, exported=True),
    _agents(t.agent_absorbed, also=((Owner.AGENT, "absorbed_id"),)),
    _agents(t.block, column="owner", exported=True),
    _agents(t.agent_block, also=((Owner.AGENT, "owner"),)),
    # Only the lines that came with the person's own edits go: `redaction` takes them out.
    _written(t.block_revision, {}, "erased_at", column="owner"),
    _written(t.held_edit, {"arguments": {}, "decision": "erased"}, "decided_at", keep_days=DAYS_30),
    _agents(t.thread, exported=True, places=_HERE),
    _agents(t.epoch),
    _written(
        t.message, {"parts": (), "meta": None, "otid": None, "language": None}, "forgotten_at"
    ),
    _agents(t.term),
    _agents(t.message_vector),
    _agents(t.passage_vector),
    _written(t.passage, {"text": "", "tags": []}, "forgotten_at"),
    # Each row goes when its words are erased; until then it holds numbers.
    _agents(t.forgetting),
    _agents(t.agent_lease),
    replace(
        _written(
            t.inbox,
            {
                "parts": (),
                "asked": None,
                "request_key": None,
                "digest": None,
                "update_id": "",
                "speaker": None,
                "command": None,
                "user_id": None,
                "platform_message_id": None,
                "answer_via": None,
                "earlier": None,
                "otid": None,
                "parked_at": None,
                "error": None,
            },
            "closed_at",
            exported=False,
            keep_days=DAYS_8,
        ),
        places=_HERE,
    ),
    _agents(t.turn, exported=True, places=_HERE),
    _agents(t.step, exported=True),
    _agents(t.tool_call),
    # Reasons may tell what anybody said: `redaction` blanks them all when one of them is erased.
    _agents(t.sleep_run, exported=True),
    # Text-free, and what makes a redelivery after an erasure harmless.
    TableRule(t.receipt, Owner.SERVICE, None, Erase.KEEP, exported=False, keep_days=DAYS_8),
    # The newest row of an address stays: its number is the readers' cursor.
    TableRule(
        t.notice,
        Owner.ADDRESS,
        "address",
        Erase.DELETE,
        exported=False,
        keep_days=DAYS_30,
        also=_OF_AN_AGENT,
    ),
    TableRule(
        t.outbox,
        Owner.ADDRESS,
        "address",
        Erase.DELETE,
        exported=False,
        keep_days=DAYS_8,
        also=(*_OF_AN_AGENT, (Owner.USER, "user_id")),
    ),
    TableRule(t.chat, Owner.ADDRESS, "address", Erase.DELETE, exported=False, also=_OF_AN_AGENT),
    replace(
        _written(t.timer, {"payload": {"text": ""}, "recurrence": None, "due_at": None}, None),
        places=_HERE,
    ),
    TableRule(
        t.audit,
        Owner.AGENT,
        "agent_id",
        Erase.DELETE,
        exported=True,
        keep_days=YEAR,
        also=((Owner.USER, "user_id"),),
    ),
    TableRule(t.usage, Owner.SCOPED, "id", Erase.DELETE, exported=True, keep_days=YEAR),
    TableRule(t.token, Owner.AGENT, "agent_id", Erase.DELETE, exported=False),
    # An administrator's: an agent that is erased merely named it.
    TableRule(t.tool, Owner.SERVICE, None, Erase.KEEP, exported=False),
    TableRule(
        t.ticket,
        Owner.USER,
        "user_id",
        Erase.DELETE,
        exported=False,
        keep_days=DAYS_30,
        also=(*_OF_AN_AGENT, (Owner.ADDRESS, "address")),
    ),
    TableRule(t.adapter_chat, Owner.ADDRESS, "address", Erase.DELETE, exported=False),
    TableRule(t.adapter_state, Owner.SERVICE, None, Erase.KEEP, exported=False),
    _agents(t.webhook),
    # Each row goes with the end of its erasure; until then it holds ids, and where to write to.
    TableRule(t.erasure, Owner.SERVICE, None, Erase.KEEP, exported=False, places=_HERE),
)


def children_first() -> Iterator[TableRule]:
    """What can be erased, each table before those that its rows point to."""
    by_table = {rule.table: rule for rule in RULES}
    for table in reversed(t.metadata.sorted_tables):
        if by_table[table].erase is not Erase.KEEP:
            yield by_table[table]


def columns_of_agents() -> Iterator[tuple[TableRule, sa.Column[Any]]]:
    """Each column by which rows belong to an agent."""
    for rule in children_first():
        for owner, column in rule.holders:
            if owner is Owner.AGENT:
                yield rule, column
