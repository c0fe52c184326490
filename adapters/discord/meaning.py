"""What a message can mean, before it is handed to the service."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.base import Inbound
from adapters.push.text_files import TextFile


class Malformed(Exception):
    """What isn't of the form that Discord promises. Says where, never what was there."""


class Unplaced(Exception):
    """A message of a server's channel that nobody has told of yet."""

    def __init__(self, channel_id: int) -> None:
        super().__init__(f"channel {channel_id}")
        self.channel_id = channel_id


@dataclass(frozen=True, slots=True)
class Said:
    """A message. `files` are yet to be read."""

    inbound: Inbound
    files: tuple[TextFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us, on purpose."""

    why: str


Meaning = Said | Ignored
