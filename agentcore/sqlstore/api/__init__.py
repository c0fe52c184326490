"""What clients of the API see and change of agents, blocks, turns and identities.

Begin with `roster` (agents) and `requests` (turns that are asked for; `runs` is what became of them).
`binding` decides which agent answers an identity; `happenings` and `webhooks` are for followers.
"""
