"""What Telegram shows of the bot before anybody writes: its commands, and what it says it is.

All of it is kept at Telegram, by kind of chat and by language.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import anyio
from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.error import RetryAfter

from adapters.base import AdapterState
from adapters.push.publishing import publish
from adapters.telegram.connection import seconds_to_wait
from adapters.wording import Audience, Wording

ABOUT = "about.long"
ABOUT_IN_SHORT = "about.short"

_SCOPES: Sequence[tuple[BotCommandScope, Audience]] = (
    (BotCommandScopeAllPrivateChats(), "private"),
    (BotCommandScopeAllGroupChats(), "chat"),
    (BotCommandScopeDefault(), "private"),
)


@dataclass(frozen=True, slots=True)
class _Telling:
    """One call: what it says, for the digest, and how it is made."""

    said: str
    call: Callable[[], Awaitable[bool]]


async def publish_menus(bot: Bot, wording: Wording, state: AdapterState) -> None:
    """Tell Telegram what it shows, if that has changed since the last time. See `publishing`. It
    may take as long as Telegram wants to be left alone in between.
    """
    tellings = [*_commands(bot, wording), *_texts(bot, wording)]

    async def tell() -> None:
        for telling in tellings:
            await _tell(telling)

    await publish("\0".join(each.said for each in tellings), tell, state)


async def _tell(telling: _Telling) -> None:
    while True:
        try:
            await telling.call()
        except RetryAfter as error:
            await anyio.sleep(seconds_to_wait(error))
        else:
            return


def _languages(wording: Wording) -> Sequence[str | None]:
    """None is for those who speak none of ours."""
    return (None, *wording.languages)


def _commands(bot: Bot, wording: Wording) -> Iterator[_Telling]:
    for scope, audience in _SCOPES:
        for language in _languages(wording):
            menu = [(each.command, each.description) for each in wording.menu(audience, language)]
            call = partial(bot.set_my_commands, menu, scope, language)
            yield _Telling(repr((scope.type, language, menu)), call)


def _texts(bot: Bot, wording: Wording) -> Iterator[_Telling]:
    for language in _languages(wording):
        for key, tell in (
            (ABOUT, bot.set_my_description),
            (ABOUT_IN_SHORT, bot.set_my_short_description),
        ):
            text = wording.text(key, {}, language)
            yield _Telling(repr((key, language, text)), partial(tell, text, language))
