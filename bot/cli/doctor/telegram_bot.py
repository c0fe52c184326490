"""Whether Telegram knows the bot, and what it lets it see."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from bot.cli.doctor.asking import report_of
from bot.cli.doctor.finding import Finding
from config.settings import Settings

if TYPE_CHECKING:
    from adapters.telegram.inspection import BotReport

SUBJECT = "telegram"


def telegram(chosen: Settings) -> Iterator[Finding]:
    """Nothing without a token."""
    if chosen.telegram_bot_token is None:
        return
    from adapters.telegram.inspection import inspected  # noqa: PLC0415 (the library)
    from bot.platforms.loading import telegram_settings  # noqa: PLC0415

    ask = partial(inspected, telegram_settings(chosen))
    report = report_of(SUBJECT, ask, where="TELEGRAM_API_BASE_URL")
    if isinstance(report, Finding):
        yield report
        return
    yield Finding(SUBJECT, good=True, text=f"the bot is @{report.username} ({report.name})")
    yield _groups(chosen, report)
    yield from _webhook(chosen, report)


def _groups(chosen: Settings, report: BotReport) -> Finding:
    if chosen.groups == "off":
        return Finding(SUBJECT, good=True, text="it takes no part in groups (FAMILIAR_GROUPS)")
    if not report.joins_groups:
        return Finding(
            SUBJECT,
            good=True,
            text="it can't be added to groups",
            fix="To change that: /setjoingroups at @BotFather.",
        )
    if report.hears_all:
        return Finding(
            SUBJECT,
            good=True,
            text="group privacy is off: Telegram shows it all that is said in its groups",
            fix="It answers only who speaks to it. To be shown no more: /setprivacy at @BotFather.",
        )
    return Finding(
        SUBJECT,
        good=True,
        text="group privacy is on: in groups it is shown only mentions of it, replies to it and "
        "commands, unless it is an admin there",
        fix="To let it listen: /setprivacy at @BotFather, then take it out of the group and add it "
        "again.",
    )


def _webhook(chosen: Settings, report: BotReport) -> Iterator[Finding]:
    if chosen.telegram_mode == "polling" and report.webhook:
        yield Finding(
            SUBJECT,
            good=False,
            text=f"its messages are sent to {report.webhook}, but TELEGRAM_MODE is polling",
            fix="The next start takes that webhook away. If another program uses this bot, get "
            "one for each from @BotFather.",
        )
    elif chosen.telegram_mode == "webhook" and report.webhook and not report.webhook_ours:
        yield Finding(
            SUBJECT,
            good=False,
            text=f"its messages are sent to an address at {report.webhook} that isn't "
            "TELEGRAM_WEBHOOK_URL",
            fix="The next start sets ours. If another program uses this bot, get one for each "
            "from @BotFather.",
        )
    elif chosen.telegram_mode == "webhook" and not report.webhook:
        text = "no webhook is set yet: the next start sets it"
        yield Finding(SUBJECT, good=True, text=text)
    elif report.webhook_error:
        yield Finding(
            SUBJECT,
            good=False,
            text=f"Telegram could not deliver to the webhook: {report.webhook_error}",
            fix="TELEGRAM_WEBHOOK_URL must lead to this service from outside, with https.",
        )
