"""Who is told what happens to agents."""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import JsonText
from agentcore.sqlstore.tables.base import agent_key, metadata, moment, number, words

# `message`, `turn` and `blocks` are the place up to which it was told; `versions` is the sum of those
# in `blocks`. No words of anybody's: what is told is read when it is told.
webhook = sa.Table(
    "webhook",
    metadata,
    agent_key(),
    sa.Column("webhook_id", sa.Text, primary_key=True),
    words("url"),
    sa.Column("kinds", JsonText, nullable=False),
    words("secret"),
    number("message"),
    number("turn"),
    sa.Column("blocks", JsonText, nullable=False),
    number("versions"),
    moment("created_at"),
    moment("held_until", nullable=True),
    moment("next_at", nullable=True),
    moment("failing_since", nullable=True),
    number("tries", default=0),
    number("status", nullable=True),
    words("error", nullable=True),
    moment("disabled_at", nullable=True),
    words("reason", nullable=True),
    number("audited_on", default=0),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(None, "webhook_id"),
)
