"""From what a call asks for to a message: all that is checked before anything is posted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.discord_server.calls import Call, Upload
from tests.simulators.discord_server.channels import COMPONENTS_V2, EPHEMERAL, Channel, Record
from tests.simulators.discord_server.components import check_components
from tests.simulators.discord_server.embeds import check_content, check_embeds
from tests.simulators.discord_server.mentions import Mentioned, check_allowed, mentioned
from tests.simulators.discord_server.permissions import Permission, need
from tests.simulators.discord_server.refusals import (
    EMPTY_MESSAGE,
    JSON,
    TOO_LARGE,
    NotSimulated,
    Refused,
    bad_length,
    invalid_form,
)
from tests.simulators.discord_server.world import World

MOST_FILE = 10 * 1024 * 1024
SUPPRESS_EMBEDS, SILENT = 1 << 2, 1 << 12
SETTABLE = SUPPRESS_EMBEDS | SILENT | COMPONENTS_V2
_LEGACY = ("content", "embeds", "poll", "sticker_ids")


@dataclass(frozen=True, slots=True)
class Draft:
    fields: JSON
    files: dict[str, bytes] = field(default_factory=dict)
    notified: frozenset[int] = frozenset()


def drafted(
    world: World,
    channel: Channel,
    call: Call,
    asked: JSON,
    *,
    held: Permission,
    replied: Record | None = None,
    ephemeral: bool = False,
) -> Draft:
    """A new message of the bot.

    Raises:
        Refused: It isn't as messages must be, or the bot may not send such.
    """
    _check_simulated(asked)
    flags = int(asked.get("flags") or 0) & (SETTABLE | (EPHEMERAL if ephemeral else 0))
    layout = bool(flags & COMPONENTS_V2)
    if layout:
        _check_layout(asked)
    content, embeds = check_content(asked.get("content")), check_embeds(asked.get("embeds"))
    components = check_components(asked.get("components"), layout=layout)
    allowed = check_allowed(asked.get("allowed_mentions"))
    attachments, files = _attached(world, channel, asked, call.uploads)
    if attachments:
        need(held, Permission.ATTACH_FILES)
    if embeds:
        need(held, Permission.EMBED_LINKS)
    if not (content or embeds or attachments or components):
        raise Refused(*EMPTY_MESSAGE)
    said = mentioned(
        world,
        channel,
        world.bot.id,
        content,
        allowed=allowed,
        replied=replied,
        speaks=not flags & SILENT,
    )
    fields: JSON = {
        "content": content,
        "embeds": embeds,
        "components": components,
        "attachments": attachments,
        "flags": flags,
        "tts": bool(asked.get("tts")),
        **said.fields,
    }
    return Draft(fields, files, said.notified)


def redrafted(world: World, channel: Channel, record: Record, call: Call, asked: JSON) -> Draft:
    """What a message of the bot becomes: only what is told changes.

    Raises:
        Refused: As for `drafted`, or it takes away what cannot be.
    """
    message = record.message
    was_layout = bool(message["flags"] & COMPONENTS_V2)
    flags = asked.get("flags")
    layout = was_layout if flags is None else bool(int(flags) & COMPONENTS_V2)
    if was_layout and not layout:
        said = "The IS_COMPONENTS_V2 flag cannot be removed"
        raise invalid_form("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", said)
    if layout:
        _check_layout(asked)
    fields: JSON = {"flags": message["flags"]}
    if flags is not None:
        kept = message["flags"] & ~SUPPRESS_EMBEDS
        fields["flags"] = kept | int(flags) & (SUPPRESS_EMBEDS | COMPONENTS_V2)
    if "content" in asked:
        fields["content"] = check_content(asked["content"])
        fields |= _mentions(world, channel, asked, str(fields["content"])).fields
    if "embeds" in asked:
        fields["embeds"] = check_embeds(asked["embeds"])
    if "components" in asked:
        fields["components"] = check_components(asked["components"], layout=layout)
    files = dict(record.files)
    if "attachments" in asked or call.uploads:
        fields["attachments"], files = _kept(world, channel, record, call, asked)
    new = message | fields
    if not (new["content"] or new["embeds"] or new["attachments"] or new["components"]):
        raise Refused(*EMPTY_MESSAGE)
    return Draft(fields, files, record.notified)


def _mentions(world: World, channel: Channel, asked: JSON, text: str) -> Mentioned:
    allowed = check_allowed(asked.get("allowed_mentions"))
    return mentioned(world, channel, world.bot.id, text, allowed=allowed)


def _check_simulated(asked: JSON) -> None:
    for name in ("poll", "sticker_ids"):
        if asked.get(name):
            raise NotSimulated(f"Discord's messages have {name}, the bot's here haven't")
    if (asked.get("message_reference") or {}).get("type"):
        raise NotSimulated("the bot forwards nothing here")


def _check_layout(asked: JSON) -> None:
    for name in _LEGACY:
        if asked.get(name):
            said = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            raise invalid_form(name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", said)


def _kept(
    world: World, channel: Channel, record: Record, call: Call, asked: JSON
) -> tuple[list[JSON], dict[str, bytes]]:
    """The files after an edit: those named are kept, those sent are new."""
    there = {each["id"]: each for each in record.message["attachments"]}
    told = asked.get("attachments")
    named = list(there) if told is None else [str(each["id"]) for each in told]
    kept = [there[each] for each in named if each in there]
    fresh = [each for each in told or [] if str(each["id"]) not in there]
    new, files = _attached(world, channel, {"attachments": fresh}, call.uploads)
    names = {each["filename"] for each in kept}
    old = {name: content for name, content in record.files.items() if name in names}
    return kept + new, old | files


def _attached(
    world: World, channel: Channel, asked: JSON, uploads: dict[str, Upload]
) -> tuple[list[JSON], dict[str, bytes]]:
    if len(uploads) > 10:
        raise bad_length("attachments", 0, 10)
    if any(len(each.content) > MOST_FILE for each in uploads.values()):
        raise Refused(*TOO_LARGE)
    told: dict[str, Any] = {str(each.get("id")): each for each in asked.get("attachments") or []}
    attachments, files = [], {}
    for name, upload in uploads.items():
        number = re.fullmatch(r"files\[(\d+)\]", name)
        about = told.pop(number[1], {}) if number else {}
        file_name = re.sub(r"[^\w.\-]", "_", about.get("filename") or upload.name)
        extra = {key: about[key] for key in ("description", "title") if about.get(key)}
        stored = world.files.store(
            channel.id, world.ids.new(), file_name, upload.content, extra=extra
        )
        attachments.append(stored)
        files[file_name] = upload.content
    if told:
        missing = next(iter(told))
        said = f"Attachment data not found for id {missing}"
        raise invalid_form("attachments", "ATTACHMENT_NOT_FOUND", said)
    return attachments, files
