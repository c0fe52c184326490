"""Calls that are asked again until Telegram answers: those that receiving can't begin without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio
import structlog
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from adapters.push.backoff import Backoff
from adapters.push.health import Health
from adapters.telegram.connection import seconds_to_wait, token_refused
from adapters.telegram.settings import Pace

Result = TypeVar("Result")

_log = structlog.get_logger(__name__)


async def answered(call: Callable[[], Awaitable[Result]], health: Health, pace: Pace) -> Result:
    """What the call came to, when Telegram could be reached.

    Raises:
        PlatformRefuses: the token is no good.
        BadRequest: what the call asks for is.
    """
    backoff = Backoff(pace.first_pause, pace.longest_pause)
    while True:
        try:
            result = await call()
        except InvalidToken as error:
            raise token_refused() from error
        except BadRequest:
            raise
        except RetryAfter as error:
            await anyio.sleep(seconds_to_wait(error))
        except TelegramError as error:
            health.trouble(f"Telegram can't be reached: {type(error).__name__}")
            _log.warning("telegram can't be reached", error=type(error).__name__)
            await backoff.wait()
        else:
            health.well()
            return result
