"""Alembic's scripts: forward only, append-only. `schema.HEAD` names the newest."""
