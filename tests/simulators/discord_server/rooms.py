"""The calls on accounts, guilds, members and channels."""

from __future__ import annotations

from tests.simulators.discord_server.calls import Call
from tests.simulators.discord_server.channels import Channel, Kind
from tests.simulators.discord_server.permissions import Permission, need
from tests.simulators.discord_server.refusals import (
    ARCHIVED,
    INVALID_RECIPIENT,
    JSON,
    UNKNOWN_MEMBER,
    UNKNOWN_ROLE,
    UNKNOWN_USER,
    Refused,
    bad_length,
    no_choice,
    too_long,
)
from tests.simulators.discord_server.world import World

P = Permission


def me(world: World, _call: Call) -> JSON:
    return world.bot.user | {"verified": True, "mfa_enabled": True, "flags": 0, "email": None}


def user(world: World, call: Call) -> JSON:
    told = call.ids[0]
    if told == str(world.bot.id):
        return world.bot.user
    person = world.people.get(int(told)) if told.isdigit() else None
    if person is None:
        raise Refused(*UNKNOWN_USER)
    return person.user


def application(world: World, _call: Call) -> JSON:
    return world.bot.application | {
        "approximate_guild_count": sum(each.has_bot for each in world.guilds.values()),
        "approximate_user_install_count": sum(each.installed for each in world.people.values()),
    }


def change_application(world: World, call: Call) -> JSON:
    if len(str(call.asked.get("description") or "")) > 400:
        raise too_long("description", 400)
    world.bot.description = str(call.asked.get("description", world.bot.description))
    return application(world, call)


def gateway(world: World, _call: Call) -> JSON:
    return {"url": world.gateway.url}


