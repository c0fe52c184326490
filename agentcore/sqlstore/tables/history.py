"""What was said: threads, epochs, messages, the postings and vectors that find them, passages, and
what of all that is forgotten.
"""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import JsonText, MetaText, PartsText, PublicId
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

thread = sa.Table(
    "thread",
    metadata,
    agent_key(),
    counter_key("number"),
    sa.Column("thread_id", PublicId("conv"), nullable=False, index=True),
    words("address"),
    words("audience"),
    flag("ephemeral"),
    number("epoch", default=0),
    moment("created_at"),
    moment("closed_at", nullable=True),
    moment("wipe_at", nullable=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(None, "address", "agent_id"),
    sa.Index(
        "ix_thread_wipe",
        "wipe_at",
        sqlite_where=sa.text("wipe_at IS NOT NULL"),
        postgresql_where=sa.text("wipe_at IS NOT NULL"),
    ),
)

epoch = sa.Table(
    "epoch",
    metadata,
    agent_key(),
    counter_key("thread"),
    counter_key("number"),
    words("reason"),
    words("system"),
    words("template"),
    sa.Column("block_versions", JsonText, nullable=False),
    words("summary"),
    sa.Column("summary_origin", sa.Text, nullable=False, server_default="owner"),
    sa.Column("left_out", JsonText, nullable=False, server_default="[]"),
    number("first_message"),
    number("last_note"),
    moment("created_at"),
    sa.ForeignKeyConstraint(["agent_id", "thread"], ["thread.agent_id", "thread.number"]),
)

# Small columns stand before the long ones, so that SQLite finds them without reading those.
# `place`: the session in which something was said and how far into it, as one number (see
# `postings`); null for what no search finds. `words`: how many of its own it is found by, 0 while
# it is forgotten; `language`: the one they are stemmed in.
message = sa.Table(
    "message",
    metadata,
    agent_key(),
    counter_key("seq"),
    sa.Column("message_id", PublicId("message"), nullable=False, index=True),
    number("thread"),
    number("turn", nullable=True),
    words("role"),
    identity_ref("author_id"),
    number("place", nullable=True),
    number("words", default=0),
    words("language", nullable=True),
    moment("created_at"),
    moment("forgotten_at", nullable=True),
    sa.Column("parts", PartsText, nullable=False),
    sa.Column("meta", MetaText, nullable=True),
    words("otid", nullable=True),
    sa.ForeignKeyConstraint(["agent_id", "thread"], ["thread.agent_id", "thread.number"]),
    sa.Index(None, "agent_id", "thread", "seq"),
    sa.Index(None, "agent_id", "place"),
    sa.Index(  # holds what is marked and still indexed: nothing, but for a moment
        "ix_message_marked",
        "agent_id",
        sqlite_where=sa.text("forgotten_at IS NOT NULL AND words > 0"),
        postgresql_where=sa.text("forgotten_at IS NOT NULL AND words > 0"),
    ),
    sa.Index(None, "author_id"),
)

# One row per word of a message: how often it stands in its text, in the speaker's name and in the
# words of its date. `length` is the number of words of the message and the two before it.
term = sa.Table(
    "term",
    metadata,
    agent_key(),
    sa.Column("term", sa.Text, primary_key=True),
    counter_key("place"),
    number("thread"),
    sa.Column("tf_text", sa.SmallInteger, nullable=False),
    sa.Column("tf_name", sa.SmallInteger, nullable=False),
    sa.Column("tf_date", sa.SmallInteger, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What a message means to an embedding model: float32, of length 1. `place` and `thread` are the
# message's. In rows of its own, since whoever reads messages doesn't need it.
message_vector = sa.Table(
    "message_vector",
    metadata,
    agent_key(),
    counter_key("seq"),
    number("place"),
    number("thread"),
    words("model"),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(
        ["agent_id", "seq"], ["message.agent_id", "message.seq"], ondelete="CASCADE"
    ),
)

passage = sa.Table(
    "passage",
    metadata,
    agent_key(),
    counter_key("seq"),
    sa.Column("passage_id", PublicId("passage"), nullable=False, index=True),
    words("text"),
    sa.Column("tags", JsonText, nullable=False, server_default="[]"),
    words("origin"),
    identity_ref("author_id"),
    number("message", nullable=True),
    moment("created_at"),
    moment("forgotten_at", nullable=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(None, "author_id"),
)

passage_vector = sa.Table(
    "passage_vector",
    metadata,
    agent_key(),
    counter_key("seq"),
    words("model"),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(
        ["agent_id", "seq"], ["passage.agent_id", "passage.seq"], ondelete="CASCADE"
    ),
)

# What was forgotten and can still be taken back, by numbers. `edits` are [block id, version]. What was
# forgotten at once of several agents, since one has taken in the others, has one `act`.
forgetting = sa.Table(
    "forgetting",
    metadata,
    agent_key(),
    counter_key("number"),
    words("act"),
    sa.Column("messages", JsonText, nullable=False),
    sa.Column("turns", JsonText, nullable=False),
    sa.Column("passages", JsonText, nullable=False),
    sa.Column("edits", JsonText, nullable=False),
    number("exchanges"),
    moment("created_at"),
    moment("due_at"),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(None, "due_at"),
)
