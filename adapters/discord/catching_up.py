"""What was said while nobody listened: Discord tells a new session nothing of it.

Of every channel in which something newer was said than what was taken in, the history is read, in
the channel's place of the order: what comes in meanwhile waits behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from time import time
from typing import Any, Protocol

import aiohttp
import anyio
import discord
import structlog
from anyio.abc import TaskGroup
from pydantic import ValidationError

from adapters.addresses import ChatAddress
from adapters.discord.addresses import Addresses
from adapters.discord.failures import TROUBLE, code_of
from adapters.discord.gateway import Raw
from adapters.discord.meaning import Malformed, Said, Unplaced
from adapters.discord.messages import Reader, micros_of, snowflake_at
from adapters.discord.order import Order
from adapters.discord.pace import Pace
from adapters.discord.payloads import Member, Message
from adapters.discord.rooms import room_of
from adapters.discord.watermark import Watermark
from adapters.push.backoff import Backoff

_PAGE = 100
_MOST_PAGES = 10
_TRIES = 5
_AT_ONCE = 4

Place = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gap:
    """Where something may have been missed: in a channel, after an id. `guild_id` None: a private
    one.
    """

    address: ChatAddress
    channel_id: int
    guild_id: int | None
    after: int


class Unanswered(Exception):
    """A history that Discord doesn't give out now."""


class Takes(Protocol):
    async def said(self, message: Message, said: Said) -> None: ...


class History:
    """Reads what was said in gaps, oldest first. Not `hears_all`: in servers, only what the gateway
    would have told, though the bot may have the right to read the rest.
    """

    def __init__(
        self, client: discord.Client, reader: Reader, takes: Takes, pace: Pace, *, hears_all: bool
    ) -> None:
        self._client = client
        self._reader = reader
        self._takes = takes
        self._pace = pace
        self._hears_all = hears_all

    async def take_in(self, gap: Gap, turn: AbstractAsyncContextManager[object]) -> int:
        """All that was missed there, but for what is too much. In the chat's place of the order,
        and within `turn` while Discord is asked.

        Returns:
            The newest id up to which that is so.

        Raises:
            Unanswered: nothing was taken in.
        """
        async with turn:
            missed, more, newest = await self._missed(gap)
        for message, said in missed:
            await self._takes.said(message, said)
        if missed or more:
            _log.info("caught up", channel=gap.channel_id, count=len(missed), passed_over=more)
        return newest

    async def _missed(self, gap: Gap) -> tuple[Sequence[tuple[Message, Said]], int, int]:
        """The newest of what was said to us there, how much more there was, and the newest id."""
        page = await self._page(gap, after=gap.after)
        there = {_id(each): each for each in page}
        if len(page) == _PAGE:
            there |= await self._newest(gap, until=max(there))
        said = [*self._read(gap, [there[each] for each in sorted(there)])]
        missed = [await self._by_a_member(*each) for each in said[-self._pace.most_behind :]]
        return missed, len(said) - len(missed), max(there, default=gap.after)

    async def _by_a_member(self, message: Message, said: Said) -> tuple[Message, Said]:
        """Of a server's commands it matters whose they are: a history doesn't tell of roles."""
        if message.guild_id is None or not _is_command(said):
            return message, said
        try:
            told = await self._client.http.get_member(message.guild_id, message.author.id)
            known = message.model_copy(update={"member": Member.model_validate(told)})
            meaning = self._reader.said(known)
        except (*TROUBLE, ValidationError, Malformed) as error:
            _log.info("a member isn't known", message=message.id, error=type(error).__name__)
            return message, said
        return (known, meaning) if isinstance(meaning, Said) else (message, said)

    async def _newest(self, gap: Gap, until: int) -> dict[int, Raw]:
        """What was said last there, back to an id, or as far as that goes."""
        found: dict[int, Raw] = {}
        for _ in range(_MOST_PAGES):
            page = await self._page(gap, before=min(found, default=None))
            found |= {_id(each): each for each in page}
            if len(page) < _PAGE or min(found) <= until:
                break
        return {number: each for number, each in found.items() if number > until}

    def _read(self, gap: Gap, page: Sequence[Raw]) -> Iterator[tuple[Message, Said]]:
        placed = {} if gap.guild_id is None else {"guild_id": str(gap.guild_id)}
        for raw in page:
            try:
                message = self._reader.message({**raw, **placed})
                meaning = self._reader.said(message)
            except (Malformed, Unplaced) as error:
                _log.error("a message was passed over", why=str(error))
                continue
            if isinstance(meaning, Said) and (self._hears_all or meaning.inbound.addressed):
                yield message, meaning

    async def _page(
        self, gap: Gap, *, after: int | None = None, before: int | None = None
    ) -> Sequence[Raw]:
        """Some of what was said, and nothing where we may not read."""
        backoff = Backoff(self._pace.first_pause, self._pace.longest_pause)
        for left in reversed(range(_TRIES)):
            try:
                page = await self._client.http.logs_from(gap.channel_id, _PAGE, before, after)
            except discord.RateLimited as error:
                await anyio.sleep(error.retry_after)
            except (discord.HTTPException, aiohttp.ClientError, OSError, TypeError) as error:
                status = getattr(error, "status", None)
                _log.info("a history can't be read", channel=gap.channel_id, status=status)
                if _is_closed(error):
                    return []
                if left:
                    await backoff.wait()
            else:
                return [each for each in page if _id(each)]
        raise Unanswered


