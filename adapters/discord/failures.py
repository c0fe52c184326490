"""What an error of the library means for a chunk. Discord's own codes say it; statuses alone don't."""

from __future__ import annotations

import math

import aiohttp
import discord

from adapters.delivery import (
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
)

TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, RuntimeError)
"""All that a call may raise. The last is a session that was closed meanwhile."""
WITHOUT_A_WORD = 60.0
"""Seconds of silence where Discord wants some and doesn't say how much."""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10003, 10008, 10015
TOO_LARGE, TOO_MANY_FOLLOW_UPS = 40005, 40094
CLOSED, NO_PERMISSION, INVALID_FORM = 50007, 50013, 50035
NO_COMMON_SERVER = 50278
BAD_TOKEN_OF_WEBHOOK = 50027
ARCHIVED, LOCKED, NO_HISTORY = 50083, 160005, 160002

_NOBODY_THERE = {
    UNKNOWN_CHANNEL: "Discord doesn't know the channel any more",
    10004: "Discord doesn't know the server any more",
    10013: "Discord doesn't know the person any more",
    50001: "the bot may not see the channel",
    CLOSED: "the person takes no private messages of the bot",
    50008: "nobody can write in a channel of this kind",
    NO_PERMISSION: "the bot may not write in the channel",
    50033: "nobody can write to this account",
    ARCHIVED: "the thread is archived",
    LOCKED: "the thread is locked",
    NO_COMMON_SERVER: "the person shares no server with the bot",
}
_LATER = frozenset({40004, 40006, 40333, 130000, 20026})
"""Switched off for a while, overloaded, or suspicious of the bot."""
_TOO_FAST_TO_STRANGERS = 40003
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def failure_of(error: Exception) -> DeliveryError:
    """What the service is told of it. No text of a message is in it."""
    match error:
        case DeliveryError():
            return error
        case discord.RateLimited():
            return RateLimited("Discord wants silence", retry_after=error.retry_after)
        case discord.HTTPException():
            return _refusal(error)
        case _ if isinstance(error, _NEVER_LEFT):
            return TemporaryFailure(f"Discord can't be reached: {type(error).__name__}")
        case RuntimeError():
            return TemporaryFailure("not connected to Discord")
        case _:
            return OutcomeUnknown(f"no answer from Discord: {type(error).__name__}")


def _refusal(error: discord.HTTPException) -> DeliveryError:
    status, code = error.status, error.code
    if status == 429 or code == _TOO_FAST_TO_STRANGERS:
        return RateLimited("Discord wants silence", retry_after=_seconds_to_wait(error))
    if status >= 500 or code in _LATER:
        return TemporaryFailure(f"Discord's servers have trouble: {status}")
    if code in _NOBODY_THERE:
        return ChatUnreachable(_NOBODY_THERE[code])
    if is_about_the_token(error):
        return TemporaryFailure("Discord refuses the bot's token")
    if status == 403 and not code:  # not Discord's own answer
        return TemporaryFailure("Discord lets nobody from this address in")
    return MessageRejected(f"Discord refuses it: {status}, code {code}")


def _seconds_to_wait(error: discord.HTTPException) -> float:
    try:
        told = float(error.response.headers.get("Retry-After", ""))
    except ValueError:
        return WITHOUT_A_WORD
    return told if math.isfinite(told) and told > 0 else WITHOUT_A_WORD


def code_of(error: Exception) -> int:
    """Discord's own; 0 without one."""
    return error.code if isinstance(error, discord.HTTPException) else 0


def is_about_the_token(error: Exception) -> bool:
    """The bot's own is no good; those of webhooks have a code."""
    status = error.status if isinstance(error, discord.HTTPException) else 0
    return status == 401 and code_of(error) != BAD_TOKEN_OF_WEBHOOK


def is_about_the_place(error: Exception) -> bool:
    """Of a thread: it isn't there any more, or nobody may write in it; its channel may be there."""
    return code_of(error) in {UNKNOWN_CHANNEL, ARCHIVED, LOCKED}


def is_about_the_person(error: Exception) -> bool:
    """Their private chat is closed to the bot."""
    return code_of(error) in {CLOSED, NO_COMMON_SERVER}


def is_about_the_message(error: Exception) -> bool:
    """There is none that could be edited or deleted."""
    return code_of(error) in {UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, ARCHIVED}


def is_about_the_handle(error: Exception) -> bool:
    """Nothing can be answered through it any more."""
    return code_of(error) in {UNKNOWN_WEBHOOK, BAD_TOKEN_OF_WEBHOOK, TOO_MANY_FOLLOW_UPS}


def says(error: Exception, word: str) -> bool:
    """Whether a field of what was sent is named."""
    return isinstance(error, discord.HTTPException) and word in error.text
