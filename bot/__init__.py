"""The service: who is let in, what commands do, who works on what, and how it is all put together.

Reading order: `gateway` (the way in and the feed out), `commands`, `texts` (our own, by
key and language), `composing` (texts to chunks), `dispatcher` (turns), `sender` (the
outbox), `upkeep` (timers, purging), `hints` (who wakes whom), `models`, `app` (the composition
root), `cli` and `http`.
"""
