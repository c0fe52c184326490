"""Agents and their memory blocks, with every edit that was ever made to one."""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import JsonText, PublicId
from agentcore.sqlstore.tables.base import (
    agent_key,
    counter_key,
    flag,
    identity_ref,
    metadata,
    moment,
    number,
    words,
)

agent = sa.Table(
    "agent",
    metadata,
    agent_key(),
    words("owner_kind"),
    words("owner_address", nullable=True),
    words("name"),
    words("template"),
    words("system"),
    sa.Column("tools", JsonText, nullable=False),
    words("model", nullable=True),
    number("context_window", nullable=True),
    sa.Column("limits", JsonText, nullable=False, server_default="{}"),
    sa.Column("metadata", JsonText, nullable=False, server_default="{}"),
    words("description", nullable=True),
    words("time_zone", nullable=True),
    flag("hidden"),
    # Goes up with what its prompts begin with, blocks' values aside: they get new heads then.
    number("edition", default=0),
    # What clients of the API gave it that nothing here makes use of by itself: kept and given back.
    sa.Column("extras", JsonText, nullable=False, server_default="{}"),
    moment("created_at"),
    moment("updated_at"),
    moment("deleted_at", nullable=True),
    sa.Index(None, "created_at"),
    sa.Index(
        "uq_agent_owner_address",
        "owner_address",
        unique=True,
        sqlite_where=sa.text("owner_address IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("owner_address IS NOT NULL AND deleted_at IS NULL"),
    ),
)

agent_tag = sa.Table(
    "agent_tag",
    metadata,
    agent_key(),
    sa.Column("tag", sa.Text, primary_key=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(None, "tag"),
)

# An agent that answers nobody any more: its life goes on in the other's, without moving a row
# (see `absorbed`). Its own memory stays as it was for when they part.
agent_absorbed = sa.Table(
    "agent_absorbed",
    metadata,
    agent_key(),
    sa.Column("absorbed_id", PublicId("agent"), primary_key=True),
    moment("created_at"),
    moment("undo_until"),
    sa.Index(None, "absorbed_id"),
)

# `owner` is an agent, or SHARED_OWNER for a block that several agents hold.
block = sa.Table(
    "block",
    metadata,
    agent_key(name="owner"),
    sa.Column("block_id", PublicId("block"), primary_key=True),
    words("label"),
    words("value"),
    number("limit"),
    words("description"),
    flag("read_only"),
    number("version"),
    sa.Column("metadata", JsonText, nullable=False, server_default="{}"),
    sa.Column("tags", JsonText, nullable=False, server_default="[]"),
    sa.Column("extras", JsonText, nullable=False, server_default="{}"),
    moment("created_at"),
    moment("updated_at"),
    sa.Index(None, "block_id"),
    sa.Index(None, "created_at"),
)

agent_block = sa.Table(
    "agent_block",
    metadata,
    agent_key(),
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("owner", PublicId("agent"), nullable=False),
    sa.Column("block_id", PublicId("block"), nullable=False),
    number("position"),
    sa.ForeignKeyConstraint(["owner", "block_id"], ["block.owner", "block.block_id"]),
    sa.Index(None, "block_id"),
)

# The texts stand last, so that SQLite finds all else without reading them.
block_revision = sa.Table(
    "block_revision",
    metadata,
    agent_key(name="owner"),
    sa.Column("block_id", PublicId("block"), primary_key=True),
    counter_key("version"),
    words("label"),
    number("limit"),
    words("description"),
    flag("read_only"),
    words("actor"),
    identity_ref("author_id"),
    words("origin"),
    sa.Column("agent_id", PublicId("agent"), nullable=True),
    number("turn", nullable=True),
    number("message", nullable=True),
    words("tool_call_id", nullable=True),
    number("undoes", nullable=True),
    words("template", nullable=True),
    moment("created_at"),
    moment("erased_at", nullable=True),
    words("before"),
    words("after"),
    sa.ForeignKeyConstraint(["owner", "block_id"], ["block.owner", "block.block_id"]),
    sa.Index(None, "agent_id", "created_at"),
    sa.Index(None, "author_id"),
)

held_edit = sa.Table(
    "held_edit",
    metadata,
    agent_key(),
    counter_key("number"),
    sa.Column("block_id", PublicId("block"), nullable=False),
    words("tool"),
    sa.Column("arguments", JsonText, nullable=False),
    words("origin"),
    identity_ref("author_id"),
    number("turn"),
    number("message"),
    moment("created_at"),
    moment("expires_at"),
    words("decision", nullable=True),
    moment("decided_at", nullable=True),
    sa.Index(None, "author_id"),
)
