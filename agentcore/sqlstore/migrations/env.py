"""Alembic's entry: run the scripts on the connection that `schema` hands over."""

from __future__ import annotations

from alembic import context

from agentcore.sqlstore.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
context.run_migrations()
