"""The inbox and the outbox as rows: their places, and who may touch them. Nothing here knows a person.

Begin with `positions` (what comes in gets its number) and `outgoing` (what goes out is put down);
`sending` is the outbox from its sender's side. `holding` is how a transaction keeps an agent to
itself, `receipts` how an update is taken only once, `reach` which chats can't be written to.
"""