def _is_command(said: Said) -> bool:
    parts = said.inbound.parts
    return said.inbound.addressed and bool(parts) and parts[0].text.startswith("/")


def _is_closed(error: Exception) -> bool:
    """Whether there is nothing for us to read. That the token is no good, or that somebody before
    Discord lets nobody in, says nothing of the channel.
    """
    status = error.status if isinstance(error, discord.HTTPException) else 500
    return status < 500 and status not in {401, 429} and code_of(error) != 0


def gaps_of(guild: discord.Guild, addresses: Addresses, after: int) -> Iterator[Gap]:
    """A server's channels and threads in which something was said, and where we may read it."""
    me = guild.get_member(int(addresses.account))
    places: list[Place] = [*guild.text_channels, *guild.voice_channels]
    places += [*guild.stage_channels, *guild.threads]
    for channel in places:
        room = room_of(channel, addresses)
        if room is None or me is None or (channel.last_message_id or 0) <= after:
            continue
        if isinstance(channel, discord.Thread) and channel.parent is None:
            continue
        may = channel.permissions_for(me)
        if may.view_channel and may.read_message_history:
            yield Gap(room.address, channel.id, guild.id, after)


def beginning(watermark: int, pace: Pace) -> int:
    """The id after which is taken up what was missed."""
    oldest = snowflake_at(round((time() - pace.oldest) * 1_000_000))
    if oldest > watermark:
        hours = round((micros_of(oldest) - micros_of(watermark)) / 3_600_000_000, 1)
        # Nobody knows whether anything was: in a quiet bot, nothing moves the watermark.
        _log.info("what was said that long ago isn't taken up", hours=hours)
    return max(watermark - (round(pace.slack * 1_000) << 22), oldest, 0)


def _id(raw: Any) -> int:
    """A message's id; 0 if it is none."""
    try:
        return int(raw["id"])
    except (KeyError, TypeError, ValueError):
        return 0


class Rounds:
    """Catching up after each session's beginning: when all gaps of a round were taken in, the
    watermark moves on.

    A round goes on when its session ends, as what came since waits behind it. The next one of its
    shard takes the place of a round that couldn't be finished, or that never knew all its gaps.
    """

    def __init__(
        self, tasks: TaskGroup, order: Order, history: History, watermark: Watermark, pace: Pace
    ) -> None:
        self._tasks = tasks
        self._order = order
        self._history = history
        self._watermark = watermark
        self._pace = pace
        self._turn = anyio.Semaphore(_AT_ONCE)
        self._open: dict[tuple[int, int], _Round] = {}
        self._unfinished: set[_Round] = set()

    def begin(self, shard: int, guild_id: int = 0) -> None:
        """A round of a shard, or of one server that came late."""
        mine = _Round(self._watermark.hold(), shard)
        if not guild_id:
            for old in [each for each in self._unfinished if each.shard == shard]:
                if old.open or old.failed:
                    self._leave(old)
        self._unfinished.add(mine)
        self._open[shard, guild_id] = mine

    def add(self, gaps: Iterable[Gap], shard: int, guild_id: int = 0) -> None:
        """Take a place in the order for each, now."""
        mine = self._open[shard, guild_id]
        for gap in gaps:
            mine.left += 1
            self._tasks.start_soon(self._take_in, mine, gap)

    def end(self, shard: int, guild_id: int = 0) -> None:
        """No more gaps come."""
        if (mine := self._open.pop((shard, guild_id), None)) is not None:
            mine.open = False
            self._look(mine)

    async def _take_in(self, mine: _Round, gap: Gap) -> None:
        """What comes from there waits for the first try, but for no other."""
        while not await self._is_taken_in(mine, gap):
            mine.failed = True
            await anyio.sleep(self._pace.longest_pause)
            if mine not in self._unfinished:
                return
        mine.left -= 1
        self._look(mine)

    async def _is_taken_in(self, mine: _Round, gap: Gap) -> bool:
        async with self._order.of(gap.address):
            try:
                newest = await self._history.take_in(gap, self._turn)
            except Unanswered:
                _log.warning("what was missed can't be read", channel=gap.channel_id)
                return False
        mine.newest = max(mine.newest, newest)
        return True

    def _look(self, mine: _Round) -> None:
        if mine in self._unfinished and not (mine.open or mine.left):
            self._leave(mine)
            self._watermark.reached(mine.newest)

    def _leave(self, mine: _Round) -> None:
        self._unfinished.discard(mine)
        self._watermark.release(mine.gap)


@dataclass(eq=False, slots=True)
class _Round:
    """`left` gaps are yet to be taken in; `open`: more may come; `failed`: one couldn't be read.
    `newest` is the newest id in those that were.
    """

    gap: int
    shard: int
    left: int = 0
    newest: int = 0
    open: bool = True
    failed: bool = False
