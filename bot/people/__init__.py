"""What happens to people outside any turn: erased, given all that is kept of them, linked, invited.

`deletions`, `exports` and `linking` are each the service's side of one command that passes neither
the gate nor the queue.
"""
