"""What the service does with adapters: finds them (`loading`), keeps their state, cuts answers into
their chunks (`composing`), and shows on them that an answer is being made.
"""
