"""Chats as such: what happens to one rather than in it.

Begin with `events`; `moving` and `merging` deal with a chat that is at another address, `withdrawing`
with messages that were deleted before they were answered.
"""
