"""Making agents from a content, and appending to one what comes later.

Invariant: an agent is made by one transaction with all that is found in it: its messages have
numbers without gaps, and everything that names one of them names it by that number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.clock import Micros
from agentcore.records import (
    SHARED_OWNER,
    Address,
    AgentId,
    AgentSeed,
    Audience,
    EpochReason,
    NewMessage,
    new_message_id,
    new_passage_id,
)
from agentcore.records.content import (
    Content,
    PlainAgent,
    PlainMessage,
    PlainPassage,
    PlainThread,
    PlainTool,
)
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.content.agents import add_agent
from agentcore.sqlstore.content.custom_tools import add_tool, change_tool, read_named
from agentcore.sqlstore.people.threads import add_thread
from agentcore.sqlstore.portability.blocks import HeldBlock, add_block, attach, exists
from agentcore.sqlstore.recall.postings import Said, append, drafted, last_said, read_said
from agentcore.store.agent_content import TakenIn
from agentcore.store.custom_tools import ToolDraft

PIECE = 250
"""Messages that are written at once."""
FROM_ELSEWHERE = "from elsewhere"
"""The template of a thread's first epoch: no agent has it, so the first turn begins another one,
with the same messages in view, under instructions and blocks as they are here.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """`postings.Target`: what comes from elsewhere is of no turn."""

    agent_id: AgentId
    thread: int
    turn: int | None = None


def add_content(
    connection: Connection, content: Content, now: Micros, *, replace_tools: bool = False
) -> TakenIn:
    """See `AgentContent.add`; but for the messages, whose numbers are kept for them."""
    taken_in = _add_tools(connection, content.tools, now, replace_tools=replace_tools)
    blocks = {block.name: block for block in content.blocks}
    holders = Counter(name for agent in content.agents for name in agent.blocks)
    shared = {name for name, block in blocks.items() if block.shared or holders[name] > 1}
    there: dict[str, HeldBlock] = {}
    agents = []
    for agent in content.agents:
        # A tool of the same name that does something else isn't what the agent had.
        tools = tuple(name for name in agent.tools if name not in taken_in.kept_tools)
        agent_id = _add_agent(connection, replace(agent, tools=tools), now)
        numbers = {each.name: seq for seq, each in enumerate(agent.messages, start=1)}
        for position, name in enumerate(agent.blocks):
            if name not in there:
                owner = SHARED_OWNER if name in shared else agent_id
                there[name] = add_block(connection, blocks[name], owner, agent_id, numbers, now)
            attach(connection, agent_id, blocks[name].label, there[name], position)
        _add_history(connection, agent_id, agent, numbers)
        add_passages(connection, agent_id, agent.passages, numbers)
        agents.append(agent_id)
    return replace(taken_in, agents=tuple(agents))


def _add_tools(
    connection: Connection, tools: Sequence[PlainTool], now: Micros, *, replace_tools: bool
) -> TakenIn:
    """Whatever they were elsewhere: nothing runs here before somebody has switched it on."""
    there = {each.name: each for each in read_named(connection, [each.name for each in tools])}
    new, kept = [], []
    for each in tools:
        draft = ToolDraft(
            name=each.name,
            description=each.description,
            parameters=each.parameters,
            source=each.source,
            tags=each.tags,
            return_limit=each.return_limit,
            needs_approval=each.needs_approval,
            enabled=False,
            extras=each.extras,
        )
        before = there.get(each.name)
        if before is None:
            add_tool(connection, draft, now)
            new.append(each.name)
        elif before.draft.source != each.source:
            if replace_tools:
                change_tool(connection, before.tool_id, draft, now)
                new.append(each.name)
            else:
                kept.append(each.name)
    return TakenIn((), tuple(new), tuple(kept))


