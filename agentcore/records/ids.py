"""Typed ids. A public id is a prefix and a random UUID, as the Letta API writes them."""

from __future__ import annotations

import uuid
from typing import NewType

AgentId = NewType("AgentId", str)
BlockId = NewType("BlockId", str)
IdentityId = NewType("IdentityId", str)
MessageId = NewType("MessageId", str)
PassageId = NewType("PassageId", str)
StepId = NewType("StepId", str)
ThreadId = NewType("ThreadId", str)
TurnId = NewType("TurnId", str)
UserId = NewType("UserId", str)

Address = NewType("Address", str)
"""Where replies go, as an adapter wrote it; opaque to the engine."""

SHARED_OWNER = AgentId("agent-00000000-0000-0000-0000-000000000000")
"""Owner of blocks that belong to no single agent."""


def _new(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4()}"


def new_agent_id() -> AgentId:
    return AgentId(_new("agent"))


def new_block_id() -> BlockId:
    return BlockId(_new("block"))


_SHARED_BLOCKS = uuid.UUID("6f1d7c52-3b0e-4d0a-9f63-5d2f8c1b7e94")


def shared_block_id(name: str) -> BlockId:
    """The block that all who name it so hold together."""
    return BlockId(f"block-{uuid.uuid5(_SHARED_BLOCKS, name)}")


def new_identity_id() -> IdentityId:
    return IdentityId(_new("identity"))


def new_message_id() -> MessageId:
    return MessageId(_new("message"))


def new_passage_id() -> PassageId:
    return PassageId(_new("passage"))


def new_step_id() -> StepId:
    return StepId(_new("step"))


def new_thread_id() -> ThreadId:
    return ThreadId(_new("conv"))


def new_turn_id() -> TurnId:
    """A turn is what the Letta API calls a run."""
    return TurnId(_new("run"))


def new_trace_id() -> str:
    """As W3C Trace Context wants it: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def new_user_id() -> UserId:
    return UserId(_new("user"))
