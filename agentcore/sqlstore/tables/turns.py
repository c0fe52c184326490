"""What agents do: the lease that one worker holds, turns, steps, calls of external tools, and runs
in which the memory is put in order.
"""

from __future__ import annotations

import sqlalchemy as sa

from agentcore.sqlstore.engine.types import AskedText, JsonText, PartsText, PublicId
from agentcore.sqlstore.tables.base import (
    agent_key,
    counter_key,
    flag,
    identity_ref,
    metadata,
    moment,
    number,
    user_ref,
    words,
)

# The one hot row of an agent. Every commit updates it under its fence, so that the agent's
# running counters live here too and cost no statement of their own. `version` goes up with
# whatever a prompt's head is made from: the agent, its threads and epochs. `sleep_at`: when its
# memory is next put in order, if nothing is said until then; `slept_to`: the newest message that
# such a run has read; `sleep_tries`: how many were begun since; `sleepless`: it is not wanted.
# `absorbed`: another agent has taken this one in, and nothing comes to it any more.
agent_lease = sa.Table(
    "agent_lease",
    metadata,
    agent_key(),
    sa.Column("bucket", sa.SmallInteger, nullable=False),
    moment("ready_at", nullable=True),
    moment("lease_until", nullable=True),
    words("holder", nullable=True),
    number("fence", default=0),
    number("version", default=0),
    number("open_turn", nullable=True),
    number("pending", default=0),
    number("pending_bytes", default=0),
    number("inbox_seq", default=0),
    number("message_seq", default=0),
    number("indexed_messages", default=0),
    number("indexed_words", default=0),
    sa.Column("counted", JsonText, nullable=True),
    number("cards", default=0),
    moment("card_at", nullable=True),
    moment("sleep_at", nullable=True),
    number("slept_to", default=0),
    number("sleep_tries", default=0),
    flag("sleepless"),
    flag("absorbed"),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(
        None,
        "sleep_at",
        sqlite_where=sa.text("sleep_at IS NOT NULL"),
        postgresql_where=sa.text("sleep_at IS NOT NULL"),
    ),
    sa.Index(
        None,
        "ready_at",
        sqlite_where=sa.text("ready_at IS NOT NULL"),
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    ),
)

# What clients of the API ask for is in `asked`, and `run_id` is the id that its turn will have;
# `request_key` and `digest` tell a request that comes again.
#
# A row waits while `turn` and `closed_at` are null, is being handled while its turn runs, and
# is done when its turn is, or at once (`closed_at`) for what was handled at the gate.
inbox = sa.Table(
    "inbox",
    metadata,
    agent_key(),
    counter_key("seq"),
    sa.Column("bucket", sa.SmallInteger, nullable=False),
    words("source"),
    words("update_id"),
    words("address"),
    number("thread"),
    words("platform"),
    words("speaker", nullable=True),
    words("kind"),
    words("command", nullable=True),
    identity_ref("author_id"),
    user_ref(),
    sa.Column("parts", PartsText, nullable=False),
    number("size"),
    words("platform_message_id", nullable=True),
    words("answer_via", nullable=True),
    # What came with it that can't be passed on; what it read before, "" where that may not be told.
    words("unreadable", nullable=True),
    words("earlier", nullable=True),
    words("otid", nullable=True),
    sa.Column("asked", AskedText, nullable=True),
    sa.Column("run_id", PublicId("run"), nullable=True),
    words("request_key", nullable=True),
    words("digest", nullable=True),
    flag("background"),
    moment("received_at"),
    moment("due_at"),
    flag("called_off"),
    number("turn", nullable=True),
    moment("closed_at", nullable=True),
    moment("parked_at", nullable=True),
    words("error", nullable=True),
    sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"]),
    sa.Index(None, "agent_id", "turn"),
    sa.Index(None, "agent_id", "received_at"),
    sa.Index(None, "author_id"),
    sa.Index(None, "received_at"),
    sa.Index(
        "ix_inbox_message",
        "platform_message_id",
        "address",
        sqlite_where=sa.text("platform_message_id IS NOT NULL"),
        postgresql_where=sa.text("platform_message_id IS NOT NULL"),
    ),
    # Requests that no turn has taken: what waits, and what was called off.
    sa.Index(
        "ix_inbox_run_id",
        "run_id",
        sqlite_where=sa.text("run_id IS NOT NULL AND turn IS NULL"),
        postgresql_where=sa.text("run_id IS NOT NULL AND turn IS NULL"),
    ),
    sa.Index(
        "ix_inbox_requests",
        "received_at",
        sqlite_where=sa.text("run_id IS NOT NULL AND turn IS NULL"),
        postgresql_where=sa.text("run_id IS NOT NULL AND turn IS NULL"),
    ),
    sa.Index(
        "ix_inbox_request_key",
        "agent_id",
        "request_key",
        sqlite_where=sa.text("request_key IS NOT NULL"),
        postgresql_where=sa.text("request_key IS NOT NULL"),
    ),
    sa.Index(
        "ix_inbox_waiting",
        "agent_id",
        "seq",
        sqlite_where=sa.text("turn IS NULL AND closed_at IS NULL AND parked_at IS NULL"),
        postgresql_where=sa.text("turn IS NULL AND closed_at IS NULL AND parked_at IS NULL"),
    ),
    sa.Index(
        "ix_inbox_parked",
        "parked_at",
        sqlite_where=sa.text("parked_at IS NOT NULL"),
        postgresql_where=sa.text("parked_at IS NOT NULL"),
    ),
)

