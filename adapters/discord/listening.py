"""What the gateway tells of, each thing in its place of the order of its chat.

A place is taken before anything waits, so a chat's things are taken in as they came: first what was
missed, then what has come since. Of servers, what was missed is known only when their channels are:
until then, what comes from them waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from time import time
from typing import Any, TypeVar

import discord
import structlog
from anyio.abc import TaskGroup

from adapters.addresses import ChatAddress
from adapters.discord.acquaintances import Acquaintances
from adapters.discord.addresses import Addresses
from adapters.discord.catching_up import Rounds, beginning, gaps_of
from adapters.discord.gateway import Raw
from adapters.discord.intake import Intake
from adapters.discord.meaning import Ignored, Malformed, Meaning, Said, Unplaced
from adapters.discord.membership import gone, joined, joined_at, left
from adapters.discord.messages import Reader, micros_of, snowflake_at
from adapters.discord.order import Order
from adapters.discord.pace import Pace
from adapters.discord.payloads import Deletion, Message
from adapters.discord.rooms import KnownRooms
from adapters.discord.visits import Visits
from adapters.discord.watermark import Watermark
from adapters.discord.whereabouts import Whereabouts
from adapters.events import ChatEvent

_OF_PRIVATE_CHATS = 0
"""The shard that hears of them."""

_Checked = TypeVar("_Checked", Message, Deletion)

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, eq=False)
class Listening:
    """`Hears`, for as long as receiving runs."""

    tasks: TaskGroup
    order: Order
    addresses: Addresses
    rooms: KnownRooms
    reader: Reader
    intake: Intake
    acquaintances: Acquaintances
    whereabouts: Whereabouts
    rounds: Rounds
    visits: Visits
    watermark: Watermark
    keep: Callable[[], Coroutine[Any, Any, None]]
    """Makes the watermark durable."""
    take_interaction: Callable[[discord.Interaction], Awaitable[None]]
    hears_all: bool
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
    _malformed: int = 0

    # Sessions

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

    def guild_back(self, client: discord.Client, guild: discord.Guild) -> None:
        self._told_of.add(guild.id)
        since = self._since.get(guild.shard_id)
        if since is None:
            return
        if joined_at(guild, self.addresses) > micros_of(since):
            self.joined(guild)
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
                self.guild_back(client, guild)
        self._unsettled.discard(shard)
        self.rounds.end(shard)
        waiting, self._waiting = self._waiting, []
        for guild_id, act in waiting:
            self._once_settled(guild_id, act)

    def _once_settled(self, guild_id: int | None, act: Callable[[], None]) -> None:
        if guild_id is not None and self._shard_of(guild_id) in self._unsettled:
            self._waiting.append((guild_id, act))
        else:
            act()

    def _shard_of(self, guild_id: int) -> int:
        return (guild_id >> 22) % self._shards

    # Messages

    def said(self, raw: Raw) -> None:
        message = self._checked(self.reader.message, raw)
        if message is not None:
            self.watermark.take(message.id)
            if message.guild_id is None:
                self.visits.hurry(message.channel_id)
            self._once_settled(message.guild_id, lambda: self._said(message))

    def _said(self, message: Message) -> None:
        self._read(message, self.reader.said, lambda: self.watermark.done(message.id))

    def edited(self, raw: Raw) -> None:
        message = self._checked(self.reader.message, raw)
        if message is not None:
            self._once_settled(message.guild_id, lambda: self._edited(message))

    def _edited(self, message: Message) -> None:
        self._read(message, self.reader.edited, lambda: None)

    def _read(
        self, message: Message, read: Callable[[Message], Meaning], done: Callable[[], None]
    ) -> None:
        try:
            meaning = read(message)
        except Unplaced:
            self.tasks.start_soon(self._take_unplaced, message, read, done)
            return
        except Malformed as error:
            self._pass_over(error)
            done()
            return
        match meaning:
            case Said():
                self.tasks.start_soon(self._take, message, meaning, done)
            case Ignored():
                done()

    async def _take(self, message: Message, said: Said, done: Callable[[], None]) -> None:
        async with self.order.of(said.inbound.address):
            await self.intake.said(message, said)
        done()

    async def _take_unplaced(
        self, message: Message, read: Callable[[Message], Meaning], done: Callable[[], None]
    ) -> None:
        """In the place of the channel as one by itself, until it is known whose thread it is."""
        here = self.addresses.of_channel(message.channel_id)
        async with self.order.of(here):
            self.rooms.learn(message.channel_id, await self.whereabouts.room(message.channel_id))
            try:
                meaning = read(message)
            except Malformed as error:
                self._pass_over(error)
                meaning = Ignored("malformed")
            if isinstance(meaning, Said) and meaning.inbound.address.home != here:
                await self._take(message, meaning, done)
                return
            if isinstance(meaning, Said):
                await self.intake.said(message, meaning)
            done()

    def deleted(self, raw: Raw) -> None:
        deletion = self._checked(self.reader.deletion, raw)
        if deletion is not None:
            self._once_settled(deletion.guild_id, lambda: self._deleted(deletion))

    def _deleted(self, deletion: Deletion) -> None:
        if deletion.guild_id is not None:
            room = self.rooms.room(deletion.channel_id)
            home = self.addresses.of_channel(deletion.channel_id)
            self._happened(_withdrawn(deletion, home if room is None else room.address))
        elif (person := self.acquaintances.person(deletion.channel_id)) is not None:
            self._happened(_withdrawn(deletion, self.addresses.of_person(person)))
        else:
            self.tasks.start_soon(self._deleted_somewhere, deletion)

    async def _deleted_somewhere(self, deletion: Deletion) -> None:
        address = await self.whereabouts.private(deletion.channel_id)
        if address is not None:
            await self._note(_withdrawn(deletion, address))

    def _checked(self, check: Callable[[Raw], _Checked], raw: Raw) -> _Checked | None:
        try:
            return check(raw)
        except Malformed as error:
            self._pass_over(error)
            return None

    def _pass_over(self, error: Malformed) -> None:
        self._malformed += 1
        _log.error("an event was passed over", why=str(error), so_far=self._malformed)

    # Everything else

    def interaction(self, interaction: discord.Interaction) -> None:
        channel = interaction.channel_id
        if interaction.context.dm_channel and channel is not None:
            self.visits.hurry(channel)
            self.tasks.start_soon(self._meet, channel, interaction.user.id)
        self.tasks.start_soon(self._interact, interaction)

    async def _meet(self, channel: int, person: int) -> None:
        """Begun first: it may be just now that they ask to be erased."""
        try:
            await self.acquaintances.met(channel, person)
        except Exception as error:  # noqa: BLE001 - a busy database; it is tried again the next time
            _log.warning("an acquaintance wasn't kept", error=type(error).__name__)

    async def _interact(self, interaction: discord.Interaction) -> None:
        try:
            await self.take_interaction(interaction)
        except Exception as error:  # noqa: BLE001 - one that fails ends nothing else
            _log.error("an interaction failed", error=type(error).__name__)

    def joined(self, guild: discord.Guild) -> None:
        event = joined(guild, self.addresses, hears_all=self.hears_all)
        self._happened([] if event is None else [event])

    def left(self, guild: discord.Guild) -> None:
        self._happened(list(left(guild, self.addresses)))

    def gone(self, channel_id: int) -> None:
        self._happened([gone(channel_id, self.addresses)])

    def _happened(self, events: list[ChatEvent]) -> None:
        if events:
            self.tasks.start_soon(self._note, events)

    async def _note(self, events: Iterable[ChatEvent]) -> None:
        for each in events:
            async with self.order.of(each.address):
                await self.intake.happened(each)


def _withdrawn(deletion: Deletion, address: ChatAddress) -> list[ChatEvent]:
    ids = deletion.ids if deletion.id is None else (deletion.id,)
    return [
        ChatEvent(f"deleted:{each}", address, "withdrawn", message_id=str(each)) for each in ids
    ]
