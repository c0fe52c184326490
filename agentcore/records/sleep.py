"""Sleep-time: runs in which an agent's memory is put in order while the person is away.

A run is a turn of the kind "sleep": it is counted, priced and listed like any other, and all the
revisions that it makes carry its number. It holds no lease, so nobody ever waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.agents import Agent
from agentcore.records.ids import Address, AgentId, BlockId, IdentityId, UserId
from agentcore.records.memory import Block, BlockEdit
from agentcore.records.messages import Message
from agentcore.records.turns import StepRecord, TurnEnd, TurnState

SLEEP = "sleep"
"""The kind of such a turn."""
SEEN_IN_GROUPS = frozenset({"public"})
"""Labels of blocks that a group may see of a person's own agent: a run that reads what was said in
private doesn't write there.
"""

NoSleep = Literal["busy", "off", "declined"]
"""Why no run may begin: the agent has work; runs are switched off for it; its person isn't let in,
or hasn't agreed to what is done with their words.
"""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What the history tells of a line: when it was last written, None if that is too long ago;
    after whose words, and which message that was.
    """

    written_at: Micros | None = None
    author: IdentityId | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Drawer:
    """A block that a run may put in order, and what is known of its lines, by their texts.

    `foreign` lines came with words that aren't the person's own: they are neither shown nor
    touched, so that no rewriting makes them more trusted. `restored` ones the person has brought
    back after a run had changed them: they stay as they are.
    """

    block: Block
    lines: Mapping[str, LineFacts] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SleepMaterial:
    """What a run starts from, as it stood at one moment, which `fence` and `version` name.

    `messages` are those that no run has read, oldest first: of people who may be heard and who
    agreed to it, in threads that last, but for those of which a person took back what came of
    them. `removed` are lines that the person took out. `newest` is the agent's newest message; `tries` counts runs that came to nothing
    since the last one that did.
    """

    agent: Agent
    user: UserId | None
    fence: int
    version: int
    newest: int
    tries: int
    messages: tuple[Message, ...]
    drawers: tuple[Drawer, ...]
    removed: frozenset[str] = frozenset()

    @property
    def agent_id(self) -> AgentId:
        return self.agent.agent_id


@dataclass(frozen=True, slots=True)
class SleepClaim:
    """A run that was begun. `turn` is its number, and the agent's fence as long as nobody has
    worked on the agent since. `thread` and `address` are where something was said last.
    """

    agent_id: AgentId
    thread: int
    address: Address
    user: UserId | None
    turn: int
    version: int
    newest: int
    read: tuple[int, ...]
    trace_id: str


@dataclass(frozen=True, slots=True)
class Tidied:
    """One change that a run makes: the edit, and why, in the model's words."""

    edit: BlockEdit
    reason: str


@dataclass(frozen=True, slots=True)
class SleepResult:
    """All that a finished run adds; conversations are told of it at their next turns. `refused`
    counts changes that broke a rule and were left out.
    """

    changes: tuple[Tidied, ...]
    steps: tuple[StepRecord, ...]
    refused: int = 0


@dataclass(frozen=True, slots=True)
class SleepEnd:
    """A run that came to nothing: why, what it has used, and when the next one may begin (None:
    not before something new is said). `counts` False: it was no fault of the run.
    """

    end: TurnEnd
    steps: tuple[StepRecord, ...]
    again_at: Micros | None
    counts: bool


@dataclass(frozen=True, slots=True)
class SleepChange:
    """What a run changed in a block, as its revision has it. `reason` is empty where it may no
    longer be told.
    """

    block_id: BlockId
    label: str
    version: int
    before: str
    after: str
    reason: str
    message: int | None


@dataclass(frozen=True, slots=True)
class SleepRun:
    """A run as it is shown. `read` are numbers of messages; `cost` is in millionths of a US
    dollar, None where a price isn't known.
    """

    turn: int
    state: TurnState
    error: str
    started_at: Micros
    finished_at: Micros | None
    read: tuple[int, ...]
    changes: tuple[SleepChange, ...]
    refused: int
    models: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int
    cost: int | None
