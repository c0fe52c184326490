"""An agent, or all that is kept of a person, taken elsewhere and brought in from there.

Begin with `agent_content`; `reading` and `writing` are its two directions. `exporting` is what a
person is given, table by table, by the rules of `registry`.
"""
