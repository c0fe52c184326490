"""One turn, from claim to last commit. Reading order: `instructions`, `prompt`, `window`,
`asking`, `acting`, `turn`.
"""
