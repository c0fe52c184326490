"""What the operator chose: settings from the environment and `.env`, and the agent templates.

Reading order: `settings` (the record, and `load_settings`), `environment` (which names count, and
what is misspelt), `database_url` and `provider_keys` (two kinds of values), `reference` (the
settings as text, for the README and `.env.example`). `templates/` holds the bundled templates.
Only the service (`bot`) reads any of it: the engine and the adapters are handed plain values.
"""
