"""Backups: a service's state in one file, and a service out of such a file.

Reading order: `archive` (the file's form), `making`, `restoring`. They work on files alone, and
beside a running service; only restoring needs the service's lock.

What is in it: the database, and the key that web visitors' cookies are signed with: without it a
restored service would no longer know its visitors. What isn't: `.env`, which holds the keys of
providers and bots and belongs to the machine, not to the state.
"""
