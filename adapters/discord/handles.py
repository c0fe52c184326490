"""What an interaction is answered through later: `Inbound.answer_via` on Discord.

An interaction's token is good for 15 minutes and lets nobody do more than answer it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from adapters.discord.messages import micros_of

HOLDS = 15 * 60.0
"""Seconds that a token is good for."""


@dataclass(frozen=True, slots=True)
class Handle:
    """`ephemeral`: only `user_id` sees the answers. `announced`: Discord shows that an answer is
    being made, and the first one takes that message's place.
    """

    interaction_id: int
    token: str
    user_id: int
    ephemeral: bool
    announced: bool

    def __str__(self) -> str:
        """The text that `parse` takes back."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Handle:
        """The handle that was written as `text`."""
        return cls(**json.loads(text))

    @property
    def made_at(self) -> float:
        """When the interaction was made, in seconds since 1970: its id says so."""
        return micros_of(self.interaction_id) / 1_000_000

    def good_at(self, now: float) -> bool:
        """Whether the token still is, with a little left for the call."""
        return now < self.made_at + HOLDS - 5.0
