"""People, agents and their memory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agentcore.sqlstore.engine import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_agent()
    _create_agent_tag()
    _create_agent_absorbed()
    _create_block()
    _create_held_edit()
    _create_refusal()
    _create_user()
    _create_agent_block()
    _create_block_revision()
    _create_identity()
    _create_link()
    _create_user_agent()


def _create_agent() -> None:
    op.create_table(
        "agent",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_address", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("tools", types.JsonText(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("context_window", sa.BigInteger(), nullable=True),
        sa.Column("limits", types.JsonText(), server_default="{}", nullable=False),
        sa.Column("metadata", types.JsonText(), server_default="{}", nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("edition", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("extras", types.JsonText(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_agent")),
    )
    op.create_index(op.f("ix_agent_created_at"), "agent", ["created_at"], unique=False)
    op.create_index(
        "uq_agent_owner_address",
        "agent",
        ["owner_address"],
        unique=True,
        sqlite_where=sa.text("owner_address IS NOT NULL AND deleted_at IS NULL"),
        postgresql_where=sa.text("owner_address IS NOT NULL AND deleted_at IS NULL"),
    )


def _create_agent_tag() -> None:
    op.create_table(
        "agent_tag",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.agent_id"], name=op.f("fk_agent_tag_agent_id")
        ),
        sa.PrimaryKeyConstraint("agent_id", "tag", name=op.f("pk_agent_tag")),
    )
    op.create_index(op.f("ix_agent_tag_tag"), "agent_tag", ["tag"], unique=False)


def _create_agent_absorbed() -> None:
    op.create_table(
        "agent_absorbed",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("absorbed_id", types.PublicId("agent"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("undo_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent_id", "absorbed_id", name=op.f("pk_agent_absorbed")),
    )
    op.create_index(
        op.f("ix_agent_absorbed_absorbed_id"), "agent_absorbed", ["absorbed_id"], unique=False
    )


def _create_block() -> None:
    op.create_table(
        "block",
        sa.Column("owner", types.PublicId("agent"), nullable=False),
        sa.Column("block_id", types.PublicId("block"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("read_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("metadata", types.JsonText(), server_default="{}", nullable=False),
        sa.Column("tags", types.JsonText(), server_default="[]", nullable=False),
        sa.Column("extras", types.JsonText(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "block_id", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_block_id"), "block", ["block_id"], unique=False)
    op.create_index(op.f("ix_block_created_at"), "block", ["created_at"], unique=False)


def _create_held_edit() -> None:
    op.create_table(
        "held_edit",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_id", types.PublicId("block"), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("arguments", types.JsonText(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("author_id", types.PublicId("identity"), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("agent_id", "number", name=op.f("pk_held_edit")),
    )
    op.create_index(op.f("ix_held_edit_author_id"), "held_edit", ["author_id"], unique=False)


def _create_refusal() -> None:
    op.create_table(
        "refusal",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("window", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", "reason", "window", name=op.f("pk_refusal")),
    )
    op.create_index(op.f("ix_refusal_created_at"), "refusal", ["created_at"], unique=False)


def _create_user() -> None:
    op.create_table(
        "user",
        sa.Column("user_id", types.PublicId("user"), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("consent_at", sa.BigInteger(), nullable=True),
        sa.Column("daily_budget", sa.BigInteger(), nullable=True),
        sa.Column("preferences", types.JsonText(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user")),
    )


def _create_agent_block() -> None:
    op.create_table(
        "agent_block",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("owner", types.PublicId("agent"), nullable=False),
        sa.Column("block_id", types.PublicId("block"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner", "block_id"],
            ["block.owner", "block.block_id"],
            name=op.f("fk_agent_block_owner_block_id"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "label", name=op.f("pk_agent_block")),
    )
    op.create_index(op.f("ix_agent_block_block_id"), "agent_block", ["block_id"], unique=False)


def _create_block_revision() -> None:
    op.create_table(
        "block_revision",
        sa.Column("owner", types.PublicId("agent"), nullable=False),
        sa.Column("block_id", types.PublicId("block"), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("read_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("author_id", types.PublicId("identity"), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("agent_id", types.PublicId("agent"), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.BigInteger(), nullable=True),
        sa.Column("tool_call_id", sa.Text(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner", "block_id"],
            ["block.owner", "block.block_id"],
            name=op.f("fk_block_revision_owner_block_id"),
        ),
        sa.PrimaryKeyConstraint("owner", "block_id", "version", name=op.f("pk_block_revision")),
    )
    op.create_index(
        op.f("ix_block_revision_agent_id_created_at"),
        "block_revision",
        ["agent_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_block_revision_author_id"), "block_revision", ["author_id"], unique=False
    )


def _create_identity() -> None:
    op.create_table(
        "identity",
        sa.Column("identity_id", types.PublicId("identity"), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("user_id", types.PublicId("user"), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("admin", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("identity_type", sa.Text(), server_default="user", nullable=False),
        sa.Column("properties", types.JsonText(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.user_id"], name=op.f("fk_identity_user_id")),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_identity")),
        sa.UniqueConstraint(
            "platform",
            "account",
            "external_id",
            name=op.f("uq_identity_platform_account_external_id"),
        ),
    )
    op.create_index(
        op.f("ix_identity_platform_account_created_at"),
        "identity",
        ["platform", "account", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_identity_user_id"), "identity", ["user_id"], unique=False)


def _create_user_agent() -> None:
    op.create_table(
        "user_agent",
        sa.Column("user_id", types.PublicId("user"), nullable=False),
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("attached_at", sa.BigInteger(), nullable=False),
        sa.Column("detached_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.user_id"], name=op.f("fk_user_agent_user_id")),
        sa.PrimaryKeyConstraint("user_id", "agent_id", name=op.f("pk_user_agent")),
    )
    op.create_index(op.f("ix_user_agent_agent_id"), "user_agent", ["agent_id"], unique=False)


def _create_link() -> None:
    op.create_table(
        "link",
        sa.Column("user_id", types.PublicId("user"), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("absorbed_user", types.PublicId("user"), nullable=False),
        sa.Column("agent_id", types.PublicId("agent"), nullable=True),
        sa.Column("absorbed_agent", types.PublicId("agent"), nullable=True),
        sa.Column("identities", types.JsonText(), nullable=False),
        sa.Column("edits", types.JsonText(), server_default="[]", nullable=False),
        sa.Column("passages", types.JsonText(), server_default="[]", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("undo_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.user_id"], name=op.f("fk_link_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "number", name=op.f("pk_link")),
    )
    for column in ("absorbed_user", "agent_id", "absorbed_agent"):
        op.create_index(op.f(f"ix_link_{column}"), "link", [column], unique=False)
