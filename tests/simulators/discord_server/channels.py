"""Channels and what people see in them: texts, buttons, files, typing, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

from agentcore.clock import SECOND, Micros
from tests.simulators.discord_server.refusals import JSON
from tests.simulators.discord_server.timeline import Bell, Timeline, iso

if TYPE_CHECKING:
    from tests.simulators.discord_server.guilds import Guild

TYPING_SECONDS = 10
ONCE = Micros(0)
EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15
What = Literal["message", "edit", "delete", "typing", "reaction"]


class Kind(IntEnum):
    TEXT = 0
    DM = 1
    GROUP = 3
    NEWS = 5
    NEWS_THREAD = 10
    THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREADS = frozenset({Kind.NEWS_THREAD, Kind.THREAD, Kind.PRIVATE_THREAD})


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as people see it now; `loading` is an answer that was announced only."""

    message_id: int
    author_id: int
    at: Micros
    text: str
    embeds: tuple[JSON, ...] = ()
    buttons: tuple[tuple[str, ...], ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    edited: bool = False
    reply_to: int | None = None
    ephemeral: bool = False
    loading: bool = False
    notified: frozenset[int] = frozenset()
    """The people whom the message made a sound for; a DM's for its person always."""
    reactions: Mapping[str, frozenset[int]] = field(default_factory=dict)
    components: tuple[JSON, ...] = ()


@dataclass(slots=True)
class Record:
    """A message as the server holds it; `only_for` is the one person who sees it."""

    message: JSON
    at: Micros
    by_bot: bool
    only_for: int | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)
    reactions: dict[str, set[int]] = field(default_factory=dict)
    notified: frozenset[int] = frozenset()
    deleted: bool = False
    token: str = ""
    """The interaction's that it answers."""

    @property
    def id(self) -> int:
        return int(self.message["id"])

    @property
    def author_id(self) -> int:
        return int(self.message["author"]["id"])

    def shown(self) -> Shown:
        message = self.message
        reference = message.get("message_reference") or {}
        return Shown(
            self.id,
            self.author_id,
            self.at,
            "\n".join([message["content"], *texts_of(message["components"])]).strip("\n"),
            tuple(message["embeds"]),
            tuple(filter(None, _rows(message["components"]))),
            dict(self.files),
            message["edited_timestamp"] is not None,
            int(reference["message_id"]) if reference.get("message_id") else None,
            bool(message["flags"] & EPHEMERAL),
            bool(message["flags"] & LOADING),
            self.notified,
            {emoji: frozenset(people) for emoji, people in self.reactions.items() if people},
            tuple(message["components"]),
        )


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that people saw happen, whatever became of it."""

    at: Micros
    what: What
    message_id: int
    text: str
    by_bot: bool
    ephemeral: bool = False


@dataclass(slots=True)
class ThreadState:
    owner_id: int
    archived: bool = False
    locked: bool = False
    auto_archive_minutes: int = 1440
    invitable: bool = True
    archived_at: Micros = ONCE
    members: set[int] = field(default_factory=set)
    messages: int = 0


class Channel:
    """A channel of a guild, a thread of one, a person's DM with the bot, or a group of people, whose
    messages no bot gets.
    """

    def __init__(
        self, channel_id: int, kind: Kind, timeline: Timeline, bell: Bell, *, name: str = ""
    ) -> None:
        self.id = channel_id
        self.kind = kind
        self.name = name
        self.topic = ""
        self.guild: Guild | None = None
        self.parent: Channel | None = None
        self.person: JSON | None = None
        self.group: tuple[JSON, ...] = ()
        self.thread: ThreadState | None = None
        self.slow_mode = 0
        self.overwrites: dict[int, tuple[int, int]] = {}
        """What a role's or member's id is allowed and denied here."""
        self.records: dict[int, Record] = {}
        self.typed: list[Micros] = []
        """When the bot said that it types."""
        self.history: list[Happening] = []
        """All that happened, in order, by the bot and by people."""
        self.last_by: dict[int, Micros] = {}
        self._timeline = timeline
        self._bell = bell

    @property
    def home(self) -> Channel:
        """The channel whose permissions hold: a thread's parent."""
        return self.parent or self

    def put(self, record: Record) -> None:
        self.records[record.id] = record
        if self.thread is not None:
            self.thread.messages += 1
        self.happened(
            "message",
            record.shown().text,
            record.id,
            by_bot=record.by_bot,
            ephemeral=record.only_for is not None,
        )

    def happened(
        self,
        what: What,
        text: str = "",
        message_id: int = 0,
        *,
        by_bot: bool = True,
        ephemeral: bool = False,
    ) -> None:
        now = self._timeline.now()
        self.history.append(Happening(now, what, message_id, text, by_bot, ephemeral))
        self._bell.ring()

    def types(self) -> None:
        self.typed.append(self._timeline.now())
        self.happened("typing")

    @property
    def typing(self) -> bool:
        """Whether people see the bot type now: for ten seconds, or until it wrote."""
        if not self.typed:
            return False
        wrote = max(
            (each.at for each in self.history if each.what == "message" and each.by_bot),
            default=-1,
        )
        at = self.typed[-1]
        return self._timeline.now() - at < TYPING_SECONDS * SECOND and wrote < at

    def seen_by(self, person_id: int | None = None) -> tuple[Shown, ...]:
        """All messages that are there now for this person, or for everybody, in order."""
        records = sorted(self.records.values(), key=lambda record: record.id)
        return tuple(
            record.shown()
            for record in records
            if not record.deleted and record.only_for in {None, person_id}
        )

    @property
    def shown(self) -> tuple[Shown, ...]:
        return self.seen_by()

    def bots(self, person_id: int | None = None) -> tuple[Shown, ...]:
        """What the bot wrote and is there now."""
        return tuple(
            each for each in self.seen_by(person_id) if self.records[each.message_id].by_bot
        )

    async def sees(
        self,
        wanted: str | Callable[[Shown], bool],
        *,
        by: int | None = None,
        within: float = 5.0,
    ) -> Shown:
        """Wait for a message of the bot that holds this text, or of which this is true.

        `by` is a person's id: what only that person sees counts too.

        Raises:
            AssertionError: None came; it says what is there instead.
        """
        fits = (lambda shown: wanted in shown.text) if isinstance(wanted, str) else wanted
        try:
            await self._bell.until(lambda: any(map(fits, self.bots(by))), within=within)
        except TimeoutError:
            there = [each.text for each in self.bots(by)]
            raise AssertionError(f"not seen: {wanted!r}; the bot wrote {there}") from None
        return next(each for each in reversed(self.bots(by)) if fits(each))

    async def no_longer_sees(self, wanted: str, *, within: float = 5.0) -> None:
        """Wait until no message of the bot holds this text any more."""
        await self._bell.until(
            lambda: not any(wanted in each.text for each in self.bots()), within=within
        )

    async def sees_typing(self, *, within: float = 5.0) -> None:
        await self._bell.until(lambda: self.typing, within=within)

    @property
    def json(self) -> JSON:
        """The channel as its guild's members get it."""
        body: JSON = {"id": str(self.id), "type": int(self.kind), "flags": 0}
        last = max(self.records, default=None)
        body["last_message_id"] = None if last is None else str(last)
        if self.person is not None:
            return body | {"recipients": [self.person]}
        if self.kind is Kind.GROUP:
            owner = {"owner_id": self.group[0]["id"], "icon": None}
            return body | {"name": self.name, "recipients": list(self.group)} | owner
        body |= {
            "name": self.name,
            "guild_id": str(self.guild.id) if self.guild else None,
            "parent_id": str(self.parent.id) if self.parent else None,
            "rate_limit_per_user": self.slow_mode,
        }
        if self.thread is not None:
            return body | _thread_json(self.thread)
        return body | {
            "position": 0,
            "topic": self.topic or None,
            "nsfw": False,
            "permission_overwrites": [
                {
                    "id": str(who),
                    "type": 0 if self.guild and who in self.guild.roles else 1,
                    "allow": str(allowed),
                    "deny": str(denied),
                }
                for who, (allowed, denied) in self.overwrites.items()
            ],
            **({"available_tags": []} if self.kind is Kind.FORUM else {}),
        }


def _thread_json(state: ThreadState) -> JSON:
    return {
        "owner_id": str(state.owner_id),
        "message_count": state.messages,
        "total_message_sent": state.messages,
        "member_count": min(50, len(state.members)),
        "thread_metadata": {
            "archived": state.archived,
            "auto_archive_duration": state.auto_archive_minutes,
            "archive_timestamp": iso(state.archived_at),
            "locked": state.locked,
            "invitable": state.invitable,
            "create_timestamp": iso(state.archived_at),
        },
    }


def parts(components: list[Any]) -> list[JSON]:
    """All components, those within others too, in the order they are seen."""
    found: list[JSON] = []
    for each in components:
        found.append(each)
        found += parts(each.get("components", []))
        found += parts([each[name] for name in ("accessory", "component") if name in each])
    return found


def texts_of(components: list[Any]) -> list[str]:
    return [str(each["content"]) for each in parts(components) if each["type"] == 10]


def _rows(components: list[Any]) -> list[tuple[str, ...]]:
    rows = [each for each in parts(components) if each["type"] in {1, 9}]
    return [
        tuple(str(one.get("label") or "") for one in parts([row]) if one["type"] == 2)
        for row in rows
    ]
