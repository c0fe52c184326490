"""Business accounts that let the bot answer, and guests who call it into chats it isn't in."""

from __future__ import annotations

from tests.simulators.telegram_server.chats import Chat, Record
from tests.simulators.telegram_server.membership import Member
from tests.simulators.telegram_server.refusals import JSON
from tests.simulators.telegram_server.texts import cleaned
from tests.simulators.telegram_server.world import Connection, Guest, World


class Businessperson(Member):
    def __init__(self, world: World, name: str, *, language: str, username: str) -> None:
        super().__init__(world, name, language=language, username=username)
        self._reactions: dict[tuple[int, int], list[JSON]] = {}

    def connects_business(self, *, can_reply: bool = True) -> Connection:
        """Let the bot act for the own account."""
        name = f"BC{next(self.world.numbers):08d}"
        connection = Connection(name, self.user, can_reply=can_reply)
        self.world.connections[name] = connection
        self._tell(connection)
        return connection

    def disconnects_business(self, connection: Connection) -> None:
        connection.enabled = False
        self._tell(connection)

    def _tell(self, connection: Connection) -> None:
        update = {
            "id": connection.id,
            "user": self.user,
            "user_chat_id": self.id,
            "date": self.world.seconds(),
            "is_enabled": connection.enabled,
            "rights": {"can_reply": connection.can_reply},
        }
        self.world.updates.push("business_connection", update, self.id)

    def writes_to_business(self, text: str, connection: Connection) -> Chat:
        """Write to the account's owner; the chat between the two, which the bot may answer in."""
        connection.last_inbound[self.id] = self.world.timeline.now()
        return self._says_in_business(text, connection, self)

    def writes_as_business(self, text: str, connection: Connection, to: Businessperson) -> Chat:
        """The owner writes in one of these chats, of which the bot is told as well."""
        return self._says_in_business(text, connection, to)

    def _says_in_business(
        self, text: str, connection: Connection, counterpart: Businessperson
    ) -> Chat:
        chat = connection.chats.get(counterpart.id)
        if chat is None:
            chat = Chat(
                counterpart.id,
                "private",
                self.world.timeline,
                self.world.bell,
                person=counterpart.user,
            )
            chat.started = True
            connection.chats[counterpart.id] = chat
        said = cleaned(text, [])
        message: JSON = {
            "business_connection_id": connection.id,
            "message_id": self.world.message_id(chat),
            "from": self.user,
            "chat": chat.json,
            "date": self.world.seconds(),
            "text": said.text,
        }
        if said.entities:
            message["entities"] = said.json_entities
        chat.put(Record(message, self.world.timeline.now(), by_bot=False))
        self.world.updates.push("business_message", message, counterpart.id)
        return chat

    def asks_as_guest(self, text: str, chat: Chat) -> str:
        """Call the bot into a chat that it isn't in; the query's id."""
        number = f"GQ{next(self.world.numbers):010d}"
        self.world.guests[number] = Guest(chat)
        said = cleaned(text, [])
        message: JSON = {
            "message_id": self.world.message_id(chat),
            "from": self.user,
            "chat": chat.json,
            "date": self.world.seconds(),
            "text": said.text,
            "guest_query_id": number,
        }
        if said.entities:
            message["entities"] = said.json_entities
        chat.put(Record(message, self.world.timeline.now(), by_bot=False))
        self.world.updates.push("guest_message", message, chat.id)
        return number
