"""What was said, and the turns that said it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agentcore.sqlstore.engine import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_term()
    _create_agent_lease()
    _create_inbox()
    _create_passage()
    _create_thread()
    _create_epoch()
    _create_message()
    _create_turn()
    _create_step()
    _create_tool_call()
    _create_sleep_run()


def _create_term() -> None:
    op.create_table(
        "term",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("tf_text", sa.SmallInteger(), nullable=False),
        sa.Column("tf_name", sa.SmallInteger(), nullable=False),
        sa.Column("tf_date", sa.SmallInteger(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "term", "place", name=op.f("pk_term")),
        sqlite_with_rowid=False,
    )


def _create_agent_lease() -> None:
    op.create_table(
        "agent_lease",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("open_turn", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pending_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("inbox_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("message_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("indexed_messages", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("indexed_words", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("counted", types.JsonText(), nullable=True),
        sa.Column("cards", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("card_at", sa.BigInteger(), nullable=True),
        sa.Column("sleep_at", sa.BigInteger(), nullable=True),
        sa.Column("slept_to", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sleep_tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sleepless", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("absorbed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.agent_id"], name=op.f("fk_agent_lease_agent_id")
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent_lease")),
    )
    op.create_index(
        op.f("ix_agent_lease_sleep_at"),
        "agent_lease",
        ["sleep_at"],
        unique=False,
        sqlite_where=sa.text("sleep_at IS NOT NULL"),
        postgresql_where=sa.text("sleep_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_agent_lease_ready_at"),
        "agent_lease",
        ["ready_at"],
        unique=False,
        sqlite_where=sa.text("ready_at IS NOT NULL"),
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("update_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=True),
        sa.Column("author_id", types.PublicId("identity"), nullable=True),
        sa.Column("user_id", types.PublicId("user"), nullable=True),
        sa.Column("parts", types.PartsText(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("platform_message_id", sa.Text(), nullable=True),
        sa.Column("answer_via", sa.Text(), nullable=True),
        sa.Column("unreadable", sa.Text(), nullable=True),
        sa.Column("earlier", sa.Text(), nullable=True),
        sa.Column("otid", sa.Text(), nullable=True),
        sa.Column("asked", types.AskedText(), nullable=True),
        sa.Column("run_id", types.PublicId("run"), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("background", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("called_off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("parked_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"], name=op.f("fk_inbox_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "seq", name=op.f("pk_inbox")),
    )
    _index_inbox()


def _index_inbox() -> None:
    op.create_index(
        op.f("ix_inbox_agent_id_received_at"), "inbox", ["agent_id", "received_at"], unique=False
    )
    op.create_index(op.f("ix_inbox_agent_id_turn"), "inbox", ["agent_id", "turn"], unique=False)
    op.create_index(op.f("ix_inbox_author_id"), "inbox", ["author_id"], unique=False)
    op.create_index(op.f("ix_inbox_received_at"), "inbox", ["received_at"], unique=False)
    untaken = "run_id IS NOT NULL AND turn IS NULL"
    waiting = "turn IS NULL AND closed_at IS NULL AND parked_at IS NULL"
    for name, columns, condition in (
        ("ix_inbox_message", ["platform_message_id", "address"], "platform_message_id IS NOT NULL"),
        ("ix_inbox_run_id", ["run_id"], untaken),
        ("ix_inbox_requests", ["received_at"], untaken),
        ("ix_inbox_request_key", ["agent_id", "request_key"], "request_key IS NOT NULL"),
        ("ix_inbox_waiting", ["agent_id", "seq"], waiting),
        ("ix_inbox_parked", ["parked_at"], "parked_at IS NOT NULL"),
    ):
        op.create_index(
            name,
            "inbox",
            columns,
            unique=False,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def _create_passage() -> None:
    op.create_table(
        "passage",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("passage_id", types.PublicId("passage"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tags", types.JsonText(), server_default="[]", nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("author_id", types.PublicId("identity"), nullable=True),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"], name=op.f("fk_passage_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "seq", name=op.f("pk_passage")),
    )
    op.create_index(op.f("ix_passage_passage_id"), "passage", ["passage_id"], unique=False)
    op.create_index(op.f("ix_passage_author_id"), "passage", ["author_id"], unique=False)


def _create_thread() -> None:
    op.create_table(
        "thread",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("thread_id", types.PublicId("conv"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("ephemeral", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("wipe_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.agent_id"], name=op.f("fk_thread_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "number", name=op.f("pk_thread")),
    )
    op.create_index(op.f("ix_thread_thread_id"), "thread", ["thread_id"], unique=False)
    op.create_index(
        op.f("ix_thread_address_agent_id"), "thread", ["address", "agent_id"], unique=False
    )
    op.create_index(
        "ix_thread_wipe",
        "thread",
        ["wipe_at"],
        unique=False,
        sqlite_where=sa.text("wipe_at IS NOT NULL"),
        postgresql_where=sa.text("wipe_at IS NOT NULL"),
    )


def _create_epoch() -> None:
    op.create_table(
        "epoch",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("thread", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("block_versions", types.JsonText(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("summary_origin", sa.Text(), server_default="owner", nullable=False),
        sa.Column("left_out", types.JsonText(), server_default="[]", nullable=False),
        sa.Column("first_message", sa.BigInteger(), nullable=False),
        sa.Column("last_note", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id", "thread"],
            ["thread.agent_id", "thread.number"],
            name=op.f("fk_epoch_agent_id_thread"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "thread", "number", name=op.f("pk_epoch")),
    )


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", types.PublicId("message"), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("author_id", types.PublicId("identity"), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("forgotten_at", sa.BigInteger(), nullable=True),
        sa.Column("parts", types.PartsText(), nullable=False),
        sa.Column("meta", types.MetaText(), nullable=True),
        sa.Column("otid", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id", "thread"],
            ["thread.agent_id", "thread.number"],
            name=op.f("fk_message_agent_id_thread"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "seq", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_message_id"), "message", ["message_id"], unique=False)
    op.create_index(
        op.f("ix_message_agent_id_thread_seq"),
        "message",
        ["agent_id", "thread", "seq"],
        unique=False,
    )
    op.create_index(
        op.f("ix_message_agent_id_place"), "message", ["agent_id", "place"], unique=False
    )
    op.create_index(
        "ix_message_marked",
        "message",
        ["agent_id"],
        unique=False,
        sqlite_where=sa.text("forgotten_at IS NOT NULL AND words > 0"),
        postgresql_where=sa.text("forgotten_at IS NOT NULL AND words > 0"),
    )
    op.create_index(op.f("ix_message_author_id"), "message", ["author_id"], unique=False)


def _create_turn() -> None:
    op.create_table(
        "turn",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("turn_id", types.PublicId("run"), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("background", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("callback_url", sa.Text(), nullable=True),
        sa.Column("called_back_at", sa.BigInteger(), nullable=True),
        sa.Column("callback_due_at", sa.BigInteger(), nullable=True),
        sa.Column("callback_tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_message", sa.BigInteger(), nullable=True),
        sa.Column("last_message", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id", "thread"],
            ["thread.agent_id", "thread.number"],
            name=op.f("fk_turn_agent_id_thread"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "number", name=op.f("pk_turn")),
    )
    op.create_index(op.f("ix_turn_turn_id"), "turn", ["turn_id"], unique=False)
    op.create_index(op.f("ix_turn_asked_at"), "turn", ["asked_at"], unique=False)
    op.create_index(
        "ix_turn_callback",
        "turn",
        ["finished_at"],
        unique=False,
        sqlite_where=sa.text("callback_url IS NOT NULL AND called_back_at IS NULL"),
        postgresql_where=sa.text("callback_url IS NOT NULL AND called_back_at IS NULL"),
    )


def _create_step() -> None:
    op.create_table(
        "step",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("turn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step_id", types.PublicId("step"), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("first_message", sa.BigInteger(), nullable=True),
        sa.Column("last_message", sa.BigInteger(), nullable=True),
        sa.Column("guard", types.JsonText(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id", "turn"],
            ["turn.agent_id", "turn.number"],
            name=op.f("fk_step_agent_id_turn"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "turn", "number", name=op.f("pk_step")),
    )
    op.create_index(op.f("ix_step_step_id"), "step", ["step_id"], unique=False)


def _create_tool_call() -> None:
    op.create_table(
        "tool_call",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("turn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("idempotent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id", "turn"],
            ["turn.agent_id", "turn.number"],
            name=op.f("fk_tool_call_agent_id_turn"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "turn", "call_id", name=op.f("pk_tool_call")),
    )


def _create_sleep_run() -> None:
    op.create_table(
        "sleep_run",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("turn", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read", types.JsonText(), nullable=False),
        sa.Column("reasons", types.JsonText(), server_default="{}", nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id", "turn"],
            ["turn.agent_id", "turn.number"],
            name=op.f("fk_sleep_run_agent_id_turn"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "turn", name=op.f("pk_sleep_run")),
    )