def _add_agent(connection: Connection, agent: PlainAgent, now: Micros) -> AgentId:
    seed = AgentSeed(
        owner_kind="api",
        name=agent.name,
        template=agent.template,
        system=agent.system,
        tools=agent.tools,
        blocks=(),
        model=agent.model,
        context_window=agent.context_window,
        limits=agent.limits,
    )
    besides = {
        "description": agent.description,
        "time_zone": agent.time_zone,
        "hidden": agent.hidden,
        "metadata": dict(agent.metadata),
        "extras": dict(agent.extras),
        "created_at": agent.created_at,
    }
    agent_id = agent.agent_id
    if agent_id is not None and exists(connection, t.agent.c.agent_id == agent_id):
        agent_id = None
    made = add_agent(connection, seed, now, besides=besides, agent_id=agent_id)
    if agent.tags:
        rows = [{"agent_id": made, "tag": tag} for tag in dict.fromkeys(agent.tags)]
        connection.execute(sa.insert(t.agent_tag), rows)
    return made


def _add_history(
    connection: Connection, agent_id: AgentId, agent: PlainAgent, numbers: Mapping[str, int]
) -> None:
    """Threads with what is in view, and the numbers of all messages."""
    threads = agent.threads or (PlainThread(agent.created_at),)
    # A group's own agent talks with whoever has it now.
    audience: Audience | None = "private" if agent.owner_kind == "chat" else None
    for place, thread in enumerate(threads):
        address = _address(agent_id, place)
        number = add_thread(
            connection, agent_id, address, audience or thread.audience, thread.created_at
        )
        first = len(agent.messages) + 1 if thread.first is None else numbers[thread.first]
        _add_epoch(connection, agent_id, number, thread, first)
    lease = t.agent_lease
    connection.execute(
        sa.update(lease).where(lease.c.agent_id == agent_id).values(message_seq=len(agent.messages))
    )


def _address(agent_id: AgentId, place: int) -> Address:
    """The first thread is the one that clients go on with."""
    return Address(f"api:{agent_id}:{'default' if place == 0 else f'thread-{place + 1}'}")


def _add_epoch(
    connection: Connection, agent_id: AgentId, number: int, thread: PlainThread, first: int
) -> None:
    connection.execute(
        sa.insert(t.epoch),
        {
            "agent_id": agent_id,
            "thread": number,
            "number": 1,
            "reason": EpochReason.FIRST,
            "system": "",
            "template": FROM_ELSEWHERE,
            "block_versions": {},
            "summary": thread.summary,
            "summary_origin": thread.summary_origin,
            "left_out": [],
            "first_message": first,
            "last_note": 0,
            "created_at": thread.created_at,
        },
    )
    here = sa.and_(t.thread.c.agent_id == agent_id, t.thread.c.number == number)
    connection.execute(sa.update(t.thread).where(here).values(epoch=1))


def new_message(message: PlainMessage) -> NewMessage:
    return NewMessage(
        message_id=message.message_id or new_message_id(),
        role=message.role,
        parts=message.parts,
        created_at=message.created_at,
        meta=message.meta,
        otid=message.otid,
    )


def add_messages_to(
    connection: Connection,
    to: Target,
    numbered: Sequence[tuple[int, NewMessage]],
) -> None:
    """Append messages to a thread, under numbers that are theirs already, and count their words."""
    lease = t.agent_lease
    drafts = [drafted(message) for _, message in numbered]
    append(connection, to, numbered, drafts, _said_last(connection, to))
    indexed = sum(1 for draft in drafts if draft.size)
    words = sum(draft.size for draft in drafts)
    connection.execute(
        sa.update(lease)
        .where(lease.c.agent_id == to.agent_id)
        .values(
            indexed_messages=lease.c.indexed_messages + indexed,
            indexed_words=lease.c.indexed_words + words,
        )
    )


def _said_last(connection: Connection, to: Target) -> Sequence[Said]:
    found = connection.execute(
        sa.select(last_said()), {"said_by": to.agent_id, "said_in": to.thread}
    ).scalar()
    return read_said(found)


def add_passages(
    connection: Connection,
    agent_id: AgentId,
    passages: Sequence[PlainPassage],
    numbers: Mapping[str, int],
    *,
    after: int = 0,
) -> None:
    if not passages:
        return
    connection.execute(
        sa.insert(t.passage),
        [
            {
                "agent_id": agent_id,
                "seq": seq,
                "passage_id": each.passage_id or new_passage_id(),
                "text": each.text,
                "tags": list(each.tags),
                "origin": each.origin,
                "message": None if each.message is None else numbers[each.message],
                "created_at": each.created_at,
            }
            for seq, each in enumerate(passages, start=after + 1)
        ],
    )
