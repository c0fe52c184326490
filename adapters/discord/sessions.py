"""Sessions with the gateway: what was missed before each, and what has to wait until that is known.

Of servers, what was missed is known only when their channels are: until then, what comes from them
waits.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from time import time
from typing import Any

import discord
from anyio.abc import TaskGroup

from adapters.discord.addresses import Addresses
from adapters.discord.catching_up import Rounds, beginning, gaps_of
from adapters.discord.happenings import Happenings
from adapters.discord.membership import joined_at
from adapters.discord.messages import micros_of, snowflake_at
from adapters.discord.pace import Pace
from adapters.discord.rooms import KnownRooms
from adapters.discord.visits import Visits
from adapters.discord.watermark import Watermark

_OF_PRIVATE_CHATS = 0
"""The shard that hears of them."""


@dataclass(kw_only=True, eq=False)
class Sessions:
    """`HearsSessions`, for as long as receiving runs."""

    tasks: TaskGroup
    addresses: Addresses
    rooms: KnownRooms
    happenings: Happenings
    rounds: Rounds
    visits: Visits
    watermark: Watermark
    keep: Callable[[], Coroutine[Any, Any, None]]
    """Makes the watermark durable."""
    pace: Pace
    _since: dict[int, int] = field(default_factory=dict)
    """By shard, up to where everything was taken in when its newest session began; none if there
    was nothing before.
    """
    _after: dict[int, int] = field(default_factory=dict)
    """By shard, the id after which is taken up what was missed then."""
    _told_of: set[int] = field(default_factory=set)
    """The servers that the newest session of their shard has told of."""
    _left_off: dict[int, int] = field(default_factory=dict)
    """By server that is down, up to where everything was taken in when that began."""
    _nothing_before: bool = False
    """Before this run."""
    _begun: set[int] = field(default_factory=set)
    """The shards that had a session in this run."""
    _shards: int = 1
    _unsettled: set[int] = field(default_factory=set)
    _waiting: list[tuple[int | None, Callable[[], None]]] = field(default_factory=list)
    """What comes from servers of shards whose channels aren't known yet."""

    def began(self, client: discord.Client, shard: int) -> None:
        if not self.rooms.are_told_by(client):
            self.rooms.told_by(client)
            self._unsettled.clear()
            self._shards = client.shard_count or 1
        self._unsettled.add(shard)
        self._told_of -= {each for each in self._told_of if self._shard_of(each) == shard}
        if self._is_first(shard):
            return
        since = self.watermark.value or 0
        self._since[shard] = since
        self._after[shard] = beginning(since, self.pace)
        self.rounds.begin(shard)
        if shard == _OF_PRIVATE_CHATS:
            self.visits.begin(self._after[shard])

    def _is_first(self, shard: int) -> bool:
        """Whether nothing can have been missed. From now on it can, also before anybody writes."""
        if self.watermark.value is None:
            self._nothing_before = True
        first = self._nothing_before and shard not in self._begun
        self._begun.add(shard)
        if first and self.watermark.value is None:
            self.watermark.reached(snowflake_at(round(time() * 1_000_000)))
            self.tasks.start_soon(self.keep)
        return first

    def guild_back(self, guild: discord.Guild) -> None:
        self._told_of.add(guild.id)
        since = self._since.get(guild.shard_id)
        if since is None:
            return
        if joined_at(guild, self.addresses) > micros_of(since):
            self.happenings.joined(guild)
        left_off = self._left_off.pop(guild.id, None)
        shard = guild.shard_id
        after = self._after[shard] if left_off is None else beginning(left_off, self.pace)
        gaps = gaps_of(guild, self.addresses, after)
        if shard in self._unsettled:
            self.rounds.add(gaps, shard)
        else:
            self.rounds.begin(shard, guild.id)
            self.rounds.add(gaps, shard, guild.id)
            self.rounds.end(shard, guild.id)

    def guild_away(self, guild: discord.Guild) -> None:
        if (until := self.watermark.value) is not None:
            self._left_off.setdefault(guild.id, until)

    def back(self, client: discord.Client, shard: int) -> None:
        for guild in client.guilds:
            # The library forgets to tell of one that comes just when it stops waiting for more.
            untold = guild.id not in self._told_of and not guild.unavailable
            if untold and guild.shard_id == shard:
                self.guild_back(guild)
        self._unsettled.discard(shard)
        self.rounds.end(shard)
        waiting, self._waiting = self._waiting, []
        for guild_id, act in waiting:
            self.once_settled(guild_id, act)

    def hurry(self, channel_id: int) -> None:
        """Somebody is in this private chat now: what was missed there is taken up at once."""
        self.visits.hurry(channel_id)

    def once_settled(self, guild_id: int | None, act: Callable[[], None]) -> None:
        """Do it now, or when it is known what was missed of its server."""
        if guild_id is not None and self._shard_of(guild_id) in self._unsettled:
            self._waiting.append((guild_id, act))
        else:
            act()

    def _shard_of(self, guild_id: int) -> int:
        return (guild_id >> 22) % self._shards
