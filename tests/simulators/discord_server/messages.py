"""The calls on messages: to send, edit, delete and read them, to react, and to seem to type."""

from __future__ import annotations

from agentcore.clock import SECOND
from tests.simulators.discord_server.calls import Call
from tests.simulators.discord_server.channels import Channel, Kind, Record
from tests.simulators.discord_server.drafting import drafted, redrafted
from tests.simulators.discord_server.permissions import Permission, need
from tests.simulators.discord_server.refusals import (
    ARCHIVED,
    BLOCKED_REACTION,
    JSON,
    LOCKED,
    MISSING_ACCESS,
    MOST_REACTIONS,
    NO_HISTORY_REPLY,
    NO_TEXT_CHANNEL,
    NOT_IN_DM,
    NOT_TO_USER,
    OTHERS_MESSAGE,
    UNKNOWN_EMOJI,
    Refused,
    invalid_form,
    slow_mode,
    too_long,
)
from tests.simulators.discord_server.timeline import iso
from tests.simulators.discord_server.world import World, emoji_json

P = Permission
NONCE_SECONDS = 300
"""How long a nonce is remembered; Discord says “the past few minutes”."""
ORDINARY = frozenset({0, 19, 20, 23})
"""The types of messages that somebody wrote; others tell of events."""


def create(world: World, call: Call) -> JSON:
    channel = world.seen_channel(call.ids[0])
    held = writable(world, channel)
    asked = call.asked
    nonce = _nonce(asked)
    replied = _replied(channel, asked, held)
    draft = drafted(world, channel, call, asked, held=held, replied=replied)
    same = world.nonces.get((channel.id, nonce)) if asked.get("enforce_nonce") and nonce else None
    if same is not None and world.timeline.now() - same.at < NONCE_SECONDS * SECOND:
        return world.read_json(channel, same) | {"nonce": nonce}
    _check_pace(world, channel, held)
    fields = draft.fields
    if replied is not None:
        fields = fields | {"message_reference": _reference(channel, replied)}
    if nonce:
        fields = fields | {"nonce": nonce}
    kind = 0 if replied is None else 19
    message = world.new_message(channel, world.bot.user, fields, kind=kind)
    _unarchive(world, channel)
    record = Record(
        message,
        world.timeline.now(),
        by_bot=True,
        files=draft.files,
        notified=draft.notified,
    )
    world.put(channel, record)
    message.pop("nonce", None)
    if nonce:
        world.nonces[channel.id, nonce] = record
    return world.read_json(channel, record) | ({"nonce": nonce} if nonce else {})


def writable(world: World, channel: Channel) -> P:
    """What the bot may do in a channel where it may write.

    Raises:
        Refused: It may not, or nobody can.
    """
    held = world.bot_may(channel)
    if channel.kind is Kind.FORUM:
        raise Refused(*NO_TEXT_CHANNEL)
    if channel.person is not None:
        person = world.people[int(channel.person["id"])]
        if not person.reachable:
            raise Refused(*NOT_TO_USER)
    elif channel.thread is not None:
        need(held, P.SEND_MESSAGES_IN_THREADS)
        if channel.thread.locked and P.MANAGE_THREADS not in held:
            raise Refused(*LOCKED)
    else:
        need(held, P.SEND_MESSAGES)
    return held


def _nonce(asked: JSON) -> str:
    nonce = str(asked.get("nonce") or "")
    if len(nonce) > 25:
        raise too_long("nonce", 25)
    return nonce


