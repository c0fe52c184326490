"""What the service keeps for itself: audit, usage, tokens, tickets, custom tools, adapters' small
state, and erasures that aren't finished.
"""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import JsonText, PublicId
from agentcore.sqlstore.tables.base import (
    agent_ref,
    flag,
    metadata,
    moment,
    number,
    user_ref,
    words,
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("audit_id", sa.Text, primary_key=True),
    agent_ref(),
    user_ref(),
    words("actor_kind"),
    words("actor"),
    words("action"),
    sa.Column("detail", JsonText, nullable=False),
    moment("created_at"),
    sa.Index(None, "agent_id", "created_at"),
    sa.Index(None, "user_id"),
    sa.Index(None, "created_at"),
)

# `scope` is "user", "agent" or, where there is a budget, "service"; `id` whose it is, `day` counts
# from 1970-01-01 UTC. Money in millionths of a US dollar; `unknown` counts calls whose price isn't
# known; `reserved` is the service's alone.
usage = sa.Table(
    "usage",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    number("reserved", default=0),
    number("spent", default=0),
    number("unknown", default=0),
    number("messages", default=0),
    number("prompt_tokens", default=0),
    number("completion_tokens", default=0),
    sa.Index(None, "day"),
)

token = sa.Table(
    "token",
    metadata,
    sa.Column("token_id", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    words("name"),
    words("scope"),
    agent_ref(),
    moment("created_at"),
    moment("last_used_at", nullable=True),
    moment("revoked_at", nullable=True),
)

# Tools whose source came over the API. They are the service's: an agent names those that it has.
tool = sa.Table(
    "tool",
    metadata,
    sa.Column("tool_id", PublicId("tool"), primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    words("description"),
    sa.Column("parameters", JsonText, nullable=False),
    words("source"),
    sa.Column("tags", JsonText, nullable=False),
    number("return_limit"),
    flag("needs_approval"),
    flag("enabled"),
    sa.Column("extras", JsonText, nullable=False),
    number("version"),
    moment("created_at"),
    moment("updated_at"),
)

# Short-lived, one-time or owner-bound things: pairing and link codes, buttons, listings.
ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("ticket_id", sa.Text, primary_key=True),
    words("kind"),
    agent_ref(),
    user_ref(),
    words("address", nullable=True),
    sa.Column("payload", JsonText, nullable=False),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    sa.Index(None, "expires_at"),
    sa.Index(None, "agent_id"),
    sa.Index(None, "user_id"),
)

adapter_state = sa.Table(
    "adapter_state",
    metadata,
    sa.Column("adapter", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    words("value"),
    moment("updated_at"),
)

# What an adapter keeps of a chat, which goes with whose chat it is.
adapter_chat = sa.Table(
    "adapter_chat",
    metadata,
    sa.Column("adapter", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    words("value"),
    moment("updated_at"),
    sa.Index(None, "address"),
)

# An erasure that is underway: which agents are still to be cleared of their rows, what is gone
# so far, and where the receipt goes on a push platform. Its last transaction deletes the row.
erasure = sa.Table(
    "erasure",
    metadata,
    sa.Column("erasure_id", sa.Text, primary_key=True),
    sa.Column("agents", JsonText, nullable=False),
    sa.Column("deleted", JsonText, nullable=False),
    sa.Column("redacted", JsonText, nullable=False),
    sa.Column("platforms", JsonText, nullable=False),
    words("actor_kind"),
    words("actor"),
    words("address", nullable=True),
    words("answer_via", nullable=True),
    words("language", nullable=True),
    moment("started_at"),
)
