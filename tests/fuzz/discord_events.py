"""Events as Discord's gateway tells them: of servers, channels, messages, and of what people press."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.simulators.discord_server.accounts import user_json
from tests.simulators.discord_server.channels import Kind
from tests.simulators.discord_server.server import DiscordServer

Event = dict[str, Any]
"""`t` is its name, `d` its content."""


def sound_events(server: DiscordServer) -> Sequence[Event]:
    """What comes when people do what the stand-in lets them do, and every kind of interaction."""
    told: list[Event] = []

    def note(event: str, body: dict[str, Any], **_guild: object) -> None:
        told.append({"t": event, "d": body})

    server.gateway.dispatch = note  # type: ignore[method-assign]
    ada, bob = server.person("Ada"), server.person("Bob")
    team = server.guild("Team", ada, bob)
    general = team.channel("general")
    told.append({"t": "GUILD_CREATE", "d": team.created_json})
    said = ada.writes("Hello \U0001f3a9 <@6> https://example.org")
    ada.edits(said, "Hello again")
    ada.sends_sticker()
    ada.forwards("news")
    asked = bob.writes("<@bot> hi", channel=general)
    thread = bob.opens_thread(general, "talk")
    bob.writes("<@bot> in here", channel=thread)
    bob.deletes(asked, channel=general)
    ada.deletes(said)
    message = next(each["d"] for each in told if each["t"] == "MESSAGE_CREATE")
    return [*told, *_interactions(server, ada.id, ada.dm.id, general.id, team.id, message)]


def _interactions(
    server: DiscordServer, who: int, private: int, channel: int, guild: int, message: Any
) -> list[Event]:
    user = user_json(who, "Ada")
    common = {
        "id": "1573722277697028098",
        "application_id": str(server.bot.id),
        "token": "aW50ZXJhY3Rpb246" + "x" * 40,
        "version": 1,
        "locale": "en-US",
        "attachment_size_limit": 10,
        "entitlements": [],
        "authorizing_integration_owners": {},
        "app_permissions": "0",
    }
    dm = {
        "channel_id": str(private),
        "channel": {"id": str(private), "type": int(Kind.DM), "recipients": []},
        "user": user,
        "context": 1,
    }
    server_chat = {
        "channel_id": str(channel),
        "channel": {"id": str(channel), "type": 0, "name": "general", "permissions": "0"},
        "guild_id": str(guild),
        "guild": {"id": str(guild), "features": [], "locale": "en-US"},
        "member": {"user": user, "roles": [], "permissions": "8", "joined_at": None, "flags": 0},
        "context": 0,
    }
    command = {
        "id": "7",
        "name": "memory",
        "type": 1,
        "options": [{"name": "line", "type": 3, "value": "1"}],
    }
    menu = {
        "id": "8",
        "name": "Remember",
        "type": 3,
        "target_id": message["id"],
        "resolved": {"messages": {message["id"]: message}},
    }
    button = {"custom_id": "a|@5|token", "component_type": 2, "id": 1}
    listed = {"custom_id": "s|@5|choice0", "component_type": 3, "values": ["a|@5|token"]}
    field = {"type": 4, "custom_id": "text", "value": "likes tea"}
    form = {"custom_id": "m|@5|token", "components": [{"type": 18, "component": field}]}
    rows = {"components": [{"type": 1, "components": [button | {"type": 2, "style": 2}]}]}
    below = {"message": message | rows}
    kinds: list[tuple[int, Any, Any]] = [
        (2, command, dm),
        (2, command, server_chat),
        (2, menu, dm),
        (3, button, dm | below),
        (3, listed, server_chat | below),
        (5, form, dm | below),
    ]
    return [
        {"t": "INTERACTION_CREATE", "d": {**common, "type": kind, "data": data, **where}}
        for kind, data, where in kinds
    ]