def _replied(channel: Channel, asked: JSON, held: P) -> Record | None:
    reference = asked.get("message_reference")
    if not reference:
        return None
    if P.READ_MESSAGE_HISTORY not in held:
        raise Refused(*NO_HISTORY_REPLY)
    elsewhere = str(reference.get("channel_id") or channel.id) != str(channel.id)
    if elsewhere:
        said = "Cannot reply to a message in a different channel"
        raise invalid_form("message_reference", "REPLIES_CHANNEL_MISMATCH", said)
    record = channel.records.get(int(reference.get("message_id") or 0))
    if record is None or record.deleted or record.only_for is not None:
        if reference.get("fail_if_not_exists", True):
            raise invalid_form("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None
    if record.message["type"] not in ORDINARY:
        said = "Cannot reply to a system message"
        raise invalid_form("message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE", said)
    return record


def _reference(channel: Channel, replied: Record) -> JSON:
    placed = {"guild_id": str(channel.guild.id)} if channel.guild else {}
    return {
        "type": 0,
        "message_id": str(replied.id),
        "channel_id": str(channel.id),
        **placed,
    }


def _check_pace(world: World, channel: Channel, held: P) -> None:
    last = channel.last_by.get(world.bot.id)
    if not channel.slow_mode or last is None:
        return
    if held & (P.MANAGE_MESSAGES | P.MANAGE_CHANNELS):
        return
    wait = channel.slow_mode - (world.timeline.now() - last) / SECOND
    if wait > 0:
        raise slow_mode(round(wait, 3))


def _unarchive(world: World, channel: Channel) -> None:
    if channel.thread is not None and channel.thread.archived:
        channel.thread.archived = False
        world.tell("THREAD_UPDATE", world.thread_json(channel), channel)


def _own(world: World, channel: Channel, told: str) -> Record:
    record = world.record(channel, told)
    if record.author_id != world.bot.id:
        raise Refused(*OTHERS_MESSAGE)
    if channel.thread is not None and channel.thread.archived:
        raise Refused(*ARCHIVED)
    return record


def edit(world: World, call: Call) -> JSON:
    channel = world.seen_channel(call.ids[0])
    record = _own(world, channel, call.ids[1])
    rewrite(world, channel, record, call, call.asked)
    return world.read_json(channel, record)


def rewrite(world: World, channel: Channel, record: Record, call: Call, asked: JSON) -> None:
    """Change a message of the bot, and tell of it."""
    draft = redrafted(world, channel, record, call, asked)
    record.versions.append(record.shown().text)
    record.message = record.message | draft.fields
    record.message["edited_timestamp"] = iso(world.timeline.now())
    record.files = draft.files
    hidden = record.only_for is not None
    channel.happened("edit", record.shown().text, record.id, ephemeral=hidden)
    world.announce("MESSAGE_UPDATE", channel, record)


def delete(world: World, call: Call) -> None:
    channel = world.seen_channel(call.ids[0])
    record = world.record(channel, call.ids[1])
    if record.author_id != world.bot.id:
        if channel.guild is None:
            raise Refused(*NOT_IN_DM)
        need(world.bot_may(channel), P.MANAGE_MESSAGES)
    if channel.thread is not None and channel.thread.archived:
        raise Refused(*ARCHIVED)
    world.remove(channel, record)


def read(world: World, call: Call) -> JSON:
    channel = world.seen_channel(call.ids[0])
    if P.READ_MESSAGE_HISTORY not in world.bot_may(channel):
        raise Refused(*MISSING_ACCESS)
    return world.read_json(channel, world.record(channel, call.ids[1]))


def history(world: World, call: Call) -> list[JSON]:
    """Newest first, whatever was asked; none without the right to read what was."""
    channel = world.seen_channel(call.ids[0])
    limit = _limit(call)
    bounds = {
        name: int(call.query[name]) for name in ("before", "after", "around") if name in call.query
    }
    if len(bounds) > 1:
        said = "Only one of before, after and around may be told"
        raise invalid_form("before", "MESSAGE_HISTORY_BOUNDS", said)
    if P.READ_MESSAGE_HISTORY not in world.bot_may(channel):
        return []
    records = [
        each
        for each in sorted(channel.records.values(), key=lambda each: each.id)
        if not each.deleted and each.only_for is None
    ]
    if "after" in bounds:
        records = [each for each in records if each.id > bounds["after"]][:limit]
    elif "around" in bounds:
        middle = bounds["around"]
        before = [each for each in records if each.id < middle]
        after = [each for each in records if each.id >= middle]
        records = before[-(limit // 2) :] + after[: limit - limit // 2]
    else:
        until = bounds.get("before")
        records = [each for each in records if until is None or each.id < until][-limit:]
    return [world.read_json(channel, each) for each in reversed(records)]


def _limit(call: Call, most: int = 100) -> int:
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= most:
        raise invalid_form("limit", "NUMBER_TYPE_MAX", f"int value should be between 1 and {most}.")
    return limit


def delete_many(world: World, call: Call) -> None:
    channel = world.seen_channel(call.ids[0])
    if channel.guild is None:
        raise Refused(*NOT_IN_DM)
    need(world.bot_may(channel), P.MANAGE_MESSAGES)
    told = call.asked.get("messages") or []
    if not 2 <= len(told) <= 100:
        said = "Must be between 2 and 100 in length."
        raise invalid_form("messages", "BASE_TYPE_BAD_LENGTH", said)
    ids = [each for each in map(int, told) if each in channel.records]
    for each in ids:
        channel.records[each].deleted = True
    body = {"ids": [str(each) for each in ids], "channel_id": str(channel.id)}
    world.tell("MESSAGE_DELETE_BULK", body, channel)
    channel.happened("delete")


def say_typing(world: World, call: Call) -> None:
    channel = world.seen_channel(call.ids[0])
    writable(world, channel)
    channel.types()


# Reactions


def react(world: World, call: Call) -> None:
    channel = world.seen_channel(call.ids[0], P.READ_MESSAGE_HISTORY)
    record = world.record(channel, call.ids[1])
    emoji = _emoji(call.ids[2])
    if channel.thread is not None and channel.thread.archived:
        raise Refused(*ARCHIVED)
    there = record.reactions.get(emoji, set())
    if not there:
        need(world.bot_may(channel), P.ADD_REACTIONS)
        if sum(bool(people) for people in record.reactions.values()) >= 20:
            raise Refused(*MOST_REACTIONS)
    author = world.people.get(record.author_id)
    if author is not None and author.blocks:
        raise Refused(*BLOCKED_REACTION)
    if world.bot.id not in there:
        add_reaction(world, channel, record, emoji, world.bot.id)


def unreact(world: World, call: Call) -> None:
    channel = world.seen_channel(call.ids[0])
    record = world.record(channel, call.ids[1])
    take_reaction(world, channel, record, _emoji(call.ids[2]), world.bot.id)


def unreact_other(world: World, call: Call) -> None:
    channel = world.seen_channel(call.ids[0], P.MANAGE_MESSAGES)
    record = world.record(channel, call.ids[1])
    take_reaction(world, channel, record, _emoji(call.ids[2]), int(call.ids[3]))


def reactors(world: World, call: Call) -> list[JSON]:
    channel = world.seen_channel(call.ids[0])
    record = world.record(channel, call.ids[1])
    after = int(call.query.get("after", 0))
    people = sorted(
        each for each in record.reactions.get(_emoji(call.ids[2]), set()) if each > after
    )
    return [world.user(each) for each in people[: int(call.query.get("limit", 25))]]


def _emoji(told: str) -> str:
    """One that Discord takes: a sign, or `name:id`."""
    plain = told.removesuffix("\ufe0f")
    if not plain or (plain.isascii() and ":" not in plain):
        raise Refused(*UNKNOWN_EMOJI)
    return told


def add_reaction(world: World, channel: Channel, record: Record, emoji: str, who: int) -> None:
    record.reactions.setdefault(emoji, set()).add(who)
    channel.happened("reaction", emoji, record.id, by_bot=who == world.bot.id)
    body = _reaction_event(channel, record, emoji, who) | {
        "message_author_id": str(record.author_id),
        "burst": False,
        "type": 0,
    }
    if channel.guild is not None and who in channel.guild.members:
        body["member"] = channel.guild.members[who].json
    world.tell("MESSAGE_REACTION_ADD", body, channel)


def take_reaction(world: World, channel: Channel, record: Record, emoji: str, who: int) -> None:
    """Take it away, if it is there."""
    if who not in record.reactions.get(emoji, set()):
        return
    record.reactions[emoji].discard(who)
    channel.happened("reaction", "", record.id, by_bot=who == world.bot.id)
    body = _reaction_event(channel, record, emoji, who) | {"burst": False, "type": 0}
    world.tell("MESSAGE_REACTION_REMOVE", body, channel)


def _reaction_event(channel: Channel, record: Record, emoji: str, who: int) -> JSON:
    return {
        "user_id": str(who),
        "channel_id": str(channel.id),
        "message_id": str(record.id),
        "emoji": emoji_json(emoji),
    }
