"""Methods about chats, their members and files."""

from __future__ import annotations

from agentcore.clock import SECOND
from tests.simulators.telegram_server.chats import Chat
from tests.simulators.telegram_server.parameters import Parameters
from tests.simulators.telegram_server.refusals import JSON, bad_request, forbidden
from tests.simulators.telegram_server.world import World

MOST_DOWNLOAD = 20 * 1024 * 1024
_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_WAYS_TO_WRITE = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
    "can_edit_tag",
    "can_react_to_messages",
)


def get_chat(world: World, asked: Parameters) -> JSON:
    chat = world.chat_named(asked.text("chat_id"))
    if chat.kind != "private" and chat.bot_status in {"left", "kicked"}:
        raise (
            forbidden(f"bot was kicked from the {chat.kind} chat")
            if chat.bot_status == "kicked"
            else forbidden(f"bot is not a member of the {chat.kind} chat")
        )
    gifts = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        False,
    )
    return chat.json | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": gifts,
    }


def get_chat_member(world: World, asked: Parameters) -> JSON:
    chat = world.chat_named(asked.text("chat_id"))
    number = asked.integer("user_id")
    if number <= 0:
        raise bad_request("invalid user_id specified")
    if number == world.bot.id:
        return member_json(world.bot.user, chat.bot_status)
    if number not in world.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return member_json(world.people[number], chat.members.get(number, "left"))


def member_json(user: JSON, status: str) -> JSON:
    """A ChatMember of this status, complete."""
    member: JSON = {"user": user, "status": status}
    if status == "creator":
        member["is_anonymous"] = False
    elif status == "administrator":
        member |= {"can_be_edited": False, "is_anonymous": False} | dict.fromkeys(_RIGHTS, True)
    elif status == "kicked":
        member["until_date"] = 0
    elif status == "restricted":
        member |= {"is_member": True, "until_date": 0} | dict.fromkeys(_WAYS_TO_WRITE, False)
    return member


def leave_chat(world: World, asked: Parameters) -> bool:
    chat = world.chat_named(asked.text("chat_id"))
    if chat.kind == "private":
        raise bad_request("chat not found")
    world.writable(asked.text("chat_id"))
    push_own_status(world, chat, world.bot.user, "left")
    return True


def push_own_status(world: World, chat: Chat, by: JSON, status: str) -> int:
    """The bot's place in a chat changes: it is told with my_chat_member."""
    old, chat.bot_status = chat.bot_status, status
    update = {
        "chat": chat.json,
        "from": by,
        "date": world.timeline.now() // SECOND,
        "old_chat_member": member_json(world.bot.user, old),
        "new_chat_member": member_json(world.bot.user, status),
    }
    return world.updates.push("my_chat_member", update, chat.id)


def get_file(world: World, asked: Parameters) -> JSON:
    stored = world.files.get(asked.text("file_id"))
    if not asked.text("file_id"):
        raise bad_request("file_id not specified")
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.size > MOST_DOWNLOAD:
        raise bad_request("file is too big")
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }


METHODS = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "leaveChat": leave_chat,
    "getFile": get_file,
}
