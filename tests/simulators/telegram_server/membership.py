"""What people do with the bot's place: block it, add it to groups, make groups and topics."""

from __future__ import annotations

from tests.simulators.telegram_server.chats import Chat, Record
from tests.simulators.telegram_server.refusals import JSON
from tests.simulators.telegram_server.rooms import member_json, push_own_status
from tests.simulators.telegram_server.world import World

PERSON_IDS = 5_000_000_000
TOPIC_COLOR = 7_322_096


class Member:
    """A person as others see them."""

    def __init__(self, world: World, name: str, *, language: str, username: str) -> None:
        self.world = world
        self.id = PERSON_IDS + next(world.numbers)
        self.name = name
        self.user: JSON = {
            "id": self.id,
            "is_bot": False,
            "first_name": name,
            "language_code": language,
        }
        if username:
            self.user["username"] = username
        world.people[self.id] = self.user
        self.chat = world.new_chat(self.id, "private", person=self.user)
        """The private chat with the bot."""
        self.chat.members[self.id] = "member"

    # The private chat

    def blocks_bot(self) -> None:
        push_own_status(self.world, self.chat, self.user, "kicked")

    def unblocks_bot(self) -> None:
        push_own_status(self.world, self.chat, self.user, "member")

    def is_deactivated(self) -> None:
        """The account is gone; the bot is told nothing."""
        self.chat.deactivated = True

    # Groups

    def adds_bot(self, chat: Chat) -> None:
        push_own_status(self.world, chat, self.user, "member")
        self.announces(chat, {"new_chat_members": [self.world.bot.user]})

    def removes_bot(self, chat: Chat) -> None:
        push_own_status(self.world, chat, self.user, "kicked")

    def makes_bot_admin(self, chat: Chat) -> None:
        push_own_status(self.world, chat, self.user, "administrator")

    def silences_bot(self, chat: Chat) -> None:
        """It stays, and may write nothing."""
        push_own_status(self.world, chat, self.user, "restricted")

    def lets_bot_speak(self, chat: Chat) -> None:
        push_own_status(self.world, chat, self.user, "member")

    def joins(self, chat: Chat) -> None:
        self._moves(chat, "member", {"new_chat_members": [self.user]})

    def leaves(self, chat: Chat) -> None:
        self._moves(chat, "left", {"left_chat_member": self.user})

    def _moves(self, chat: Chat, status: str, said: JSON) -> None:
        old = chat.members.get(self.id, "left")
        chat.members[self.id] = status
        update = {
            "chat": chat.json,
            "from": self.user,
            "date": self.world.seconds(),
            "old_chat_member": member_json(self.user, old),
            "new_chat_member": member_json(self.user, status),
        }
        if chat.bot_status == "administrator":
            self.world.updates.push("chat_member", update, chat.id)
        self.announces(chat, said)
        if status == "left":
            del chat.members[self.id]

    def upgrades(self, chat: Chat) -> Chat:
        """The group becomes a supergroup: another chat, and both say so."""
        number = next(self.world.numbers)
        new = self.world.new_chat(-1_001_900_000_000 - number, "supergroup", title=chat.title)
        new.members = dict(chat.members)
        new.bot_status = chat.bot_status
        self.announces(chat, {"migrate_to_chat_id": new.id})
        chat.migrated_to = new.id
        said = {"migrate_from_chat_id": chat.id, "sender_chat": new.json}
        self.announces(new, said, by=GROUP_BOT)
        return new

    def opens_topic(self, chat: Chat, name: str) -> int:
        """A new topic; its id."""
        if chat.kind == "private" and not self.world.bot.topics:
            raise ValueError("topics in private chats are for bots with topics: Bot(topics=True)")
        if chat.kind != "private" and not chat.forum:
            raise ValueError("this group has no topics: group(…, forum=True)")
        said = {"forum_topic_created": {"name": name, "icon_color": TOPIC_COLOR}}
        message = self.announces(chat, said, topic=True)
        number: int = message["message_id"]
        chat.topics[number] = name
        return number

    def closes_topic(self, chat: Chat, topic: int) -> None:
        chat.closed_topics.add(topic)
        said = {"forum_topic_closed": {}, "message_thread_id": topic, "is_topic_message": True}
        self.announces(chat, said)

    def deletes_topic(self, chat: Chat, topic: int) -> None:
        """The bot is told nothing."""
        del chat.topics[topic]

    def announces(
        self, chat: Chat, said: JSON, *, by: JSON | None = None, topic: bool = False
    ) -> JSON:
        """A service message; the bot gets it if it is in the chat."""
        chat.started = True
        number = self.world.message_id(chat)
        message = {
            "message_id": number,
            "from": by or self.user,
            "chat": chat.json,
            "date": self.world.seconds(),
            **said,
        }
        if topic:
            message |= {"message_thread_id": number, "is_topic_message": True}
        chat.put(Record(message, self.world.timeline.now(), by_bot=False))
        if chat.bot_status in {"member", "administrator"}:
            self.world.updates.push("message", message, chat.id)
        return message


GROUP_BOT: JSON = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
