"""From a waiting row to a committed turn: who works on which agent, and what they may write.

Begin with `leases` (claiming; `waiting` and `picking` say what the turn takes) and go on to
`commits`, of which each begins with the proof in `fences`. `feeds` is what pull clients read of it.
"""
