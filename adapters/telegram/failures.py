"""What an error of the library means for a chunk.

The library's classes alone don't say it: `BadRequest` and `TimedOut` are kinds of `NetworkError`,
and whether a request left this machine is known only from the error below it.
"""

from __future__ import annotations

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from adapters.delivery import (
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    TemporaryFailure,
)
from adapters.telegram.connection import seconds_to_wait

_NOBODY_THERE = (
    "chat not found",
    "chat_write_forbidden",
    "peer_id_invalid",
    "user is deactivated",
    "group chat was deactivated",
    "not enough rights to send",
    "have no rights to send",
    "chat_restricted",
    "need administrator rights in the channel",
)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_MESSAGE_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_METHOD_UNKNOWN = "method not found"


def failure_of(error: TelegramError) -> DeliveryError:
    """What the service is told of it. No text of a message is in it."""
    match error:
        case RetryAfter():
            return RateLimited(str(error), retry_after=seconds_to_wait(error))
        case Forbidden():
            return ChatUnreachable(error.message)
        case BadRequest():
            gone = _says(error, *_NOBODY_THERE)
            return (ChatUnreachable if gone else MessageRejected)(error.message)
        case InvalidToken() | ChatMigrated():
            return TemporaryFailure(error.message)
        case NetworkError():
            return _unanswered(error)
        case _:
            return OutcomeUnknown("Telegram's answer can't be read")


def _unanswered(error: NetworkError) -> DeliveryError:
    """No answer of Telegram's own came."""
    below = type(error.__cause__).__name__
    if _came_as_status(error):
        return _refused_by_status(error)
    if isinstance(error.__cause__, _NEVER_LEFT):
        return TemporaryFailure(f"Telegram can't be reached: {below}")
    return OutcomeUnknown(f"no answer from Telegram: {below}")


def _came_as_status(error: TelegramError) -> bool:
    """An answer came, whether or not it could be read."""
    return error.__cause__ is None or isinstance(error.__cause__, TelegramError)


def _refused_by_status(error: TelegramError) -> DeliveryError:
    """The server, or the proxy before it, says no for itself."""
    if _says(error, "request entity too large"):
        return MessageRejected("larger than Telegram takes")
    return TemporaryFailure("Telegram's servers have trouble")


def is_about_entities(error: BadRequest) -> bool:
    return _says(error, "entit")


def is_about_the_topic(error: BadRequest) -> bool:
    """The topic is gone, or closed: the chat itself is still there."""
    return _says(error, "message thread not found", "topic_closed", "topic_deleted")


def is_as_it_was(error: BadRequest) -> bool:
    """The edit was asked for twice, or changes nothing."""
    return _says(error, "message is not modified")


def is_gone(error: BadRequest) -> bool:
    """There is no message any more that could be edited."""
    return _says(error, *_MESSAGE_GONE)


def lacks_the_method(error: TelegramError) -> bool:
    """The server is older than the method, or doesn't offer it."""
    return _says(error, _METHOD_UNKNOWN)


def _says(error: TelegramError, *parts: str) -> bool:
    said = error.message.lower()
    return any(part in said for part in parts)
