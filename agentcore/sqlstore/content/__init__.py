"""What an agent is: its rows, its memory blocks, its threads, and what a turn's prompt is made from.

Begin with `blocks` (no block changes without a revision) and `heads` (what a claim reads of an agent
and its thread); `windows` keeps the messages in view between turns. Whoever changes any of it
raises the version of the agent's lease row.
"""
