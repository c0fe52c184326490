"""The service: who is let in, what commands do, who works on what, and how it is all put together.

Reading order: `app` (the composition root), `chat.gateway` (the way in) and `chat.feed` (the way
out), `commands` and `texts` (our own, by key and language), `workers.dispatcher` (turns) and
`workers.sender` (the outbox), `waking` (who wakes whom), `models`. `serving` is the process with its
lock and port, `cli` the command line, `door` its way to a running service. Which package may import
which stands in pyproject.toml, under `service-layers`.
"""
