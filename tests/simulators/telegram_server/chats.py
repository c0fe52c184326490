"""Chats and what people see in them: texts, buttons, documents, drafts that vanish, typing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from agentcore.clock import SECOND, Micros
from tests.simulators.telegram_server.refusals import JSON
from tests.simulators.timeline import Bell, Timeline

Kind = Literal["private", "group", "supergroup"]
DRAFT_SECONDS = 30
TYPING_SECONDS = 5
_BODIES = ("document", "photo", "voice", "sticker", "location", "contact", "video", "audio")


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as people see it now. `kind` is "text", or what it carries."""

    message_id: int
    author_id: int
    at: Micros
    text: str
    entities: tuple[JSON, ...] = ()
    buttons: tuple[tuple[str, ...], ...] = ()
    kind: str = "text"
    file_name: str = ""
    content: bytes = b""
    edited: bool = False
    reply_to: int | None = None
    topic: int | None = None


@dataclass(slots=True)
class Record:
    """A message as the server holds it; `versions` are what its text was before."""

    message: JSON
    at: Micros
    by_bot: bool
    content: bytes = b""
    versions: list[str] = field(default_factory=list)
    deleted: bool = False

    @property
    def id(self) -> int:
        number: int = self.message["message_id"]
        return number

    def shown(self) -> Shown:
        message = self.message
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        kind = next((name for name in _BODIES if name in message), "text")
        body = message.get(kind) if kind == "document" else None
        return Shown(
            self.id,
            message.get("from", {}).get("id", 0),
            self.at,
            str(message.get("text") or message.get("caption") or ""),
            tuple(message.get("entities") or message.get("caption_entities") or ()),
            tuple(tuple(button["text"] for button in row) for row in rows),
            kind,
            (body or {}).get("file_name", ""),
            self.content,
            "edit_date" in message,
            message.get("reply_to_message", {}).get("message_id"),
            message.get("message_thread_id"),
        )


@dataclass(frozen=True, slots=True)
class Action:
    """“typing…” and its like; each lasts five seconds, or until a message comes."""

    at: Micros
    action: str
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that grows before people's eyes; it lasts 30 seconds, or until a message comes."""

    at: Micros
    draft_id: int
    text: str
    entities: tuple[JSON, ...] = ()
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that people saw happen, whatever became of it."""

    at: Micros
    what: Literal["message", "edit", "delete", "draft", "action", "reaction"]
    message_id: int
    text: str
    by_bot: bool


class Chat:
    """One chat with the bot in it, or not."""

    def __init__(
        self,
        chat_id: int,
        kind: Kind,
        timeline: Timeline,
        bell: Bell,
        *,
        title: str = "",
        person: JSON | None = None,
        forum: bool = False,
    ) -> None:
        self.id = chat_id
        self.kind: Kind = kind
        self.title = title
        self.person = person
        self.forum = forum
        self.bot_status = "member"
        """Of the bot: member, administrator, left or kicked; of private chats: member or kicked."""
        self.started = kind != "private"
        """Whether the person ever wrote here: a bot can't begin."""
        self.deactivated = False
        self.deleted = False
        self.migrated_to: int | None = None
        self.members: dict[int, str] = {}
        self.records: dict[int, Record] = {}
        self.topics: dict[int, str] = {}
        self.closed_topics: set[int] = set()
        self.drafts: list[Draft] = []
        """All drafts that were ever shown, in order."""
        self.actions: list[Action] = []
        """All that was ever shown of this kind, in order."""
        self.reactions: dict[int, list[JSON]] = {}
        """The bot's reactions, by message."""
        self._timeline = timeline
        self._bell = bell
        self.history: list[Happening] = []
        """All that happened, in order, by the bot and by people."""
        self._old_drafts: dict[int | None, int] = {}
        self._old_actions: dict[int | None, int] = {}

    @property
    def json(self) -> JSON:
        if self.kind == "private" and self.person is not None:
            names = {k: v for k, v in self.person.items() if k in {"first_name", "username"}}
            return {"id": self.id, "type": "private", **names}
        forum = {"is_forum": True} if self.forum else {}
        return {"id": self.id, "title": self.title, "type": self.kind, **forum}

    def put(self, record: Record) -> None:
        self.records[record.id] = record
        if record.by_bot:
            topic = record.message.get("message_thread_id")
            self._old_drafts[topic] = len(self.drafts)
            self._old_actions[topic] = len(self.actions)
        self.happened("message", record.shown().text, record.id, by_bot=record.by_bot)

    def acts(self, action: Action) -> None:
        self.actions.append(action)
        self.happened("action", action.action)

    def drafted(self, draft: Draft) -> None:
        self.drafts.append(draft)
        self.happened("draft", draft.text)

    def happened(
        self,
        what: Literal["message", "edit", "delete", "draft", "action", "reaction"],
        text: str = "",
        message_id: int = 0,
        *,
        by_bot: bool = True,
    ) -> None:
        now = self._timeline.now()
        self.history.append(Happening(now, what, message_id, text, by_bot))
        self._bell.ring()

    @property
    def shown(self) -> tuple[Shown, ...]:
        """All messages that are there to be seen now, in order."""
        records = sorted(self.records.values(), key=lambda record: record.id)
        return tuple(record.shown() for record in records if not record.deleted)

    @property
    def from_bot(self) -> tuple[Shown, ...]:
        """Those of them that the bot wrote."""
        return tuple(each for each in self.shown if self.records[each.message_id].by_bot)

    @property
    def draft(self) -> Draft | None:
        """The draft to be seen now."""
        if not self.drafts:
            return None
        last = self.drafts[-1]
        fresh = self._timeline.now() - last.at < DRAFT_SECONDS * SECOND
        over = self._old_drafts.get(last.topic, 0) >= len(self.drafts)
        return last if fresh and not over else None

    @property
    def typing(self) -> bool:
        """Whether people see the bot type now."""
        if not self.actions:
            return False
        last = self.actions[-1]
        fresh = self._timeline.now() - last.at < TYPING_SECONDS * SECOND
        return fresh and self._old_actions.get(last.topic, 0) < len(self.actions)

    async def sees(self, wanted: str | Callable[[Shown], bool], *, within: float = 5.0) -> Shown:
        """Wait for a message of the bot that holds this text, or of which this is true.

        Raises:
            AssertionError: None came; it says what is there instead.
        """
        return await self._wait(wanted, lambda: self.from_bot, within)

    async def sees_draft(self, wanted: str, *, within: float = 5.0) -> None:
        """Wait for a draft that holds this text."""
        await self._bell.until(
            lambda: any(wanted in each.text for each in self.drafts), within=within
        )

    async def sees_typing(self, *, within: float = 5.0) -> None:
        await self._bell.until(lambda: self.typing, within=within)

    async def no_longer_sees(self, wanted: str, *, within: float = 5.0) -> None:
        """Wait until no message of the bot holds this text any more."""
        await self._bell.until(
            lambda: not any(wanted in each.text for each in self.from_bot), within=within
        )

    async def _wait(
        self,
        wanted: str | Callable[[Shown], bool],
        among: Callable[[], tuple[Shown, ...]],
        within: float,
    ) -> Shown:
        fits = (lambda shown: wanted in shown.text) if isinstance(wanted, str) else wanted
        try:
            await self._bell.until(lambda: any(map(fits, among())), within=within)
        except TimeoutError:
            there = [each.text for each in among()]
            raise AssertionError(f"not seen: {wanted!r}; the bot wrote {there}") from None
        return next(each for each in reversed(among()) if fits(each))
