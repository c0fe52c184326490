"""Runs that put memories in order while nobody talks. Begin with `runs`; `material` and `history` are
what one may read, `records` what is left of it.
"""
