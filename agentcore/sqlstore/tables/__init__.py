"""Every table, by subject. `registry` says of each whose it is and how it is erased."""

from agentcore.sqlstore.tables.agents import (
    agent,
    agent_absorbed,
    agent_block,
    agent_tag,
    block,
    block_revision,
    held_edit,
)
from agentcore.sqlstore.tables.base import metadata
from agentcore.sqlstore.tables.delivery import chat, notice, outbox, receipt, timer
from agentcore.sqlstore.tables.history import (
    epoch,
    forgetting,
    message,
    message_vector,
    passage,
    passage_vector,
    term,
    thread,
)
from agentcore.sqlstore.tables.people import identity, link, refusal, user, user_agent
from agentcore.sqlstore.tables.service import (
    adapter_chat,
    adapter_state,
    audit,
    erasure,
    ticket,
    token,
    tool,
    usage,
)
from agentcore.sqlstore.tables.turns import (
    agent_lease,
    inbox,
    sleep_run,
    step,
    tool_call,
    turn,
)
from agentcore.sqlstore.tables.webhooks import webhook

__all__ = [
    "adapter_chat",
    "adapter_state",
    "agent",
    "agent_absorbed",
    "agent_block",
    "agent_lease",
    "agent_tag",
    "audit",
    "block",
    "block_revision",
    "chat",
    "epoch",
    "erasure",
    "forgetting",
    "held_edit",
    "identity",
    "inbox",
    "link",
    "message",
    "message_vector",
    "metadata",
    "notice",
    "outbox",
    "passage",
    "passage_vector",
    "receipt",
    "refusal",
    "sleep_run",
    "step",
    "term",
    "thread",
    "ticket",
    "timer",
    "token",
    "tool",
    "tool_call",
    "turn",
    "usage",
    "user",
    "user_agent",
    "webhook",
]