def gateway_of_bot(world: World, _call: Call) -> JSON:
    shards = max(world.gateway.least_shards, 1 + len(world.guilds) // 1000)
    limit = world.gateway.start_limit
    return {"url": world.gateway.url, "shards": shards, "session_start_limit": limit}


def open_dm(world: World, call: Call) -> JSON:
    told = str(call.asked.get("recipient_id") or "")
    person = world.people.get(int(told)) if told.isdigit() else None
    if person is None:
        raise Refused(*INVALID_RECIPIENT)
    return person.dm.json


# Guilds


def own_guilds(world: World, call: Call) -> list[JSON]:
    after = int(call.query.get("after", 0))
    there = [each for each in world.guilds.values() if each.has_bot and each.id > after]
    return [
        {
            **{name: each.json[name] for name in ("id", "name", "icon", "banner", "features")},
            "owner": False,
            "permissions": str(int(each.permissions(world.bot.id))),
        }
        for each in there[: int(call.query.get("limit", 200))]
    ]


def leave_guild(world: World, call: Call) -> None:
    world.seen_guild(call.ids[0]).removes_bot()


def guild(world: World, call: Call) -> JSON:
    found = world.seen_guild(call.ids[0])
    counts = {"approximate_member_count": len(found.members), "approximate_presence_count": 0}
    return found.json | (counts if call.flag("with_counts") else {})


def guild_channels(world: World, call: Call) -> list[JSON]:
    there = world.seen_guild(call.ids[0]).channels.values()
    return [each.json for each in there if each.thread is None]


def guild_roles(world: World, call: Call) -> list[JSON]:
    return [each.json for each in world.seen_guild(call.ids[0]).roles.values()]


def guild_role(world: World, call: Call) -> JSON:
    roles = world.seen_guild(call.ids[0]).roles
    if int(call.ids[1]) not in roles:
        raise Refused(*UNKNOWN_ROLE)
    return roles[int(call.ids[1])].json


def members(world: World, call: Call) -> list[JSON]:
    there = world.seen_guild(call.ids[0]).members
    after = int(call.query.get("after", 0))
    limit = int(call.query.get("limit", 1))
    return [there[each].json for each in sorted(there) if each > after][:limit]


def member(world: World, call: Call) -> JSON:
    found = world.seen_guild(call.ids[0])
    if int(call.ids[1]) not in found.members:
        raise Refused(*(UNKNOWN_MEMBER if int(call.ids[1]) in world.people else UNKNOWN_USER))
    return found.members[int(call.ids[1])].json


def change_own_member(world: World, call: Call) -> JSON:
    found = world.seen_guild(call.ids[0])
    nick = call.asked.get("nick")
    if len(nick or "") > 32:
        raise too_long("nick", 32)
    need(found.permissions(world.bot.id), P.CHANGE_NICKNAME)
    found.members[world.bot.id].nick = nick
    found.tell_member(world.bot.id)
    return found.members[world.bot.id].json


# Channels and threads


def channel(world: World, call: Call) -> JSON:
    return world.thread_json(world.seen_channel(call.ids[0]))


def change_channel(world: World, call: Call) -> JSON:
    found, asked = world.seen_channel(call.ids[0]), call.asked
    held = world.bot_may(found)
    state = found.thread
    if state is None:
        need(held, P.MANAGE_CHANNELS)
    else:
        own = state.owner_id == world.bot.id
        opens = asked.keys() <= {"archived"} and not asked.get("archived") and not state.locked
        if not (own or opens) or ("locked" in asked and P.MANAGE_THREADS not in held):
            need(held, P.MANAGE_THREADS)
        if state.archived and asked.get("archived", True):
            raise Refused(*ARCHIVED)
        if "archived" in asked:
            state.archived, state.archived_at = bool(asked["archived"]), world.timeline.now()
        state.locked = bool(asked.get("locked", state.locked))
        state.auto_archive_minutes = _archive_minutes(asked, state.auto_archive_minutes)
    if "name" in asked:
        found.name = _name(asked)
    found.topic = str(asked.get("topic", found.topic) or "")
    found.slow_mode = int(asked.get("rate_limit_per_user", found.slow_mode) or 0)
    world.tell("THREAD_UPDATE" if state else "CHANNEL_UPDATE", world.thread_json(found), found)
    return world.thread_json(found)


def delete_channel(world: World, call: Call) -> JSON:
    found = world.seen_channel(call.ids[0])
    body = world.thread_json(found)
    if found.guild is not None:
        need(world.bot_may(found), P.MANAGE_THREADS if found.thread else P.MANAGE_CHANNELS)
        found.guild.deletes_channel(found)
    return body


def thread_of_message(world: World, call: Call) -> JSON:
    parent = world.seen_channel(call.ids[0], P.CREATE_PUBLIC_THREADS)
    _check_parent(parent, {Kind.TEXT, Kind.NEWS})
    record = world.record(parent, call.ids[1])
    if record.id in world.channels:
        raise Refused(400, 160004, "A thread has already been created for this message")
    kind = Kind.NEWS_THREAD if parent.kind is Kind.NEWS else Kind.THREAD
    return _new_thread(world, parent, call.asked, kind, thread_id=record.id)


def thread_alone(world: World, call: Call) -> JSON:
    parent = world.seen_channel(call.ids[0])
    _check_parent(parent, {Kind.TEXT, Kind.NEWS})
    kind = call.asked.get("type", Kind.PRIVATE_THREAD)
    if kind not in {10, 11, 12}:
        raise no_choice("type", "10, 11, 12")
    private = kind == Kind.PRIVATE_THREAD
    wanted = P.CREATE_PRIVATE_THREADS if private else P.CREATE_PUBLIC_THREADS
    need(world.bot_may(parent), wanted)
    return _new_thread(world, parent, call.asked, Kind(kind))


def _check_parent(parent: Channel, kinds: set[Kind]) -> None:
    if parent.kind not in kinds:
        raise Refused(400, 50024, "Cannot execute action on this channel type")


def _new_thread(
    world: World, parent: Channel, asked: JSON, kind: Kind, *, thread_id: int = 0
) -> JSON:
    name, minutes = _name(asked), _archive_minutes(asked, 1440)
    thread = world.new_thread(parent, name, world.bot.id, kind, thread_id=thread_id)
    if thread.thread is not None:
        thread.thread.auto_archive_minutes = minutes
    body = world.thread_json(thread)
    world.tell("THREAD_CREATE", body | {"newly_created": True}, thread)
    return body


def _name(asked: JSON) -> str:
    name = str(asked.get("name") or "").strip()
    if not 1 <= len(name) <= 100:
        raise bad_length("name", 1, 100)
    return name


def _archive_minutes(asked: JSON, default: int) -> int:
    minutes = int(asked.get("auto_archive_duration") or default)
    if minutes not in {60, 1440, 4320, 10080}:
        raise no_choice("auto_archive_duration", "60, 1440, 4320, 10080")
    return minutes


def thread_members(world: World, call: Call) -> list[JSON]:
    thread = world.seen_channel(call.ids[0])
    there = thread.thread.members if thread.thread else set()
    return [world.thread_member(thread, each) for each in sorted(there)]


def join_thread(world: World, call: Call) -> None:
    _thread_changes(world, call, world.bot.id, joins=True)


def leave_thread(world: World, call: Call) -> None:
    _thread_changes(world, call, world.bot.id, joins=False)


def add_to_thread(world: World, call: Call) -> None:
    _thread_changes(world, call, int(call.ids[1]), joins=True)


def remove_from_thread(world: World, call: Call) -> None:
    _thread_changes(world, call, int(call.ids[1]), joins=False)


def _thread_changes(world: World, call: Call, who: int, *, joins: bool) -> None:
    thread = world.seen_channel(call.ids[0])
    state, guild_there = thread.thread, thread.guild
    if state is None or guild_there is None:
        raise Refused(400, 50024, "Cannot execute action on this channel type")
    if state.archived:
        raise Refused(*ARCHIVED)
    if who not in guild_there.members:
        raise Refused(*UNKNOWN_MEMBER)
    if not joins and who != world.bot.id and state.owner_id != world.bot.id:
        need(world.bot_may(thread), P.MANAGE_THREADS)
    if joins == (who in state.members):
        return
    (state.members.add if joins else state.members.discard)(who)
    body: JSON = {"id": str(thread.id), "member_count": len(state.members)}
    if joins:
        body["added_members"] = [world.thread_member(thread, who)]
    else:
        body["removed_member_ids"] = [str(who)]
    world.tell("THREAD_MEMBERS_UPDATE", body, thread)


def active_threads(world: World, call: Call) -> JSON:
    there = world.seen_guild(call.ids[0])
    return _thread_list(world, [each for each in there.channels.values() if _is(each)])


def archived_threads(world: World, call: Call) -> JSON:
    parent = world.seen_channel(call.ids[0], P.READ_MESSAGE_HISTORY)
    private = call.route.endswith("private")
    if private:
        need(world.bot_may(parent), P.MANAGE_THREADS)
    there = parent.guild.channels.values() if parent.guild else []
    found = [
        each
        for each in there
        if each.parent is parent
        and _is(each, archived=True)
        and (each.kind is Kind.PRIVATE_THREAD) == private
    ]
    return _thread_list(world, found) | {"has_more": False}


def _is(thread: Channel, *, archived: bool = False) -> bool:
    return thread.thread is not None and thread.thread.archived is archived


def _thread_list(world: World, threads: list[Channel]) -> JSON:
    seen = [each for each in threads if P.VIEW_CHANNEL in world.bot_may(each)]
    own = [each for each in seen if each.thread and world.bot.id in each.thread.members]
    return {
        "threads": [world.thread_json(each) for each in seen],
        "members": [world.thread_member(each, world.bot.id) for each in own],
    }
