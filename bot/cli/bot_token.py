"""Which bots `familiar init` is to set up: their tokens, asked for and tried."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio
import typer

from bot.cli import running
from bot.cli.choices import problems_with, settings_with
from config.settings import Settings

_Report = TypeVar("_Report")


@dataclass(frozen=True, slots=True)
class Place:
    """A platform that a bot may be on. `line` is that of `.env`, `how` says where a token comes
    from, and `tried` what there is to tell of a token that is good.
    """

    line: str
    how: Sequence[str]
    tried: Callable[[Settings], Sequence[str]]


class NoGood(Exception):
    """The token won't do, or can't be tried; the message says why, without a full stop."""


def bot_lines(
    place: Place, given: str, present: Settings, *, ask: bool, check: bool
) -> Mapping[str, str]:
    """The line of `.env` for a platform's token; none where it stays as it is. What doesn't do
    ends the program where nobody can be asked.
    """
    token = given or (_asked(place, present) if ask else "")
    while token and not _usable(place, token, check=check):
        if not ask:
            running.fail("Nothing was written. --no-check writes it as it is.")
        if not typer.confirm("Correct it?", default=True):
            break
        token = _asked(place, present)
    return {place.line: token} if token else {}


def _asked(place: Place, present: Settings) -> str:
    for sentence in place.how:
        running.say(sentence)
    usual = "none" if getattr(present, place.line.lower()) is None else "the one that is set"
    # Without a terminal there is nobody to hide it from, and no way to.
    hidden = sys.stdin.isatty()
    text = f"Token of the bot (empty: {usual})"
    return str(typer.prompt(text, default="", hide_input=hidden, show_default=False)).strip()


def _usable(place: Place, token: str, *, check: bool) -> bool:
    """Whether the platform knows it, as far as that is to be checked; says what is wrong."""
    if problems := problems_with({place.line: token}):
        for problem in problems:
            running.say(f"  BAD  {problem}")
        return False
    if not check:
        return True
    try:
        told = place.tried(settings_with({place.line: token}))
    except NoGood as error:
        running.say(f"  BAD  {error}.")
        return False
    for sentence in told:
        running.say(f"  ok   {sentence}")
    return True


def _report(ask: Callable[[], Awaitable[_Report]]) -> _Report:
    """What a platform tells of the bot."""
    from adapters.base import NotReached, PlatformRefuses  # noqa: PLC0415

    try:
        return anyio.run(ask)
    except (PlatformRefuses, NotReached) as error:
        raise NoGood(str(error)) from error


def _telegram(chosen: Settings) -> Sequence[str]:
    from adapters.telegram.inspection import inspected  # noqa: PLC0415 (the library)
    from bot.platforms.loading import telegram_settings  # noqa: PLC0415

    report = _report(partial(inspected, telegram_settings(chosen)))
    return [f"The bot is @{report.username}: https://t.me/{report.username}"]


def _discord(chosen: Settings) -> Sequence[str]:
    from adapters.discord.inspection import inspected  # noqa: PLC0415 (the library)
    from agentcore.errors import BadInput  # noqa: PLC0415
    from bot.platforms.loading import discord_settings  # noqa: PLC0415

    try:
        settings = discord_settings(chosen)
    except BadInput as error:
        raise NoGood(str(error).removesuffix(".")) from error
    report = _report(partial(inspected, settings))
    return [f"The bot is {report.name}. This link adds it to a server:", report.invitation]


TELEGRAM = Place(
    "TELEGRAM_BOT_TOKEN",
    (
        "To have it on Telegram as well, make a bot there: write /newbot to @BotFather,",
        "and give me the token that you get.",
    ),
    _telegram,
)
DISCORD = Place(
    "DISCORD_BOT_TOKEN",
    (
        "To have it on Discord as well, make an application on its developer portal,",
        "https://discord.com/developers/applications: the page Bot has 'Reset Token',",
        "which shows the token that I need.",
    ),
    _discord,
)
