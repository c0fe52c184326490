"""The store over SQLAlchemy Core. Reading order: `tables`, `registry`, `database`, `intake`, `leases`, `content`."""
