"""The parts of an album as the one thing that was sent. Pure.

It goes in under the first part's update id. An album's parts are acknowledged together
(`polling`), so after a crash they come again all or not at all, and the first leads again. Parts
that come alone, for they were late or the way in hands out one at a time (`webhook`), are messages
of their own, if they add anything to what was taken in before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.push.latest import Latest
from adapters.telegram.meaning import Said

REMEMBERED = 1_000


class Begun:
    """Albums of which a part was taken in, the latest ones."""

    def __init__(self) -> None:
        self._albums: Latest[str, None] = Latest(REMEMBERED)

    def note(self, album: str) -> None:
        self._albums[album] = None

    def has_said(self, album: str, said: Said) -> bool:
        """Whether a part that comes later says no more than those before it."""
        return album in self._albums and not said.inbound.parts and not said.files


def as_one(album: Sequence[Said]) -> Said:
    """The messages as one: the first, with the words and files of all."""
    first = album[0]
    if len(album) == 1:
        return first
    inbound = replace(
        first.inbound,
        parts=tuple(dict.fromkeys(part for each in album for part in each.inbound.parts)),
        addressed=any(each.inbound.addressed for each in album),
        unreadable=next((e.inbound.unreadable for e in album if e.inbound.unreadable), None),
    )
    files = tuple(file for each in album for file in each.files)
    return Said(inbound, files, asks_admin=any(each.asks_admin for each in album))
