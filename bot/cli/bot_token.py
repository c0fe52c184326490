"""Which Telegram bot `familiar init` is to set up: its token, asked for and tried."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import anyio
import typer

from bot.cli import running
from bot.cli.choices import problems_with, settings_with
from config.settings import Settings

LINE = "TELEGRAM_BOT_TOKEN"


def bot_lines(given: str, present: Settings, *, ask: bool, check: bool) -> Mapping[str, str]:
    """The line of `.env` for the token; none where it stays as it is. What doesn't do ends the
    program where nobody can be asked.
    """
    token = given or (_asked(present) if ask else "")
    while token and not _usable(token, check=check):
        if not ask:
            running.fail("Nothing was written. --no-check writes it as it is.")
        if not typer.confirm("Correct it?", default=True):
            break
        token = _asked(present)
    return {LINE: token} if token else {}


def _asked(present: Settings) -> str:
    running.say("To have it on Telegram as well, make a bot there: write /newbot to @BotFather,")
    running.say("and give me the token that you get.")
    usual = "none" if present.telegram_bot_token is None else "the one that is set"
    # Without a terminal there is nobody to hide it from, and no way to.
    hidden = sys.stdin.isatty()
    text = f"Token of the bot (empty: {usual})"
    return str(typer.prompt(text, default="", hide_input=hidden, show_default=False)).strip()


def _usable(token: str, *, check: bool) -> bool:
    """Whether Telegram knows it, as far as that is to be checked; says what is wrong."""
    from adapters.base import PlatformRefuses  # noqa: PLC0415
    from adapters.telegram.inspection import NotReached, inspected  # noqa: PLC0415 (the library)
    from bot.adapter_loading import telegram_settings  # noqa: PLC0415

    if problems := problems_with({LINE: token}):
        for problem in problems:
            running.say(f"  BAD  {problem}")
        return False
    if not check:
        return True
    try:
        report = anyio.run(inspected, telegram_settings(settings_with({LINE: token})))
    except (PlatformRefuses, NotReached) as error:
        running.say(f"  BAD  {error}.")
        return False
    running.say(f"  ok   The bot is @{report.username}: https://t.me/{report.username}")
    return True
