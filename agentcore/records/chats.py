"""Chats as such: what was sent to one, and what happens to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentcore.clock import Micros
from agentcore.records.delivery import NoticeAction, NoticeDraft, RefusalReason
from agentcore.records.ids import Address, AgentId


@dataclass(frozen=True, slots=True)
class SentButtons:
    """What stands below a chunk of this agent's that went to `address`. `theirs`: it answers whoever
    asks for it, or strangers, of whom nothing is kept; `of_the_chat`: it is about the chat's own agent.
    """

    agent_id: AgentId | None
    address: Address
    actions: tuple[NoticeAction, ...]
    theirs: bool
    of_the_chat: bool


@dataclass(frozen=True, slots=True)
class ChatChange:
    """What happened to a chat, and what is said there about it. `counts_as`: it is not said where
    this refusal was said in its window, and counts as that. `message_id` is the platform's name for
    the message that was "withdrawn".
    """

    source: str
    update_id: str
    home: Address
    kind: Literal["reachable", "unreachable", "joined", "moved", "withdrawn"]
    at: Micros
    language: str | None = None
    moved_to: Address | None = None
    message_id: str | None = None
    greeting: NoticeDraft | None = None
    counts_as: RefusalReason | None = None