# `number` is the fence at which the turn was first claimed: unique and rising per agent. `asked_at`:
# when what it answers came; `callback_url` is its client's. What it has said is
# among the messages from `first_message` to `last_message`, if it has said anything.
turn = sa.Table(
    "turn",
    metadata,
    agent_key(),
    counter_key("number"),
    sa.Column("turn_id", PublicId("run"), nullable=False, index=True),
    number("thread"),
    words("address"),
    words("kind"),
    words("state"),
    words("stop_reason", nullable=True),
    number("attempts", default=1),
    flag("cancel_requested"),
    words("error"),
    words("failure", nullable=True),
    words("trace_id"),
    flag("background"),
    words("callback_url", nullable=True),
    # When its client was called back, or was given up.
    moment("called_back_at", nullable=True),
    moment("callback_due_at", nullable=True),
    number("callback_tries", default=0),
    number("first_message", nullable=True),
    number("last_message", nullable=True),
    moment("asked_at"),
    moment("claimed_at"),
    moment("finished_at", nullable=True),
    sa.ForeignKeyConstraint(["agent_id", "thread"], ["thread.agent_id", "thread.number"]),
    sa.Index(None, "asked_at"),
    sa.Index(
        "ix_turn_callback",
        "finished_at",
        sqlite_where=sa.text("callback_url IS NOT NULL AND called_back_at IS NULL"),
        postgresql_where=sa.text("callback_url IS NOT NULL AND called_back_at IS NULL"),
    ),
)

step = sa.Table(
    "step",
    metadata,
    agent_key(),
    counter_key("turn"),
    counter_key("number"),
    sa.Column("step_id", PublicId("step"), nullable=False, index=True),
    words("model"),
    words("outcome"),
    words("detail"),
    number("prompt_tokens"),
    number("completion_tokens"),
    number("cached_tokens"),
    number("cost", nullable=True),
    number("first_message", nullable=True),
    number("last_message", nullable=True),
    sa.Column("guard", JsonText, nullable=True),
    moment("started_at"),
    moment("finished_at"),
    sa.ForeignKeyConstraint(["agent_id", "turn"], ["turn.agent_id", "turn.number"]),
)

tool_call = sa.Table(
    "tool_call",
    metadata,
    agent_key(),
    counter_key("turn"),
    sa.Column("call_id", sa.Text, primary_key=True),
    words("name"),
    words("effect"),
    words("idempotency_key"),
    flag("idempotent"),
    words("state"),
    number("message"),
    moment("started_at"),
    moment("finished_at", nullable=True),
    sa.ForeignKeyConstraint(["agent_id", "turn"], ["turn.agent_id", "turn.number"]),
)

# A run of sleep-time: its turn has the kind "sleep". `read` are the messages that it was shown, by
# number; `reasons` the model's own, by block and version of the revision.
sleep_run = sa.Table(
    "sleep_run",
    metadata,
    agent_key(),
    counter_key("turn"),
    sa.Column("read", JsonText, nullable=False),
    sa.Column("reasons", JsonText, nullable=False, server_default="{}"),
    number("refused", default=0),
    sa.ForeignKeyConstraint(["agent_id", "turn"], ["turn.agent_id", "turn.number"]),
)
