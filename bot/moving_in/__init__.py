"""Moving in from a Letta server: its agents, read over its API and made here.

Reading order: `source` (the other server's pages), `shapes` (what its JSON means), `moving` (agent by
agent, and where it stopped), `history` (an agent's messages and passages, page by page).
"""
