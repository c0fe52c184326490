"""Moving in from a Letta server: its agents, read over its API and made here.

Reading order: `source` (the other server's pages), `shapes` (what its JSON means), `target` (this
service, running or not), `moving` (agent by agent, and where it stopped).
"""
