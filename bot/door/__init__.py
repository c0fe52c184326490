"""What the command line may have done, whether the service runs or not.

Begin with `commands` (over the store alone) and `parts` (over all parts of a service); `people`,
`content`, `sleep` and `tokens` are kinds of them. `client` reaches a running service, and loads no
engine for it.
"""
