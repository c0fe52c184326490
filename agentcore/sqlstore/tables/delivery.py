"""What comes in and goes out: receipts, notices, the outbox, chats that can't be reached, timers."""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import JsonText
from agentcore.sqlstore.tables.base import (
    agent_key,
    agent_ref,
    counter_key,
    flag,
    identity_ref,
    metadata,
    moment,
    number,
    user_ref,
    words,
)

receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("update_id", sa.Text, primary_key=True),
    moment("received_at"),
    sa.Index(None, "received_at"),
    sqlite_with_rowid=False,
)

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    counter_key("seq"),
    agent_ref(),
    words("key"),
    sa.Column("arguments", JsonText, nullable=False),
    moment("created_at"),
    sa.Index(None, "agent_id"),
    sa.Index(None, "created_at"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    counter_key("row"),
    sa.Column("bucket", sa.SmallInteger, nullable=False),
    agent_ref(),
    # Whose message or command it answers: their buttons are for them.
    user_ref(),
    number("turn", nullable=True),
    words("text"),
    words("format", nullable=True),
    sa.Column("file", JsonText, nullable=True),
    number("part"),
    number("parts"),
    words("reply_to", nullable=True),
    words("answer_via", nullable=True),
    words("nonce"),
    sa.Column("actions", JsonText, nullable=True),
    # Deleted as soon as it is sent or given up, not kept for a while like the rest.
    flag("fleeting"),
    words("state"),
    number("attempts", default=0),
    flag("uncertain"),
    number("resends", default=0),
    moment("due_at"),
    moment("lease_until", nullable=True),
    words("holder", nullable=True),
    words("platform_message_id", nullable=True),
    words("error", nullable=True),
    moment("created_at"),
    moment("finished_at", nullable=True),
    sa.Index(None, "agent_id"),
    sa.Index(None, "user_id"),
    sa.Index(None, "nonce"),
    sa.Index(
        "ix_outbox_waiting",
        "address",
        "row",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index(
        "ix_outbox_due",
        "due_at",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index(
        "ix_outbox_finished",
        "finished_at",
        sqlite_where=sa.text("finished_at IS NOT NULL"),
        postgresql_where=sa.text("finished_at IS NOT NULL"),
    ),
)

# Only chats that something is known of have a row: those that could not be reached, and those that
# are listened to whoever is meant. Topics have none of their own.
chat = sa.Table(
    "chat",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    agent_ref(),
    words("state"),
    words("reason"),
    flag("listening"),
    moment("changed_at"),
)

timer = sa.Table(
    "timer",
    metadata,
    agent_key(),
    counter_key("number"),
    words("kind"),
    words("address"),
    number("thread"),
    identity_ref("author_id"),
    words("recurrence", nullable=True),
    sa.Column("payload", JsonText, nullable=False),
    number("occurrence", default=0),
    moment("due_at", nullable=True),
    # When it was due, while its chat can't be reached.
    moment("paused_due_at", nullable=True),
    moment("created_at"),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(None, "author_id"),
    sa.Index(
        "ix_timer_paused",
        "paused_due_at",
        sqlite_where=sa.text("paused_due_at IS NOT NULL"),
        postgresql_where=sa.text("paused_due_at IS NOT NULL"),
    ),
    sa.Index(
        "ix_timer_due",
        "due_at",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    ),
)
