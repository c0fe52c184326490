"""Who writes to the service: users, their identities on platforms, and which agent answers."""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import JsonText, PublicId
from agentcore.sqlstore.tables.base import (
    agent_ref,
    counter_key,
    flag,
    metadata,
    moment,
    number,
    user_ref,
    words,
)

user = sa.Table(
    "user",
    metadata,
    sa.Column("user_id", PublicId("user"), primary_key=True),
    words("language", nullable=True),
    words("time_zone", nullable=True),
    words("access"),
    words("consent"),
    words("consent_version", nullable=True),
    moment("consent_at", nullable=True),
    number("daily_budget", nullable=True),
    sa.Column("preferences", JsonText, nullable=False, server_default="{}"),
    moment("created_at"),
)

identity = sa.Table(
    "identity",
    metadata,
    sa.Column("identity_id", PublicId("identity"), primary_key=True),
    words("platform"),
    words("account"),
    words("external_id"),
    user_ref(nullable=False),
    words("display_name"),
    flag("admin"),
    # The private chat that they wrote from first: for who was never let in, nothing else tells it.
    words("address", nullable=True),
    moment("created_at"),
    # What clients of the API keep with it.
    sa.Column("identity_type", sa.Text, nullable=False, server_default="user"),
    sa.Column("properties", JsonText, nullable=False, server_default="[]"),
    sa.UniqueConstraint("platform", "account", "external_id"),
    sa.ForeignKeyConstraint(["user_id"], ["user.user_id"]),
    sa.Index(None, "user_id"),
    sa.Index(None, "platform", "account", "created_at"),
)

# The agent that was attached last answers. One that was detached answers no more, but what the
# person said to it is still theirs to be erased.
user_agent = sa.Table(
    "user_agent",
    metadata,
    sa.Column("user_id", PublicId("user"), primary_key=True),
    sa.Column("agent_id", PublicId("agent"), primary_key=True),
    moment("attached_at"),
    moment("detached_at", nullable=True),
    sa.ForeignKeyConstraint(["user_id"], ["user.user_id"]),
    sa.Index(None, "agent_id"),
)

# Two users who turned out to be one person. Whoever stays has the other's identities and agents
# while the row stands; nobody comes in as the other any more. `identities` are those that came
# along; `edits` ([block id, version]) and `passages` (numbers) are what the other's memory has
# brought into the agent that stays. An agent is null where there was none. The agents themselves
# are joined by rows of `agent_absorbed`.
link = sa.Table(
    "link",
    metadata,
    sa.Column("user_id", PublicId("user"), primary_key=True),
    counter_key("number"),
    sa.Column("absorbed_user", PublicId("user"), nullable=False),
    agent_ref(),
    sa.Column("absorbed_agent", PublicId("agent"), nullable=True),
    sa.Column("identities", JsonText, nullable=False),
    sa.Column("edits", JsonText, nullable=False, server_default="[]"),
    sa.Column("passages", JsonText, nullable=False, server_default="[]"),
    moment("created_at"),
    moment("undo_until"),
    sa.ForeignKeyConstraint(["user_id"], ["user.user_id"]),
    sa.Index(None, "absorbed_user"),
    sa.Index(None, "agent_id"),
    sa.Index(None, "absorbed_agent"),
)

refusal = sa.Table(
    "refusal",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, primary_key=True),
    sa.Column("window", sa.BigInteger, primary_key=True, autoincrement=False),
    moment("created_at"),
    sa.Index(None, "created_at"),
)
