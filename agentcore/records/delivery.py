"""What passes through the gate and out again: submissions, their outcome, notices, outbox rows.

Addresses and sources are opaque text here; only adapters read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.agents import Audience
from agentcore.records.ids import Address, AgentId, IdentityId, UserId
from agentcore.records.memory import Block
from agentcore.records.messages import Message, Part, Unreadable, text_of
from agentcore.records.people import AccessState, ConsentState, IdentityKey
from agentcore.records.turns import InboxKind, StopReason

NoticeArguments = Mapping[str, str | int]


@dataclass(frozen=True)
class Submission:
    """One update from outside, on its way into the inbox.

    `source` and `update_id` name it for good: the same pair is never accepted twice. `due_at`
    is `received_at` plus the platform's debounce. `command` set: `parts` hold its argument.
    `speaker` is the name that the model sees, where several people write. `home` is the chat that
    the address is a topic of, None where it is none. `personal`: in a chat of several, the sender's
    own agent answers them, not the chat's. `pressed`: a button was pressed, and whoever is refused
    is told by the outcome alone. `addressed` False: it was said to nobody or to others.
    `by_an_admin`: the sender has a say over the chat of several.
    `answer_via`: the adapter's handle of what waits for just this answer. `unreadable`: what came
    with it that can't be passed on. `edited`: the message of the
    `platform_message_id` reads so now; `earlier` is what it read before, "" if that may not be told.
    """

    source: str
    update_id: str
    key: IdentityKey
    display_name: str
    address: Address
    audience: Audience
    kind: InboxKind
    parts: tuple[Part, ...]
    received_at: Micros
    due_at: Micros
    command: str | None = None
    speaker: str | None = None
    platform_message_id: str | None = None
    answer_via: str | None = None
    otid: str | None = None
    language: str | None = None
    home: Address | None = None
    personal: bool = False
    pressed: bool = False
    addressed: bool = True
    by_an_admin: bool = False
    unreadable: Unreadable | None = None
    edited: bool = False
    earlier: str | None = None

    @property
    def chat(self) -> Address:
        """The chat itself, whatever topic of it this was sent to."""
        return self.home or self.address

    @property
    def to_the_chat(self) -> bool:
        """Whether the chat's own agent answers."""
        return self.audience == "chat" and not self.personal

    @cached_property
    def text(self) -> str:
        return text_of(self.parts)

    @property
    def wordless_edit(self) -> bool:
        """Whether something has changed that isn't words, such as a place that is shared live."""
        return self.edited and self.command is None and not self.text.strip()

    @cached_property
    def size(self) -> int:
        """Bytes of text, as the per-agent cap counts them."""
        return len(self.text.encode())


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What a person is told before anything of theirs is kept. `required`: and must agree to;
    else it is enough that they were told. `key` and `arguments` make the text; `changed_key` that
    for people who have heard other terms before.
    """

    version: str
    required: bool
    key: str
    changed_key: str
    arguments: NoticeArguments = field(default_factory=dict)

    @property
    def enough(self) -> frozenset[ConsentState]:
        """What somebody has said to them who has heard them, or agreed where that is required."""
        return frozenset({"consented"} if self.required else {"noticed", "consented"})

    def heard_by(self, consent: ConsentState, version: str | None) -> bool:
        """Whether somebody's consent, given to that version, is enough."""
        return consent in self.enough and version == self.version


@dataclass(frozen=True, slots=True)
class Admission:
    """The limits at the gate. Counts are per agent or identity; windows are fixed here, so that
    each refusal is said once per window. `pairing`: a stranger gets a code for the operator.
    `max_per_day` counts what one person says in a UTC day; `max_spend`, in millionths of a US
    dollar, what the whole service has spent or set aside in one. `groups_off`: nobody is let in from a chat
    of several.
    """

    new_user_access: AccessState = "admitted"
    pairing: bool = False
    terms: ConsentTerms | None = None
    max_per_day: int | None = None
    max_spend: int | None = None
    max_text_bytes: int = 64_000
    max_pending: int = 50
    max_pending_bytes: int = 1_000_000
    max_per_minute: int = 60
    newcomers_per_hour: int = 1_000
    groups_off: bool = False


