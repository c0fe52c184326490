"""What messages and passages mean to an embedding model."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from agentcore.sqlstore.engine import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "message_vector",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id", "seq"],
            ["message.agent_id", "message.seq"],
            name=op.f("fk_message_vector_agent_id_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("agent_id", "seq", name=op.f("pk_message_vector")),
    )
    op.create_table(
        "passage_vector",
        sa.Column("agent_id", types.PublicId("agent"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id", "seq"],
            ["passage.agent_id", "passage.seq"],
            name=op.f("fk_passage_vector_agent_id_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("agent_id", "seq", name=op.f("pk_passage_vector")),
    )
