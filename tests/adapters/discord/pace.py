from __future__ import annotations

from adapters.discord.pace import Pace

QUICK = Pace(
    first_pause=0.01,
    longest_pause=0.05,
    stable=0.0,
    away=0.5,
    between_sessions=0.01,
    guilds=0.02,
    grace=0.0,
    retry=0.01,
    keep=0.01,
    slack=0.0,
)
"""Pauses that nobody wants to wait for in a test, and nothing is read twice to be on the safe side."""
