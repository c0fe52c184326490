"""All that the server knows: the bot, people, chats, files, queries and connections."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Literal

from agentcore.clock import SECOND, Micros
from tests.simulators.telegram_server.chats import Chat, Kind, Record
from tests.simulators.telegram_server.commands import Profile
from tests.simulators.telegram_server.flood import Flood
from tests.simulators.telegram_server.refusals import JSON, bad_request, forbidden, upgraded
from tests.simulators.telegram_server.updates import Updates
from tests.simulators.timeline import Bell, Timeline

TOKEN = "7000000001:AAF4k-TestTestTestTestTestTestTest_0x"


@dataclass(slots=True)
class Bot:
    """What BotFather knows of it."""

    id: int = 7_000_000_001
    name: str = "Familiar"
    username: str = "familiar_test_bot"
    token: str = TOKEN
    privacy: bool = True
    topics: bool = False
    guest: bool = True
    revoked: bool = False

    @property
    def user(self) -> JSON:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.name,
            "username": self.username,
        }


@dataclass(frozen=True, slots=True)
class StoredFile:
    file_id: str
    unique_id: str
    size: int
    content: bytes
    path: str
    kind: str
    body: JSON


@dataclass(slots=True)
class Query:
    """A press of a button that wants an answer."""

    at: Micros
    person_id: int
    answer: JSON | None = None


@dataclass(slots=True)
class Connection:
    """A person's business account that the bot may act for; its chats by counterpart."""

    id: str
    owner: JSON
    enabled: bool = True
    can_reply: bool = True
    chats: dict[int, Chat] = field(default_factory=dict)
    last_inbound: dict[int, Micros] = field(default_factory=dict)


@dataclass(slots=True)
class Guest:
    """A guest's question, and its one answer."""

    chat: Chat
    inline_message_id: str = ""


class World:
    def __init__(self, bot: Bot, timeline: Timeline, bell: Bell, flood: Flood) -> None:
        self.bot = bot
        self.timeline = timeline
        self.bell = bell
        self.flood = flood
        self.updates = Updates(timeline, bell)
        self.profile = Profile()
        self.people: dict[int, JSON] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.queries: dict[str, Query] = {}
        self.connections: dict[str, Connection] = {}
        self.guests: dict[str, Guest] = {}
        self.inline_messages: dict[str, Record] = {}
        self.numbers = itertools.count(1)
        self._common_ids = itertools.count(1)
        self._ids: dict[int, itertools.count[int]] = {}

    def seconds(self) -> int:
        return self.timeline.now() // SECOND

    def message_id(self, chat: Chat) -> int:
        """The next: a supergroup counts for itself, all other chats of an account together.

        A supergroup's first message says that it was made; its number is the general topic's.
        """
        if chat.kind != "supergroup":
            return next(self._common_ids)
        return next(self._ids.setdefault(chat.id, itertools.count(2)))

    def new_chat(
        self,
        chat_id: int,
        kind: Kind,
        *,
        title: str = "",
        person: JSON | None = None,
        forum: bool = False,
    ) -> Chat:
        chat = Chat(
            chat_id, kind, self.timeline, self.bell, title=title, person=person, forum=forum
        )
        self.chats[chat_id] = chat
        return chat

    def store_file(
        self, kind: str, content: bytes, body: JSON, *, size: int = 0, name: str = ""
    ) -> StoredFile:
        number = next(self.numbers)
        file_id = f"BQACAgIAAxkBAAI{number:05d}{kind[:3]}AAFamiliar"
        size = size or len(content)
        ending = name.rpartition(".")[2] if "." in name else "bin"
        path = f"{kind}s/file_{number}.{ending}"
        unique_id = f"AgAD{number:06d}"
        ids = {"file_id": file_id, "file_unique_id": unique_id, "file_size": size}
        stored = StoredFile(file_id, unique_id, size, content, path, kind, ids | body)
        self.files[file_id] = stored
        return stored

    def chat_named(self, told: str) -> Chat:
        """The chat of a `chat_id`.

        Raises:
            Refused: The bot knows none such.
        """
        told = told.strip()
        if not told:
            raise bad_request("chat_id is empty")
        number = int(told) if told.lstrip("-").isdigit() else 0
        chat = self.chats.get(number)
        if chat is None or (chat.kind == "private" and not chat.started and not self._met(number)):
            raise bad_request("chat not found")
        return chat

    def _met(self, person_id: int) -> bool:
        """Whether the bot knows a person from a group."""
        return any(
            person_id in chat.members and chat.kind != "private" for chat in self.chats.values()
        )

    def writable(self, told: str) -> Chat:
        """The chat of a `chat_id` that the bot may write to.

        Raises:
            Refused: There is none, or the bot may not.
        """
        chat = self.chat_named(told)
        if chat.migrated_to is not None:
            raise upgraded(chat.migrated_to)
        if chat.kind == "private":
            if chat.deactivated:
                raise forbidden("user is deactivated")
            if not chat.started:
                raise forbidden("bot can't initiate conversation with a user")
            if chat.bot_status == "kicked":
                raise forbidden("bot was blocked by the user")
            return chat
        name: Literal["group", "supergroup"] = chat.kind
        if chat.deleted:
            raise forbidden(f"the {name} chat was deleted")
        if chat.bot_status == "kicked":
            raise forbidden(f"bot was kicked from the {name} chat")
        if chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {name} chat")
        return chat