@dataclass(frozen=True, slots=True)
class AgentSeed:
    """What a new agent is made from: a template with its variables filled in."""

    owner_kind: Literal["user", "chat", "api"]
    name: str
    template: str
    system: str
    tools: tuple[str, ...]
    blocks: tuple[Block, ...]
    model: str | None = None
    context_window: int | None = None
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What becomes of an agent: its own model (None: the service's default), and with a seed all
    else that one says, but for the blocks that the agent has already.
    """

    model: str | None
    seed: AgentSeed | None = None


RefusalReason = Literal[
    "too_long",
    "empty",
    "groups_off",
    "unreadable_photo",
    "unreadable_voice",
    "unreadable_audio",
    "unreadable_video",
    "unreadable_document",
    "unreadable_sticker",
    "unreadable_other",
    "pending_full",
    "rate",
    "daily",
    "budget",
    "crowded",
    "not_admitted",
    "pairing",
    "consent",
    "blocked",
]


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is in the inbox for good. `first_contact`: this made the agent."""

    agent_id: AgentId
    identity_id: IdentityId
    user_id: UserId
    thread: int
    position: int
    pending: int
    first_contact: bool


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same update was seen before; nothing was written. `position` is where it stands, 0 if
    it was refused or that isn't known any more.
    """

    position: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Not accepted. `announced` False: this window's sentence was already said."""

    reason: RefusalReason
    announced: bool
    arguments: NoticeArguments = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ignored:
    """It wasn't for us; nothing was written."""


Acceptance = Accepted | Duplicate | Refused | Ignored


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A text of ours by its catalogue key; rendered in the reader's language, never in a prompt."""

    address: Address
    key: str
    arguments: NoticeArguments = field(default_factory=dict)
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    seq: int
    key: str
    arguments: NoticeArguments
    created_at: Micros


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """Something that can be done about a notice: a command, under a name in the reader's language. A
    `choice` is one of several of its kind; behind the command of a `form` comes what is filled in.
    The first of several says in `prompt` what picking one does.
    """

    label: str
    command: str
    kind: Literal["action", "choice", "form"] = "action"
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that goes with a chunk, for what is too long to be one."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class OutboxDraft:
    """One chunk of a reply or notice for a push platform: `part` of `parts`, both from 1. `actions`
    go to a platform that shows them as buttons. `format` is the platform's own, and only its
    adapter reads it.
    """

    address: Address
    text: str
    part: int
    parts: int
    reply_to: str | None = None
    notice: bool = False
    actions: tuple[NoticeAction, ...] = ()
    format: str | None = None
    file: TextFile | None = None


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A chunk that this process holds and must send or hand back. `uncertain`: an earlier try
    may have reached the platform. `nonce` is the same for every try. `answer_via` is as in the
    `Submission` that it answers. `fleeting`: it is deleted once it is sent or given up.
    """

    address: Address
    row: int
    text: str
    part: int
    parts: int
    reply_to: str | None
    attempts: int
    uncertain: bool
    nonce: str
    agent_id: AgentId | None
    answer_via: str | None = None
    fleeting: bool = False
    actions: tuple[NoticeAction, ...] = ()
    format: str | None = None
    file: TextFile | None = None


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A place in what an address is told: after a message and a notice.

    Numbers count from 1 for each agent. `since` tells the agent that numbered them, by when it
    was made; 0 is none yet.
    """

    message: int = 0
    notice: int = 0
    since: int = 0


FEED_START = FeedPlace()


@dataclass(frozen=True, slots=True)
class PastMessage:
    """Something that was said at an address, and where that is in what the address was told."""

    place: FeedPlace
    message: Message


@dataclass(frozen=True, slots=True)
class Feed:
    """What a pull client has not seen yet, in order, and how far its own messages are answered.

    `answered` is the position up to which everything from this address has been dealt with;
    `since` as in `FeedPlace`: where it isn't that of the reader's place, messages are counted from 0
    on. `numbers` says whose the positions are: those of another agent are counted by themselves.
    `language` is the reader's. `restarted`: what the reader had seen is erased, and numbers begin
    anew.
    """

    messages: tuple[Message, ...]
    notices: tuple[Notice, ...]
    answered: int
    last_stop: StopReason | None
    since: int = 0
    numbers: int = 0
    language: str | None = None
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class OutboxResult:
    """What became of one try at a chunk.

    `state`: "sent", "waiting" (again at `due_at`), "failed" (this chunk, for good) or
    "unreachable" (the whole chat). `uncertain`: it may have arrived. `home`: the chat that the row's
    address is a topic of, None where it is none.
    """

    row: OutboxRow
    state: str
    due_at: Micros | None = None
    platform_message_id: str | None = None
    error: str = ""
    uncertain: bool = False
    counts: bool = True
    home: Address | None = None


@dataclass(frozen=True, slots=True)
class ParkedItem:
    agent_id: AgentId
    seq: int
    address: Address
    received_at: Micros
    parked_at: Micros
    error: str


@dataclass(frozen=True, slots=True)
class NewTimer:
    """Something an agent is to be told at `due_at`, once. `text` is for the model to read."""

    kind: str
    address: Address
    thread: int
    author: IdentityId | None
    due_at: Micros
    text: str
