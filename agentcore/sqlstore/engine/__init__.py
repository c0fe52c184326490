"""What carries units of work out, on SQLite and on PostgreSQL, and knows no table.

Begin with `database`: a plain function over a `Connection`, run as one transaction. `sqlite` has the
one writer and its `readers`, `postgres` its retries. `types` are the columns' types, `schema` brings
a database up to date. `copies`, `scrubbing` and `sweep` deal with SQLite's files as such.
"""
