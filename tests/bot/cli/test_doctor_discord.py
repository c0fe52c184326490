"""What the doctor says of a Discord bot, asked over the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from anyio.from_thread import start_blocking_portal
from typer.testing import CliRunner

from bot.cli import app
from tests.simulators.discord_server.accounts import TOKEN
from tests.simulators.discord_server.answers import html_answer
from tests.simulators.discord_server.faults import Answered
from tests.simulators.discord_server.intents import Intent
from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.server import DiscordServer
from tests.simulators.loopback import unused_port

LEAST = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
)


@pytest.fixture
def server() -> Iterator[DiscordServer]:
    """In a thread of its own: the command has an event loop of its own too."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(DiscordServer(limits=None)) as server,
    ):
        yield server


def said(
    url: str, *, well: bool = True, token: str = TOKEN, gateway: str = "ws://x", **more: str
) -> str:
    """All that the doctor says of Discord; `well`: whether it finds nothing wrong."""
    places = {"DISCORD_API_BASE_URL": url, "DISCORD_GATEWAY_URL": gateway}
    given = {"DISCORD_BOT_TOKEN": token, **places, **more}
    result = CliRunner().invoke(app, ["doctor", "--json", "--no-model"], env=given)
    found = [each for each in json.loads(result.stdout) if each["subject"] == "discord"]
    assert all(each["ok"] for each in found) is well, found
    assert result.exit_code == (0 if well else 1)
    assert token.rpartition(".")[2] not in result.output
    return "\n".join(f"{each['text']} {each['fix']}" for each in found)


def test_it_says_who_the_bot_is_and_how_it_comes_into_a_server(server: DiscordServer) -> None:
    told = said(server.api_url)

    assert f"the bot is familiar ({server.bot.id})" in told
    assert "it is in no server yet" in told
    words = [word for word in told.split() if word.startswith("https://discord.com/oauth2/")]
    guild, person = (parse_qs(urlsplit(word).query) for word in dict.fromkeys(words))
    assert guild["client_id"] == person["client_id"] == [str(server.bot.id)]
    assert guild["scope"] == ["bot applications.commands"]
    assert guild["permissions"] == [str(int(LEAST))]
    assert person["integration_type"] == ["1"]
    assert {each.route.partition(" ")[0] for each in server.calls} == {"GET"}

    server.bot.for_people, server.bot.public = False, False
    told = said(server.api_url)
    assert "its owner alone" in told
    assert "one person alone" not in told


def test_what_it_is_shown_in_servers_is_said_with_what_would_change_it(
    server: DiscordServer,
) -> None:
    assert "shown only what is said to it" in said(server.api_url)
    assert "shown all that is said" in said(server.api_url, DISCORD_MESSAGE_CONTENT="1")

    server.bot.privileged = Intent(0)
    refused = said(server.api_url, well=False, DISCORD_MESSAGE_CONTENT="1")
    assert "isn't granted the Message Content Intent" in refused
    assert "or set DISCORD_MESSAGE_CONTENT=0" in refused
    assert "shown only what is said to it" in said(server.api_url)
    assert "no part in servers" in said(server.api_url, FAMILIAR_GROUPS="off")


def test_what_it_may_not_do_is_named_by_server_and_channel(server: DiscordServer) -> None:
    ada = server.person("Ada")
    team, closed = server.guild("Team", ada), server.guild("Closed", ada)
    team.channel("general")
    quiet, hidden = team.channel("quiet"), team.channel("hidden")
    team.denies_bot(quiet, Permission.SEND_MESSAGES, Permission.READ_MESSAGE_HISTORY)
    team.denies_bot(hidden, Permission.VIEW_CHANNEL)
    closed.channel("general")
    closed.denies_everyone(Permission.ATTACH_FILES)

    told = said(server.api_url, well=False)
    assert "it is in 2 servers" in told
    assert "Team: in 1 of 3 text channels it may do all that it needs, 1 can't be seen" in told
    assert "Team, #quiet: it lacks Send Messages, Read Message History" in told
    assert "Closed: in 0 of 1 text channels" in told
    assert "Closed, #general: it lacks Attach Files" in told

    closed.grants_bot(LEAST)
    for number in range(7):
        team.denies_bot(team.channel(f"news\x1b[2J{number}"), Permission.SEND_MESSAGES)
    told = said(server.api_url)
    assert "Closed: in 1 of 1 text channels" in told
    assert "it lacks something in 3 more channels" in told
    assert "\x1b" not in told


def test_sessions_that_run_out_are_told_before_discord_resets_the_token(
    server: DiscordServer,
) -> None:
    assert "new connections" not in said(server.api_url)

    server.gateway.uses_up_sessions(left=20)
    assert "of 1,000 new connections in 24 hours 20 are left" in said(server.api_url)
    server.gateway.uses_up_sessions()
    assert "Is another program using this token?" in said(server.api_url, well=False)


def test_a_bot_of_many_servers_is_told_to_be_sharded(server: DiscordServer) -> None:
    ada = server.person("Ada")
    for number in range(1_200):
        server.guild(f"Guild {number}", ada)
    told = said(server.api_url, FAMILIAR_GROUPS="off")
    assert "Discord recommends 2 connections" in told
    assert "DISCORD_SHARDED=1" in told

    for number in range(1_300):
        server.guild(f"More {number}", ada)
    assert "more than one connection may serve" in said(server.api_url, well=False)
    assert "SHARDED" not in said(server.api_url, FAMILIAR_GROUPS="off", DISCORD_SHARDED="1")


def test_an_application_that_shuts_us_out_is_named(server: DiscordServer) -> None:
    server.bot.endpoint = "https://bot.example.org/a-secret-path"
    server.bot.code_grant = True

    told = said(server.api_url, well=False)

    assert "commands and buttons go to bot.example.org instead of here" in told
    assert "a-secret-path" not in told
    assert "Requires OAuth2 Code Grant" in told
    assert "oauth2/authorize" not in told.partition("no server")[0]


def test_a_proxy_for_calls_alone_is_allowed_and_told(server: DiscordServer) -> None:
    assert "events come from Discord itself" in said(server.api_url, gateway="")


def test_a_wrong_token_is_one_sentence(server: DiscordServer) -> None:
    wrong = said(server.api_url, well=False, token=f"{TOKEN[:-1]}X")

    assert wrong.strip() == (
        "Discord refuses DISCORD_BOT_TOKEN: reset the token on the page Bot of the developer "
        "portal, and set the new one."
    )
    assert "developer portal" in said(server.api_url, well=False, token=f"x{TOKEN}")


def test_a_server_that_cannot_be_reached_or_is_another_is_named(server: DiscordServer) -> None:
    told = said(f"http://127.0.0.1:{unused_port()}/api/v10", well=False)
    assert "127.0.0.1 can't be reached" in told
    assert "DISCORD_API_BASE_URL" in told

    assert "127.0.0.1 answers 404" in said(server.url, well=False)
    server.faults.befall("GET /users/@me", Answered(html_answer(200)))
    assert "doesn't answer as Discord does" in said(server.api_url, well=False)
