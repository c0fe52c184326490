"""Whether Discord knows the bot, and what it lets it see and do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from bot.cli.doctor.asking import report_of
from bot.cli.doctor.finding import Finding
from config.settings import Settings

if TYPE_CHECKING:
    from adapters.discord.inspection import BotReport, GuildReport

SUBJECT = "discord"
PORTAL = "https://discord.com/developers/applications"
MOST_CHANNELS = 5
"""Channels of a server that are named."""
FEW_STARTS = 100
MUST_SHARD = 2_500
"""Servers that Discord lets one connection serve at most."""


def discord(chosen: Settings) -> Iterator[Finding]:
    """Nothing without a token."""
    if chosen.discord_bot_token is None:
        return
    from adapters.discord.inspection import inspected  # noqa: PLC0415 (the library)
    from bot.platforms.loading import discord_settings  # noqa: PLC0415

    ask = partial(inspected, discord_settings(chosen))
    report = report_of(SUBJECT, ask, where="DISCORD_API_BASE_URL")
    if isinstance(report, Finding):
        yield report
        return
    yield Finding(SUBJECT, good=True, text=f"the bot is {report.name} ({report.id})")
    yield from _invitation(report)
    yield from _commands(report)
    yield _content(chosen, report)
    yield from _connection(chosen, report)
    if chosen.groups == "off":
        text = "it takes no part in servers (FAMILIAR_GROUPS)"
        yield Finding(SUBJECT, good=True, text=text)
        return
    yield from _guilds(report)


def _invitation(report: BotReport) -> Iterator[Finding]:
    if report.code_grant:
        yield Finding(
            SUBJECT,
            good=False,
            text="nobody can add the bot to a server: it asks for an OAuth2 code grant",
            fix=f"Switch off 'Requires OAuth2 Code Grant' on the page Bot of {PORTAL}.",
        )
        return
    whose = "whoever opens it" if report.public else "its owner alone ('Public Bot' is off)"
    yield Finding(
        SUBJECT,
        good=True,
        text=f"this link adds it to a server, for {whose}",
        fix=report.invitation,
    )
    if report.for_people:
        yield Finding(
            SUBJECT,
            good=True,
            text="this one adds it for one person alone, wherever they are",
            fix=report.own_invitation,
        )


def _commands(report: BotReport) -> Iterator[Finding]:
    if report.endpoint:
        yield Finding(
            SUBJECT,
            good=False,
            text=f"commands and buttons go to {report.endpoint} instead of here",
            fix=f"Empty 'Interactions Endpoint URL' on the page General Information of {PORTAL}.",
        )


def _content(chosen: Settings, report: BotReport) -> Finding:
    if chosen.discord_message_content and not report.reads_all:
        return Finding(
            SUBJECT,
            good=False,
            text="DISCORD_MESSAGE_CONTENT is on, but the bot isn't granted the Message Content "
            "Intent: Discord will not let it in",
            fix=f"Switch it on, on the page Bot of {PORTAL}, or set DISCORD_MESSAGE_CONTENT=0.",
        )
    if chosen.discord_message_content:
        return Finding(
            SUBJECT,
            good=True,
            text="it is shown all that is said in the channels that it sees",
            fix="It answers only who speaks to it, until an admin says /listen on. To be shown "
            "no more: DISCORD_MESSAGE_CONTENT=0.",
        )
    return Finding(
        SUBJECT,
        good=True,
        text="in servers it is shown only what is said to it: mentions, replies that ping it, "
        "commands",
        fix="It needs no more. For /listen on: grant it the Message Content Intent on the page Bot "
        f"of {PORTAL}, and set DISCORD_MESSAGE_CONTENT=1.",
    )


def _connection(chosen: Settings, report: BotReport) -> Iterator[Finding]:
    if report.starts_left <= FEW_STARTS:
        hours = report.starts_anew / 3600
        yield Finding(
            SUBJECT,
            good=report.starts_left > 0,
            text=f"of {report.starts:,} new connections in 24 hours {report.starts_left:,} are "
            f"left, for the next {hours:.1f} hours",
            fix="What connects so often? Is another program using this token? When none is left, "
            "Discord resets the token.",
        )
    if report.guild_count >= MUST_SHARD and not chosen.discord_sharded:
        yield Finding(
            SUBJECT,
            good=False,
            text=f"it is in {report.guild_count:,} servers, more than one connection may serve",
            fix="Set DISCORD_SHARDED=1.",
        )
    elif report.shards > 1 and not chosen.discord_sharded:
        yield Finding(
            SUBJECT,
            good=True,
            text=f"Discord recommends {report.shards} connections for its servers",
            fix="Set DISCORD_SHARDED=1.",
        )
    if chosen.discord_api_base_url and not chosen.discord_gateway_url:
        yield Finding(
            SUBJECT,
            good=True,
            text="calls go to DISCORD_API_BASE_URL, while events come from Discord itself",
            fix="Good for a proxy that counts calls. For another server, set DISCORD_GATEWAY_URL "
            "too.",
        )


def _guilds(report: BotReport) -> Iterator[Finding]:
    if not report.guild_count:
        text = "it is in no server yet; in private chats it answers whoever shares one with it"
        yield Finding(SUBJECT, good=True, text=text, fix=report.invitation)
        return
    shown = len(report.guilds)
    more = f"; the first {shown} were looked into" if shown < report.guild_count else ""
    servers = "1 server" if report.guild_count == 1 else f"{report.guild_count:,} servers"
    yield Finding(SUBJECT, good=True, text=f"it is in {servers}{more}")
    for guild in report.guilds:
        yield from _guild(guild)


def _guild(guild: GuildReport) -> Iterator[Finding]:
    rooms = guild.well + guild.unseen + len(guild.missing)
    if not rooms:
        yield Finding(SUBJECT, good=True, text=f"{guild.name}: no text channel is there")
        return
    unseen = f", {guild.unseen:,} can't be seen" if guild.unseen else ""
    yield Finding(
        SUBJECT,
        good=guild.well > 0,
        text=f"{guild.name}: in {guild.well:,} of {rooms:,} text channels it may do all that it "
        f"needs{unseen}",
        fix="" if guild.well else "Give its role what it lacks, or add it again by the link above.",
    )
    for channel, lacks in guild.missing[:MOST_CHANNELS]:
        yield Finding(
            SUBJECT,
            good=True,
            text=f"{guild.name}, #{channel}: it lacks {', '.join(lacks)}",
            fix="If it is to answer there: the channel's settings, Permissions.",
        )
    if (left := len(guild.missing) - MOST_CHANNELS) > 0:
        text = f"{guild.name}: it lacks something in {left:,} more channels"
        yield Finding(SUBJECT, good=True, text=text)
