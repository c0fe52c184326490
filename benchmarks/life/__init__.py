"""A year of somebody's life as lines of a chat, from a seed: what a memory must keep up with.

Reading order: `traits` and `talk` (the words), `scenario` (what is said when, and what is true in
the end), `confidant` (a model that knows how to read these lines: competent, not perfect).
"""
