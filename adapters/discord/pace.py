"""The fixed numbers of receiving."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How receiving keeps time, in seconds but for `most_behind`."""

    first_pause: float = 0.5
    longest_pause: float = 120.0
    """After a failure: doubled with every one in a row, and spread. Discord allows a bot a
    thousand sessions a day.
    """
    stable: float = 600.0
    """After so long, a session that ends is no failure in a row."""
    away: float = 60.0
    """How long the library may try to take a connection up again before it is made anew."""
    silence: float = 60.0
    """After so long without a word, a connection is given up."""
    between_sessions: float = 5.5
    """Discord begins one in five seconds."""
    guilds: float = 2.0
    """After the last of its servers was told of, all are there that aren't down."""
    grace: float = 20.0
    """How long Discord may be away before anybody is told."""
    retry: float = 0.1
    """Before what couldn't be stored is tried again, at first."""
    keep: float = 1.0
    """Between writes of how far everything is taken in."""
    slack: float = 30.0
    """So late may a message come after younger ones of other channels."""
    oldest: float = 24 * 3600.0
    """What was missed longer ago isn't taken up again."""
    between_visits: float = 0.05
    """Between private chats that are asked for what was missed there, of those who didn't write
    lately: there may be very many, and Discord takes fifty calls in a second.
    """
    most_behind: int = 200
    """Messages of one channel that are, the newest."""


PACE = Pace()
