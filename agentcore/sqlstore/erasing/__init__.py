"""A person or an agent, erased with everything that is theirs.

Begin with `dialogue` (somebody asks for it, and confirms), then `erasure`, which follows the rules of
`registry` piece by piece; `deleting` does the same for one agent.
"""
