"""Passages: what an agent has put into its archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.ids import AgentId, IdentityId, PassageId
from agentcore.records.messages import Origin


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage that is about to be kept. `origin` is the least trusted one that it came from;
    `created_at` None: now.
    """

    text: str
    tags: tuple[str, ...]
    origin: Origin
    created_at: Micros | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """`seq` counts up from 1 per agent, and `agent_id` is whose it is; `message` is the number of the
    message that caused it, where one did, and counts likewise.
    """

    agent_id: AgentId
    seq: int
    passage_id: PassageId
    text: str
    tags: tuple[str, ...]
    origin: Origin
    created_at: Micros
    author: IdentityId | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True)
class PassageQuery:
    """What to look for. Empty `text` lists by date; `match`: any or all of the tags. Times are
    inclusive.
    """

    text: str = ""
    tags: frozenset[str] = frozenset()
    match: Literal["any", "all"] = "any"
    limit: int = 5
    since: Micros | None = None
    until: Micros | None = None


@dataclass(frozen=True, slots=True)
class PassageHit:
    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class PassagePage:
    """Some of an archive's passages, in the order of their times. `after` and `before` are where they
    begin and end in this order; with `before` alone, they are the last ones up to there.
    """

    limit: int = 50
    after: PassageId | None = None
    before: PassageId | None = None
    oldest_first: bool = False


FIRST_PASSAGES = PassagePage()
