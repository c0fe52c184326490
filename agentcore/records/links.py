"""One person who writes from several platforms: two users about to become one, and parting again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.ids import Address, AgentId, BlockId, IdentityId, UserId
from agentcore.records.memory import Block
from agentcore.records.messages import Origin
from agentcore.records.sleep import Drawer
from agentcore.records.turns import StepRecord


@dataclass(frozen=True, slots=True)
class LinkSide:
    """One of two users: where they write, and the agent that answers them, if there is one yet.
    `changed_persona`: it is not any more what its template made of it.
    """

    user_id: UserId
    agent_id: AgentId | None
    platforms: tuple[str, ...]
    drawers: tuple[Drawer, ...] = ()
    changed_persona: bool = False

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(drawer.block for drawer in self.drawers)


@dataclass(frozen=True, slots=True)
class Joining:
    """Two users who are to become one. The agent of `stays` answers from then on; `goes` is who
    comes to them. `by_model`: a model may be shown both memories.
    """

    stays: LinkSide
    goes: LinkSide
    by_model: bool = False


@dataclass(frozen=True, slots=True)
class JoinedLine:
    """What a model makes of lines that say the same: `ours` are of the agent that stays, `theirs`
    of the other; `line` takes the place of them all. `days` are the dates that they were shown with.
    """

    label: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    line: str
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinProposal:
    """What a model came up with, and the call that it took."""

    lines: tuple[JoinedLine, ...] = ()
    step: StepRecord | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A line that comes to another memory, with where it came from."""

    text: str
    origin: Origin
    author: IdentityId | None = None


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as its person sees it: what came along, since when, and until when that can be taken
    back. `open`: it still can.
    """

    number: int
    platforms: tuple[str, ...]
    linked_at: Micros
    undo_until: Micros
    open: bool = True


@dataclass(frozen=True, slots=True)
class LinkEffect:
    """What joining or parting has done: who stays, and where they wrote; where both sides are told;
    and which agent answers what waited. `left` are lines that stay because something was written over them since.
    """

    link: LinkView
    user_id: UserId
    stays: tuple[str, ...]
    told: tuple[Address, ...] = ()
    agent_id: AgentId | None = None
    left: tuple[str, ...] = ()
    parted: bool = False


LinkOutcome = Literal[
    "code",
    "private_only",
    "incognito",
    "how",
    "wrong_code",
    "used_code",
    "expired_code",
    "own_code",
    "too_many",
    "already",
    "preview",
    "changed",
    "gone",
    "confirmed",
    "joined",
    "links",
    "no_link",
    "final",
    "parted",
]
"""What somebody is answered who wants to link or part. "changed": a preview that isn't the one they
confirmed; "gone": what they confirm was too long ago, or was never shown; "confirmed": `joining` is
to be carried out.
"""


@dataclass(frozen=True, slots=True)
class LinkReply:
    """`code` is the new one; `number` names what was shown. `here` says which side asks: "stays" or
    "goes". `warned`: where whoever gave the code hears that it was brought.
    """

    outcome: LinkOutcome
    language: str | None = None
    zone: str | None = None
    code: str = ""
    number: int = 0
    here: Literal["stays", "goes"] = "goes"
    joining: Joining | None = None
    links: tuple[LinkView, ...] = ()
    effect: LinkEffect | None = None
    warned: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What somebody asks: `/link` with what it says, or `/unlink`."""

    kind: Literal["code", "use", "confirm", "list", "part", "how"]
    code: str = ""
    number: int | None = None


EditRef = tuple[BlockId, int]
"""A revision of an agent's block: the block and its version."""
