"""Fetching updates by getUpdates, and acknowledging what was taken in.

The invariant: the offset moves past an update only when it and all before it were taken in. The
library's own updater acknowledges what it holds in memory, and one update that it can't parse
stops it; so updates are fetched raw, and read one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import anyio
import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from adapters.push.alongside import alongside
from adapters.push.backoff import Backoff
from adapters.push.health import Health
from adapters.telegram.connection import connected, seconds_to_wait, token_refused
from adapters.telegram.intake import Intake, as_job
from adapters.telegram.lanes import Job, Lanes
from adapters.telegram.settings import Pace, TelegramSettings
from adapters.telegram.updates import ALLOWED_UPDATES
from adapters.telegram.window import Window

_GET_UPDATES = "getupdates"
"""In lower case: for the name as it is documented, the library has a method, which parses."""
_LIMIT = 100
_MARGIN = 15.0
"""Seconds that a poll's answer may be late."""
_MOST_TRIES = 20
"""After so many, an update that alone can't be stored is passed over: some ten minutes."""

_log = structlog.get_logger(__name__)


class Polling:
    """One bot's polls."""

    def __init__(
        self, settings: TelegramSettings, intake: Intake, health: Health, pace: Pace
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._health = health
        self._pace = pace
        self._window = Window()
        self._left = anyio.Event()
        self._backoff = Backoff(pace.first_pause, pace.longest_pause)
        self._conflicts = Backoff(pace.conflict_pause, pace.longest_pause)

    async def run(self, ready: Callable[[], None]) -> None:
        """Until cancelled.

        Raises:
            PlatformRefuses: the token was revoked.
        """
        pace = self._pace
        async with alongside() as tasks:
            lanes = Lanes(tasks, self._take, quiet=pace.album, longest=pace.longest_album)
            ready()
            try:
                while True:
                    async with connected(self._settings, connections=2) as bot:
                        await self._poll(bot, lanes)
            except InvalidToken as error:
                raise token_refused() from error

    async def _poll(self, bot: Bot, lanes: Lanes) -> None:
        """Until the connection should be made anew.

        Raises:
            InvalidToken: the token was revoked.
        """
        while True:
            asked_at = anyio.current_time()
            try:
                fetched = await self._fetched(bot)
            except InvalidToken:
                raise
            except Conflict as conflict:
                await self._wait_for_the_other(conflict)
            except RetryAfter as error:
                self._health.trouble("Telegram wants to be asked less often")
                await anyio.sleep(seconds_to_wait(error))
            except (TelegramError, TimeoutError, KeyError) as error:
                self._health.trouble(f"Telegram doesn't answer: {type(error).__name__}")
                _log.warning("a poll failed", error=type(error).__name__)
                await self._backoff.wait()
                return
            else:
                self._health.well()
                self._backoff.succeeded()
                self._conflicts.succeeded()
                await self._hand_on(fetched, lanes)
                if not fetched:
                    await self._rest(asked_at)

    async def _fetched(self, bot: Bot) -> Sequence[Any]:
        asked = {
            "offset": self._window.offset,
            "limit": _LIMIT,
            "timeout": self._pace.poll,
            "allowed_updates": ALLOWED_UPDATES,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        with anyio.fail_after(self._pace.stall):
            found = await bot.do_api_request(
                _GET_UPDATES, given, read_timeout=self._pace.poll + _MARGIN
            )
        if not isinstance(found, list):
            raise TelegramError("the answer holds no updates")
        return found

    async def _wait_for_the_other(self, conflict: Conflict) -> None:
        what = (
            "a webhook was set for this bot: another service uses its token"
            if "webhook" in conflict.message.lower()
            else "another program polls with this bot's token: stop it"
        )
        self._health.trouble(what, at_once=True)
        _log.warning("conflict", what=what)
        await self._conflicts.wait()

    async def _hand_on(self, fetched: Sequence[Any], lanes: Lanes) -> None:
        """Put what is new into its lane, and wait a little for it to be taken in."""
        jobs = [job for raw in fetched if isinstance(raw, dict) and (job := as_job(raw))]
        if len(jobs) < len(fetched):
            _log.error("updates without a number", count=len(fetched) - len(jobs))
        new = self._window.new([job.update_id for job in jobs])
        for job in jobs:
            if job.update_id in new:
                new.discard(job.update_id)
                lanes.put(job)
        if fetched:
            await self._settled(jobs)

    async def _rest(self, asked_at: float) -> None:
        """After nothing came: some servers answer at once, and would be asked without end."""
        await anyio.sleep(max(0.0, asked_at + self._pace.between - anyio.current_time()))

    async def _settled(self, jobs: Sequence[Job]) -> None:
        """Until nothing is in hand, or a while has passed: Telegram answers at once as long as
        something is.
        """
        with anyio.move_on_after(self._pace.between) as waited:
            while self._window.in_hand or not jobs:
                self._left = anyio.Event()
                await self._left.wait()
        if waited.cancelled_caught and not jobs:
            _log.warning("Telegram repeats what can't be acknowledged")

    async def _take(self, jobs: Sequence[Job]) -> None:
        """Take in, trying again until it works: their lane waits, the others go on."""
        backoff = Backoff(self._pace.retry, self._pace.longest_pause)
        others = self._intake.tally.taken
        for tries in itertools.count(1):
            try:
                await self._intake.take(jobs)
                break
            except Exception as error:  # noqa: BLE001 - whatever it was, it isn't stored
                first = jobs[0].update_id
                _log.warning("not taken in", update=first, error=type(error).__name__, tries=tries)
                if tries >= _MOST_TRIES and self._intake.tally.taken > others:
                    _log.error("an update was passed over: nothing could store it", update=first)
                    self._intake.tally.malformed += 1
                    break
            await backoff.wait()
        self._window.leave(job.update_id for job in jobs)
        self._left.set()
