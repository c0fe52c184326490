"""Agents: made, found, changed, shown, and what is tied to one.

Begin with `routes`; `bodies` and `making` lead from what clients send to the agent, `views` and
`showing` back. `tools`, `attaching`, `identities`, `context`, `files` and `templates` have the
routes of what an agent has or comes from.
"""
