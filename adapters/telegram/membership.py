"""What happens to the bot's place in a chat, and to the chat itself. Pure."""

from __future__ import annotations

from collections.abc import Callable

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Message, User

from adapters.addresses import ChatAddress
from adapters.events import ChatEvent
from adapters.telegram.meaning import Ignored, Meaning


def own_place(update_id: str, change: ChatMemberUpdated, me: User, address: ChatAddress) -> Meaning:
    """What a change of the bot's own place means: let in, shut out, or neither."""
    if change.chat.type == "channel":
        return Ignored("a channel")
    before, now = _may_write(change.old_chat_member), _may_write(change.new_chat_member)
    if before == now:
        return Ignored("other rights in a chat that it is in, or isn't")
    language = change.from_user.language_code
    if not now:
        return ChatEvent(update_id, address, "unreachable")
    private = change.chat.type == "private"
    if private or change.old_chat_member.status == ChatMember.RESTRICTED:
        return ChatEvent(update_id, address, "reachable", language)
    sees_all = bool(me.can_read_all_group_messages)
    admin = change.new_chat_member.status == ChatMember.ADMINISTRATOR
    return ChatEvent(
        update_id, address, "joined", language, hears_all=sees_all or admin, hears_as_admin=True
    )


def _may_write(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return member.status not in {ChatMember.LEFT, ChatMember.BANNED}


def moved(message: Message, address: Callable[[int], ChatAddress]) -> ChatEvent | None:
    """That a group has become a supergroup, as the old chat and the new one both say: one event."""
    if message.migrate_to_chat_id is not None:
        old, new = message.chat.id, message.migrate_to_chat_id
    elif message.migrate_from_chat_id is not None:
        old, new = message.migrate_from_chat_id, message.chat.id
    else:
        return None
    return ChatEvent(f"moved:{old}:{new}", address(old), "moved", moved_to=address(new))
