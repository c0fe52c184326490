"""Which call does what: all that the simulator has, and what Discord has besides."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import discord.http
import discord.webhook.async_

from tests.simulators.discord_server import callbacks, messages, rooms
from tests.simulators.discord_server.calls import Call
from tests.simulators.discord_server.refusals import JSON, UNKNOWN_GUILD, Refused, invalid_form
from tests.simulators.discord_server.world import World

Do = Callable[[World, Call], Any]
FREE_OF_TOKEN = ("/interactions/", "/webhooks/")
"""What is authorized by the address itself, and doesn't count towards the limit over all."""


def _place(world: World, call: Call) -> int | None:
    """Where a call sets commands: in the guild that it names, or everywhere."""
    if call.ids[0] != str(world.bot.id):
        raise Refused(
            403, 20012, "You are not authorized to perform this action on this application"
        )
    if "/guilds/" not in call.route:
        return None
    guild = world.guilds.get(int(call.ids[1]))
    if guild is None or not guild.has_bot:
        raise Refused(*(UNKNOWN_GUILD if guild is None else (403, 50001, "Missing Access")))
    return guild.id


def _list(world: World, call: Call) -> list[JSON]:
    return list(world.registry.at(_place(world, call)).values())


def _put(world: World, call: Call) -> JSON:
    return world.registry.put(_place(world, call), call.body)[0]


def _overwrite(world: World, call: Call) -> list[JSON]:
    return world.registry.overwrite(_place(world, call), call.body or [])


def _get(world: World, call: Call) -> JSON:
    return world.registry.get(_place(world, call), call.ids[-1])


def _change(world: World, call: Call) -> JSON:
    return world.registry.change(_place(world, call), call.ids[-1], call.asked)


def _delete(world: World, call: Call) -> None:
    place = _place(world, call)
    del world.registry.at(place)[int(world.registry.get(place, call.ids[-1])["id"])]


_COMMANDS: dict[str, Do] = {
    "GET {}": _list,
    "POST {}": _put,
    "PUT {}": _overwrite,
    "GET {}/{}": _get,
    "PATCH {}/{}": _change,
    "DELETE {}/{}": _delete,
}
_REACTIONS = "/channels/{}/messages/{}/reactions/{}"
ROUTES: dict[str, Do] = {
    "GET /gateway": rooms.gateway,
    "GET /gateway/bot": rooms.gateway_of_bot,
    "GET /oauth2/applications/@me": rooms.application,
    "GET /applications/@me": rooms.application,
    "PATCH /applications/@me": rooms.change_application,
    "GET /users/@me": rooms.me,
    "GET /users/@me/guilds": rooms.own_guilds,
    "DELETE /users/@me/guilds/{}": rooms.leave_guild,
    "POST /users/@me/channels": rooms.open_dm,
    "GET /users/{}": rooms.user,
    "GET /guilds/{}": rooms.guild,
    "GET /guilds/{}/channels": rooms.guild_channels,
    "GET /guilds/{}/roles": rooms.guild_roles,
    "GET /guilds/{}/roles/{}": rooms.guild_role,
    "GET /guilds/{}/members": rooms.members,
    "PATCH /guilds/{}/members/@me": rooms.change_own_member,
    "GET /guilds/{}/members/{}": rooms.member,
    "GET /guilds/{}/threads/active": rooms.active_threads,
    "GET /channels/{}": rooms.channel,
    "PATCH /channels/{}": rooms.change_channel,
    "DELETE /channels/{}": rooms.delete_channel,
    "GET /channels/{}/messages": messages.history,
    "POST /channels/{}/messages": messages.create,
    "POST /channels/{}/messages/bulk-delete": messages.delete_many,
    "GET /channels/{}/messages/{}": messages.read,
    "PATCH /channels/{}/messages/{}": messages.edit,
    "DELETE /channels/{}/messages/{}": messages.delete,
    f"PUT {_REACTIONS}/@me": messages.react,
    f"DELETE {_REACTIONS}/@me": messages.unreact,
    f"DELETE {_REACTIONS}/{{}}": messages.unreact_other,
    f"GET {_REACTIONS}": messages.reactors,
    "POST /channels/{}/typing": messages.say_typing,
    "POST /channels/{}/messages/{}/threads": rooms.thread_of_message,
    "POST /channels/{}/threads": rooms.thread_alone,
    "GET /channels/{}/thread-members": rooms.thread_members,
    "PUT /channels/{}/thread-members/@me": rooms.join_thread,
    "DELETE /channels/{}/thread-members/@me": rooms.leave_thread,
    "PUT /channels/{}/thread-members/{}": rooms.add_to_thread,
    "DELETE /channels/{}/thread-members/{}": rooms.remove_from_thread,
    "GET /channels/{}/threads/archived/public": rooms.archived_threads,
    "GET /channels/{}/threads/archived/private": rooms.archived_threads,
    "POST /interactions/{}/{}/callback": callbacks.callback,
    "POST /webhooks/{}/{}": callbacks.follow_up,
    "GET /webhooks/{}/{}/messages/{}": callbacks.read_answer,
    "PATCH /webhooks/{}/{}/messages/{}": callbacks.edit_answer,
    "DELETE /webhooks/{}/{}/messages/{}": callbacks.delete_answer,
    **{
        line.format(f"/applications/{{}}{place}/commands", "{}"): do
        for place in ("", "/guilds/{}")
        for line, do in _COMMANDS.items()
    },
}
MAKES = frozenset(
    {
        "POST /applications/{}/commands",
        "POST /applications/{}/guilds/{}/commands",
        "POST /channels/{}/threads",
        "POST /channels/{}/messages/{}/threads",
    }
)
"""What answers 201."""


