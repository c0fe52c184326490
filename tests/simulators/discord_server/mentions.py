"""Whom a message mentions, and whom it makes a sound for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulators.discord_server.permissions import Permission
from tests.simulators.discord_server.refusals import JSON, invalid_form, no_choice

if TYPE_CHECKING:
    from tests.simulators.discord_server.channels import Channel, Record
    from tests.simulators.discord_server.world import World

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_KINDS = {"users", "roles", "everyone"}


@dataclass(frozen=True, slots=True)
class Mentioned:
    fields: JSON
    notified: frozenset[int]


def check_allowed(told: Any) -> JSON | None:
    """What `allowed_mentions` says, None where it isn't said.

    Raises:
        Refused: It contradicts itself, or names what there isn't.
    """
    if told is None:
        return None
    parse = told.get("parse") or []
    for at, each in enumerate(parse):
        if each not in _KINDS:
            raise no_choice(f"allowed_mentions.parse.{at}", "'users', 'roles', 'everyone'")
    for name in ("users", "roles"):
        listed = told.get(name) or []
        if len(listed) > 100:
            raise invalid_form(
                f"allowed_mentions.{name}",
                "BASE_TYPE_MAX_LENGTH",
                "Must be 100 or fewer in length.",
            )
        if listed and name in parse:
            said = f'parse:["{name}"] and {name}: [ids...] are mutually exclusive.'
            raise invalid_form("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", said)
    allowed: JSON = {**told, "parse": parse}
    return allowed


def mentioned(
    world: World,
    channel: Channel,
    author_id: int,
    text: str,
    *,
    allowed: JSON | None = None,
    replied: Record | None = None,
    speaks: bool = True,
) -> Mentioned:
    """What a text says of people, as far as it is allowed; not `speaks`: nobody is notified."""
    plain = _CODE.sub("", text)
    here = set(channel.guild.members) if channel.guild else set(world.people) | {world.bot.id}
    users = {int(each) for each in _USER.findall(plain)} & (set(world.people) | {world.bot.id})
    roles = {int(each) for each in _ROLE.findall(plain)}
    roles &= set(channel.guild.roles) if channel.guild else set()
    everyone = "@everyone" in plain or "@here" in plain
    if channel.guild is None:
        everyone = False
    elif everyone:
        held = channel.guild.permissions(author_id, channel)
        everyone = Permission.MENTION_EVERYONE in held
    answers = replied is not None
    if allowed is not None:
        parse = allowed["parse"]
        users = users if "users" in parse else users & _ids(allowed, "users")
        roles = roles if "roles" in parse else roles & _ids(allowed, "roles")
        everyone = everyone and "everyone" in parse
        answers = answers and bool(allowed.get("replied_user", False))
    if answers and replied is not None:
        users.add(replied.author_id)
    notified = users & here
    if channel.guild is not None:
        for who, member in channel.guild.members.items():
            if roles & set(member.roles):
                notified.add(who)
        if everyone:
            notified |= here
    elif channel.person is not None:
        notified = {int(channel.person["id"])}
    fields: JSON = {
        "mentions": [world.user(each) for each in sorted(users)],
        "mention_roles": [str(each) for each in sorted(roles)],
        "mention_everyone": everyone,
    }
    return Mentioned(fields, frozenset(notified - {author_id}) if speaks else frozenset())


def _ids(allowed: JSON, name: str) -> set[int]:
    return {int(each) for each in allowed.get(name) or []}
