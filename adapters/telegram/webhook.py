"""Updates that Telegram posts to the service's own port.

A post is answered with 200 only when its update was taken in; else Telegram posts it again. It
posts a chat's updates one after the other, each when the one before was answered; so an album's
parts come as messages of their own, close enough for the service to answer them together; those
that say nothing more are left out.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import anyio
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, WebhookInfo
from telegram.error import BadRequest

from adapters.base import AdapterState, PlatformRefuses
from adapters.bodies import TooLarge, read_body
from adapters.push.alongside import alongside
from adapters.push.health import Health
from adapters.telegram.calling import answered
from adapters.telegram.intake import Intake, as_job
from adapters.telegram.lanes import Job, Lanes
from adapters.telegram.settings import WEBHOOK_PATH, Pace, TelegramSettings
from adapters.telegram.updates import ALLOWED_UPDATES

MOST_BYTES = 1024 * 1024
"""Of one update; Telegram's are of some kilobytes."""
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
CONNECTIONS = 40
WEBHOOK = "webhook"
"""Where it is kept how the webhook was set, for Telegram doesn't tell its secret."""

_PATIENCE = 55.0
"""Seconds: Telegram gives up after 60."""

_log = structlog.get_logger(__name__)


class Webhook:
    """The route, which is there from the start, and what is behind it while `run` runs."""

    def __init__(
        self, settings: TelegramSettings, state: AdapterState, health: Health, pace: Pace
    ) -> None:
        self._settings = settings
        self._state = state
        self._health = health
        self._pace = pace
        self._lanes: Lanes | None = None

    def routes(self) -> Sequence[Route]:
        return [Route(WEBHOOK_PATH, self._post, methods=["POST"])]

    async def run(self, bot: Bot, intake: Intake, ready: Callable[[], None]) -> None:
        """Until cancelled.

        Raises:
            PlatformRefuses: the token or the address is no good.
        """
        async with alongside() as tasks:
            self._lanes = Lanes(tasks, intake.take, quiet=0.0, longest=0.0)
            try:
                await self._watch(bot, ready)
            finally:
                self._lanes = None

    # Posts

    async def _post(self, request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER)
        if given is None:
            return Response(status_code=401)
        wanted = (self._settings.webhook_secret or "").encode()
        if not wanted or not secrets.compare_digest(given.encode("latin-1"), wanted):
            return Response(status_code=403)
        try:
            declared = request.headers.get("content-length")
            raw = json.loads(await read_body(request.stream(), MOST_BYTES, declared=declared))
        except TooLarge:
            return Response(status_code=413)
        except (ValueError, RecursionError, ClientDisconnect):
            return Response(status_code=400)
        return Response(status_code=await self._taken_in(raw))

    async def _taken_in(self, raw: Any) -> int:
        """The status that says whether it must come again."""
        job = as_job(raw) if isinstance(raw, dict) else None
        if job is None:
            _log.error("an update without a number was passed over")
            return 200
        if self._lanes is None:
            return 503
        self._lanes.put(job)
        with anyio.move_on_after(_PATIENCE):
            await job.done.wait()
            return self._status(job)
        return 503

    def _status(self, job: Job) -> int:
        if job.error is None:
            return 200
        _log.warning("not taken in", update=job.update_id, error=type(job.error).__name__)
        return 500

    # The webhook at Telegram

    async def _watch(self, bot: Bot, ready: Callable[[], None]) -> None:
        info = await self._asked(bot)
        await self._set(bot, info)
        ready()
        last = info.last_error_date
        while True:
            await anyio.sleep(self._pace.look)
            info = await self._asked(bot)
            if info.url != self._settings.webhook_address:
                _log.warning("somebody else set or took away the webhook: it is set again")
                await self._set(bot, info)
            self._judge(info, last)
            last = info.last_error_date

    async def _asked(self, bot: Bot) -> WebhookInfo:
        return await answered(bot.get_webhook_info, self._health, self._pace)

    def _judge(self, info: WebhookInfo, last: datetime | None) -> None:
        if info.last_error_date is not None and info.last_error_date != last:
            said = info.last_error_message or "an error without a word"
            self._health.trouble(f"Telegram can't deliver: {said}", at_once=True)

    async def _set(self, bot: Bot, info: WebhookInfo) -> None:
        """Set it, unless it is set so already: what waits at Telegram is kept."""
        settings = self._settings
        fingerprint = hashlib.sha256(
            json.dumps([settings.webhook_address, settings.webhook_secret]).encode()
        ).hexdigest()
        same = (
            info.url == settings.webhook_address
            and set(info.allowed_updates) == set(ALLOWED_UPDATES)
            and info.max_connections == CONNECTIONS
        )
        if same and await self._state.get(WEBHOOK) == fingerprint:
            return
        try:
            await answered(lambda: self._call(bot), self._health, self._pace)
        except BadRequest as error:
            msg = f"Telegram refuses TELEGRAM_WEBHOOK_URL: {error.message}"
            raise PlatformRefuses(msg) from error
        await self._state.put(WEBHOOK, fingerprint)

    async def _call(self, bot: Bot) -> bool:
        return await bot.set_webhook(
            self._settings.webhook_address,
            max_connections=CONNECTIONS,
            allowed_updates=ALLOWED_UPDATES,
            drop_pending_updates=False,
            secret_token=self._settings.webhook_secret,
        )