def find(method: str, path: str) -> tuple[str, tuple[str, ...]] | None:
    """The route of a call, and what stands in its gaps. Words go before gaps."""
    return _find(method, path.strip("/").split("/"), _patterns(tuple(ROUTES)))


def check_ids(route: str, ids: tuple[str, ...]) -> None:
    """Check that what stands in a route's gaps are ids where they must be.

    Raises:
        Refused: One isn't.
    """
    words = route.partition(" ")[2].strip("/").split("/")
    before = [words[at - 1] for at, word in enumerate(words) if word == "{}"]
    for word, told in zip(before, ids, strict=True):
        plain = word in {"{}", "reactions"} or told == "@original"
        if not plain and not told.isdigit():
            said = f'Value "{told}" is not snowflake.'
            raise invalid_form(f"{word.removesuffix('s')}_id", "NUMBER_TYPE_COERCE", said)


def known_to_discord(method: str, path: str) -> bool:
    """Whether Discord has such a call, by what the library knows of it."""
    return _find(method, path.strip("/").split("/"), _patterns(_of_library())) is not None


def _find(
    method: str, parts: list[str], patterns: list[tuple[str, list[str]]]
) -> tuple[str, tuple[str, ...]] | None:
    best: tuple[int, str, tuple[str, ...]] | None = None
    for route, pattern in patterns:
        if not route.startswith(f"{method} ") or len(pattern) != len(parts):
            continue
        if all(ours in ("{}", theirs) for ours, theirs in zip(pattern, parts, strict=True)):
            gaps = tuple(
                theirs for ours, theirs in zip(pattern, parts, strict=True) if ours == "{}"
            )
            if best is None or len(gaps) < best[0]:
                best = (len(gaps), route, gaps)
    return None if best is None else (best[1], best[2])


@cache
def _patterns(routes: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    return [(each, each.partition(" ")[2].strip("/").split("/")) for each in routes]


@cache
def _of_library() -> tuple[str, ...]:
    source = inspect.getsource(discord.http) + inspect.getsource(discord.webhook.async_)
    found = re.findall(r"Route\(\s*'([A-Z]+)',\s*f?'(/[^']*)'", source)
    return tuple(f"{method} {re.sub(r'{[^}]*}', '{}', path)}" for method, path in found)
